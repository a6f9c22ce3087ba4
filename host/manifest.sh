# Functions, to be put in front of a script: the two directions of a manifest's edit, byte for byte as in manifestEdit.ts,
# and what kubeadm wrote for us.
# A text is its lines joined by newlines, so the full stop that is appended and taken off again keeps the last line's end.

# strip_manifest <MANIFEST: removes every managed line and restores every displaced one.
strip_manifest() {
    { cat && echo .; } | LC_ALL=C awk '
        BEGIN {
            managed = " # managed-by: kube-apiserver-audit"
            displaced = "# displaced-by: kube-apiserver-audit: "
            ORS = ""
        }

        function ends_with(line, end) {
            return length(line) >= length(end) && substr(line, length(line) - length(end) + 1) == end
        }

        function strip(line) {
            while (substr(line, 1, length(displaced)) == displaced) line = substr(line, length(displaced) + 1)
            if (ends_with(line, managed) || ends_with(line, managed "\r")) return
            print separator line
            separator = "\n"
        }

        NR > 1 { strip(held) }
        { held = $0 }
        END { strip(substr(held, 1, length(held) - 1)) }
    '
}

# edit_manifest EDIT_FILE <STRIPPED: carries out "displace FIRST LAST" and "after LINE", with "+TEXT" for each line to
# insert. An inserted line gets the mark, and the carriage return of the line that it follows.
edit_manifest() {
    { cat && echo .; } | EDIT_FILE=$1 LC_ALL=C awk '
        BEGIN {
            managed = " # managed-by: kube-apiserver-audit"
            displaced = "# displaced-by: kube-apiserver-audit: "
            while ((getline operation < ENVIRON["EDIT_FILE"]) > 0) {
                if (substr(operation, 1, 1) == "+") {
                    inserted[after, ++count[after]] = substr(operation, 2)
                    continue
                }
                split(operation, word, " ")
                if (word[1] == "after") after = word[2] + 0
                if (word[1] == "displace") for (i = word[2] + 0; i <= word[3] + 0; i++) hidden[i] = 1
            }
            ORS = ""
        }

        function edit(line, number,    i, ending) {
            print separator (number in hidden ? displaced : "") line
            separator = "\n"
            ending = managed (substr(line, length(line)) == "\r" ? "\r" : "")
            for (i = 1; i <= count[number]; i++) print separator inserted[number, i] ending
        }

        NR > 1 { edit(held, NR - 1) }
        { held = $0 }
        END { edit(substr(held, 1, length(held) - 1), NR) }
    '
}

# disown_manifest <STRIPPED: takes out our settings where kubeadm wrote them from its ClusterConfiguration, that is, without
# marks. Such a manifest has a volume of the name that nobody but us uses; its audit flags are then ours, all of them.
disown_manifest() {
    { cat && echo .; } | LC_ALL=C awk '
        function indentation(line) { match(line, /[^ ]/); return RSTART - 1 }

        # The item of a list that has the key in line "at".
        function drop_item(at,    first, last, column) {
            column = index(lines[at], "name:") - 3
            for (first = at; first > 1 && substr(lines[first], 1, column + 2) !~ /^ *- $/; first--);
            for (last = at; last < NR && indentation(lines[last + 1]) > column; last++);
            for (; first <= last; first++) dropped[first] = 1
        }

        { lines[NR] = $0 }

        END {
            lines[NR] = substr(lines[NR], 1, length(lines[NR]) - 1)
            for (i = 1; i <= NR; i++) {
                if (lines[i] ~ /^ *(- )?name: kube-apiserver-audit-policy$/) written = 1
                if (lines[i] ~ /^ *(- )?name: kube-apiserver-audit-(policy|log)$/) drop_item(i)
                if (lines[i] ~ /^ *- ["\047]?--audit-(policy-file|log-[a-z-]+)=/) dropped[i] = 1
            }
            ORS = ""
            for (i = 1; i <= NR; i++) {
                if (written && i in dropped) continue
                print separator lines[i]
                separator = "\n"
            }
        }
    '
}
