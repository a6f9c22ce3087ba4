# Puts the transaction on the host and follows it to its end.
#
# Read by `sh -s` from standard input, after it the function `transaction_files`, last the call of `main`. The
# transaction itself runs out of the reach of this SSH session: a cut connection ends only the following.

set -eu

run=/run/kube-apiserver-audit

main() {
    # Where the network cut this text short, its last word is missing: then nothing has happened, and nothing does.
    if [ "$#" != 2 ] || [ "$2" != complete ]; then
        echo "The transaction arrived incomplete. Nothing was changed." >&2
        exit 2
    fi
    umask 077
    directory=
    trap not_delivered EXIT
    mkdir -p "$run"
    directory=$(mktemp -d "$run/transaction.XXXXXX")
    echo "$$" >"$directory/deliverer"
    transaction_files "$directory"
    # Freed when there is something to say about a full file system.
    head -c 131072 /dev/zero >"$directory/reserve"
    trap - EXIT
    run_detached "$1" "$directory"
    report "$directory"
}

not_delivered() {
    [ -z "$directory" ] || rm -rf "$directory"
    echo "The transaction could not be put into $run. Mend that (df $run), then run the update again. Nothing was changed." >&2
    exit 1
}

# systemd guards the transaction where there is one: it runs `recover` whatever kills the runner.
run_detached() {
    if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
        unit=kube-apiserver-audit-${2##*.}
        systemd-run --quiet --collect --wait --unit="$unit" \
            --property=TimeoutStopSec=infinity --property=OOMScoreAdjust=-900 \
            --property="ExecStopPost=/bin/sh $2/runner.sh recover $2" \
            /bin/sh "$2/runner.sh" "$1" "$2" </dev/null >"$2/systemd-run" 2>&1 || :
        # Where systemd-run itself was ended, the unit goes on.
        while [ ! -e "$2/exit" ]; do
            case $(systemctl show --property=ActiveState "$unit" 2>/dev/null) in
            *=activ* | *=deactiv*) sleep 1 ;;
            *) break ;;
            esac
        done
        if [ -e "$2/started" ] || [ -e "$2/exit" ]; then
            return 0
        fi
    fi
    setsid sh "$2/runner.sh" supervise "$2" "$1" </dev/null >/dev/null 2>&1 &
    wait "$!" || :
}

report() {
    if [ ! -s "$1/exit" ]; then
        echo "The transaction in $1 ended without a result; run the update again." >&2
        exit 1
    fi
    read -r code <"$1/exit"
    cat "$1/stdout"
    cat "$1/stderr" >&2
    rm -rf "$1"
    exit "$code"
}
