# Puts the audit settings into the ClusterConfiguration of the ConfigMap kube-system/kubeadm-config, or takes them out.
#
# Read by `sh -s` from standard input, behind common.sh, manifest.sh and kubeadmConfig.sh; after it the function
# `configuration_files`, last the call of `main`. The text is read, edited and written only if nobody else has written it
# in between; else all of that is done again.

run=/run/kube-apiserver-audit
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
admin_kubeconfig=/etc/kubernetes/admin.conf
# Tries to read it, a second apart: an API server that has just been started refuses for a while what it will allow.
patience=60

main() {
    # Where the network cut this text short, its last word is missing: then nothing has happened, and nothing does.
    if [ "$#" != 2 ] || [ "$2" != complete ]; then
        echo "The settings for kubeadm arrived incomplete. Nothing was changed." >&2
        exit 2
    fi
    umask 077
    mkdir -p "$run"
    directory=$(mktemp -d "$run/kubeadm-config.XXXXXX")
    trap 'rm -rf "$directory"' EXIT
    configuration_files "$directory"
    : >"$directory/warnings"
    changed=false
    if [ "$1" = apply ] && [ ! -f "$manifest" ]; then
        : # Something else than kubeadm has set this API server up, and nothing regenerates its settings.
    elif ! command -v kubectl >/dev/null 2>&1 || [ ! -f "$admin_kubeconfig" ]; then
        warn "This host has no kubectl or no $admin_kubeconfig, so the audit settings were not put into the ConfigMap kube-system/kubeadm-config: kubeadm upgrade will drop them, and the next update will put them back. Install kubectl, or set persistInKubeadmConfig: false."
    else
        tries=0
        until "$1"_settings; do
            tries=$((tries + 1))
            [ "$tries" -lt 5 ] || fail "The ConfigMap kube-system/kubeadm-config could not be written: $(first_line "$directory/error"). Mend that, then run the update again."
            sleep 1
        done
    fi
    report
}

apply_settings() {
    read_configuration
    if [ ! -s "$directory/version" ]; then
        warn "There is no ConfigMap kube-system/kubeadm-config with a ClusterConfiguration, so this cluster was not made by kubeadm, and nothing was written there. Set persistInKubeadmConfig: false."
        return 0
    fi
    if ! { strip_manifest <"$directory/text" | disown_configuration >"$directory/base"; } 2>"$directory/error" ||
        ! patch_configuration "$directory/entries" <"$directory/base" >"$directory/wanted" 2>"$directory/error" || ! is_accepted; then
        warn "The ClusterConfiguration in the ConfigMap kube-system/kubeadm-config cannot be edited: $(first_line "$directory/error") It was left alone, so kubeadm upgrade will drop the audit settings, and the next update will put them back."
        return 0
    fi
    write_configuration || return 1
    ! grep -q '^# displaced-by: kube-apiserver-audit: .*audit-' "$directory/wanted" ||
        warn "The ClusterConfiguration in the ConfigMap kube-system/kubeadm-config has audit settings of its own. They stay there as comments, which kubeadm drops at its next upgrade; keep a copy to have them again after a removal."
}

remove_settings() {
    read_configuration
    [ -s "$directory/version" ] || return 0
    strip_manifest <"$directory/text" >"$directory/base"
    disown_configuration <"$directory/base" >"$directory/wanted" 2>"$directory/error" || cp "$directory/base" "$directory/wanted"
    write_configuration
}

# The text byte for byte, and the version of the object that it was read from; both empty where there is none.
read_configuration() {
    waited=0
    until ask get configmap kubeadm-config --ignore-not-found \
        --output='go-template={{with .data}}{{if .ClusterConfiguration}}{{$.metadata.resourceVersion}}{{"\n"}}{{.ClusterConfiguration}}{{end}}{{end}}' \
        >"$directory/answer" 2>"$directory/error"; do
        waited=$((waited + 1))
        [ "$waited" -lt "$patience" ] ||
            fail "The ConfigMap kube-system/kubeadm-config could not be read: $(first_line "$directory/error"). Mend that, then run the update again."
        sleep 1
    done
    first_line "$directory/answer" >"$directory/version"
    tail -n +2 "$directory/answer" >"$directory/text"
    grep -q '^[0-9][0-9]*$' "$directory/version" || : >"$directory/version"
}

# A last look: taken out again it is the text as it was, and this host's kubeadm, if it could read that, can read this.
is_accepted() {
    strip_manifest <"$directory/wanted" | cmp -s - "$directory/base" || {
        echo "Taken out again, the settings would leave another text." >"$directory/error"
        return 1
    }
    ! command -v kubeadm >/dev/null 2>&1 || ! kubeadm_accepts "$directory/base" || kubeadm_accepts "$directory/wanted"
}

kubeadm_accepts() {
    kubeadm config validate --config "$1" </dev/null >/dev/null 2>"$directory/error"
}

# Fails where somebody else has written it since it was read.
write_configuration() {
    ! cmp -s "$directory/text" "$directory/wanted" || return 0
    {
        printf '[{"op":"test","path":"/metadata/resourceVersion","value":"%s"},' "$(cat "$directory/version")"
        printf '{"op":"replace","path":"/data/ClusterConfiguration","value":"'
        json_text <"$directory/wanted"
        printf '"}]'
    } >"$directory/patch"
    ask patch configmap kubeadm-config --type=json --patch-file="$directory/patch" >/dev/null 2>"$directory/error" || return 1
    changed=true
}

# Through the API server of this host where its address is known: a load balancer may be down.
ask() {
    own=$(sed -n 's/^ *- --advertise-address=\([0-9.]*\)$/\1/p' "$manifest" 2>/dev/null | head -n 1)
    port=$(sed -n 's/^ *- --secure-port=\([0-9]*\)$/\1/p' "$manifest" 2>/dev/null | head -n 1)
    kubectl --kubeconfig="$admin_kubeconfig" ${own:+--server="https://$own:${port:-6443}"} --request-timeout=10s --namespace=kube-system "$@" </dev/null
}

# A text as it stands between the quotes of JSON.
json_text() {
    { cat && echo .; } | sed 's/[\\"]/\\&/g' | awk '
        function put(line) {
            gsub(/\t/, "\\t", line)
            gsub(/\r/, "\\r", line)
            printf "%s%s", separator, line
            separator = "\\n"
        }
        NR > 1 { put(held) }
        { held = $0 }
        END { put(substr(held, 1, length(held) - 1)) }
    '
}

warn() {
    printf '%s\n' "$1" >>"$directory/warnings"
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

report() {
    printf '{ "changed": %s, "warnings": [' "$changed"
    sed 's/[\\"]/\\&/g; s/.*/"&"/; $!s/$/, /' "$directory/warnings" | tr -d '\n'
    echo '] }'
}
