# Functions, to be put in front of a script: the other API servers of the host's cluster, and whether they are healthy.
#
# Its own API server is asked for them. The endpoints of the service "kubernetes" are not enough: an API server that
# died is taken out of them after 15 s. Its pod and its node stay until somebody removes them.

# peers_are_ready DIRECTORY: all of those in its file "peers" are asked, so that "unhealthy" names all that are down.
peers_are_ready() {
    : >"$1/unhealthy"
    while read -r node endpoint; do
        ! request /readyz "$endpoint" >"$1/readyz" 2>&1 || continue
        [ "$node" = - ] || endpoint="$node ($endpoint)"
        printf '%s%s: %s' "$([ ! -s "$1/unhealthy" ] || echo '; ')" "$endpoint" "$(complaint)" >>"$1/unhealthy"
    done <"$1/peers"
    [ ! -s "$1/unhealthy" ]
}

# find_peers DIRECTORY ADDRESS PORT: into the file "peers", all but the one that answers there. One a line: the name of
# its node, or "-" where that is not known, and where it answers. What went wrong is in the file "error".
find_peers() {
    query "$1/slices" "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dkubernetes" &
    asked_slices=$!
    query "$1/pods" "/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-apiserver,tier%3Dcontrol-plane" &
    asked_pods=$!
    query "$1/nodes" "/api/v1/nodes?labelSelector=node-role.kubernetes.io/control-plane" &
    asked_nodes=$!
    answered=yes
    for asked in "$asked_slices" "$asked_pods" "$asked_nodes"; do
        wait "$asked" || answered=no
    done
    cat "$1/slices-error" "$1/pods-error" "$1/nodes-error" >"$1/error"
    [ "$answered" = yes ] || return 1
    { pod_endpoints <"$1/pods" && node_addresses <"$1/nodes" && slice_endpoints <"$1/slices"; } | other_endpoints "$2" "$3" >"$1/peers"
    # Pods can hold secrets.
    rm -f "$1/pods" "$1/nodes" "$1/slices"
}

# query FILE PATH: what the API server answers, one key a line.
query() {
    request "$2&pretty=1" >"$1" 2>"$1-error"
}

# kubeadm notes in each pod where its API server answers.
pod_endpoints() {
    awk -F '"' '
        $2 == "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint" { endpoint = $4 }
        $2 == "nodeName" && endpoint != "" { print "pod", $4, endpoint; endpoint = "" }
    '
}

node_addresses() {
    awk -F '"' '
        /^        "name": / { node = $4 }
        $2 == "type" { internal = $4 == "InternalIP" }
        $2 == "address" && internal && !(node in seen) { seen[node] = 1; print "node", node, $4 }
    '
}

slice_endpoints() {
    awk -F '"' '
        $2 == "addressType" { count = 0 }
        /^ *"[0-9A-Fa-f.:]+",?$/ { addresses[++count] = $2 }
        $2 == "port" { gsub(/[^0-9]/, "", $3); for (i = 1; i <= count; i++) print "slice", addresses[i], $3 }
    '
}

# other_endpoints ADDRESS PORT: a node without an API server pod is asked at its own address, with the port that this
# host has.
other_endpoints() {
    awk -v address="$1" -v port="$2" '
        function joined(host, number) { return (host ~ /:/ ? "[" host "]" : host) ":" number }
        function tell(node, endpoint) { if (!(endpoint in told)) print node, endpoint; told[endpoint] = 1 }
        BEGIN { told[joined(address, port)] = 1 }
        $1 == "pod" { has_pod[$2] = 1; tell($2, $3) }
        $1 == "node" && !($2 in has_pod) { tell($2, joined($3, port)) }
        $1 == "slice" { tell("-", joined($2, $3)) }
    '
}
