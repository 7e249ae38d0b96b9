# SPDX-License-Identifier: MIT
# To be sourced. apt_install PACKAGE... [-- PACKAGE...]: installs those that are missing, and touches nothing when none is. Those after
# `--` are optional: what this system does not have, or cannot install, is left out.

apt_installed()
{
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

apt_get()
{
    apt_sudo=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Missing packages, and neither root nor sudo to install them:$apt_missing$apt_optional" >&2
            return 1
        fi
        apt_sudo=sudo
    fi
    # Unquoted on purpose: a word, or none.
    $apt_sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq --no-install-recommends "$@" >/dev/null
}

# Whether it could be installed, as far as the lists that this machine has can tell.
apt_available()
{
    apt-get -s -qq --no-install-recommends install "$1" >/dev/null 2>&1
}

apt_install()
{
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "No dpkg here: these Debian packages, or what they are called on this system, are taken to be present: $*"
        return 0
    fi
    apt_missing='' apt_optional='' apt_is_optional=''
    for apt_package in "$@"; do
        if [ "$apt_package" = -- ]; then
            apt_is_optional=1
        elif apt_installed "$apt_package"; then
            :
        elif [ -n "$apt_is_optional" ]; then
            apt_optional="$apt_optional $apt_package"
        else
            apt_missing="$apt_missing $apt_package"
        fi
    done
    [ -n "$apt_missing$apt_optional" ] || return 0

    # Without a list of packages nothing is known; a machine that has all that it must have is not asked to fetch a new one.
    if [ -n "$apt_missing" ] || ! apt-cache show dpkg >/dev/null 2>&1; then
        apt_get update || [ -z "$apt_missing" ] || return 1
    fi
    apt_left_out=
    for apt_package in $apt_optional; do
        if apt_available "$apt_package"; then
            apt_missing="$apt_missing $apt_package"
        else
            apt_left_out="$apt_left_out $apt_package"
        fi
    done
    [ -z "$apt_left_out" ] || echo "Not to be had here, and left out:$apt_left_out"
    [ -n "$apt_missing" ] || return 0
    echo "Installing:$apt_missing"
    # Unquoted on purpose: a list of names.
    apt_get -y install $apt_missing
}
