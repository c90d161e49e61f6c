#!/bin/sh
# Install what the tests or the bench start from the distribution's packages; or say what will not run.
# usage: install.sh PACKAGES.txt
set -eu
packages=$(grep -v '^#' "$1" | tr '\n' ' ')
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # inn2 is not configured before it knows a domain, which a machine need not have
    INNCONF=$(mktemp)
    export INNCONF
    chmod 644 "$INNCONF"
    cat >"$INNCONF" <<'END'
domain: example.test
mta: "/bin/true %s"
pathnews: /usr/lib/news
pathdb: /var/lib/news
pathetc: /etc/news
pathlog: /var/log/news
pathrun: /run/news
pathspool: /var/spool/news
hismethod: hisv6
enableoverview: false
END
    # RUNLEVEL=1: the packages must not start their services; what is started here is started, on loopback
    log=$(mktemp)
    { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 \
        || { tail -n 20 "$log"; exit 1; }
else
    echo "NOT RUN will be what needs these packages:$missing"
    echo "(as root on Debian or Ubuntu, make installs them; elsewhere install their likes)"
fi
