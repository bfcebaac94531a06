#!/usr/bin/env bash
# Installs the programs from this checkout, takes them away again, or replaces an earlier version. Data folders are never touched.
# Usage: deploy/install.sh [--prefix DIR] [--client] [--libtorch cpu|cuda|none] [--published DIR]
#        deploy/install.sh --uninstall [--prefix DIR]
#          --prefix     /usr/local for root, else ~/.local: programs go to DIR/lib/changedetection, links to DIR/bin
#          --client     the command alone, without worker, dashboard and libtorch
#          --libtorch   cpu (default), cuda, or none: CHANGEDETECTION_LIBTORCH names one
#          --published  a folder of deploy/publish.sh, instead of publishing anew
# What was installed stands in DIR/lib/changedetection/installed. docs/install.md says more.
# Exit code: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$script")")

usage() {
    echo "error: $*" >&2
    sed -n '3,8s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
programs='changedetection changedetection-worker changedetection-dashboard' uninstall=false published='' libtorch=cpu
while [ $# -gt 0 ]; do
    case $1 in
        --client) programs=changedetection; shift; continue ;;
        --uninstall) uninstall=true; shift; continue ;;
        --prefix | --libtorch | --published) ;;
        *) usage "there is no option '$1'" ;;
    esac
    [ $# -ge 2 ] || usage "$1 needs a value"
    case $1 in
        --prefix) prefix=$(realpath -m "$2") ;;
        --libtorch) libtorch=$2 ;;
        --published) published=$(realpath -m "$2"); [ -d "$published/files" ] || usage "'$published' is no folder of deploy/publish.sh" ;;
    esac
    shift 2
done
case $libtorch in cpu | cuda | none) ;; *) usage "--libtorch: '$libtorch' is none of cpu, cuda, none" ;; esac
# Units and links hold it as it is.
[[ $prefix =~ ^/[A-Za-z0-9/._+@-]*$ ]] || usage "--prefix: '$prefix' has characters that units cannot hold; choose another folder"
lib=$prefix/lib/changedetection
record=$lib/installed

# Takes away what the record names, and folders that are empty then; what else lies there stays.
remove_installed() {
    local file
    while IFS= read -r file; do
        case $file in /* | *..*) fail "'$record' names '$file', which cannot be: it was changed" ;; esac
    done <"$record"
    # The record names itself too.
    sed 's,/[^/]*$,,' "$record" | sort -ur >"$1"
    (cd "$prefix" && xargs -d '\n' rm -f <"$record")
    # Deepest first, and parents as far as they are empty, but never the prefix itself.
    (cd "$prefix" && while IFS= read -r file; do rmdir -p --ignore-fail-on-non-empty "$file" 2>/dev/null || true; done <"$1")
}

if $uninstall; then
    [ -f "$record" ] || fail "nothing of ours is installed below $prefix (there is no $record). A package is removed by apt-get remove"
    folders=$(mktemp)
    trap 'rm -f "$folders"' EXIT
    remove_installed "$folders"
    echo "removed from $prefix. Data folders stay where they are (changedetection's default: ~/.local/share/changedetection)."
    exit 0
fi

[ ! -e "$lib" ] || [ -f "$record" ] || fail "'$lib' exists, and this script did not make it; move it away first"
mkdir -p "$prefix/lib" || fail "cannot write below $prefix; choose another --prefix, or run as root"
work=$(mktemp -d "$prefix/lib/.changedetection.XXXXXX") || fail "cannot write below $prefix/lib; choose another --prefix, or run as root"
trap 'rm -rf "$work"' EXIT
if [ -z "$published" ]; then
    published=$work/published
    "$root/deploy/publish.sh" --libtorch "$libtorch" "$published"
fi
tree=$work/tree
# shellcheck disable=SC2086  # A list of names.
"$root/deploy/package/layout.sh" "$published" "$tree" "$prefix" changedetection $programs
# An account's own units lie elsewhere, and it has no services of the system.
if [ "$(id -u)" != 0 ] && [ -d "$tree/lib/systemd" ]; then
    mkdir -p "$tree/share/systemd"
    mv "$tree/lib/systemd/user" "$tree/share/systemd/user"
    rm -rf "$tree/lib/systemd"
fi
(cd "$tree" && find . \( -type f -o -type l \) -printf '%P\n' | sort; echo lib/changedetection/installed) >"$work/installed"
while IFS= read -r file; do
    [ ! -e "$prefix/$file" ] && [ ! -L "$prefix/$file" ] || { [ -f "$record" ] && grep -qxF "$file" "$record"; } ||
        fail "'$prefix/$file' exists, and this script did not make it; move it away first"
done <"$work/installed"
if [ -f "$record" ]; then remove_installed "$work/folders"; fi
cp "$work/installed" "$tree/lib/changedetection/installed"
cp -a --no-preserve=ownership "$tree/." "$prefix/"
echo "installed below $prefix: $(for program in $programs; do echo "bin/$program"; done | tr '\n' ' ')"
case ":$PATH:" in *":$prefix/bin:"*) ;; *) echo "$prefix/bin is not on the PATH of this shell: export PATH=\"$prefix/bin:\$PATH\"" ;; esac
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
    echo "PostgreSQL's server programs are not here: 'changedetection up' and 'demo' need them (docs/install.md)."
