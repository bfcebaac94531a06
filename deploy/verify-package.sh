#!/usr/bin/env bash
# Installs the packages in fresh Debian roots without .NET, runs the demonstration and the services there, submits from a client, and removes all again.
# Usage: deploy/verify-package.sh [--packages DIR] [--suite NAME] [--base DIR] [--work DIR] [--no-demo]
#          --packages  where deploy/package.sh has put them (default: .out)
#          --suite     of Debian (default: this machine's)
#          --base      a root of debootstrap, made there when it is missing and used again (default: made anew each time)
#          --work      a folder for the roots, 8 GB (default: a temporary one, deleted at the end)
#          --no-demo   leaves the two demonstrations out (an ordinary user's, and root's)
# Needs root, debootstrap and the apt sources of this machine. All that is started lives in name spaces of its own and ends with this script.
# Exit code: 0 every step is ok, 1 one is not, 2 wrong usage.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$script")")

usage() {
    echo "error: $*" >&2
    sed -n '3,8s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

packages=$root/.out suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}") base='' work='' demo=true
arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
        --no-demo) demo=false; shift; continue ;;
        --packages | --suite | --base | --work) [ $# -ge 2 ] || usage "$1 needs a value" ;;
        *) usage "there is no option '$1'" ;;
    esac
    case $1 in
        --packages) packages=$(realpath -m "$2") ;;
        --suite) suite=$2 ;;
        --base) base=$(realpath -m "$2") ;;
        --work) work=$(realpath -m "$2") ;;
    esac
    shift 2
done
[ "$(id -u)" = 0 ] || usage "this needs root: it mounts and changes its root"
command -v debootstrap >/dev/null || usage "debootstrap is missing: apt-get install debootstrap"
# Mounts and processes of its own: they are gone when this script is, however it ends.
if [ "${VERIFY_PACKAGE_INSIDE:-}" != yes ]; then
    VERIFY_PACKAGE_INSIDE=yes exec unshare --mount --propagation private --pid --fork --kill-child "$script" "${arguments[@]}"
fi
mount -t proc proc /proc

if [ -z "$work" ]; then
    work=$(mktemp -d /var/tmp/verify-package.XXXXXX)
    trap clean_up EXIT
fi
declare -A pids=()
mkdir -p "$work/shared"
chmod 0755 "$work" "$work/shared"
base=${base:-$work/base}
full=$work/full client=$work/client
[ ! -e "$full" ] && [ ! -e "$client" ] || usage "'$work' holds roots already; name another folder"

# Other file systems are left alone, whatever is still mounted.
clean_up() {
    local service mounted
    for service in "${!pids[@]}"; do kill -KILL "${pids[$service]}" 2>/dev/null || true; done
    stop_database || true
    for mounted in proc dev srv/shared; do umount -lR "$full/$mounted" "$client/$mounted" 2>/dev/null || true; done
    rm -rf --one-file-system "$work"
}

say() { printf '== %s (%d s)\n' "$*" "$SECONDS"; }

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# package NAME: its newest file.
package() { find "$packages" -maxdepth 1 -name "$1_*_amd64.deb" | sort -V | tail -n 1 | grep . || fail "there is no $1_VERSION_amd64.deb in $packages"; }

stop_database() {
    [ -d "$full/var/lib/postgresql/verify" ] || return 0
    inside "$full" runuser -u postgres -- sh -c 'cd / && usr/lib/postgresql/*/bin/pg_ctl -D /var/lib/postgresql/verify -m immediate stop' >/dev/null 2>&1
}

# What a command sees of this machine's environment: nothing.
readonly BARE=(env -i HOME=/root USER=root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive)

# inside ROOT COMMAND…: as its root.
inside() {
    local where=$1
    shift
    chroot "$where" "${BARE[@]}" "$@"
}

# as_visitor ROOT COMMAND…: as an ordinary account.
as_visitor() {
    local where=$1
    shift
    inside "$where" setpriv --reuid=visitor --regid=visitor --init-groups env HOME=/home/visitor USER=visitor "$@"
}

