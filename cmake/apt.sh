# SPDX-License-Identifier: MIT
# To be sourced. apt_install PACKAGE...: installs those that are missing, and touches nothing when none is.

apt_installed()
{
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

apt_install()
{
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "No dpkg here: these Debian packages, or what they are called on this system, are taken to be present: $*"
        return 0
    fi
    apt_missing=
    for apt_package in "$@"; do
        apt_installed "$apt_package" || apt_missing="$apt_missing $apt_package"
    done
    [ -n "$apt_missing" ] || return 0

    apt_sudo=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Missing packages, and neither root nor sudo to install them:$apt_missing" >&2
            return 1
        fi
        apt_sudo=sudo
    fi
    echo "Installing:$apt_missing"
    # Unquoted on purpose: a list of names, and an empty $apt_sudo.
    $apt_sudo apt-get update -qq &&
        $apt_sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $apt_missing >/dev/null
}
