# Functions, to be put behind manifest.sh: the audit settings in a kubeadm ClusterConfiguration, line by line, so that
# `kubeadm upgrade` writes them into the manifests that it regenerates.
#
# kubeadm writes that text in block style, one key a line; what people write into it by hand mostly is so, too. Lines
# get the marks that manifest.sh knows. At an upgrade kubeadm writes the text anew, with our settings and without the marks:
# those that nobody else has are known by the name of their volume.

# patch_configuration ENTRIES <TEXT: gives a text without our settings the settings. ENTRIES has, as lines behind a "+", the
# flags as a "list" (from v1beta4 on) and as a "map", the "volumes", and "path PATH" for each path that is mounted.
patch_configuration() {
    configuration patch "$1"
}

# disown_configuration <TEXT: takes out our settings where kubeadm has written them, that is, without marks.
disown_configuration() {
    configuration disown /dev/null
}

# Ends with status 3, and says why, where lines cannot do it.
configuration() {
    { cat && echo .; } | MODE=$1 ENTRIES=$2 LC_ALL=C awk '
        function indentation(line) { match(line, /[^ ]/); return RSTART - 1 }
        function is_content(line) { return line !~ /^ *(#.*)?\r?$/ }
        function is_item(line, column) { return substr(line, column + 1) ~ /^-([ \r]|$)/ }

        # A key, without quotes, behind the dash of an item if it has one.
        function key_of(line) {
            sub(/^ *(- +)?["\047]?/, "", line)
            return match(line, /^[^"\047: ]+["\047]? *:/) ? substr(line, 1, match(line, /["\047: ]/) - 1) : ""
        }

        function value_of(line) {
            sub(/^[^:]*:[ \t]*/, "", line)
            sub(/\r$/, "", line)
            sub(/(^|[ \t])#.*$/, "", line)
            sub(/[ \t]+$/, "", line)
            if (line ~ /^".*"$/ || line ~ /^\047.*\047$/) line = substr(line, 2, length(line) - 2)
            return line
        }

        function is_empty(value) { return value ~ /^(|~|null|\{ *\}|\[ *\])$/ }
        function is_ours(flag) { return flag == "audit-policy-file" || flag ~ /^audit-log-/ }
        function spaces(count,    text) { text = ""; while (length(text) < count) text = text " "; return text }

        function refuse(what) {
            print what ". Write it as kubeadm does: in block style, one key a line." >"/dev/stderr"
            exit 3
        }

        function find_key(key, first, last, column,    i) {
            for (i = first; i <= last; i++)
                if (is_content(lines[i]) && indentation(lines[i]) == column && !is_item(lines[i], column) && key_of(lines[i]) == key) return i
            return 0
        }

        # The last line of the value of the key in line "at".
        function value_end(at,    i, last, column) {
            last = at
            column = indentation(lines[at])
            for (i = at + 1; i <= total; i++) {
                if (!is_content(lines[i])) continue
                if (indentation(lines[i]) < column || (indentation(lines[i]) == column && !is_item(lines[i], column))) break
                last = i
            }
            return last
        }

        function first_content(first, last,    i) {
            for (i = first; i <= last; i++) if (is_content(lines[i])) return i
            return 0
        }

        # The entries below the key in line "at", as first[key, i] and final[key, i]; their number in counted[key].
        function read_entries(key, at, is_list,    i, last, child, column) {
            counted[key] = 0
            last = value_end(at)
            child = first_content(at + 1, last)
            if (!child) return
            column = indentation(lines[child])
            columns[key] = column
            if (is_item(lines[child], column) != is_list) refuse("apiServer." key " is not what its apiVersion has there")
            for (i = child; i <= last; i++) {
                if (!is_content(lines[i])) continue
                if (indentation(lines[i]) == column && (!is_list || is_item(lines[i], column))) first[key, ++counted[key]] = i
                final[key, counted[key]] = i
            }
        }

        function field(key, entry, name,    i) {
            for (i = first[key, entry]; i <= final[key, entry]; i++) if (key_of(lines[i]) == name) return value_of(lines[i])
            return ""
        }

        function flag_of(entry) { return flags_are_list ? field("extraArgs", entry, "name") : key_of(lines[first["extraArgs", entry]]) }

        function plain_path(path) { while (path ~ /.\/$/) path = substr(path, 1, length(path) - 1); return path }

        function hide(key, entry, how,    i) {
            for (i = first[key, entry]; i <= final[key, entry]; i++) if (is_content(lines[i])) how[i] = 1
        }

        function add(after, column, count, text,    i) {
            for (i = 1; i <= count; i++) added[after, ++additions[after]] = spaces(column) text[i]
        }

        # patch_key KEY: what conflicts is displaced, ours stands before what is theirs.
        function patch_key(key, is_list, count, text,    at, i, column) {
            at = child_column < 0 ? 0 : find_key(key, top + 1, bottom, child_column)
            column = child_column < 0 ? 2 : child_column
            if (!at) {
                added[top, ++additions[top]] = spaces(column) key ":"
                add(top, is_list ? column : column + 2, count, text)
                return
            }
            if (!is_empty(value_of(lines[at]))) refuse("apiServer." key " is not in block style")
            read_entries(key, at, is_list)
            if (counted[key] == 0) {
                if (value_of(lines[at]) != "") {
                    displaced[at] = 1
                    added[at, ++additions[at]] = spaces(column) key ":"
                }
                add(at, is_list ? column : column + 2, count, text)
                return
            }
            add(at, columns[key], count, text)
            for (i = 1; i <= counted[key]; i++) {
                if (key == "extraArgs" ? is_ours(flag_of(i)) : plain_path(field(key, i, "mountPath")) in paths) hide(key, i, displaced)
            }
        }

        # Whether the value below the key is gone, and the key with it.
        function disown_key(key, at,    i, kept) {
            if (!at) return
            kept = 0
            for (i = 1; i <= counted[key]; i++) {
                if (key == "extraArgs" ? is_ours(flag_of(i)) : field(key, i, "name") ~ /^kube-apiserver-audit-(policy|log)$/) hide(key, i, dropped)
                else kept++
            }
            if (kept == 0) dropped[at] = 1
        }

        function disown(    arguments, volumes, i, found) {
            if (child_column < 0) return
            arguments = find_key("extraArgs", top + 1, bottom, child_column)
            volumes = find_key("extraVolumes", top + 1, bottom, child_column)
            if (!volumes || !is_empty(value_of(lines[volumes]))) return
            read_entries("extraVolumes", volumes, 1)
            for (i = 1; i <= counted["extraVolumes"]; i++) if (field("extraVolumes", i, "name") == "kube-apiserver-audit-policy") found = 1
            if (!found) return
            if (arguments) {
                if (!is_empty(value_of(lines[arguments]))) refuse("apiServer.extraArgs is not in block style")
                read_entries("extraArgs", arguments, flags_are_list)
            }
            disown_key("extraArgs", arguments)
            disown_key("extraVolumes", volumes)
            for (i = top + 1; i <= bottom; i++) if (is_content(lines[i]) && !(i in dropped)) return
            sub(/:/, ": {}", lines[top])
        }

        function patch(    line, kind, i) {
            while ((getline line < ENVIRON["ENTRIES"]) > 0) {
                if (substr(line, 1, 1) != "+") {
                    kind = line
                    if (line ~ /^path /) paths[substr(line, 6)] = 1
                } else if (kind == "volumes") {
                    volume_text[++volume_count] = substr(line, 2)
                } else if ((kind == "list") == flags_are_list) {
                    flag_text[++flag_count] = substr(line, 2)
                }
            }
            if (top == 0) {
                added[0, ++additions[0]] = "apiServer:"
            } else if (child_column < 0 && value_of(lines[top]) != "") {
                displaced[top] = 1
                added[top, ++additions[top]] = "apiServer:"
            }
            patch_key("extraArgs", flags_are_list, flag_count, flag_text)
            patch_key("extraVolumes", 1, volume_count, volume_text)
        }

        { lines[NR] = $0 }

        END {
            total = NR
            lines[total] = substr(lines[total], 1, length(lines[total]) - 1)
            version = value_of(lines[find_key("apiVersion", 1, total, 0)])
            if (version !~ /^kubeadm\.k8s\.io\/v/) refuse("apiVersion is not of kubeadm")
            flags_are_list = version !~ /\/v1(alpha|beta[123]$)/
            top = find_key("apiServer", 1, total, 0)
            child_column = -1
            if (top) {
                if (!is_empty(value_of(lines[top]))) refuse("apiServer is not in block style")
                bottom = value_end(top)
                child = first_content(top + 1, bottom)
                if (child) child_column = indentation(lines[child])
            }
            if (ENVIRON["MODE"] == "patch") patch(); else disown()
            # A text that begins with a line of ours ends that line as its own first line ends.
            print_lines()
        }

        function print_lines(    i, j, ending, separator) {
            ORS = ""
            for (i = 0; i <= total; i++) {
                ending = " # managed-by: kube-apiserver-audit" (lines[i ? i : 1] ~ /\r$/ ? "\r" : "")
                if (i > 0 && !(i in dropped)) {
                    print separator (i in displaced ? "# displaced-by: kube-apiserver-audit: " : "") lines[i]
                    separator = "\n"
                }
                for (j = 1; j <= additions[i]; j++) {
                    print separator added[i, j] ending
                    separator = "\n"
                }
            }
        }
    '
}
