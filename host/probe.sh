# Prints what the host has, in sections that host/observation.ts reads. Reads only; a file's text is in base64.
#
# A preview waits for the slowest of all hosts, so it starts few processes: each takes longer than all else here together.

set -u
export LC_ALL=C

manifests=/etc/kubernetes/manifests
manifest=$manifests/kube-apiserver.yaml
policies=/etc/kubernetes/audit
state=/var/lib/kube-apiserver-audit

# show_files FILE...: for each that there is "file", then inode, ctime, mtime, mode, uid, gid, type and path; then, for a
# regular file, its text. Beside the manifest, where the kubelet follows links, also the text behind one.
show_files() {
    stat -c 'file %i %Z %Y %a %u %g %F|%n' "$@" 2>/dev/null | while IFS= read -r line; do
        printf '%s\n' "$line"
        file=${line#*|}
        [ -f "$file" ] || continue
        if [ -L "$file" ] && { [ "$file" = "$manifest" ] || [ "${file%/*}" != "$manifests" ]; }; then continue; fi
        echo "text"
        base64 <"$file"
        echo "end"
    done
}

# The log's directory, as the receipt has it.
read_log_directory() {
    log=
    while IFS= read -r line; do
        case $line in
        '    "directory": "'*'",')
            log=${line#*: \"}
            log=${log%\",}
            return
            ;;
        esac
    done
}

show_api_servers() {
    read -r uptime _ </proc/uptime
    echo "clock $(date +%s) $uptime"
    for entry in /proc/[0-9]*; do
        name=
        read -r name 2>/dev/null <"$entry/comm" || continue
        [ "$name" = kube-apiserver ] || continue
        read -r line 2>/dev/null <"$entry/stat" || continue
        # The 22nd field is the start, in hundredths of a second since boot; the name before it may hold spaces.
        # shellcheck disable=SC2086
        set -- ${line##*) }
        echo "process ${entry#/proc/} ${20}"
        echo "text"
        base64 <"$entry/cmdline" 2>/dev/null
        echo "end"
    done
}

main() {
    [ "$#" = 1 ] && [ "$1" = complete ] || exit 2
    echo "kube-apiserver-audit observation 1"
    machine=
    read -r machine 2>/dev/null </etc/machine-id || :
    echo "machine $machine"
    set --
    for other in "$manifests"/*; do
        [ "$other" = "$manifest" ] || [ ! -f "$other" ] || set -- "$@" "$other"
    done
    # On nearly every host the first grep says that there is no second API server.
    if [ "$#" -gt 0 ] && grep -q kube-apiserver "$@"; then
        for other; do
            shift
            ! grep -q kube-apiserver "$other" || set -- "$@" "$other"
        done
    else
        set --
    fi
    log=
    [ ! -f "$state/receipt.json" ] || read_log_directory <"$state/receipt.json"
    show_files "$manifest" "$@" "$state/receipt.json" "$state/policy.yaml" "$policies" "$policies"/policy-*.yaml ${log:+"$log"}
    show_api_servers
    echo "done"
}
