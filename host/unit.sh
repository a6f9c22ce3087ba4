# Functions, to be put in front of a script: a systemd unit's own files, and our drop-in made from them, as in dropIn.ts.

# show_base UNIT DROP_IN: the unit's files, one after another as `systemctl cat` shows them, without our drop-in.
show_base() {
    systemctl show --property=FragmentPath,DropInPaths -- "$1" 2>/dev/null | {
        fragment='' drop_ins=''
        while IFS= read -r line; do
            case $line in
            FragmentPath=*) fragment=${line#*=} ;;
            DropInPaths=*) drop_ins=${line#*=} ;;
            esac
        done
        for file in $fragment $drop_ins; do
            [ "$file" != "$2" ] || continue
            printf '# %s\n' "$file"
            cat "$file"
            echo
        done
    }
}

# make_drop_in OPERATIONS_FILE <BASE: carries out "copy FIRST LAST", "continue LINE" and "+TEXT".
make_drop_in() {
    OPERATIONS_FILE=$1 LC_ALL=C awk '
        { line[NR] = $0 }
        END {
            while ((getline operation < ENVIRON["OPERATIONS_FILE"]) > 0) {
                if (substr(operation, 1, 1) == "+") {
                    print substr(operation, 2)
                    continue
                }
                split(operation, word, " ")
                if (word[1] == "copy") for (i = word[2] + 0; i <= word[3] + 0; i++) print line[i]
                if (word[1] == "continue") print line[word[2] + 0] " \\"
            }
        }
    '
}
