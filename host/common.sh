# What scripts have in front of them: the environment that they run in, and functions that several of them need.

set -eu
export LC_ALL=C
export PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

# Hundredths of a second since boot.
now() {
    read -r now_uptime _ </proc/uptime
    echo "${now_uptime%.*}${now_uptime#*.}"
}

first_line() {
    head -n 1 "$1" 2>/dev/null | cut -c 1-300
}
