# What the scripts beside this file share: `. scripts/common.sh`. Plain POSIX shell.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 12
venv=$root/.venv
py=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# Exit 12 is StartError's, study/errors.py: the machine does not let the app start.
fail() {
    say "$*"
    exit 12
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A name may be there and not work: version managers leave stand-ins for every Python they know.
find_python() {
    for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

find_uv() {
    for candidate in uv "$venv/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

need_disk() { # megabytes
    free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1000) }')
    [ "${free:-$1}" -ge "$1" ] ||
        fail "The disk that holds $root is full: $free MB are free, $1 MB are needed. Free some and start again."
}

need_folder() { # the project's own, where .venv is made
    probe=$root/.probe-$$
    # In a shell of its own: a redirection that fails ends the shell that `:` runs in.
    (: >"$probe") 2>/dev/null && rm -f "$probe" ||
        fail "The folder $root cannot be written to. Give this account the right to, or copy Verbatim to a folder of yours."
}

make_venv() {
    if [ -x "$py" ] && is_new_enough "$py"; then return 0; fi
    need_folder
    python=$(find_python) ||
        fail "Verbatim needs Python 3.11 or newer, and there is none on this machine's PATH. Install it from python.org or with your system's package manager, and start again."
    # The packages take 1 GB, and as much again while they are unpacked.
    need_disk 2000
    say "Making .venv with $("$python" --version)."
    if uv=$(find_uv); then
        # By the variable: uv before 0.8 clears without being asked, and does not know the option.
        UV_VENV_CLEAR=1 "$uv" venv --quiet --no-project --python "$python" "$venv" ||
            fail "The folder .venv cannot be made. Delete it and start again."
    else
        "$python" -m venv --clear "$venv" ||
            fail "The folder .venv cannot be made: on Debian and Ubuntu, install the package python3-venv."
    fi
}

# install FILE [option...]: what the file pins, unless this .venv has it already.
install() {
    file=$1
    shift
    make_venv
    stamp=$venv/.installed-$(basename "$file" .txt)
    wanted=$("$py" -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), sys.version.split()[0])' "$file")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
    need_folder
    need_disk 1500
    log=$venv/install.log
    if uv=$(find_uv); then
        say "Installing the packages of $file (some 20 seconds)."
        UV_COMPILE_BYTECODE=1 "$uv" pip install --python "$py" --require-hashes "$@" -r "$file" >"$log" 2>&1 ||
            explain_install "$log"
    else
        say "Installing the packages of $file (1 to 3 minutes; some 20 seconds where uv is installed)."
        "$py" -m pip install --disable-pip-version-check --require-hashes "$@" -r "$file" >"$log" 2>&1 ||
            explain_install "$log"
    fi
    printf '%s\n' "$wanted" >"$stamp"
}

explain_install() { # log
    if grep -qi 'no space left' "$1"; then
        fail "The disk that holds $root is full: the packages need 2 GB. Free some and start again."
    fi
    if grep -qiE 'dns|resolve host|name resolution|network is unreachable|connection (refused|error)|timed out|failed to fetch|error sending request' "$1"; then
        fail "The packages could not be fetched: this machine has no way to the package index. Connect it and start again; once installed, Verbatim starts without a network. ($1 has the details.)"
    fi
    tail -n 8 "$1" >&2
    fail "The packages could not be installed; the lines above say why, and $1 has the rest."
}
