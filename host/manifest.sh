# Functions, to be put in front of a script: the two directions of a manifest's edit, byte for byte as in manifestEdit.ts.
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
