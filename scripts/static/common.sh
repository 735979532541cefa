# shellcheck shell=bash
# What the parts of scripts/package share. They are started at the top of the project and source it.

root=$PWD
deps=$root/.build/deps
# The libraries in the order in which they are built: each uses those before it.
libraries=(openssl cares zlib curl libpq sqlite)

# The same words and the same times everywhere. Archives and libcrypto would carry the clock's.
export LC_ALL=C SOURCE_DATE_EPOCH=0
# Sources are compiled where they were unpacked, by relative names: no path of this machine gets in.
compiler=clang
c_flags="-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-asynchronous-unwind-tables \
-ffunction-sections -fdata-sections"

say() { printf '== %s\n' "$*"; }
fail() { printf 'scripts/%s: %s\n' "${0##*scripts/}" "$*" >&2; exit 1; }

# Prints what sources.txt says of a library: `pinned curl version`, `pinned curl file`.
pinned() {
    awk -v section="[$1]" -v field="$2" '
        /^\[/ { inside = $0 == section }
        inside && $1 == field { sub(/^[^ ]+ +/, ""); print }' scripts/static/sources.txt
}

# Prints all that sources.txt says of a library.
section() { awk -v section="[$1]" '/^\[/ { inside = $0 == section; next } inside && NF' scripts/static/sources.txt; }

# Prints a version of Debian's as its makers count it: without epoch, repackaging and revision.
upstream_of() { sed -E 's/^[0-9]+://; s/-[^-]*$//; s/^.*\+really//; s/[+.]dfsg.*//' <<<"$1"; }
upstream() { upstream_of "$(pinned "$1" version)"; }

# Prints where this machine gets Debian packages from, as apt knows it: one base address a line.
# There, the sources of all suites lie in one pool.
archives() {
    apt-get indextargets --no-release-info --format '$(REPO_URI)' 2>/dev/null | awk '!seen[$0]++'
}

# Downloads the file $1 of an archive to $2 where the archive has one with the SHA-256 $3.
download() {
    local base
    for base in $(archives); do
        /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User="$(id -un)" download-file \
            "$base$1" "$2" "SHA256:$3" >/dev/null 2>&1 && return
        rm -f "$2"
    done
    return 1
}

has_hash() { [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status; }