make_base() {
    [ -x "$base/usr/bin/apt-get" ] && return 0
    local mirror
    mirror=$(apt-get indextargets --format '$(SITE)' | grep -v security | head -n 1)
    debootstrap --variant=minbase "$suite" "$base" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -n 5 "$work/debootstrap.log"; fail "debootstrap"; }
    rm -f "$base/etc/apt/sources.list"
    cp -r /etc/apt/sources.list.d/. "$base/etc/apt/sources.list.d/"
    [ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$base/etc/apt/"
    local settings
    for settings in /etc/apt/apt.conf.d/*; do
        if grep -q '^Acquire' "$settings"; then cp "$settings" "$base/etc/apt/apt.conf.d/"; fi
    done
    inside "$base" apt-get -qq update >/dev/null
}

# make_root ROOT: a copy of the base with what a system has mounted, and a folder that both roots see.
make_root() {
    cp -a "$base" "$1"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/dev/shm"
    mkdir -p "$1/srv/shared"
    mount --bind "$work/shared" "$1/srv/shared"
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod +x "$1/usr/sbin/policy-rc.d"
    # As docs/install.md says: no cluster of Debian's own.
    mkdir -p "$1/etc/postgresql-common"
    echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.conf"
    inside "$1" useradd --create-home visitor
    if inside "$1" sh -c 'command -v dotnet' >/dev/null; then fail "there is a .NET in the fresh root"; fi
}

# install ROOT PACKAGE
install() {
    cp "$(package "$2")" "$1/tmp/$2.deb"
    inside "$1" apt-get install -y "/tmp/$2.deb" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log"; fail "apt cannot install $2"; }
    rm "$1/tmp/$2.deb"
    inside "$1" dpkg -L "$2" >"$work/$2.files"
    say "$2 is installed: $(inside "$1" dpkg-query -W -f='${Version}, ${Installed-Size} KiB' "$2"); $(inside "$1" changedetection --version)"
    touch "$work/$2.stamp"
}

# nothing_written ROOT PACKAGE: its files are those that it brought, and there are no others beside them.
nothing_written() {
    inside "$1" dpkg -V "$2" | grep -v ' c /etc/changedetection/' | grep . && fail "files of $2 have changed" || true
    find "$1/usr/lib/changedetection" -newer "$work/$2.stamp" | grep . && fail "something was written beside the programs" || true
}

# remove ROOT PACKAGE: afterwards none of its files is there.
remove() {
    inside "$1" apt-get purge -y "$2" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log"; fail "apt cannot remove $2"; }
    local file
    while IFS= read -r file; do
        if [ -e "$1$file" ] || [ -L "$1$file" ]; then
            [ -d "$1$file" ] && [[ $file != *changedetection* ]] || fail "after the removal of $2 there is still $file"
        fi
    done <"$work/$2.files"
    find "$1/etc" "$1/usr" "$1/var/lib/dpkg/info" "$1/run" -name '*changedetection*' | grep . && fail "the removal of $2 leaves these" || true
}

# The shells ask the installed program; zsh's own words for an answer are replaced, since nobody types here.
complete_in_shells() {
    inside "$full" apt-get install -y zsh >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log"; fail "apt cannot install zsh"; }
    local answer
    answer=$(inside "$full" bash -c '. /usr/share/bash-completion/completions/changedetection
        COMP_LINE="changedetection li" COMP_POINT=18 COMP_WORDS=(changedetection li) COMP_CWORD=1
        _changedetection changedetection; echo "${COMPREPLY[@]}"')
    [ "$answer" = list ] || fail "bash completes 'changedetection li' to '$answer'"
    answer=$(inside "$full" zsh -fc 'autoload -Uz compinit; compinit -u; print $_comps[changedetection-worker]
        compadd() { shift; print -l -- $@ }; autoload +X _changedetection; words=(changedetection dataset pa) CURRENT=3; _changedetection')
    [ "$answer" = $'_changedetection\npack' ] || fail "zsh completes 'changedetection dataset pa' to '$answer'"
    say "bash and zsh complete"
}

demonstrate() {
    local began=$SECONDS
    "$@" changedetection demo >"$work/demo.log" 2>&1 || { tail -n 30 "$work/demo.log"; fail "the demonstration"; }
    grep -E '^test F1|^show again' "$work/demo.log"
    say "demonstration: $((SECONDS - began)) s"
}

# start UNIT: its ExecStart as systemd would start it: account, variables, state folder, no capabilities.
start() {
    local unit=$full/usr/lib/systemd/system/$1.service command user state home
    command=$(sed -n 's/^ExecStart=//p' "$unit") user=$(sed -n 's/^User=//p' "$unit") state=/var/lib/$(sed -n 's/^StateDirectory=//p' "$unit")
    home=$(inside "$full" getent passwd "$user" | cut -d: -f6)
    inside "$full" sh -c "mkdir -p $state && chown $user:$user $state && chmod 0700 $state"
    # shellcheck disable=SC2093  # In the background: the process itself, so that a signal reaches it.
    (exec chroot "$full" "${BARE[@]}" sh -c "umask 0077; set -a; HOME=$home USER=$user; $(sed -n 's/^Environment=//p' "$unit" | tr '\n' ';')
        $(sed -n 's/^EnvironmentFile=\(-\{0,1\}\)\(.*\)/[ "\1" = - ] \&\& [ ! -e \2 ] || . \2/p' "$unit")
        set +a
        exec setpriv --reuid=$user --regid=$user --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all $command") >"$work/$1.log" 2>&1 &
    pids[$1]=$!
}

# until_said SERVICE WORDS
until_said() {
    local deadline=$((SECONDS + 90)) log=$work/$1.log
    until grep -q "$2" "$log"; do
        [ $SECONDS -lt $deadline ] && kill -0 "${pids[$1]}" 2>/dev/null || { tail -n 20 "$log" | cut -c1-300; fail "$1 does not say '$2'"; }
        sleep 0.2
    done
}

start_database() {
    local bin
    bin=$(cd "$full" && echo usr/lib/postgresql/*/bin)
    port=$((20000 + RANDOM % 20000))
    echo verify >"$work/shared/password"
    chmod 0644 "$work/shared/password"
    inside "$full" runuser -u postgres -- sh -c "cd / && /$bin/initdb -D /var/lib/postgresql/verify -A scram-sha-256 -U owner --pwfile=/srv/shared/password &&
        /$bin/pg_ctl -D /var/lib/postgresql/verify -w -l /var/lib/postgresql/verify.log -o '-p $port -c listen_addresses=127.0.0.1 -k /tmp' start" \
        >"$work/database.log" 2>&1 || { cat "$work/database.log"; fail "PostgreSQL"; }
    inside "$full" env PGPASSWORD=verify psql -q -h 127.0.0.1 -p "$port" -U owner -d postgres -c 'create database changedetection'
    database="Host=127.0.0.1;Port=$port;Database=changedetection;Username=owner;Password=verify"
}

