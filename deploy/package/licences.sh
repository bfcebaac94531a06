#!/usr/bin/env bash
# Collects the licences of all packages that a published folder holds: OUT/licences/packages.tsv, and the texts that the packages brought along.
# Usage: deploy/package/licences.sh OUT        (deploy/publish.sh calls it)
# A package says its licence itself (nuspec). Where it names a file or an address instead of an SPDX expression, docs/dependencies.md does; for what that page
# does not weigh, the file's text or the address.
set -euo pipefail
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
out=$1
cache=$(dotnet nuget locals global-packages -l | sed -n 's/^global-packages: //p')
cache=${cache%/}
mkdir -p "$out/licences"

# element NAME NUSPEC: its text; several lines become one.
element() {
    { tr '\n' ' ' <"$2" | grep -oE "<$1( [^>]*)?>[^<]*" || true; } | head -n 1 | sed 's/^[^>]*>//; s/&amp;/\&/g; s/[[:space:]]\+/ /g; s/^ //; s/ $//'
}

# By the text itself, where that is one that everybody uses.
of_text() {
    if grep -q 'Apache License' "$1" && grep -q 'Version 2.0' "$1"; then echo Apache-2.0
    elif grep -q 'Permission is hereby granted, free of charge' "$1"; then echo MIT; fi
}

# What the page says of a package, by its columns: | name | why | against | licence |
of_page() { awk -F ' *[|] *' -v name="$1" 'tolower($2) == tolower(name) { print $5; exit }' "$root/docs/dependencies.md" | sed 's/,.*//; s/ (.*//'; }

licence_of() {
    local name=$1 nuspec=$2 licence=''
    if grep -q '<license type="expression">' "$nuspec"; then licence=$(element license "$nuspec"); fi
    case $name in
        libtorch-*) licence=BSD-3-Clause ;;
        *) [ -n "$licence" ] || licence=$(of_page "$name") ;;
    esac
    if [ -z "$licence" ] && grep -q '<license type="file">' "$nuspec"; then licence=$(of_text "$(dirname "$nuspec")/$(element license "$nuspec")"); fi
    if [ -z "$licence" ]; then
        case $(element licenseUrl "$nuspec") in
            *LICENSE-2.0* | *Apache-2.0*) licence=Apache-2.0 ;;
            *github.com/dotnet/*LICENSE* | *linkid=329770 | *opensource.org/licenses/MIT) licence=MIT ;;
        esac
    fi
    echo "$licence"
}

unknown=0
declare -A known=()
while read -r path; do
    folder=$cache/$path
    nuspec=$(find "$folder" -maxdepth 1 -name '*.nuspec' | head -n 1)
    [ -n "$nuspec" ] || { echo "error: there is no package in '$folder'" >&2; exit 1; }
    name=$(element id "$nuspec") version=${path##*/}
    licence=$(licence_of "$name" "$nuspec")
    if [ -z "$licence" ]; then
        echo "error: '$name' names no licence; give it a row in docs/dependencies.md" >&2
        unknown=1
    fi
    copyright=$(element copyright "$nuspec" | sed -E 's/^(Copyright|\(c\)|\(C\)|©|[[:space:]]|,|:)+//; s/All rights reserved\.?//; s/[[:space:]]+$//')
    texts=''
    while read -r text; do
        # Microsoft's notices come with thirty packages: one copy of each text.
        hash=$(sha256sum "$text" | cut -d' ' -f1)
        if [ -z "${known[$hash]:-}" ]; then
            known[$hash]=$name.$(basename "$text")
            cp "$text" "$out/licences/${known[$hash]}"
        fi
        texts="$texts${texts:+, }${known[$hash]}"
    done < <(find "$folder" -maxdepth 1 -type f | grep -iE '/(LICEN[CS]E|COPYING|NOTICE|THIRD-?PARTY)[^/]*$' | grep -viE 'ROYALTYFREE|STANDARD$' | sort)
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$licence" "${copyright:-$(element authors "$nuspec")}" "$(element projectUrl "$nuspec")" "$texts"
done < <(grep -ho '"path": "[^"]*"' "$out"/*.deps.json | cut -d'"' -f4 | sort -u) >"$out/licences/packages.tsv"
exit $unknown
