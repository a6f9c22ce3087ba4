# Shows that an API server's audit log works: one harmless GET of a name of its own, made on the host through the API
# server's own address, and its event in the log. It changes nothing but its own directory under /run, which it removes.
#
# Read by `sh -s` from standard input, behind common.sh; after it the function `verification_settings`, last the call of `main`:
#
#   main look complete    prints how the running API server was started, and the policy that it was given
#   main verify complete  makes the request, waits for the event and compares its level

run=/run/kube-apiserver-audit
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
admin_kubeconfig=/etc/kubernetes/admin.conf
# An event can be as large as this; so much of the log's end is looked at.
tail_bytes=4194304
directory=
host=

main() {
    [ "$#" = 2 ] && [ "$2" = complete ] || exit 2
    umask 077
    trap clean_up EXIT
    trap 'exit 143' TERM INT HUP
    mkdir -p "$run"
    directory=$(mktemp -d "$run/verify.XXXXXX") || fail "Nothing can be written to $run. Mend that (df $run)."
    read_settings
    find_api_server
    check_flags
    "$1"_steps
}

clean_up() {
    [ -z "$directory" ] || rm -rf "$directory"
}

# fail WHAT: what was found, where, and what to do.
fail() {
    printf '%s%s\n' "${host:+$host: }" "$1" >&2
    exit 1
}

# One setting a line: a name, a space, the value to the end of the line.
read_settings() {
    log='' timeout=30 policy_sha256=''
    : >"$directory/requests"
    verification_settings >"$directory/settings"
    while IFS= read -r line; do
        value=${line#* }
        case ${line%% *} in
        host) host=$value ;;
        log) log=$value ;;
        policy-sha256) policy_sha256=$value ;;
        timeout-seconds) timeout=$value ;;
        request) printf '%s\n' "$value" >>"$directory/requests" ;;
        *) fail "This script does not know the setting ${line%% *}." ;;
        esac
    done <"$directory/settings"
}

# --- The running API server ---------------------------------------------------------------------------------------

# Of several (nested clusters) it is the one with the manifest's address. What it sees as files is below $root.
find_api_server() {
    own_address=$(sed -n 's/^ *- --advertise-address=//p' "$manifest" 2>/dev/null | head -n 1)
    for entry in /proc/[0-9]*; do
        comm=
        read -r comm 2>/dev/null <"$entry/comm" || continue
        [ "$comm" = kube-apiserver ] || continue
        tr '\0' '\n' <"$entry/cmdline" >"$directory/cmdline" 2>/dev/null || continue
        [ -s "$directory/cmdline" ] || continue
        [ -z "$own_address" ] || [ "$(flag advertise-address)" = "$own_address" ] || continue
        process=${entry#/proc/}
        root=$entry/root
        find_address
        return 0
    done
    fail "No kube-apiserver is running here. See why (crictl ps -a, journalctl -u kubelet, or its own unit)."
}

# flag NAME: the value that it was started with, the last one given.
flag() {
    awk -v name="--$1" '
        taken { value = $0; taken = 0; next }
        $0 == name { taken = 1 }
        index($0, name "=") == 1 { value = substr($0, length(name) + 2) }
        END { print value }
    ' "$directory/cmdline"
}

find_address() {
    address=$(flag advertise-address)
    [ -n "$address" ] || address=$(flag bind-address)
    case $address in
    '' | 0.0.0.0 | ::) address=127.0.0.1 ;;
    *:*) address="[$address]" ;;
    esac
    port=$(flag secure-port)
    server=https://$address:${port:-6443}
}

check_flags() {
    policy=$(flag audit-policy-file)
    [ -n "$policy" ] || fail "The API server runs without --audit-policy-file: auditing is off. Turn it on."
    its_log=$(flag audit-log-path)
    [ -n "$its_log" ] || fail "The API server runs without --audit-log-path: it writes no log. Set log.path."
    [ "$its_log" != - ] || fail "The API server writes its log to standard output (--audit-log-path=-), which is not looked at. Give it a file (log.path)."
    [ "$its_log" = "$log" ] || fail "The API server writes to $its_log, and not to $log. Set log.path to that."
    [ -f "$root$policy" ] || fail "$policy, which the API server was started with, is not there any more: its next start will fail. Put it back (pulumi up)."
}

# The policy file is not the text that was read at the start.
is_policy_younger() {
    stat_line=
    read -r stat_line 2>/dev/null <"/proc/$process/stat" || return 1
    # shellcheck disable=SC2086
    set -- ${stat_line##*) }
    read -r uptime _ </proc/uptime
    [ "$(stat -L -c %Y "$root$policy")" -gt "$(($(date +%s) - ${uptime%.*} + ${20} / 100 + 1))" ]
}

# --- look ---------------------------------------------------------------------------------------------------------

look_steps() {
    echo "policy-file $policy"
    print_file policy "$root$policy"
    certificate=$(flag kubelet-client-certificate)
    [ -z "$certificate" ] || [ ! -f "$root$certificate" ] || print_file certificate "$root$certificate"
}

# print_file NAME FILE
print_file() {
    echo "$1"
    base64 <"$2"
    echo "end"
}

# --- verify -------------------------------------------------------------------------------------------------------

verify_steps() {
    [ "$(sha256sum <"$root$policy" | cut -d ' ' -f 1)" = "$policy_sha256" ] ||
        fail "The API server runs with another policy than was expected ($policy). Roll out the wanted one (pulumi up), then try again."
    choose_request
    token="kube-audit-verify=$(sha256sum </proc/sys/kernel/random/uuid | cut -c 1-32)"
    case $path in
    *'?'*) url="$path&$token" ;;
    *) url="$path?$token" ;;
    esac
    first_log=$(log_id)
    asked=$(now)
    request || fail "GET $path through $server failed: $(first_line "$directory/error").$(likely_cause)"
    await_event
    printf '%s\n' "request $path" "client $client" "server $server" "level $level" \
        "seconds $((waited / 100)).$(printf %02d $((waited % 100)))"
}

