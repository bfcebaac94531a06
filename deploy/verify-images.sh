#!/usr/bin/env bash
# Builds the images of deploy/Dockerfile without Docker and without a registry, and trains a network through the topology of deploy/compose.yaml in them:
# each process in the root folder of its image, with its namespaces, as its user, on a read-only root; the network namespaces and secrets that the file
# names. PostgreSQL, Caddy and the S3 server are this machine's.
# Usage: deploy/verify-images.sh [--published DIR] [--suite SUITE] [--mirror URL] [--keep DIR]
#          --published DIR   what deploy/publish.sh made; without it, it is made
#          --suite SUITE     Debian's release below the images (default: trixie)
#          --mirror URL      where debootstrap and apt take it from (default: http://deb.debian.org/debian)
#          --keep DIR        a new folder for logs and base, which stay; without it nothing stays
# Needs root, buildah, debootstrap, caddy, PostgreSQL, node, util-linux, iproute2, and python3 with PyYAML. Takes about ten minutes on two cores.
# Exit code: 0 all of it worked, 1 something did not, 2 wrong usage.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$script")")
readonly TARGETS='scheduler worker dashboard cli' PREFIX=changedetection-verify

usage() {
    echo "error: $*" >&2
    sed -n '5,9s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

published='' suite=trixie mirror=http://deb.debian.org/debian keep=''
while [ $# -gt 0 ]; do
    case $1 in
        --published | --suite | --mirror | --keep)
            [ $# -ge 2 ] || usage "$1 needs a value"
            declare "${1#--}=$2"
            shift
            ;;
        *) usage "there is no option '$1'" ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || usage "only root can make namespaces and images"
for program in buildah debootstrap caddy node curl unshare nsenter setpriv ip python3; do
    command -v $program >/dev/null || usage "'$program' is missing"
done
python3 -c 'import yaml' 2>/dev/null || usage "python3 has no PyYAML (python3-yaml)"
[ -z "$published" ] || [ -f "$published/files/changedetection" ] || usage "'$published' is nothing that deploy/publish.sh made"
[ -z "$keep" ] || [ ! -e "$keep" ] || usage "'$keep' exists already; name a new folder"
[ -z "$published" ] || published=$(realpath "$published")
cd "$root"
. deploy/prerequisites.sh
need_postgres
need_storage_servers
[ -e tests/servers/node_modules/.bin/s3rver ] || usage "s3rver is missing: (cd tests/servers && npm ci)"

work=$(realpath -m "${keep:-$(mktemp -d)}")
mkdir -p "$work"
chmod 0755 "$work"
# Images of other people's builds stay where they are.
export CONTAINERS_STORAGE_CONF="$work/storage.conf"
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/images"\n' "$work" "$work" >"$CONTAINERS_STORAGE_CONF"
bud() { buildah --storage-driver vfs "$@"; }
tidy() {
    bud rm --all >/dev/null 2>&1 || true
    bud rmi --all --force >/dev/null 2>&1 || true
    if [ -n "$keep" ]; then rm -rf "$work/images" "$work/run" "$work/context"; else rm -rf "$work"; fi
}
trap tidy EXIT

timed() {
    local what=$1 began
    shift
    began=$(date +%s)
    "$@" >"$work/last.log" 2>&1 || { tail -n 60 "$work/last.log" >&2; echo "error: $what" >&2; exit 1; }
    printf '%-40s %4d s\n' "$what" "$(($(date +%s) - began))"
}

make_base() {
    debootstrap --variant=minbase "$suite" "$work/base" "$mirror"
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    local container
    container=$(bud from scratch)
    bud add --quiet "$container" "$work/base" /
    bud config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    bud commit --quiet --format docker "$container" "$PREFIX-base"
    bud rm "$container"
    rm -rf "$work/base"
}

make_image() {
    # No layers: with this driver each would be a copy of the whole root.
    bud bud --isolation chroot --format docker --pull-never --build-arg BASE="localhost/$PREFIX-base" --build-arg SDK="localhost/$PREFIX-base" \
        --build-arg PUBLISHED=given --target "$1" --tag "$PREFIX-$1" --file deploy/Dockerfile "$work/context"
}

mkdir -p "$work/context/deploy"
cp -R deploy/images "$work/context/deploy/images"
if [ -n "$published" ]; then
    cp -R "$published" "$work/context/published"
else
    timed "published" deploy/publish.sh "$work/context/published"
fi
timed "base: $suite by debootstrap" make_base
for target in $TARGETS; do timed "image: $target" make_image "$target"; done
for image in base $TARGETS; do
    bud images --noheading --format '{{.Name}} {{.Size}}' "localhost/$PREFIX-$image"
done
PYTHONDONTWRITEBYTECODE=1 python3 tests/images/topology --prefix "$PREFIX" --state "$work/state"
