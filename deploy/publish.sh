#!/usr/bin/env bash
# Publishes the three programs into one folder that needs no .NET on the machine: what packages, images and install.sh are made of.
# Usage: deploy/publish.sh [--libtorch cpu|cuda|none] [--no-ready-to-run] [--build DIR] OUT
#          --libtorch         cpu (default); cuda: TorchSharp-cuda-linux; none: CHANGEDETECTION_LIBTORCH names one where it runs
#          --no-ready-to-run  leaves out machine code made ahead: smaller, and slower to start (docs/install.md has the figures)
#          --build DIR        keeps what is built between, so that a second call is quick (default: a temporary folder)
# OUT must not exist. It becomes
#   OUT/changedetection, changedetection-worker, changedetection-dashboard    programs that look for .NET in dotnet/ beside them, and nowhere else
#   OUT/*.dll, *.so, wwwroot/ …                                               what they are made of, shared files once
#   OUT/dotnet/                                                               the .NET runtime, once (host/fxr, shared/…)
#   OUT/licences/                                                             packages.tsv (name, version, licence, copyright, home, texts), the
#                                                                             texts that came with the packages, and those of .NET
#   OUT/files/PROGRAM                                                         every file that PROGRAM needs, a path below OUT a line, .NET included:
#                                                                             `tar -C OUT -T OUT/files/changedetection -c` is a client alone
# Nothing below OUT is written when the programs run. They need glibc, libstdc++, libgcc, OpenSSL 3 and ICU of the machine.
# Exit code: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail

readonly PROJECTS='Scheduler Worker Dashboard'
script=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$script")")

usage() {
    echo "error: $*" >&2
    sed -n '3,6s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

libtorch=cpu ready_to_run=true build='' out=''
while [ $# -gt 0 ]; do
    case $1 in
        --libtorch) [ $# -ge 2 ] || usage "--libtorch needs a value"; libtorch=$2; shift ;;
        --build) [ $# -ge 2 ] || usage "--build needs a value"; build=$(realpath -m "$2"); shift ;;
        --no-ready-to-run) ready_to_run=false ;;
        -*) usage "there is no option '$1'" ;;
        *) [ -z "$out" ] || usage "'$1' is one argument too many"; out=$1 ;;
    esac
    shift
done
[ -n "$out" ] || usage "OUT is missing"
case $libtorch in cpu | cuda | none) ;; *) usage "--libtorch: '$libtorch' is none of cpu, cuda, none" ;; esac
out=$(realpath -m "$out")
[ ! -e "$out" ] || usage "'$out' exists already; name a new folder"
. "$root/deploy/prerequisites.sh"
need_dotnet
mkdir -p "$(dirname "$out")" || fail "cannot make the folder of $out"
# Beside OUT, so that the last step is a rename.
work=$(mktemp -d "$out.XXXXXX") || fail "cannot write beside $out"
trap 'rm -rf "$work"' EXIT
build=${build:-$work/build}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

name_of() { case $1 in Scheduler) echo changedetection ;; *) echo "changedetection-${1,,}" ;; esac; }

# Built apart from the checkout's own outputs. For one platform, so that no other's native files come along; the binding's demand for a new libstdc++
# is taken back in any case, whatever this machine has, and here, since nothing can be written where the package is installed.
publish() {
    echo "publishing $(name_of "$1") …" >&2
    dotnet publish "$root/src/$1" -c Release -r linux-x64 --no-self-contained -p:Libtorch="$libtorch" -p:WeakenLibTorchSharp=always \
        -p:AppHostDotNetSearch=AppRelative -p:AppHostRelativeDotNet=dotnet -p:PublishReadyToRun=$ready_to_run -p:PathMap="$root=/changedetection" \
        -p:IsTransformWebConfigDisabled=true $([ "$libtorch" != cpu ] || echo -p:RestoreLockedMode=true) \
        -p:UseArtifactsOutput=true --artifacts-path "$build" \
        -o "$work/$1" -v quiet --nologo >&2 || fail "$(name_of "$1") cannot be published"
    # Comments for editors, and what only libtorch's Python and its tests load.
    find "$work/$1" -name '*.xml' -delete
    (cd "$work/$1" && rm -f libtorch_python.so libjitbackend_test.so libtorchbind_test.so libbackend_with_compiler.so libaoti_custom_ops.so libnnapi_backend.so)
}

