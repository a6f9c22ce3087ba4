#!/bin/sh
# Makes a machine that has Node.js and npm ready for the sandbox and the tests: the npm packages of this checkout.
# What else they need (Docker, the Kubernetes programs, the Pulumi CLI) the sandbox makes available when it is used.
set -eu

cd "$(dirname "$0")/.."

# The content of package-lock.json that node_modules was installed from.
stamp=node_modules/.installed-from

main() {
    require_node
    if ! installed; then
        install_packages
    fi
}

require_node() {
    version=$(node --version 2>/dev/null) || fail "Node.js is not on PATH; 20.19 or newer is needed: https://nodejs.org"
    major=$(printf '%s' "${version#v}" | cut -d. -f1)
    minor=$(printf '%s' "${version#v}" | cut -d. -f2)
    if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
        fail "Node.js $version is on PATH; 20.19 or newer is needed: https://nodejs.org"
    fi
}

installed() {
    if [ -f "$stamp" ]; then
        cmp -s package-lock.json "$stamp"
    elif [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then
        cp package-lock.json "$stamp" # somebody ran npm by hand
    else
        return 1
    fi
}

install_packages() {
    echo "Installing npm packages …" >&2
    started=$(date +%s)
    npm ci >&2 || fail "npm ci failed; what it said is above."
    cp package-lock.json "$stamp"
    echo "Installing npm packages: $(($(date +%s) - started)) s" >&2
}

fail() {
    echo "setup: $1" >&2
    exit 1
}

main
