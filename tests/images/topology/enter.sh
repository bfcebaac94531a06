#!/bin/bash
# Runs in new mount, PID, IPC and UTS namespaces: makes of an image's root folder what a container sees, and becomes the program.
# Usage: enter.sh ROOT USER:GROUP HOSTNAME yes|no MOUNTS -- --chdir=FOLDER NAME=VALUE… PROGRAM ARGUMENT…
#   yes      the root is read-only
#   MOUNTS   a file; a line each: bind SOURCE TARGET ro|rw, or tmpfs TARGET
set -euo pipefail
root=$1 user=$2 host=$3 read_only=$4 mounts=$5
shift 6
hostname "$host"
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t tmpfs -o nosuid,mode=0755,size=64k tmpfs "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm"
mount -t tmpfs -o nosuid,nodev,noexec,size=64m tmpfs "$root/dev/shm"
# Targets that the image lacks are made, as a runtime makes them: ROOT is a working copy, not the image.
mount -t tmpfs -o nosuid,nodev,mode=0755,size=64k tmpfs "$root/run"
while read -r kind first second third; do
    case $kind in
        tmpfs) mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 tmpfs "$root$first" ;;
        bind)
            if [ -d "$first" ]; then
                mkdir -p "$root$second"
            else
                mkdir -p "$(dirname "$root$second")"
                [ -e "$root$second" ] || touch "$root$second"
            fi
            mount --bind "$first" "$root$second"
            [ "$third" = rw ] || mount -o remount,bind,ro "$root$second"
            ;;
    esac
done <"$mounts"
[ "$read_only" = no ] || mount -o remount,bind,ro "$root"
cd /
exec setpriv --no-new-privs -- chroot --userspec="$user" --groups='' "$root" /usr/bin/env -i "$@"
