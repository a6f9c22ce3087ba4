# The transaction on one control-plane host: everything is checked before anything is written, the rename of the
# manifest is the only commit, and from then on every way out but success restores the old manifest. Where the API server
# is a unit of systemd, our drop-in of it stands in the manifest's place, and systemd is told to restart the unit.
#
# It decides nothing about YAML: it carries out an edit script on the text it is for. Nothing of its input is evaluated.
# Verbs: apply DIR, remove DIR (one transaction, its input in DIR); recover DIR (after a runner that was killed);
# boot DIR (before the kubelet starts, after a reboot in the middle); supervise DIR VERB (where there is no systemd).

manifests=/etc/kubernetes/manifests
manifest=$manifests/kube-apiserver.yaml
# Hidden from the kubelet, beside the manifest: putting it back is a rename, which a full disk cannot stop.
old_manifest=$manifests/.kube-apiserver.yaml.before-audit
new_manifest=$manifests/.kube-apiserver.yaml.with-audit
policies=/etc/kubernetes/audit
state=/var/lib/kube-apiserver-audit
journal=$state/transaction
receipt=$state/receipt.json
run=/run/kube-apiserver-audit
lock=$run/lock
admin_kubeconfig=/etc/kubernetes/admin.conf
ca=/etc/kubernetes/pki/ca.crt
client_certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt
client_key=/etc/kubernetes/pki/apiserver-kubelet-client.key
# Set by use_unit, where the API server is one.
unit=
# Our drop-in was found without a receipt.
orphaned=no
kubelet_kubeconfig=/etc/kubernetes/kubelet.conf
boot_unit=/etc/systemd/system/kube-apiserver-audit-recover.service
boot_link=/etc/systemd/system/multi-user.target.wants/kube-apiserver-audit-recover.service

# use_unit NAME: from here on the manifest is our drop-in of the unit.
use_unit() {
    unit=$1
    manifests=/etc/systemd/system/$unit.d
    manifest=$manifests/50-kube-apiserver-audit.conf
    # systemd reads only what ends in .conf. Empty where there was none.
    old_manifest=$manifests/.50-kube-apiserver-audit.conf.before-audit
    new_manifest=$manifests/.50-kube-apiserver-audit.conf.with-audit
}

# either MANIFEST UNIT: words for the one or for the other.
either() {
    if [ -n "$unit" ]; then echo "$2"; else echo "$1"; fi
}

main() {
    verb=$1
    directory=$2
    [ ! -e "$directory/unit" ] || use_unit "$(first_line "$directory/unit")"
    case $verb in
    apply | remove) transaction ;;
    recover) recover ;;
    boot) boot ;;
    supervise) supervise "$3" ;;
    *) exit 2 ;;
    esac
}

transaction() {
    printf '%s\n' "$verb" "$$ $(start_of "$$")" >"$directory/started"
    exec >"$directory/stdout" 2>"$directory/stderr"
    trap on_exit EXIT
    trap 'exit 143' TERM INT
    trap '' HUP PIPE
    read_settings
    "$verb"_steps
}

apply_steps() {
    if [ "$pre_join" = yes ]; then
        pre_join_steps
        return 0
    fi
    step lock take_lock
    step check check_owner check_manifest check_host check_health check_peers
    step write write_policy prepare_log_directory write_manifest
    step restart begin_restart await_restart
    step prove prove_event
    step record write_receipt clean_up
    write_report
}

# What an API server needs that kubeadm is yet to start here, with our flags.
pre_join_steps() {
    step lock take_lock
    step check check_owner check_not_joined check_host
    step write write_policy prepare_log_directory
    step record write_receipt clean_up
    write_report
}

remove_steps() {
    step lock take_lock
    if ! is_ours; then
        warn "The audit settings belong to $(receipt_value owner) now; nothing was removed."
    elif [ -z "$unit" ] && [ ! -e "$manifest" ] && [ ! -e "$kubelet_kubeconfig" ]; then
        # Not joined yet, or reset since: there is no API server that could need these files.
        step record remove_files clean_up
    else
        step check check_removal check_peers
        step write write_manifest
        step restart begin_restart await_restart
        step record remove_files clean_up
    fi
    write_report
}

# --- What was asked for -------------------------------------------------------------------------------------------

