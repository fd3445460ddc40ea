# Sourced by tools/play and tools/test: makes the machine ready once, and proves it in a blink after.
# Needs Python 3.11 or newer. Does nothing when the stamp is newer than what it was made from.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
venv="$root/.venv"

runtime_packages="libportaudio2 libasound2-plugins libasound2 libegl1 libgl1 libgl1-mesa-dri libegl-mesa0 libglx-mesa0 libx11-6 libxrandr2 libxinerama1 libxcursor1 libxi6 libxkbcommon0"
test_packages="pulseaudio pulseaudio-utils jackd2 xvfb xserver-xorg-core xserver-xorg-video-dummy x11-xserver-utils x11-apps xdotool imagemagick ola ola-python iproute2 jack-midi-clock liblo-tools libltc11"

say() { printf '\033[2m%s\033[0m\n' "$*" >&2; }

# apt_packages NAME…: install what is missing when we may, else print the one line to run.
apt_packages() {
    command -v dpkg-query >/dev/null || { say "not Debian: install the like of: $*"; return 0; }
    missing=""
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" ||
            dpkg-query -W -f '${Status}' "${package}t64" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo"; else
        say "Some system libraries are missing. Please run once:"
        say "    sudo apt-get install --no-install-recommends$missing"
        return 0
    fi
    say "installing$missing"
    $run apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive $run apt-get install -qq -y --no-install-recommends $missing >/dev/null ||
        say "apt could not install$missing; going on without"
}

find_python() {
    for python in python3.13 python3.12 python3.11 python3; do
        command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
            { echo "$python"; return 0; }
    done
    echo "visuals needs Python 3.11 or newer" >&2
    return 1
}

# python_packages EXTRA: the virtual environment, with the package and its dependencies.
python_packages() {
    [ -x "$venv/bin/pip" ] || {
        python="$(find_python)"
        # Debian keeps what a virtual environment is made with in a package of its own.
        "$python" -c 'import ensurepip' 2>/dev/null || apt_packages python3-venv
        say "making $venv"
        "$python" -m venv --clear "$venv"
    }
    # The one release that is tried by hand first: asked for by range, pip takes the newest and largest.
    "$venv/bin/python" -c 'import torch' 2>/dev/null || {
        say "installing torch"
        "$venv/bin/pip" install --quiet 'torch==2.13.0' || say "torch 2.13.0 is not to be had; taking another"
    }
    say "installing visuals"
    "$venv/bin/pip" install --quiet --editable ".$1"
}

# node_packages: senders of show control that others wrote, for the tests that hear them. Nothing of them is run here.
node_packages() {
    command -v npm >/dev/null || apt_packages nodejs npm
    command -v npm >/dev/null || { say "there is no npm: the tests that need its packages are skipped"; return 0; }
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$venv/peers" \
        midi-show-control@2.0.0 mamsc@1.0.1 >/dev/null ||
        say "npm's packages are not to be had: the tests that need them are skipped"
}

# set_up NAME EXTRA PACKAGES…: everything above, once per state of pyproject.toml.
set_up() {
    name="$1"; extra="$2"; shift 2
    stamp="$venv/.ready-$name"
    want="$(cksum pyproject.toml tools/setup.sh | cksum) $root"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return 0
    apt_packages "$@"
    python_packages "$extra"
    [ "$name" = test ] && node_packages
    echo "$want" >"$stamp"
}
