#!/usr/bin/env bash
# Writes Debian's copyright file (machine-readable, 1.0) of a package that holds some of the programs: standard output.
# Usage: deploy/package/copyright.sh PUBLISHED PACKAGE PROGRAM…
# Which files belong to which package say the programs' own .deps.json; licences say the packages (licences.sh).
set -euo pipefail
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
published=$1 package=$2
shift 2
doc=/usr/share/doc/$package
lib=usr/lib/changedetection
held=$(for program; do cat "$published/files/$program"; done | sort -u)

# short NAME: SPDX's name as Debian writes it.
short() {
    case $1 in
        MIT) echo Expat ;;
        Apache-2.0) echo Apache-2.0 ;;
        BSD-3-Clause) echo BSD-3-clause ;;
        LGPL-3.0) echo LGPL-3 ;;
        LGPL-3.0-or-later) echo LGPL-3+ ;;
        PostgreSQL) echo PostgreSQL ;;
        *) echo "error: deploy/package/copyright.sh has no text of the licence '$1'" >&2; return 1 ;;
    esac
}

# "name TAB file" for every file of a package, from the targets of .deps.json.
files_of_packages() {
    for program; do
        awk -F '"' '/^      "[^"]+\/[^"]+": \{/ { split($2, part, "/"); name = part[1] }
            /^          "(lib|runtimes)\// { count = split($2, part, "/"); print name "\t" part[count] }' "$published/$program.deps.json"
    done | sort -u
}

paragraph() {
    printf 'Files: %s\nCopyright: %s\nLicense: %s\n' "$1" "$2" "$3"
    [ -z "${4:-}" ] || printf 'Comment:\n%b\n' "$4" | sed '2,$s/^/ /'
    echo
}

cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ChangeDetection
Comment:
 Everything below $lib that is not ChangeDetection's own comes from
 packages of nuget.org, unchanged but for one flag in libLibTorchSharp.so
 (build/WeakSymbolVersion.cs says which, and why). The texts and notices that
 came with them are in $doc/licences.

END
paragraph '*' "$(sed -n 's/^Copyright (c) //p' "$root/LICENSE")" Expat
map=$(files_of_packages "$@")
# By a separator that is no white space: empty columns stay columns.
while IFS=$'\x1f' read -r name version licence copyright home texts; do
    files=$(grep -Fxf <(awk -F '\t' -v name="$name" '$1 == name { print $2 }' <<<"$map") <<<"$held" | sed "s,^,$lib/,") || continue
    comment="$name $version\\n$home"
    [ -z "$texts" ] || comment="$comment\\nTexts: ${texts//, /\\n}"
    case $name in
        libtorch-*) files=$(grep -v libgomp <<<"$files") ;;
        NetVips.Native.*) comment="$comment\\nSource: https://github.com/kleisauke/libvips-packaging" ;;
        Hangfire.PostgreSql) comment="$comment\\nSource: https://github.com/hangfire-postgres/Hangfire.PostgreSql" ;;
        Hangfire.*) comment="$comment\\nSource: https://github.com/HangfireIO/Hangfire" ;;
    esac
    paragraph "$(sed '2,$s/^/ /' <<<"$files")" "$copyright" "$(short "$licence")" "$comment"
done < <(tr '\t' '\037' <"$published/licences/packages.tsv")
gomp=$(grep libgomp <<<"$held" || true)
[ -z "$gomp" ] || paragraph "$lib/$gomp" "Free Software Foundation, Inc." GPL-3+-with-GCC-exception \
    "GCC's OpenMP library, as libtorch brings it\nSource: https://gcc.gnu.org"
paragraph "$lib/dotnet/*" ".NET Foundation and Contributors" Expat \
    ".NET's runtime\nhttps://dot.net\nTexts: dotnet.LICENSE.txt\ndotnet.ThirdPartyNotices.txt"

cat <<'END'
License: Expat
 Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files (the "Software"), to deal
 in the Software without restriction, including without limitation the rights
 to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 copies of the Software, and to permit persons to whom the Software is
 furnished to do so, subject to the following conditions:
 .
 The above copyright notice and this permission notice shall be included in all
 copies or substantial portions of the Software.
 .
 THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 SOFTWARE.

License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.

License: LGPL-3
 This library is free software; you can redistribute it and/or modify it under
 the terms of the GNU Lesser General Public License, version 3, as published by
 the Free Software Foundation. It is used as its authors distribute it, as a
 file of its own that can be replaced. On Debian systems, the text is in
 /usr/share/common-licenses/LGPL-3.

License: LGPL-3+
 This library is free software; you can redistribute it and/or modify it under
 the terms of the GNU Lesser General Public License as published by the Free
 Software Foundation; either version 3 of the License, or (at your option) any
 later version. It is used as its authors distribute it, as a file of its own
 that can be replaced. On Debian systems, the text is in
 /usr/share/common-licenses/LGPL-3.

License: BSD-3-clause
 Redistribution and use in source and binary forms, with or without
 modification, are permitted provided that the following conditions are met:
 .
 1. Redistributions of source code must retain the above copyright notice,
 this list of conditions and the following disclaimer.
 .
 2. Redistributions in binary form must reproduce the above copyright notice,
 this list of conditions and the following disclaimer in the documentation
 and/or other materials provided with the distribution.
 .
 3. Neither the name of the copyright holder nor the names of its contributors
 may be used to endorse or promote products derived from this software without
 specific prior written permission.
 .
 THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
 AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
 IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

License: PostgreSQL
 Permission to use, copy, modify, and distribute this software and its
 documentation for any purpose, without fee, and without a written agreement is
 hereby granted, provided that the above copyright notice and this paragraph
 and the following two paragraphs appear in all copies.
 .
 IN NO EVENT SHALL THE AUTHORS BE LIABLE TO ANY PARTY FOR DIRECT, INDIRECT,
 SPECIAL, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, INCLUDING LOST PROFITS, ARISING
 OUT OF THE USE OF THIS SOFTWARE AND ITS DOCUMENTATION, EVEN IF THE AUTHORS
 HAVE BEEN ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 .
 THE AUTHORS SPECIFICALLY DISCLAIM ANY WARRANTIES, INCLUDING, BUT NOT LIMITED
 TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR
 PURPOSE. THE SOFTWARE PROVIDED HEREUNDER IS ON AN "AS IS" BASIS, AND THE
 AUTHORS HAVE NO OBLIGATIONS TO PROVIDE MAINTENANCE, SUPPORT, UPDATES,
 ENHANCEMENTS, OR MODIFICATIONS.
END
[ -z "$gomp" ] || cat <<'END'

License: GPL-3+-with-GCC-exception
 GCC is free software; you can redistribute it and/or modify it under the terms
 of the GNU General Public License as published by the Free Software
 Foundation; either version 3, or (at your option) any later version. Under
 Section 7 of GPL version 3, you are granted additional permissions described
 in the GCC Runtime Library Exception, version 3.1, as published by the Free
 Software Foundation. On Debian systems, the text of the licence is in
 /usr/share/common-licenses/GPL-3.
END
