#!/bin/sh
# Splits what deploy/publish.sh made: PARTS/shared has the files that all three programs need, PARTS/PROGRAM what a program needs beside them.
# Usage: split.sh PUBLISHED PARTS
set -eu
export LC_ALL=C
cd "$1"
programs='changedetection changedetection-worker changedetection-dashboard'
lists=$(mktemp -d)
mkdir -p "$2/shared"
for program in $programs; do
    sort -u "files/$program" >"$lists/$program"
    cp "$lists/$program" "$lists/common.new"
    [ ! -e "$lists/common" ] || comm -12 "$lists/common" "$lists/$program" >"$lists/common.new"
    mv "$lists/common.new" "$lists/common"
done
find licences -type f >"$lists/licences"
cat "$lists/common" "$lists/licences" | tar -c -T - | tar -x -C "$2/shared"
for program in $programs; do
    mkdir "$2/$program"
    comm -23 "$lists/$program" "$lists/common" | tar -c -T - | tar -x -C "$2/$program"
    test -x "$2/$program/$program"
done
rm -rf "$lists"
