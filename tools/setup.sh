#!/bin/sh
# Makes .venv from a lock file. Needs python3 (3.11 or newer) and nothing else: Debian splits pip
# and ensurepip from python3, so the pip that the set-up runs comes with the project.
# usage: tools/setup.sh LOCK STAMP
set -eu
lock=$1 stamp=$2
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "congvu needs Python 3.11 or newer; $("$python" --version) found. Set PYTHON=/path/to/python3." >&2
    exit 2
}
[ -x .venv/bin/python ] || "$python" -m venv --without-pip .venv
wheel=$(echo tools/bootstrap/pip-*.whl)
pip() { .venv/bin/python "$wheel/pip" --disable-pip-version-check --quiet "$@"; }
echo "Installing the packages of $lock into .venv (the first time takes a minute or two) …"
# dkimpy alone is published without a wheel: the locked setuptools builds it, from the locked source.
build=.venv/build.lock
awk '/^setuptools==/ { on = 1 } on { print } !/\\$/ { on = 0 }' "$lock" > "$build"
pip install --require-hashes --only-binary :all: -r "$build"
pip install --require-hashes --only-binary :all: --no-binary dkimpy --no-build-isolation -r "$lock"
pip install --no-deps --no-build-isolation --no-index -e .
# The service may not write beside its sources: it would compile them at each start.
.venv/bin/python -m compileall -q monitor
touch "$stamp"