# One setting a line: a name, a space, the value to the end of the line.
read_settings() {
    host='' generation='' owner='' adopt=no address='' port=6443 policy='' policy_sha256='' log='' log_directory=''
    log_mode=700 free_log_kib=0 reader_group='' timeout=300 purge=no stripped_sha256='' patched_sha256='' proof='' pre_join=no
    proof_seconds=60
    old_process='' restart=no committed=no repairing=no client='' explained=no
    : >"$directory/flags"
    : >"$directory/mounts"
    : >"$directory/proofs"
    while IFS= read -r line; do
        value=${line#* }
        case ${line%% *} in
        host) host=$value ;;
        generation) generation=$value ;;
        owner) owner=$value ;;
        adopt) adopt=$value ;;
        unit) use_unit "$value" ;;
        pre-join) pre_join=$value ;;
        address) address=$value ;;
        port) port=$value ;;
        flag) printf '%s\n' "$value" >>"$directory/flags" ;;
        mount) printf '%s\n' "$value" >>"$directory/mounts" ;;
        policy) policy=$value ;;
        policy-sha256) policy_sha256=$value ;;
        log) log=$value log_directory=${value%/*} ;;
        log-directory-mode) log_mode=$value ;;
        log-free-kib) free_log_kib=$value ;;
        reader-group) reader_group=$value ;;
        timeout-seconds) timeout=$value ;;
        purge-logs-on-delete) purge=$value ;;
        stripped-sha256) stripped_sha256=$value ;;
        patched-sha256) patched_sha256=$value ;;
        proof) printf '%s\n' "$value" >>"$directory/proofs" ;;
        proof-seconds) proof_seconds=$value ;;
        # Either may have signed, or be, what the API server shows.
        ca) if cat "$value" >>"$directory/ca.crt" 2>/dev/null; then ca=$directory/ca.crt; fi ;;
        client-certificate) client_certificate=$value ;;
        client-key) client_key=$value ;;
        *) fail "This runner does not know the setting ${line%% *}." ;;
        esac
    done <"$directory/settings"
}

# --- Saying what happens ------------------------------------------------------------------------------------------

# step NAME FUNCTION...: runs the functions and remembers how long they took together.
step() {
    phase=$1
    shift
    check_room
    printf '%s\n' "$phase" >"$directory/phase"
    phase_start=$(now)
    for phase_function in "$@"; do
        check_room
        printf '%s\n' "$phase_function" >"$directory/step"
        "$phase_function"
    done
    elapsed=$(($(now) - phase_start))
    printf '%s %d.%02d\n' "$phase" $((elapsed / 100)) $((elapsed % 100)) >>"$directory/seconds"
}

# What the runner itself writes down lies in memory, and without it nothing that follows could be trusted.
check_room() {
    has_room || fail "The file system of $run is full. Make room there, then run the update again."
}

# The file keeps no room to itself, or it would always find that much.
has_room() {
    echo . 2>/dev/null >"$directory/room" && : >"$directory/room"
}

# fail WHAT: what was found, where, and what to do. Ends the transaction.
fail() {
    rm -f "$directory/reserve"
    printf '%s: %s\n' "$host" "$1" >&2
    explained=yes
    exit 1
}

warn() {
    printf '%s\n' "$1" >>"$directory/warnings"
}

changed() {
    printf '%s\n' "$1" >>"$directory/changed"
}

on_exit() {
    code=$?
    trap - EXIT
    trap '' TERM INT
    set +e
    if [ "$code" != 0 ]; then
        [ "$explained" = yes ] || explain "$code"
        : >"$directory/stdout"
        undo
    fi
    release_lock
    finish "$code"
}

# explain STATUS: a command failed that nobody had thought could fail.
explain() {
    room=yes
    has_room || room=no
    rm -f "$directory/reserve"
    if [ "$1" = 143 ]; then
        say "The transaction was told to end in the step $(first_line "$directory/step"), by a shutdown for instance. Run the update again."
    elif [ "$room" = yes ]; then
        say "The step $(first_line "$directory/step") ended with status $1. Mend what is said above, then run the update again."
    else
        say "The file system of $run is full. Make room there, then run the update again."
    fi
}

# The result appears whole or not at all.
finish() {
    printf '%s\n' "$1" >"$directory/exit.new"
    mv -f "$directory/exit.new" "$directory/exit"
}

# --- One transaction at a time ------------------------------------------------------------------------------------

take_lock() {
    seize_lock ||
        fail "Another transaction is under way (process ${holder%% *}). Wait until it has ended, then run the update again. Nothing was changed."
    for other in "$run"/transaction.*; do
        ! is_abandoned "$other" || rm -rf "$other"
    done
    if [ -e "$old_manifest" ]; then
        restore_files
        drop_unused
        rm -f "$directory/restoring"
        if [ "$restored" = yes ]; then
            warn "An earlier transaction was cut short; its old $(either "manifest was" "settings were") put back first."
            await_manifest
        fi
    fi
    [ -z "$unit" ] || [ -e "$receipt" ] || [ ! -e "$manifest" ] || orphaned=yes
}

# Fails when a running process has the lock; one of a dead process, or of an earlier boot, is broken.
seize_lock() {
    printf '%s %s\n' "$$" "$(start_of "$$")" >"$directory/holder.$$"
    until ln "$directory/holder.$$" "$lock" 2>/dev/null; do
        [ -e "$directory/holder.$$" ] || return 1
        holder=
        ! read -r holder 2>/dev/null <"$lock" || ! is_running "$holder" || return 1
        rm -rf "$directory/broken"
        mv "$lock" "$directory/broken" 2>/dev/null || continue
        # Somebody may have broken and taken it since it was read.
        ! read -r holder 2>/dev/null <"$directory/broken" || ! is_running "$holder" || ln "$directory/broken" "$lock" 2>/dev/null || :
    done
    locked=yes
}

locked=no
release_lock() {
    [ "$locked" = no ] || rm -f "$lock"
    locked=no
}

# A directory in which nobody works and from which nobody reads any more.
is_abandoned() {
    [ "$1" != "$directory" ] || return 1
    deliverer='' runner=''
    read -r deliverer 2>/dev/null <"$1/deliverer" || :
    { read -r _ && read -r runner; } 2>/dev/null <"$1/started" || :
    [ ! -e "/proc/${deliverer:-self}" ] && ! is_running "$runner"
}

# is_running "PID START": the very process, not another that has its number now.
is_running() {
    case $1 in
    [0-9]*' '[0-9]*) ;;
    *) return 1 ;;
    esac
    [ "$(start_of "${1%% *}")" = "${1#* }" ]
}

# When the process started, in hundredths of a second since boot; nothing when it is not there.
start_of() {
    stat_line=
    read -r stat_line 2>/dev/null <"/proc/$1/stat" || return 0
    # shellcheck disable=SC2086
    set -- ${stat_line##*) }
    # Z: dead, and only not yet taken notice of.
    [ "$1" = Z ] || echo "${20}"
}

# --- Checks: nothing is written here ------------------------------------------------------------------------------

# receipt_value NAME: a string of the receipt, which this runner wrote with one value a line.
receipt_value() {
    sed -n '/^ *"'"$1"'": "\(.*\)",*$/{s//\1/;s/\\\(.\)/\1/g;p;q;}' "$receipt" 2>/dev/null || :
}

is_ours() {
    [ ! -e "$receipt" ] || [ "$(receipt_value owner)" = "$owner" ]
}

check_owner() {
    is_ours || [ "$adopt" = yes ] ||
        fail "The audit settings of this host belong to $(receipt_value owner), which would undo what $owner does. Remove them there, or set adopt: true here. Nothing was changed."
}

check_manifest() {
    if [ -L "$manifest" ]; then
        fail "$manifest is a symbolic link, which an atomic replacement would break. Put the file itself there, then run the update again. Nothing was changed."
    fi
    [ -n "$unit" ] || [ -f "$manifest" ] ||
        fail "There is no $manifest: this host has no kubeadm-style kube-apiserver. Take it out of hosts, or check its address. Nothing was changed."
    if [ -n "$unit" ] && [ "$(unit_property NeedDaemonReload)" = yes ]; then
        # What waits to be read belongs to what is compared here; the restart would put it in force anyway.
        systemctl daemon-reload
    fi
    show_theirs >"$directory/stripped"
    [ "$(sha256_of "$directory/stripped")" = "$stripped_sha256" ] ||
        fail "${unit:-$manifest} was changed by somebody else since it was read. Run the update again. Nothing was changed."
    if [ -n "$unit" ]; then
        make_drop_in "$directory/edit" <"$directory/stripped" >"$directory/patched"
    else
        edit_manifest "$directory/edit" <"$directory/stripped" >"$directory/patched"
    fi
    [ "$(sha256_of "$directory/patched")" = "$patched_sha256" ] ||
        fail "The edit of $manifest does not give the text that was foretold (is awk on this host broken?). Nothing was changed."
    needs_repair && repairing=yes
    check_strays
}

# What the manifest, or the unit, is without us.
show_theirs() {
    if [ -n "$unit" ]; then show_base "$unit" "$manifest"; else strip_manifest <"$manifest"; fi
}

unit_property() {
    systemctl show --property="$1" -- "$unit" 2>/dev/null | sed -n "s/^$1=//p"
}

check_not_joined() {
    [ ! -e "$manifest" ] || fail "This host has joined the cluster since it was read. Run the update again. Nothing was changed."
}

# Our own earlier work is not as the receipt says: then even an API server that is down may be worked on.
needs_repair() {
    if [ ! -e "$receipt" ]; then
        is_marked
        return
    fi
    applied_policy=$(receipt_value policyPath)
    [ "$(sha256_of "$manifest")" != "$(receipt_value manifestSha256)" ] ||
        [ "$(sha256_of "$applied_policy")" != "$(receipt_value policySha256)" ] ||
        [ -n "$(strays)" ]
}

# Our settings are there.
is_marked() {
    if [ -n "$unit" ]; then [ -e "$manifest" ]; else grep -q ' # managed-by: kube-apiserver-audit' "$manifest"; fi
}

# Other files that the kubelet would take for a kube-apiserver pod too.
strays() {
    [ -z "$unit" ] || return 0
    for other in "$manifests"/*; do
        if [ "$other" = "$manifest" ] || [ ! -f "$other" ]; then continue; fi
        ! grep -Eq '^ *"?name"?: *"?kube-apiserver"?,? *$|^ *- "?(/[^ ]*/)?kube-apiserver"? *$' "$other" || echo "$other"
    done
}