# The first way to ask that this host has, and that the policy logs a request of.
choose_request() {
    clients=
    for client in kubectl kubelet-client anonymous; do
        has_client || continue
        clients="$clients${clients:+, }$client"
        line=$(sed -n "s/^$client //p" "$directory/requests" | head -n 1)
        [ -n "$line" ] || continue
        levels=${line%% *}
        path=${line#* }
        return 0
    done
    [ -n "$clients" ] || fail "Neither kubectl (with $admin_kubeconfig) nor curl is on this host, so nothing can be asked. Install one of them."
    fail "The policy ($policy) drops every harmless request that this host can make (as $clients). Name a GET request that it logs."
}

has_client() {
    case $client in
    kubectl) command -v kubectl >/dev/null 2>&1 && [ -f "$admin_kubeconfig" ] ;;
    kubelet-client) command -v curl >/dev/null 2>&1 && [ -f "$root$(flag kubelet-client-key)" ] ;;
    anonymous) command -v curl >/dev/null 2>&1 ;;
    esac
}

# Who is refused, or told that there is no such object, was answered, too.
request() {
    if [ "$client" = kubectl ]; then
        kubectl --kubeconfig="$admin_kubeconfig" --server="$server" --request-timeout=10s get --raw "$url" \
            </dev/null >/dev/null 2>"$directory/error" ||
            grep -Eq '^Error from server \((NotFound|Forbidden)\)' "$directory/error"
        return
    fi
    # Either may have signed, or be, what the API server shows.
    for ca in /etc/kubernetes/pki/ca.crt "$root$(flag client-ca-file)" "$root$(flag tls-cert-file)"; do
        [ ! -f "$ca" ] || cat "$ca"
    done >"$directory/ca.crt"
    set --
    [ "$client" = anonymous ] ||
        set -- --cert "$root$(flag kubelet-client-certificate)" --key "$root$(flag kubelet-client-key)"
    status=$(curl --silent --show-error --noproxy '*' --max-time 10 --output /dev/null --write-out '%{http_code}' \
        --cacert "$directory/ca.crt" "$@" "$server$url" </dev/null 2>"$directory/error") || return 1
    case $status in
    200 | 403 | 404) ;;
    *) echo "it answers $status" >"$directory/error" && return 1 ;;
    esac
}

await_event() {
    nap=0.1
    sleep 0.1 2>/dev/null || nap=1
    until level=$(level_of_event) && [ -n "$level" ]; do
        [ $(($(now) - asked)) -lt $((timeout * 100)) ] ||
            fail "No event of GET $path arrived in $log within $timeout s.$(likely_cause)"
        sleep "$nap"
    done
    waited=$(($(now) - asked))
    case ,$levels, in
    *",$level,"*) ;;
    *) fail "The event of GET $path has the level $level, where the policy ($policy) says $levels.$(reread_hint)" ;;
    esac
}

# Of whole events alone: a full disk cuts them.
level_of_event() {
    recent_log | grep -F "$token" | level_of_line
}

level_of_line() {
    awk '
        !/^[{].*[}]$/ || gsub(/"apiVersion":"audit[.]k8s[.]io/, "&") != 1 { next }
        match($0, /"level":"[A-Za-z]+"/) { print substr($0, RSTART + 9, RLENGTH - 10); exit }
    '
}

log_id() {
    stat -L -c %d:%i "$log" 2>/dev/null || :
}

# The end of the log, and of the newest rotated file where it was rotated since the request.
recent_log() {
    tail -c "$tail_bytes" "$log" 2>/dev/null || :
    [ "$(log_id)" != "$first_log" ] || return 0
    rotated=
    for rotated in "${log%.*}"-[0-9]*T[0-9]*; do :; done
    case $rotated in
    *.gz) gzip -dc "$rotated" 2>/dev/null ;;
    *) cat "$rotated" 2>/dev/null ;;
    esac | tail -c "$tail_bytes"
}

# --- Why there is no event ----------------------------------------------------------------------------------------

likely_cause() {
    full=
    for place in "${log%/*}" "$root${log%/*}"; do
        [ -n "$full" ] || full=$(fullness "$place")
    done
    if [ -n "$full" ]; then
        echo " The file system of ${log%/*} is full ($full): the API server cannot write its log. Make room there."
    elif tail -c "$tail_bytes" "$root$log" 2>/dev/null | grep -qF "$token"; then
        echo " It arrived in the file that the API server itself sees as $log, which is not this host's: see the volumes of its pod, and whether something was mounted over ${log%/*} since it was started."
    elif [ ! -e "$log" ]; then
        echo " There is no such file. See the API server's own log for what it says of it, and the volumes of its pod."
    else
        echo " See the API server's own log for what it says of its audit log, and log.mode: a batch may be held back longer (log.batch.maxWait).$(reread_hint)"
    fi
}

# fullness DIRECTORY: words, where there is no room for an event.
fullness() {
    facts=$(stat -f -c '%f %S %d %c' "$1" 2>/dev/null) || return 0
    # shellcheck disable=SC2086
    set -- $facts
    if [ $(($1 * $2)) -lt 65536 ]; then
        echo "$(($1 * $2 / 1024)) KiB free"
    elif [ "$4" -gt 0 ] && [ "$3" = 0 ]; then
        echo "no inodes free"
    fi
}

reread_hint() {
    ! is_policy_younger || echo " That file was changed after the API server had started, which reads it only then: it has to be restarted (pulumi up)."
}
