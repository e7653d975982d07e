#!/bin/sh
# Makes .venv from the hash-pinned requirements, and nothing else:  tools/setup.sh
# Checks for system programs, and installs them where it may:        tools/setup.sh need chromium exiftool
# Both do nothing, quickly, when there is nothing to do. What is left of an interrupted set-up is made anew.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
LOCK=requirements-dev.txt
STAMP=$VENV/installed
LOG=$VENV/setup.log

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# What the environment must be made from: the interpreter and the content of the lock file. Empty if it does not run.
fingerprint() {
    "$1" -c 'import hashlib, sys; print(sys.version.split()[0], hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' \
        "$LOCK" 2>/dev/null || true
}

usable() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

# The Python of .python-version through pyenv, in any of its patch releases; else the first one that is new enough.
find_python() {
    wanted=$(cat .python-version)
    if command -v pyenv >/dev/null 2>&1; then root=$(pyenv root); else root=${PYENV_ROOT:-${HOME:-}/.pyenv}; fi
    for candidate in $(ls -d "$root/versions/$wanted".*/bin/python3 2>/dev/null | sort -rV); do
        if usable "$candidate"; then say "$candidate"; return; fi
    done
    for name in "python$wanted" python3 python3.14 python3.13 python3.12; do
        if command -v "$name" >/dev/null 2>&1 && usable "$name"; then command -v "$name"; return; fi
    done
}

install_packages() {
    say "Installing $(grep -c '==' "$LOCK") pinned packages into $VENV (once; a minute or so) ..."
    if ! install_by_uv >"$LOG" 2>&1 && ! install_by_pip "$LOCK" >>"$LOG" 2>&1; then
        tail -n 15 "$LOG" >&2
        fail "the packages could not be installed; all of the output is in $LOG"
    fi
}

# A person's own settings for where packages come from count; those that would put them elsewhere do not.
install_by_pip() {
    PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 "$VENV/bin/python" -m pip install \
        --progress-bar off --require-hashes --requirement "$1"
}

# uv, itself one of the pinned packages, takes seconds where pip takes a minute. It knows nothing of pip's settings but the
# index given here; whatever keeps it from its work, pip does the rest.
install_by_uv() {
    awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' "$LOCK" >"$VENV/uv.txt"
    if [ ! -s "$VENV/uv.txt" ] || [ -n "${PIP_NO_INDEX:-}" ]; then return 1; fi
    install_by_pip "$VENV/uv.txt" || return 1
    index=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$index" ]; then UV_DEFAULT_INDEX=$index; export UV_DEFAULT_INDEX; fi
    "$VENV/bin/uv" pip install --no-progress --compile-bytecode --python "$VENV/bin/python" \
        --require-hashes --requirement "$LOCK"
}

make_environment() {
    if [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint "$VENV/bin/python")" ]; then return; fi
    if [ ! -f "$STAMP" ]; then
        python=$(find_python)
        if [ -z "$python" ]; then
            fail "Python $(cat .python-version) is needed (3.12 at least, with its venv module); none was found on this machine"
        fi
        say "Making $VENV with $("$python" --version) ..."
        "$python" -m venv --clear "$VENV"
    fi
    rm -f "$STAMP"
    install_packages
    fingerprint "$VENV/bin/python" >"$STAMP.new"
    mv "$STAMP.new" "$STAMP"
    say "$VENV is ready."
}

program_missing() {
    case $1 in
        chromium) ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1 ;;
        *) ! command -v "$1" >/dev/null 2>&1 ;;
    esac
}

package_of() {
    case $1 in
        exiftool) say libimage-exiftool-perl ;;
        *) say "$1" ;;
    esac
}

apt() {
    sudo=
    if [ "$(id -u)" != 0 ]; then sudo="sudo -n"; fi
    DEBIAN_FRONTEND=noninteractive $sudo apt-get "$@" </dev/null >>"$APT_LOG" 2>&1
}

need_programs() {
    packages=
    for program in "$@"; do
        if program_missing "$program"; then packages="$packages $(package_of "$program")"; fi
    done
    if [ -z "$packages" ]; then return; fi
    if ! command -v apt-get >/dev/null 2>&1 || { [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; }; then
        fail "the tests need programs that are not here; install (by their Debian names):$packages"
    fi
    say "Installing$packages ..."
    APT_LOG=$(mktemp)
    # The package lists are fetched only where those at hand do not do: that takes long.
    # shellcheck disable=SC2086
    if ! apt install -y --no-install-recommends $packages; then
        say "Updating the package lists first ..."
        if ! { apt update && apt install -y --no-install-recommends $packages; }; then
            tail -n 15 "$APT_LOG" >&2
            fail "could not install$packages; all of the output is in $APT_LOG"
        fi
    fi
    rm -f "$APT_LOG"
}

if [ "${1:-}" = need ]; then
    shift
    need_programs "$@"
else
    # Two at the same time would make the same folder: the second one waits.
    if command -v flock >/dev/null 2>&1; then mkdir -p .local; exec 9>.local/setup.lock; flock 9; fi
    make_environment
fi