check_strays() {
    stray=$(strays | head -n 1)
    if [ -z "$stray" ]; then
        return 0
    fi
    [ -e "$receipt" ] ||
        fail "$stray is also a kube-apiserver pod; the kubelet may run it instead of ${manifest##*/}. Move it out of $manifests, then run the update again. Nothing was changed."
}

check_host() {
    for tool in awk sed grep base64 sha256sum stat df mktemp; do
        command -v "$tool" >/dev/null 2>&1 || fail "The command $tool is missing. Install it, then run the update again. Nothing was changed."
    done
    if [ -z "$unit" ] && [ "$pre_join" = no ] && [ -d /run/systemd/system ] && ! systemctl is-active --quiet kubelet; then
        fail "The kubelet is not running, so a changed manifest would have no effect. Start it (systemctl start kubelet), then run the update again. Nothing was changed."
    fi
    if [ -n "$reader_group" ] && ! grep -q "^$reader_group:" /etc/group && ! getent group "$reader_group" >/dev/null 2>&1; then
        fail "There is no group $reader_group (readerGroup). Create it, or name another, then run the update again. Nothing was changed."
    fi
    for place in "$manifests" "$policies" "$state" "$run" "${boot_unit%/*}"; do
        check_space "$place" 1024
    done
    [ -z "$log" ] || check_log_directory
}

# check_space DIRECTORY KIB
check_space() {
    existing=$1
    while [ ! -d "${existing:-/}" ]; do existing=${existing%/*}; done
    free=$(df -Pk "${existing:-/}" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$2" ] ||
        fail "The file system of $1 has $free KiB free; at least $2 KiB are needed. Make room, then run the update again. Nothing was changed."
}

check_log_directory() {
    check_space "$log_directory" "$free_log_kib"
    if [ -d "$log" ]; then
        fail "$log is a directory; the API server could not open it as its log. Move it away, or set another log.path. Nothing was changed."
    fi
    [ -d "$log_directory" ] && [ "$(receipt_value directory)" != "$log_directory" ] || return 0
    stem=${log##*/}
    for entry in "$log_directory"/*; do
        case ${entry##*/} in
        "${stem%.*}"* | '*') ;;
        *) fail "$log_directory holds other files (${entry##*/}); its mode and owner will not be changed under them. Give the log a directory of its own (log.path). Nothing was changed." ;;
        esac
    done
}

check_health() {
    choose_client
    old_process=$(api_server || :)
    save_old_flags
    tries=0
    until is_ready; do
        tries=$((tries + 1))
        if [ "$tries" -ge 3 ]; then
            [ "$repairing" = yes ] ||
                fail "The API server at $address:$port is not healthy (/readyz): $(complaint). Mend it first, then run the update again. Nothing was changed."
            warn "The API server was not healthy before this repair."
            return 0
        fi
        sleep 1
    done
}

# Restarting an API server while another one of its cluster is down could leave the cluster without any.
check_peers() {
    # One that does not serve takes nothing away when it is restarted.
    grep -qx ok "$directory/readyz" || return 0
    if [ "$client" = anonymous ]; then
        warn "The other API servers of this cluster cannot be asked for without kubectl and $admin_kubeconfig, so it was not checked that they are healthy."
        return 0
    fi
    # One that has just been started refuses for a while what it will allow; whoever has set up a unit's certificates may
    # have decided otherwise for good.
    tries=0
    until find_peers "$directory" "$address" "$port"; do
        tries=$((tries + 1))
        if [ -n "$unit" ] && [ "$tries" -ge 3 ]; then
            warn "The other API servers of this cluster could not be asked for, so it was not checked that they are healthy: $(first_line "$directory/error")."
            return 0
        fi
        [ "$tries" -lt 60 ] ||
            fail "The other API servers of this cluster could not be asked for: $(first_line "$directory/error"). Mend that, then run the update again. Nothing was changed."
        sleep 1
    done
    tries=0
    until peers_are_ready "$directory"; do
        tries=$((tries + 1))
        [ "$tries" -lt 3 ] ||
            fail "Other API servers of this cluster are not healthy (/readyz): $(cat "$directory/unhealthy"). Restarting this one too could leave the cluster without any. Mend them first, or remove the node of one that is gone for good (kubectl delete node NAME); then run the update again. Nothing was changed."
        sleep 1
    done
}

check_removal() {
    if [ -n "$unit" ]; then
        : >"$directory/patched"
    elif [ ! -f "$manifest" ] || [ -L "$manifest" ]; then
        fail "$manifest is missing or a symbolic link; nothing can be taken out of it. Nothing was changed."
    else
        strip_manifest <"$manifest" | disown_manifest >"$directory/patched"
    fi
    : >"$directory/flags"
    # Planned before the host had joined, the removal does not know where its API server answers.
    if [ -z "$address" ]; then
        address=$(flag_in_manifest advertise-address)
        port=$(flag_in_manifest secure-port)
    fi
    choose_client
    old_process=$(api_server || :)
    save_old_flags
    is_ready || warn "The API server was not healthy before the removal."
}

# flag_in_manifest NAME: its value, as kubeadm writes it.
flag_in_manifest() {
    sed -n "s/^ *- --$1=//p" "$manifest" | head -n 1
}

sha256_of() {
    sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1
}