# Takes a program's files over. One that another program brought too has to be the same: each was built against it.
merge() {
    local file
    while IFS= read -r -d '' file; do
        if [ -e "$work/out/$file" ]; then
            cmp -s "$work/$1/$file" "$work/out/$file" || fail "'$file' of $(name_of "$1") is not the one that the programs before it bring"
        else
            mkdir -p "$(dirname "$work/out/$file")"
            mv "$work/$1/$file" "$work/out/$file"
        fi
        echo "$file" >>"$work/out/files/$(name_of "$1")"
    done < <(cd "$work/$1" && find . -type f -printf '%P\0' | sort -z)
}

# runtime FRAMEWORK: prints the folder of its newest version for this target, as this SDK brought it.
runtime() {
    dotnet --list-runtimes | sed -nE "s,^$1 (10\.[0-9]+\.[0-9]+) \[(.*)\]$,\1 \2/\1,p" | sort -V | tail -n 1 | cut -d' ' -f2-
}

# The runtime as in an installation: the programs find it by dotnet/host/fxr. The trace provider wants LTTng, which no machine needs to have.
take_runtime() {
    local core web root_of version
    core=$(runtime Microsoft.NETCore.App) web=$(runtime Microsoft.AspNetCore.App)
    [ -d "$core" ] && [ -d "$web" ] || fail "this SDK has no runtime of .NET 10 with ASP.NET Core: dotnet --list-runtimes"
    [ "$(basename "$core")" = "$(basename "$web")" ] || fail ".NET $(basename "$core") and ASP.NET Core $(basename "$web") do not belong together"
    version=$(basename "$core") root_of=$(dirname "$(dirname "$(dirname "$core")")")
    [ -f "$root_of/host/fxr/$version/libhostfxr.so" ] || fail "there is no $root_of/host/fxr/$version/libhostfxr.so"
    (cd "$root_of" && find "host/fxr/$version" "shared/Microsoft.NETCore.App/$version" -type f ! -name libcoreclrtraceptprovider.so | sort) >"$work/core"
    (cd "$root_of" && find "shared/Microsoft.AspNetCore.App/$version" -type f | sort) >"$work/web"
    mkdir "$work/out/dotnet"
    cat "$work/core" "$work/web" | tar -C "$root_of" -T - -c | tar -C "$work/out/dotnet" -x
    local program
    for program in changedetection changedetection-worker changedetection-dashboard; do
        sed 's,^,dotnet/,' "$work/core" >>"$work/out/files/$program"
    done
    sed 's,^,dotnet/,' "$work/web" >>"$work/out/files/changedetection-dashboard"
    cp "$root_of/LICENSE.txt" "$work/out/licences/dotnet.LICENSE.txt"
    cp "$root_of/ThirdPartyNotices.txt" "$work/out/licences/dotnet.ThirdPartyNotices.txt"
}

mkdir -p "$work/out/files" "$work/out/licences"
for project in $PROJECTS; do
    publish "$project"
    merge "$project"
done
take_runtime
"$root/deploy/package/licences.sh" "$work/out" || fail "the licences are not known"
find "$work/out" -type d -exec chmod 0755 {} +
find "$work/out" -type f -exec chmod 0644 {} +
for project in $PROJECTS; do chmod 0755 "$work/out/$(name_of "$project")"; done
find "$work/out/dotnet" -name createdump -exec chmod 0755 {} +
mv "$work/out" "$out"
echo "$out: $(du -sm "$out" | cut -f1) MiB, .NET $(basename "$(echo "$out"/dotnet/host/fxr/*)")" >&2
