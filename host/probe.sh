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
# regular file, its text. Beside the manifest, where the kubelet follows links, also the text behind one, and where
# links=followed.
show_files() {
    stat -c 'file %i %Z %Y %a %u %g %F|%n' "$@" 2>/dev/null | while IFS= read -r line; do
        printf '%s\n' "$line"
        file=${line#*|}
        [ -f "$file" ] || continue
        if [ -L "$file" ] && [ "${links:-}" != followed ] && { [ "$file" = "$manifest" ] || [ "${file%/*}" != "$manifests" ]; }; then continue; fi
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

# show_unit UNIT: what systemd has loaded of it, then each file of it in the order in which systemd reads them, then each
# environment file, then their texts; and the version of the program that its process runs, as it is on disk now.
show_unit() {
    systemctl show --property=LoadState,ActiveState,MainPID,NeedDaemonReload,FragmentPath,DropInPaths,EnvironmentFile,EnvironmentFiles \
        -- "$1" 2>/dev/null | {
        fragment='' drop_ins='' environment='' load='' active='' process=0 outdated=''
        while IFS= read -r line; do
            value=${line#*=}
            case $line in
            LoadState=*) load=$value ;;
            ActiveState=*) active=$value ;;
            MainPID=*) process=$value ;;
            NeedDaemonReload=*) outdated=$value ;;
            FragmentPath=*) fragment=$value ;;
            DropInPaths=*) drop_ins=$value ;;
            EnvironmentFile*=*) environment="$environment ${value% (ignore_errors=*}" ;;
            esac
        done
        [ "$load" != not-found ] && [ -n "$load" ] || return 0
        echo "unit $load $active $process ${outdated:-no} $1"
        # Their names may be patterns, and none has a space in it.
        # shellcheck disable=SC2086
        set -- $fragment $drop_ins
        for file; do echo "unit-file $file"; done
        for file in $environment; do
            [ ! -f "$file" ] || { echo "environment-file $file" && set -- "$@" "$file"; }
        done
        # Whose certificate it is says who the transaction will be to this API server.
        certificate=$(tr '\0' '\n' 2>/dev/null <"/proc/$process/cmdline" | sed -n 's/^--kubelet-client-certificate=//p')
        links=followed
        [ "$#" = 0 ] || show_files "$@" ${certificate:+"$certificate"}
        program=$(readlink "/proc/$process/exe" 2>/dev/null)
        program=${program% (deleted)}
        [ "${program##*/}" != kube-apiserver ] || [ ! -x "$program" ] || echo "version $("$program" --version 2>/dev/null)"
    }
}

# show_facts LOG_DIRECTORY: the file systems that we would write to, the room for the log, and what SELinux confines.
show_facts() {
    echo "facts"
    while read -r _ _ device _ point options rest; do
        case $point in /run/* | /sys/* | /proc/* | /var/lib/kubelet/*) continue ;; esac
        for place in "$manifests" /etc/systemd/system "$policies" "$state" /var/lib/etcd "$1"; do
            case $place/ in
            "${point%/}"/*)
                echo "mount $device $options ${rest##* } $point"
                break
                ;;
            esac
        done
    done </proc/self/mountinfo
    existing=$1
    while [ ! -d "${existing:-/}" ]; do existing=${existing%/*}; done
    [ -z "$1" ] || echo "space $(stat -f -c '%S %b %a' "${existing:-/}")"
    enforcing=
    read -r enforcing 2>/dev/null </sys/fs/selinux/enforce
    [ "$enforcing" = 1 ] || return 0
    for entry in /proc/[0-9]*; do
        name=
        read -r name 2>/dev/null <"$entry/comm" || continue
        [ "$name" = kube-apiserver ] || continue
        context=
        read -r context 2>/dev/null <"$entry/attr/current"
        echo "context ${entry#/proc/} $context"
    done
    stat -c 'label %C %n' "$policies" ${1:+"$1"} 2>/dev/null
}

# main FLAVOUR UNIT [LOG_DIRECTORY] complete: FLAVOUR is auto, kubeadm or systemd; with a directory also the host's facts.
main() {
    flavour=${1:-} unit=${2:-} wanted_log=${3:-} facts=yes
    case $#,${3:-},${4:-} in
    3,complete,) facts=no ;;
    4,*,complete) ;;
    *) exit 2 ;;
    esac
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
    case $flavour in
    kubeadm) ;;
    auto) [ -e "$manifest" ] || [ -L "$manifest" ] || show_unit "$unit" ;;
    *) show_unit "$unit" ;;
    esac
    [ "$facts" = no ] || show_facts "$wanted_log"
    show_api_servers
    echo "done"
}
