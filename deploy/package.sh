#!/usr/bin/env bash
# Builds what is installed elsewhere, from a clean clone:
#   changedetection_VERSION_amd64.deb             everything: command, worker with libtorch, dashboard, units
#   changedetection-client_VERSION_amd64.deb      the command alone, for those who submit and watch
#   changedetection-VERSION-linux-x64.tar.gz      everything, for any Linux with glibc: unpack, and call bin/changedetection
# Usage: deploy/package.sh [--out DIR] [--published DIR] [--libtorch cpu|cuda|none]
#          --out        where they go (default: .out)
#          --published  a folder of deploy/publish.sh, instead of publishing anew
#          --libtorch   for deploy/publish.sh; other than cpu stands in the version: 0.1.0+cuda
# PACKAGE_MAINTAINER="NAME <ADDRESS>" says who answers for the packages. Needs the .NET SDK and dpkg-deb. lintian is run where it is installed, and has to be
# content. docs/install.md says what to do with the files.
# Exit code: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$script")")
readonly PROGRAMS='changedetection changedetection-worker changedetection-dashboard'
# What .NET and the native libraries need of the machine. ICU and OpenSSL are called by their versions: one of each is enough.
readonly ICU='libicu72 | libicu76 | libicu74 | libicu78 | libicu77 | libicu75 | libicu73 | libicu71 | libicu70'
readonly DEPENDS="libc6 (>= 2.34), libgcc-s1, libgssapi-krb5-2, $ICU, libssl3 | libssl3t64, libstdc++6 (>= 12)"

usage() {
    echo "error: $*" >&2
    sed -n '6,9s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

out=$root/.out published='' libtorch=cpu
while [ $# -gt 0 ]; do
    case $1 in --out | --published | --libtorch) ;; *) usage "there is no option '$1'" ;; esac
    [ $# -ge 2 ] || usage "$1 needs a value"
    case $1 in
        --out) out=$(realpath -m "$2") ;;
        --published) published=$(realpath -m "$2"); [ -d "$published/files" ] || usage "'$published' is no folder of deploy/publish.sh" ;;
        --libtorch) libtorch=$2 ;;
    esac
    shift 2
done
case $libtorch in cpu | cuda | none) ;; *) usage "--libtorch: '$libtorch' is none of cpu, cuda, none" ;; esac
command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing: apt-get install dpkg-dev"

version=$(sed -n 's,.*<Version>\(.*\)</Version>.*,\1,p' "$root/Directory.Build.props")
[ "$libtorch" = cpu ] || version=$version+$libtorch
maintainer=${PACKAGE_MAINTAINER:-The ChangeDetection authors <packages@changedetection.invalid>}
# The commit's time in every file: the same tree gives the same packages.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/Directory.Build.props")}
export SOURCE_DATE_EPOCH
mkdir -p "$out" || fail "cannot make the folder $out"
work=$(mktemp -d "$out/package.XXXXXX") || fail "cannot write into $out"
trap 'rm -rf "$work"' EXIT

if [ -z "$published" ]; then
    published=$work/published
    "$root/deploy/publish.sh" --libtorch "$libtorch" "$published"
fi

# control PACKAGE TREE: its fields.
control() {
    local other=changedetection-client relations='Provides: changedetection-client'
    local needs=$DEPENDS extra='Recommends: ca-certificates, postgresql (>= 13)'
    if [ "$1" = changedetection-client ]; then
        other=changedetection relations='' extra='Recommends: ca-certificates'
    else
        needs="adduser, $needs"
    fi
    cat <<END
Package: $1
Version: $version
Architecture: amd64
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$2" | cut -f1)
Depends: $needs
$extra
Conflicts: $other
Replaces: $other
${relations:+$relations
}Section: science
Priority: optional
END
    case $1 in
        changedetection) cat <<'END'
Description: distributed training of change-detection networks
 Trains siamese networks on pairs of aerial and satellite images. Configs are
 submitted, a scheduler puts their runs into queues in PostgreSQL, workers with
 GPUs or CPUs train, evaluate and publish verified checkpoints, and a dashboard
 shows it live. What is killed goes on from its last checkpoint.
 .
 "changedetection demo" shows all of it on generated images;
 "changedetection up" runs a system of one's own, with a private PostgreSQL
 cluster. libtorch (for CPUs) and the .NET runtime are inside.
END
            ;;
        *) cat <<'END'
Description: distributed training of change-detection networks (client)
 The command "changedetection" alone, without worker, dashboard and libtorch:
 for those who pack data sets, submit configs, watch runs and take checkpoints
 home, while the system runs elsewhere. CHANGEDETECTION_DATABASE and
 CHANGEDETECTION_STORE name it. The .NET runtime is inside.
END
            ;;
    esac
}

# build_deb PACKAGE PROGRAM…
build_deb() {
    local package=$1 tree=$work/$1 file
    shift
    echo "laying out $package …" >&2
    mkdir -p "$tree/usr" "$tree/DEBIAN"
    "$root/deploy/package/layout.sh" "$published" "$tree/usr" /usr "$package" "$@"
    printf '%s (%s) unstable; urgency=medium\n\n  * Built from commit %s.\n\n -- %s  %s\n' "$package" "$version" \
        "$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" |
        gzip -9n >"$tree/usr/share/doc/$package/changelog.gz"
    mkdir -p "$tree/usr/share/lintian/overrides"
    sed "s/@PACKAGE@/$package/" "$root/deploy/package/debian/lintian-overrides" >"$tree/usr/share/lintian/overrides/$package"
    if [ "$package" = changedetection ]; then
        sed "s/@PACKAGE@/$package/" "$root/deploy/package/debian/lintian-overrides.services" >>"$tree/usr/share/lintian/overrides/$package"
        mkdir -p "$tree/etc/changedetection"
        install -m 0600 "$root/deploy/package/changedetection.env" "$tree/etc/changedetection/changedetection.env"
        echo /etc/changedetection/changedetection.env >"$tree/DEBIAN/conffiles"
        for file in postinst prerm postrm; do install -m 0755 "$root/deploy/package/debian/$file" "$tree/DEBIAN/$file"; done
    fi
    find "$tree/usr/share" -type f -exec chmod 0644 {} +
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    control "$package" "$tree" >"$tree/DEBIAN/control"
    find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    echo "packing $package …" >&2
    dpkg-deb --root-owner-group -Zxz --threads-max="$(nproc)" --build "$tree" "$work/${package}_${version}_amd64.deb" >/dev/null
}

build_tar() {
    local tree=$work/tar/changedetection-$version
    echo "packing the archive …" >&2
    mkdir -p "$tree"
    "$root/deploy/package/layout.sh" "$published" "$tree" '~/.local' changedetection $PROGRAMS
    # Units name a place, which an archive has not: install.sh writes them.
    rm -rf "$tree/lib/systemd"
    tar -C "$work/tar" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "changedetection-$version" |
        gzip -6n >"$work/changedetection-$version-linux-x64.tar.gz"
}

build_deb changedetection $PROGRAMS
build_deb changedetection-client changedetection
build_tar
if command -v lintian >/dev/null; then
    echo "asking lintian …" >&2
    lintian --fail-on error,warning --suppress-tags bad-distribution-in-changes-file "$work"/*.deb >&2 || fail "lintian is not content"
fi
for file in "$work"/*.deb "$work"/*.tar.gz; do
    mv "$file" "$out/"
    echo "$out/$(basename "$file"): $(($(stat -c %s "$out/$(basename "$file")") >> 20)) MiB ($(stat -c %s "$out/$(basename "$file")") bytes)"
done