say "a fresh root: Debian $suite"
make_base
make_root "$full"
make_root "$client"

install "$full" changedetection
complete_in_shells
if $demo; then
    demonstrate as_visitor "$full"
    demonstrate inside "$full"
fi

start_database
mkdir -p "$work/shared/store"
inside "$full" chown changedetection: /srv/shared/store
printf "CHANGEDETECTION_DATABASE='%s'\nCHANGEDETECTION_STORE=file:///srv/shared/store\n" "$database" >"$full/etc/changedetection/changedetection.env"
[ "$(stat -c '%a %U' "$full/etc/changedetection/changedetection.env")" = '600 root' ] || fail "changedetection.env is not closed"
start changedetection-scheduler
until_said changedetection-scheduler 'scheduler: ready'
start changedetection-worker
until_said changedetection-worker 'is ready'
# The port of the unit may be taken: this machine's network is shared.
echo CHANGEDETECTION_PORT=0 >"$full/etc/changedetection/dashboard.env"
start changedetection-dashboard
until_said changedetection-dashboard 'dashboard: http'
say "services are up: $(grep -o 'dashboard: http.*' "$work/changedetection-dashboard.log")"

install "$client" changedetection-client
cat >"$work/shared/client.sh" <<'CLIENT'
set -e
cd /srv/shared
changedetection dataset synthesize --out scenes --pairs 24 --seed 7 --size 64
changedetection dataset pack scenes --layout sysu --out data
changedetection init data --out mine.yaml
changedetection submit mine.yaml --set train.epochs=2 --set dataset.train.crop=64 --wait
run=$(changedetection list --json | grep -o '"id": "[^"]*"' | tail -n 1 | cut -d'"' -f4)
changedetection list
CLIENT
inside "$client" env "CHANGEDETECTION_DATABASE=$database" CHANGEDETECTION_STORE=file:///srv/shared/store \
    sh /srv/shared/client.sh >"$work/client.log" 2>&1 || { tail -n 30 "$work/client.log"; fail "the client"; }
tail -n 4 "$work/client.log"
say "the client's run has succeeded"

for unit in changedetection-worker changedetection-dashboard changedetection-scheduler; do
    kill -TERM "${pids[$unit]}"
    code=0
    wait "${pids[$unit]}" || code=$?
    [ $code -eq 0 ] || { tail -n 20 "$work/$unit.log"; fail "$unit ended with code $code"; }
done
say "services have stopped"

nothing_written "$full" changedetection
nothing_written "$client" changedetection-client
remove "$full" changedetection
remove "$client" changedetection-client
[ -d "$full/var/lib/changedetection/services" ] && [ -d "$work/shared/store" ] || fail "the removal took data along"
! $demo || [ -d "$full/home/visitor/.local/share/changedetection/demo" ] || fail "the removal took a data folder along"
say "removed: no file of the packages is left, data stay"
ls -l "$(package changedetection)" "$(package changedetection-client)" | awk '{ printf "%s  %.1f MiB\n", $NF, $5 / 1048576 }'
echo "every step is ok"