# --- The running API server ---------------------------------------------------------------------------------------

# The API server of this manifest: "PID START". Of several (nested clusters) it is the one with our address.
api_server() {
    if [ -n "$unit" ]; then set -- "/proc/$(unit_property MainPID)"; else set -- /proc/[0-9]*; fi
    for entry; do
        comm=
        read -r comm 2>/dev/null <"$entry/comm" || continue
        [ "$comm" = kube-apiserver ] || continue
        tr '\0' '\n' <"$entry/cmdline" >"$directory/cmdline" 2>/dev/null || continue
        [ -s "$directory/cmdline" ] || continue
        [ -n "$unit" ] || ! grep -q '^--advertise-address=' "$directory/cmdline" ||
            grep -qxF -- "--advertise-address=$address" "$directory/cmdline" || continue
        started=$(start_of "${entry#/proc/}")
        [ -n "$started" ] || continue
        echo "${entry#/proc/} $started"
        return 0
    done
    return 1
}

save_old_flags() {
    printf '%s\n' "$old_process" >"$directory/old-process"
    : >"$directory/old-flags"
    [ -z "$old_process" ] || grep '^--audit-' "$directory/cmdline" >"$directory/old-flags" || :
    # To an empty file of patterns, one grep says that all lines match, another that none does.
    echo // >"$directory/logs"
    note_logs -e
    cp "$directory/logs" "$directory/old-logs"
    sed 's,/[^/]*$,/,' "$directory/old-logs" >"$directory/old-pods"
}

# Each start of a container has its own log file. The kubelet removes older ones, so they are noted as they appear.
note_logs() {
    for file in /var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log; do
        ! test "$1" "$file" || grep -qxF -- "$file" "$directory/logs" || echo "$file" >>"$directory/logs"
    done
}

# The logs of the starts since the transaction began, without those of containers that did not come as far as to say anything.
# A pod of another manifest goes on being started until the kubelet has replaced it; that says nothing about the new settings.
new_logs() {
    note_logs -s
    known=old-logs
    [ "$restart" != yes ] || known=old-pods
    grep -vF -f "$directory/$known" "$directory/logs" || :
}

# Every flag of the file is one of the process that api_server has just found.
has_flags() {
    ! grep -vxF -f "$directory/cmdline" "$1" >/dev/null
}

has_our_flags() {
    if [ "$verb" = remove ]; then
        has_no_policy_of_ours || show_theirs | grep -F -- "--audit-policy-file=$policies/" >/dev/null
    else
        has_flags "$directory/flags"
    fi
}

# The first way to ask that this host has.
choose_client() {
    if command -v kubectl >/dev/null 2>&1 && [ -f "$admin_kubeconfig" ]; then
        client=kubectl
    elif command -v curl >/dev/null 2>&1 && [ -f "$client_key" ]; then
        client=kubelet-client
    elif command -v curl >/dev/null 2>&1; then
        client=anonymous
    else
        fail "Neither kubectl (with $admin_kubeconfig) nor curl is on this host, so the API server's health cannot be proven. Install one of them. Nothing was changed."
    fi
    printf '%s\n' "$client" >"$directory/client"
}

# request PATH [ENDPOINT]: asks the API server of this host, or another, through its own address. It takes 4 s to say that
# etcd hangs.
request() {
    server=https://${2:-$address:$port}
    case $client in
    kubectl) kubectl --kubeconfig="$admin_kubeconfig" --server="$server" --request-timeout=10s get --raw "$1" ;;
    kubelet-client)
        curl --silent --show-error --fail --noproxy '*' --max-time 10 --cacert "$ca" \
            --cert "$client_certificate" --key "$client_key" "$server$1"
        ;;
    anonymous) curl --silent --show-error --fail --noproxy '*' --max-time 10 --cacert "$ca" "$server$1" ;;
    esac </dev/null
}

is_ready() {
    request /readyz >"$directory/readyz" 2>&1
}

# The checks of /readyz that fail, or why it could not be asked. kubectl gives the answer as one line, quoted.
complaint() {
    failing=$(awk '
        { n = split($0, checks, /\\n/); for (i = 1; i <= n; i++) if (sub(/^.*\[-\]/, "", checks[i])) list = list "; " checks[i] }
        END { print substr(list, 3, 300) }
    ' "$directory/readyz")
    if [ -n "$failing" ]; then echo "$failing"; else first_line "$directory/readyz"; fi
}

# --- Writing ------------------------------------------------------------------------------------------------------

# write_file SOURCE TARGET MODE: appears whole, with its mode, or not at all.
write_file() {
    prepare_file "$@"
    mv -f "$(beside "$2")" "$2"
}

# prepare_file SOURCE TARGET MODE: all of the writing but the rename.
prepare_file() {
    temporary=$(beside "$2")
    { cp "$1" "$temporary" && chmod "$3" "$temporary" && chown 0:0 "$temporary" && flush "$temporary" && cmp -s "$1" "$temporary"; } 2>"$directory/error" ||
        fail_to_write "$2"
}

# Where a file is written before it gets its name.
beside() {
    echo "${1%/*}/.${1##*/}.new"
}

fail_to_write() {
    check_room
    fail "$1 could not be written: $(first_line "$directory/error"). Mend that, then run the update again."
}

flush() {
    sync "$1" 2>/dev/null || sync
}

# make_directory DIRECTORY MODE
make_directory() {
    (umask 022 && mkdir -p "$1") 2>"$directory/error" || fail_to_write "$1"
    set_mode "$2" "$1"
}

# set_mode MODE FILE: GNU's chmod leaves a directory's set-group-ID bit as it is unless the mode has five digits.
set_mode() {
    chmod "00$1" "$2"
}

write_policy() {
    make_directory "$state" 700
    [ ! -d "$policies" ] || [ "$(stat -c '%a %u %g' "$policies")" = "700 0 0" ] || changed "mode and owner of $policies"
    make_directory "$policies" 700
    chown 0:0 "$policies"
    if [ "$(sha256_of "$policy")" != "$policy_sha256" ]; then
        # The policy in use was edited where it lies: the running process may have read that text.
        [ ! -e "$policy" ] || restart=forced
        [ "$(sha256_of "$directory/policy.yaml")" = "$policy_sha256" ] || fail "The policy did not arrive as it was sent. Nothing was changed."
        rm -rf "$policy"
        write_file "$directory/policy.yaml" "$policy" 600
        changed "$policy"
    elif [ "$(stat -c '%a %u %g' "$policy")" != "600 0 0" ]; then
        chmod 600 "$policy"
        chown 0:0 "$policy"
        changed "mode and owner of $policy"
    fi
    link_policy "$policy"
}

# policy.yaml, for people, unless somebody's own file has that name.
link_policy() {
    [ -L "$policies/policy.yaml" ] || [ ! -e "$policies/policy.yaml" ] || return 0
    ln -sf "${1##*/}" "$policies/.policy.yaml.new" && mv -f "$policies/.policy.yaml.new" "$policies/policy.yaml"
}

# Our own policy files. Somebody else's policies may lie beside them.
our_policies() {
    for file in "$policies"/policy-????????????.yaml; do
        case ${file#"$policies/policy-"} in
        *[!0-9a-f]*.yaml) ;;
        *) [ ! -e "$file" ] || echo "$file" ;;
        esac
    done
}

