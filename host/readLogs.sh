# Prints an audit log with its rotated files, the oldest first; the read end of `kube-audit logs --hosts`. POSIX sh.
#
#   main LOG SINCE FOLLOW
#     LOG     the file that the API server writes to
#     SINCE   a time as rotated files have it in their names, such as 2026-03-02T09-30-00.000; rotated files from before it
#             are left out; may be empty
#     FOLLOW  1 to go on with what is written, through rotations, until the connection ends
#
# Before each file there is a line "kube-audit-file PATH".

set -eu

begin() {
    printf '\nkube-audit-file %s\n' "$1"
}

# The rotated files with times from $1 on, the oldest first; one that is being compressed once.
rotated() {
    for rotated_file in "$stem"-[0-9]*T[0-9]*"$extension" "$stem"-[0-9]*T[0-9]*"$extension".gz; do
        [ -f "$rotated_file" ] || continue
        rotated_name=${rotated_file%.gz}
        rotated_time=${rotated_name#"$stem"-}
        rotated_time=${rotated_time%"$extension"}
        printf '%s\n' "$rotated_time"
    done | LC_ALL=C sort -u | LC_ALL=C awk -v since="$1" '$0 "" >= since ""'
}

# Whether a path is still the file that is being read.
is_open() {
    [ "$(stat -L -c %d:%i "$1" 2>/dev/null)" = "$(stat -L -c %d:%i /dev/fd/3)" ]
}

print_rotated() {
    begin "$stem-$1$extension"
    if [ -f "$stem-$1$extension" ]; then
        cat "$stem-$1$extension"
    elif [ -f "$stem-$1$extension.gz" ]; then
        gzip -dc "$stem-$1$extension.gz"
    fi
}

main() {
    log=$1
    since=$2
    case ${log##*/} in
        *.*) extension=.${log##*.} ;;
        *) extension= ;;
    esac
    stem=${log%"$extension"}
    # Opened before the list is made: what is rotated in between is then read through this, and not missed.
    exec 3<"$log"
    newest=
    for time in $(rotated "$since"); do
        newest=$time
        is_open "$stem-$time$extension" || print_rotated "$time"
    done
    begin "$log"
    cat <&3
    [ "$3" = 1 ] || return 0
    while :; do
        sleep 1
        echo >&2 # Fails when nobody is connected any more, and so ends this.
        cat <&3
        is_open "$log" || next_file
    done
}

# Goes on with the new file, and with those that were already rotated again in the meantime. The first rotated one is what
# has just been read to its end.
next_file() {
    [ -f "$log" ] || return 0
    exec 4<"$log"
    cat <&3
    is_first=1
    for time in $(rotated "$newest"); do
        [ "$time" != "$newest" ] || continue
        [ "$is_first" = 1 ] || print_rotated "$time"
        is_first=0
        newest=$time
    done
    begin "$log"
    exec 3<&4 4<&-
}
