#!/usr/bin/env bash
# Make what `make` needs, each part only when its lock file changed: bot/setup.sh app|dev|rasa|assets|peers ...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VENV=$PWD/.venv
RASA=$PWD/.venv-rasa
# Pythons that pyenv installed are not on the PATH under their own names.
for root in "${PYENV_ROOT:-}" "$HOME/.pyenv" /opt/pyenv; do
    for bin in "$root"/versions/*/bin; do
        [ -d "$bin" ] && export UV_PYTHON_SEARCH_PATH="${UV_PYTHON_SEARCH_PATH:-$PATH}:$bin"
    done
done
export UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_NO_PROGRESS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

mark() { { echo "$1"; cat "${@:2}"; } | cksum; }
is_made() { [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && [ "$(cat "$1/.made" 2>/dev/null)" = "$2" ]; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.12 python3.11 python3.13; do
        new_enough "$name" && command -v "$name" && return
    done
    return 1
}

working_uv() { # The first uv that runs (a version switcher can leave a name that does not).
    local name
    for name in uv "$VENV/bin/uv"; do
        "$name" --version >/dev/null 2>&1 && command -v "$name" && return
    done
    return 1
}

tools() { # uv and node come as ordinary packages where the machine has none.
    local uv
    say "Installing uv and node into .venv ..."
    if uv=$(working_uv); then
        "$uv" pip install -q --python "$VENV/bin/python" --require-hashes -r requirements-setup.txt && return
    else
        "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$VENV/bin/python" -m ensurepip >/dev/null
        "$VENV/bin/python" -m pip install -q --require-hashes -r requirements-setup.txt && return
    fi
    fail "uv and node could not be installed: check the network (or pip's index setting) and run make again."
}

make_venv() {
    [ -x "$VENV/bin/python" ] && new_enough "$VENV/bin/python" && return
    local uv python
    uv=$(working_uv) || uv=
    python=$(find_python) || python=
    rm -rf "$VENV"
    if [ -n "$uv" ]; then
        "$uv" venv -q --python "${python:-3.11}" "$VENV" ||
            fail "Python 3.11 or newer is missing: install it (Debian: apt-get install python3-venv) and run make again."
    elif [ -z "$python" ]; then
        fail "Python 3.11 or newer is missing: install it (Debian: apt-get install python3-venv) and run make again."
    else
        "$python" -m venv "$VENV" >/dev/null ||
            fail "$python cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv) and run make again."
    fi
}

app() { # The application's environment from one or more hashed lock files.
    local lock=$1 uv made
    made=$(mark "$lock" "$lock")
    is_made "$VENV" "$made" && return
    # Tests need everything that a run needs, so their environment serves both.
    [ "$lock" = requirements.txt ] && is_made "$VENV" "$(mark requirements-dev.txt requirements-dev.txt)" && return
    make_venv
    uv=$(working_uv) || { tools; uv=$(mirrored_uv); }
    say "Installing the application's packages into .venv ..."
    "$uv" pip install -q --python "$VENV/bin/python" --require-hashes -r "$lock" ||
        fail "The application's packages could not be installed: check the network (or the package index in UV_DEFAULT_INDEX) and run make again."
    echo "$made" >"$VENV/.made"
}

mirrored_uv() { # A mirror that pip was told about holds for uv too.
    local index
    index=$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null) || index=
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    working_uv
}

rasa() { # Rasa's pins need Python 3.10 and exclude ours.
    [ -z "${RASA_PYTHON:-}" ] || return 0
    local lock=nlu/requirements-rasa.txt made uv
    made=$(mark "$lock" "$lock")
    is_made "$RASA" "$made" && return
    uv=$(working_uv) || { tools; uv=$(mirrored_uv); }
    if ! { [ -x "$RASA/bin/python" ] && "$RASA/bin/python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))'; }; then
        rm -rf "$RASA"
        "$uv" venv -q --python 3.10 "$RASA" 2>/dev/null || fail "Rasa needs Python 3.10, which is neither on the PATH nor can be downloaded: install it (pyenv install 3.10) or point NLU_URL at a running Rasa, and run make again."
    fi
    say "Installing Rasa into .venv-rasa (a few minutes the first time) ..."
    "$uv" pip install -q --python "$RASA/bin/python" --require-hashes -r "$lock" ||
        fail "Rasa could not be installed: check the network (or the package index in UV_DEFAULT_INDEX) and run make again."
    echo "$made" >"$RASA/.made"
}

assets() { # What browsers load, from npm's lock; `peers`: and the other programs that tests talk to.
    local part=$1 omit=--omit=dev made
    [ "$part" = assets ] || omit=
    made=$(mark "$part" package.json package-lock.json)
    assets_are "$made" && return
    # What serves the tests serves a run too.
    [ "$part" = assets ] && assets_are "$(mark peers package.json package-lock.json)" && return
    PATH=$PATH:$VENV/bin
    npm --version >/dev/null 2>&1 || tools
    say "Installing the browser assets ..."
    npm ci --silent $omit ||
        fail "The browser assets could not be installed: check the network (or npm's registry setting) and run make again."
    echo "$made" >node_modules/.made
}

assets_are() { [ -d node_modules ] && [ "$(cat node_modules/.made 2>/dev/null)" = "$1" ]; }

for part in "$@"; do
    case $part in
    app) app requirements.txt ;;
    dev) app requirements-dev.txt ;;
    rasa) rasa ;;
    assets | peers) assets "$part" ;;
    *) fail "unknown part: $part" ;;
    esac
done