prepare_log_directory() {
    [ -n "$log" ] || return 0
    save_access "$log_directory"
    save_access "$log"
    wanted="$log_mode 0 0"
    if [ -n "$reader_group" ]; then
        gid=$(getent group "$reader_group" 2>/dev/null || grep "^$reader_group:" /etc/group)
        gid=${gid#*:*:}
        gid=${gid%%:*}
        wanted="$log_mode 0 $gid"
    else
        gid=0
    fi
    if [ ! -d "$log_directory" ] || [ "$(stat -c '%a %u %g' "$log_directory")" != "$wanted" ]; then
        make_directory "$log_directory" "$log_mode"
        chown "0:$gid" "$log_directory"
        # A change of the group clears the set-group-ID bit where the one who changes it is not trusted.
        set_mode "$log_mode" "$log_directory"
        changed "$log_directory"
    fi
    if [ -n "$reader_group" ]; then
        [ -e "$log" ] || : >"$log"
        chown "0:$gid" "$log"
        chmod 640 "$log"
    fi
}

# Mode and owner, to be given back when the transaction comes to nothing.
save_access() {
    [ ! -e "$1" ] || stat -c '%a %u:%g %n' "$1" >>"$directory/access"
}

# The commit. Before it everything that undoing needs is in place, on disk.
write_manifest() {
    [ "$verb" = remove ] || { mend_time "$manifest" && mend_time "$policy"; }
    if is_in_place && [ -z "$(strays)" ]; then
        if is_stale || is_left_over; then restart=forced; fi
        return 0
    fi
    if ! same_pod "$directory/patched" "$manifest"; then
        restart=yes
    elif is_stale; then
        restart=forced
    fi
    open_journal
    write_new_manifest 2>"$directory/error" || fail_to_write "$new_manifest"
    [ "$verb" = remove ] || [ "$(sha256_of "$directory/stripped")" = "$(show_theirs | sha256sum | cut -d ' ' -f 1)" ] ||
        fail "${unit:-$manifest} was changed by somebody else since it was read. Run the update again. Nothing was changed."
    # The running process has read these settings, and must not look older than they are.
    [ "$restart" != no ] || touch -r "$manifest" "$new_manifest"
    check_room
    committed=yes
    rename_at=$(now)
    if [ -s "$directory/patched" ]; then
        mv -f "$new_manifest" "$manifest"
    else
        rm -f "$manifest"
    fi
    changed "$manifest"
    move_strays
}

# A unit has no drop-in of ours when there is nothing to be in it.
is_in_place() {
    if [ -s "$directory/patched" ]; then cmp -s "$directory/patched" "$manifest"; else [ ! -e "$manifest" ]; fi
}

# With the mode and owner of the one that it replaces.
write_new_manifest() {
    if [ -n "$unit" ]; then
        [ "$verb" = remove ] ||
            { cp "$directory/patched" "$new_manifest" && chmod 644 "$new_manifest" && chown 0:0 "$new_manifest" &&
                flush "$new_manifest" && cmp -s "$directory/patched" "$new_manifest"; }
        return
    fi
    cp -p "$manifest" "$new_manifest" && cat "$directory/patched" >"$new_manifest" && flush "$new_manifest" &&
        cmp -s "$directory/patched" "$new_manifest"
}

# same_pod A B: apart from comments of ours, nothing differs, so the kubelet sees the same pod.
same_pod() {
    [ -e "$2" ] || return 1
    without_marks <"$1" >"$directory/pod"
    without_marks <"$2" >"$directory/other-pod"
    cmp -s "$directory/pod" "$directory/other-pod"
}

without_marks() {
    if [ -n "$unit" ]; then
        sed '/^#/d'
        return
    fi
    sed 's/ # managed-by: kube-apiserver-audit.*$//; /^# displaced-by: kube-apiserver-audit: /d'
}

# The drop-in was taken away by somebody, and nobody has restarted the unit.
is_left_over() {
    [ -n "$unit" ] && [ "$verb" = remove ] && [ -n "$old_process" ] && ! has_our_flags
}

# The process is older than the manifest or the policy that it should have read: it runs something else.
is_stale() {
    [ -n "$old_process" ] && [ -e "$manifest" ] || return 1
    read -r uptime _ </proc/uptime
    process_start=$(($(date +%s) - ${uptime%.*} + ${old_process#* } / 100))
    is_younger "$manifest" %Y || { [ "$verb" = apply ] && { is_younger "$policy" %Y || is_other_policy || ! has_flags "$directory/flags"; }; }
}

# is_younger FILE TIME: than the process; %Y is the time of the content, %Z that of anything about the file.
is_younger() {
    [ "$process_start" -lt "$(($(stat -c "$2" "$1") - 1))" ]
}

# Put back after another one was read, it may have its old time, as a move leaves it. Only a process that the last
# transaction has proven is known to have read the right one.
is_other_policy() {
    [ -e "$receipt" ] && [ "$process_start" -gt "$(stat -c %Y "$receipt")" ] && is_younger "$policy" %Z
}

# A time to come, from a wrong clock, would make every process look older than its file, also the next one.
mend_time() {
    [ ! -e "$1" ] || [ "$(stat -c %Y "$1")" -le "$(date +%s)" ] || touch "$1"
}

# After a reboot in the middle, the old manifest is back before the kubelet starts.
open_journal() {
    { mkdir -p "$journal" && cp "$directory/runner.sh" "$journal/runner.sh" && flush "$journal/runner.sh" &&
        if [ -e "$receipt" ]; then cp -p "$receipt" "$journal/receipt.json" && flush "$journal/receipt.json"; fi &&
        if [ -n "$unit" ]; then journal_unit; else cp -p "$manifest" "$journal/kube-apiserver.yaml" && flush "$journal/kube-apiserver.yaml"; fi; } \
        2>"$directory/error" || fail_to_write "$journal"
    if [ -d /run/systemd/system ]; then
        write_boot_unit 2>"$directory/error" || fail_to_write "$boot_unit"
    fi
    rm -f "$old_manifest"
    if [ -e "$manifest" ]; then
        ln "$manifest" "$old_manifest" 2>/dev/null || cp -p "$manifest" "$old_manifest"
    else
        [ -d "$manifests" ] || make_directory "$manifests" 755
        touch "$old_manifest" 2>"$directory/error" || fail_to_write "$old_manifest"
    fi
    flush "$manifests"
}

# Which unit it is, and that its directory is there for us alone, where it is.
journal_unit() {
    printf '%s\n' "$unit" >"$journal/unit" && flush "$journal/unit" &&
        if [ ! -d "$manifests" ]; then touch "$journal/made-directory" && flush "$journal/made-directory"; fi
}

write_boot_unit() {
    printf '%s\n' "[Unit]" "Description=Puts back the kube-apiserver settings of an audit update that a reboot cut short" \
        "Before=${unit:-kubelet.service}" "ConditionPathExists=$old_manifest" "[Service]" "Type=oneshot" \
        "ExecStart=/bin/sh $journal/runner.sh boot $journal" >"$directory/boot-unit" && cp "$directory/boot-unit" "$boot_unit" &&
        mkdir -p "${boot_link%/*}" && ln -sf "$boot_unit" "$boot_link" && flush "$boot_unit"
}

# From here on there is nothing to undo.
close_journal() {
    committed=no
    rm -f "$boot_link" "$boot_unit" "$old_manifest" "$new_manifest"
    # A directory that holds nothing any more, and was made for us.
    [ -z "$unit" ] || ! is_our_directory || rmdir "$manifests" 2>/dev/null || :
    rm -rf "$journal"
}

# Where the receipt was lost, nothing tells any more whose it is; it counts as made for the drop-in.
is_our_directory() {
    [ "$orphaned" = yes ] || [ -e "$journal/made-directory" ] || [ "$(receipt_value unitDirectory)" = made ]
}

move_strays() {
    strays | while IFS= read -r stray; do
        mkdir -p "$state/strays"
        mv -f "$stray" "$state/strays/${stray##*/}"
        printf '%s\n' "$stray" >>"$directory/moved-strays"
        changed "$stray"
        warn "$stray, a second kube-apiserver pod, was moved to $state/strays/${stray##*/}."
    done
    [ ! -e "$directory/moved-strays" ] || [ "$restart" != no ] || restart=maybe
}

# --- Waiting and proving ------------------------------------------------------------------------------------------

# The kubelet has seen another manifest already; systemd is told, and a process that must read its settings again ended.
begin_restart() {
    if [ -n "$unit" ]; then
        restart_unit
    elif [ "$restart" = forced ]; then
        end_process "$old_process"
    fi
}

await_restart() {
    nap=0.3
    sleep 0.1 2>/dev/null || nap=1
    deadline=$(($(now) + timeout * 100))
    waiting_since=$(now)
    nudged=no
    until is_restarted && is_ready; do
        check_room
        starts=$(new_starts)
        if [ "$starts" -ge 3 ]; then
            fail_restart "The API server started $starts times with the new settings and ended each time."
        fi
        if [ -n "$unit" ] && [ "$(unit_property ActiveState)" = failed ] && [ -z "$(unit_property Job)" ]; then
            fail_restart "The API server ended with the new settings, and systemd does not start it again ($unit: $(unit_property Result))."
        fi
        [ "$(now)" -lt "$deadline" ] ||
            fail_restart "The API server was not healthy with the new settings within $timeout s: $(shortcoming has_our_flags)."
        # The kubelet has seen no difference, or has lost it: the process must read its settings again all the same.
        if [ -z "$unit" ] && [ "$nudged" = no ] && [ $(($(now) - waiting_since)) -gt 9000 ] && [ -n "$old_process" ] && is_running "$old_process"; then
            nudged=yes
            end_process "$old_process"
        fi
        sleep "$nap"
    done
    [ "$restart" = no ] || [ -z "${rename_at:-}" ] || {
        since=$(($(now) - rename_at))
        printf '%s %d.%02d\n' renameToReady $((since / 100)) $((since % 100)) >>"$directory/seconds"
    }
}

is_restarted() {
    process=$(api_server) || return 1
    has_our_flags || return 1
    case $restart in
    no) ;;
    maybe) [ "$process" != "$old_process" ] || [ $(($(now) - waiting_since)) -gt 4500 ] ;;
    *) [ "$process" != "$old_process" ] ;;
    esac
}

# shortcoming FLAGS: what the API server lacks to be healthy with the flags that the function FLAGS looks for.
shortcoming() {
    if ! process=$(api_server); then
        echo "it is not running"
    elif ! "$1"; then
        echo "the running process ${process%% *} has other flags"
    elif ! is_ready; then
        echo "/readyz of process ${process%% *} gives \"$(complaint)\""
    else
        echo "process ${process%% *} was still running, or had just been started"
    fi
}

# systemd reads its files, and starts the unit anew where it has to; the journal remembers that for an undoing.
restart_unit() {
    [ ! -s "$directory/changed" ] || systemctl daemon-reload
    # One that does not run may have been given up.
    [ -n "$old_process" ] || restart=yes
    [ "$restart" != no ] || return 0
    if [ -d "$journal" ]; then touch "$journal/restarted"; else : >"$directory/ended-process"; fi
    date +%s >"$directory/restarted-at"
    restart_now
}

# First away with what systemd counts: a unit that was started often is not started at all.
restart_now() {
    systemctl reset-failed -- "$unit" 2>/dev/null || :
    systemctl restart --no-block -- "$unit"
}

# The kubelet starts the container again by itself; the grace period is the one kubeadm's pods have.
end_process() {
    : >"$directory/ended-process"
    kill -TERM "${1%% *}" 2>/dev/null || return 0
    (
        waited=0
        while is_running "$1" && [ "$waited" -lt 30 ]; do
            sleep 1
            waited=$((waited + 1))
        done
        ! is_running "$1" || kill -KILL "${1%% *}"
    ) </dev/null >/dev/null 2>&1 &
}

# How often a container of the API server was started since the transaction began.
new_starts() {
    if [ -n "$unit" ]; then
        again=$(unit_property NRestarts)
        [ "$restart" = no ] && echo 0 || echo $((${again:-0} + 1))
        return
    fi
    new_logs | grep -c . || :
}

fail_restart() {
    last_words >"$directory/last-words"
    fail "$1
$(cat "$directory/last-words")"
}

# The end of the newest log that says something.
last_words() {
    if [ -n "$unit" ]; then
        unit_words
        return
    fi
    newest=$(new_logs | while IFS= read -r file; do [ ! -s "$file" ] || echo "$file"; done | tail -n 1)
    if [ -z "$newest" ]; then
        echo "It has no log of its own yet."
    else
        echo "The last lines of its own log:"
        tail -n 5 "$newest" | sed 's/^[^ ]* std[a-z]* [FP] //' | cut -c 1-400 | sed 's/^/    /'
    fi
}

# Without those of the old process, which ends at the same time.
unit_words() {
    journalctl --quiet --no-pager --output=short --lines=500 --since="@$(first_line "$directory/restarted-at")" "_SYSTEMD_UNIT=$unit" 2>/dev/null |
        grep -vF "[${old_process%% *}]: " | sed 's/^[^]]*]: //' | tail -n 5 >"$directory/journal" || :
    if [ -s "$directory/journal" ]; then
        echo "The last lines of its own log:"
        cut -c 1-400 "$directory/journal" | sed 's/^/    /'
    else
        echo "It has no log of its own in the journal."
    fi
}

# An event in the log for a request made of this very process.
prove_event() {
    query=$(sed -n "s/^$client //p" "$directory/proofs" | head -n 1)
    if [ -z "$query" ]; then
        proof="readyz"
        warn "No event could be asked for as a proof: $(sed -n 's/^none //p' "$directory/proofs" | head -n 1)"
        return 0
    fi
    token="kube-apiserver-audit=$(sha256sum <"/proc/sys/kernel/random/uuid" | cut -c 1-32)"
    request "$query?$token" >/dev/null 2>"$directory/error" || fail_restart "GET $query failed: $(first_line "$directory/error")."
    deadline=$(($(now) + proof_seconds * 100))
    until tail -c 4194304 "$log" 2>/dev/null | grep -qF "$token"; do
        check_room
        [ "$(now)" -lt "$deadline" ] ||
            fail_restart "The policy says that GET $query is logged, but no event of it arrived in $log within $proof_seconds s."
        sleep "$nap"
    done
    proof="event"
}

# --- Undoing ------------------------------------------------------------------------------------------------------

undo() {
    [ "$locked" = yes ] || return 0
    restored=no
    if [ "$committed" = yes ]; then restore_files; else close_journal; fi
    drop_unused
    if [ "$restored" = yes ] || [ -e "$directory/restoring" ]; then
        await_old "The old $(either "manifest was" "settings were") restored"
    elif is_recorded; then
        say "The new settings were proven before that and are in force. Run the update again to take note of them."
    elif [ -e "$directory/ended-process" ] && { [ "$verb" = apply ] || is_marked; }; then
        await_old "The $(either "manifest is as it was" "settings are as they were")"
    elif ! grep -q 'Nothing was changed\.$' "$directory/stderr"; then
        if [ "$verb" = remove ] && ! is_marked; then
            say "The API server runs without the audit settings already. Remove them again to take away the rest."
        else
            say "The API server was not touched, and what had been written for it was taken away again."
        fi
    fi
}

# The receipt is this transaction's.
is_recorded() {
    [ -e "$directory/receipt.json" ] && cmp -s "$directory/receipt.json" "$receipt"
}

say() {
    printf '%s: %s\n' "$host" "$1" >&2
}

# Its receipt is there already. The repair of a drift may write what the receipt before it names, and that receipt once more.
is_proven() {
    [ "$(sha256_of "$manifest")" = "$(receipt_value manifestSha256)" ] &&
        { [ -e "$journal/recorded" ] || ! cmp -s "$receipt" "$journal/receipt.json"; }
}

# Only renames and removals: it works on a full disk, and before the kubelet runs.
restore_files() {
    if is_proven; then
        # Only the cleaning up was missing.
        close_journal
        restored=no
        return 0
    fi
    restored=yes
    : 2>/dev/null >"$directory/restoring" || :
    if [ -s "$old_manifest" ]; then
        mv -f "$old_manifest" "$manifest"
        rm -f "$old_manifest"
    elif [ -e "$old_manifest" ]; then
        rm -f "$manifest"
    fi
    [ -z "$unit" ] || restore_unit
    [ ! -e "$directory/moved-strays" ] || while IFS= read -r stray; do
        mv -f "$state/strays/${stray##*/}" "$stray"
    done <"$directory/moved-strays"
    close_journal
}

# Started anew only where the new settings may have been read: not before a start, nor before our restart.
restore_unit() {
    systemctl daemon-reload 2>/dev/null || :
    [ "$verb" = boot ] || [ ! -e "$journal/restarted" ] || restart_now 2>/dev/null || :
}

# What a transaction that came to nothing has left: half-written files, policies that neither the manifest nor the
# receipt knows, another mode of the log's directory.
drop_unused() {
    rm -f "$policies"/.policy*.new "$state"/.*.new
    in_use=
    for file in $(our_policies); do
        if grep -qF -- "$file" "$manifest" 2>/dev/null; then
            in_use=$file
        elif ! grep -qF -- "$file" "$receipt" 2>/dev/null; then
            rm -f "$file"
        fi
    done
    [ ! -e "$directory/access" ] || is_recorded || while read -r mode ids path; do
        chown "$ids" "$path" && set_mode "$mode" "$path"
    done <"$directory/access"
    if [ -n "$in_use" ]; then
        link_policy "$in_use"
    elif [ ! -e "$receipt" ]; then
        remove_policies
        rmdir "${log_directory:-$policies}" "$state" 2>/dev/null || :
    fi
}

# Before the kubelet starts, after a reboot in the middle.
boot() {
    log_directory=''
    restore_files
    drop_unused
}

# After a restoration: the API server that runs has the audit flags that the manifest has, and answers.
await_manifest() {
    choose_client
    deadline=$(($(now) + timeout * 100))
    until process=$(api_server) && has_flags_of_manifest && is_ready; do
        check_room
        [ "$(now)" -lt "$deadline" ] || return 0
        sleep 1
    done
}

has_flags_of_manifest() {
    if [ -n "$unit" ]; then
        restored_policy=$(sed -n 's/^ *\(--audit-policy-file=[^ ]*\).*/\1/p' "$manifest" 2>/dev/null)
        if [ -n "$restored_policy" ]; then
            grep -qxF -- "$restored_policy" "$directory/cmdline"
        else
            has_no_policy_of_ours
        fi
        return
    fi
    grep '^--audit-' "$directory/cmdline" >"$directory/now-flags" || :
    [ "$(grep -c '^[^#]*--audit-' "$manifest")" = "$(grep -c . "$directory/now-flags")" ] || return 1
    while IFS= read -r flag; do
        grep -qF -- "$flag" "$manifest" || return 1
    done <"$directory/now-flags"
}

has_no_policy_of_ours() {
    ! grep -q "^--audit-policy-file=$policies/" "$directory/cmdline"
}

# await_old WHAT: the old API server, or a new process with the old flags, answers, and goes on doing so.
await_old() {
    nap=0.3
    sleep 0.1 2>/dev/null || nap=1
    # The way back takes the kubelet as long as the way there, however short the wait for the new settings was to be.
    patience=$((timeout > 180 ? timeout : 180))
    deadline=$(($(now) + patience * 100))
    healthy_since=
    while [ "$(now)" -lt "$deadline" ]; do
        if [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; then
            say "$1; this host is being shut down. See after its start that the API server is healthy."
            return 0
        fi
        if process=$(api_server) && has_old_flags && is_ready; then
            [ "$process" = "${healthy_process:-}" ] || healthy_since=$(now)
            healthy_process=$process
            if [ $(($(now) - healthy_since)) -gt 500 ]; then
                say "$1; the API server is healthy with the old settings."
                return 0
            fi
        else
            healthy_process=
        fi
        sleep "$nap"
    done
    say "$1, but the API server is not healthy after $patience s: $(shortcoming has_old_flags). $(either "See its log in /var/log/pods and the kubelet's." "See journalctl --unit $unit.")"
}

has_old_flags() {
    grep '^--audit-' "$directory/cmdline" >"$directory/now-flags" || :
    cmp -s "$directory/old-flags" "$directory/now-flags"
}

# After a runner that was killed: systemd, or the supervisor, calls this in every case.
recover() {
    [ ! -e "$directory/exit" ] || exit 0
    set +e
    rm -f "$directory/reserve"
    exec 2>>"$directory/stderr"
    verb=apply
    read -r verb 2>/dev/null <"$directory/started"
    read_settings
    : >"$directory/stdout"
    read -r phase 2>/dev/null <"$directory/phase"
    say "The transaction was killed in the phase \"${phase:-start}\"."
    read -r old_process 2>/dev/null <"$directory/old-process"
    read -r client 2>/dev/null <"$directory/client"
    # Where another transaction has begun since, it has undone this one first.
    if seize_lock; then
        if is_committed; then committed=yes; fi
        undo
        release_lock
    fi
    finish 1
}

# The manifest is no longer the old one, of which there is none where our drop-in is the first.
is_committed() {
    [ -e "$old_manifest" ] && ! cmp -s "$old_manifest" "$manifest" && { [ -s "$old_manifest" ] || [ -e "$manifest" ]; }
}

supervise() {
    sh "$directory/runner.sh" "$1" "$directory" || :
    recover
}

# --- Success ------------------------------------------------------------------------------------------------------

write_receipt() {
    previous_policy=$(receipt_value policyPath)
    [ "$previous_policy" != "$policy" ] || previous_policy=$(receipt_value previousPolicyPath)
    {
        echo '{'
        echo '    "schemaVersion": 1,'
        field generation "$generation"
        field owner "$owner"
        list flags
        list mounts
        field manifestSha256 "$(sha256_of "$manifest")"
        field policyPath "$policy"
        field policySha256 "$policy_sha256"
        field previousPolicyPath "$previous_policy"
        field directory "$log_directory"
        field directoryMode "$log_mode"
        field readerGroup "$reader_group"
        [ -z "$unit" ] || field unit "$unit"
        [ -z "$unit" ] || field address "$address:$port"
        [ -z "$unit" ] || field unitDirectory "$(if is_our_directory; then echo made; else echo found; fi)"
        field directoryOwner "$([ -z "$log" ] || stat -c '%u %g' "$log_directory")" last
        echo '}'
    } >"$directory/receipt.json"
    prepare_file "$directory/policy.yaml" "$state/policy.yaml" 600
    write_file "$directory/receipt.json" "$receipt" 600
    [ ! -d "$journal" ] || touch "$journal/recorded" 2>/dev/null || :
    mv -f "$(beside "$state/policy.yaml")" "$state/policy.yaml"
}

# The transaction's own traces, and policies older than the one before this.
clean_up() {
    [ ! -e "$journal/kube-apiserver.yaml" ] || mv -f "$journal/kube-apiserver.yaml" "$state/kube-apiserver.yaml"
    close_journal
    if [ "$verb" = apply ]; then
        for file in $(our_policies); do
            [ "$file" = "$policy" ] || [ "$file" = "$previous_policy" ] || rm -f "$file"
        done
    fi
}

remove_files() {
    # First of all: a manifest that needs these files must not come back.
    close_journal
    if show_theirs 2>/dev/null | grep -F -- "$policies/" >/dev/null; then
        warn "${unit:-$manifest} still names $policies by itself, so the policy stays there."
    elif request /api/v1/namespaces/kube-system/configmaps/kubeadm-config 2>/dev/null | grep -qF -- "$policies/policy-"; then
        warn "The ConfigMap kube-system/kubeadm-config names the policy for other hosts, so it stays in $policies: kubeadm upgrade would turn audit logging on here again."
    else
        remove_policies
    fi
    if [ -n "$log" ]; then
        if [ "$purge" = yes ]; then
            stem=${log##*/}
            rm -f "$log_directory/${stem%.*}"*
        fi
        rmdir "$log_directory" 2>/dev/null || :
    fi
    rm -f "$receipt" "$state/policy.yaml" "$state/kube-apiserver.yaml"
    rmdir "$state" 2>/dev/null || :
}

remove_policies() {
    for file in $(our_policies); do rm -f "$file"; done
    [ ! -L "$policies/policy.yaml" ] || rm -f "$policies/policy.yaml"
    rmdir "$policies" 2>/dev/null || :
}

write_report() {
    {
        echo '{'
        field host "$host"
        list changed
        if [ "$restart" = no ] || [ "${process:-}" = "$old_process" ]; then echo '    "restarted": false,'; else echo '    "restarted": true,'; fi
        field oldProcess "$old_process"
        field newProcess "${process:-$old_process}"
        field proof "$proof"
        echo '    "seconds": {'
        sed 's/\(.*\) \(.*\)/        "\1": \2,/; $s/,$//' "$directory/seconds"
        echo '    },'
        list warnings last
        echo '}'
    } >"$directory/report"
    cat "$directory/report"
}

# field NAME VALUE [last]
field() {
    printf '    "%s": "%s"%s\n' "$1" "$(printf '%s' "$2" | escape)" "$([ "${3:-}" = last ] || echo ,)"
}

# list NAME [last]: the lines of the file of that name, as an array of strings.
list() {
    printf '    "%s": [' "$1"
    [ ! -s "$directory/$1" ] || { escape <"$directory/$1" | awk '{ printf "%s\n        \"%s\"", (NR > 1 ? "," : ""), $0 } END { printf "\n    " }'; }
    printf ']%s\n' "$([ "${2:-}" = last ] || echo ,)"
}

escape() {
    tr '\001-\011\013-\037' ' ' | sed 's/[\\"]/\\&/g'
}

