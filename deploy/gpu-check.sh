#!/usr/bin/env bash
# Checks a machine with a GPU: libtorch, its libraries and symbols, the device, a training step, a resumption to equal bits, and how fast it is.
# The machine needs no .NET, no network and no compiler. docs/gpu.md says how to read the report.
# Usage: deploy/gpu-check.sh pack [--out FILE]
#            on a build machine: publishes a worker without libtorch and packs it with this script (.out/gpu-check.tar.gz)
#        deploy/gpu-check.sh run [--device cuda:N|cpu] [--libtorch DIR] [--models NAME,…] [--pack FILE] [--report FILE]
#            on the GPU machine: at most 6 minutes; writes FILE.txt and FILE.json (gpu-check-report)
# Exit code: 0 everything is ok, 1 something is not, 2 wrong usage.
set -uo pipefail

readonly LARGEST_PACK=$((60 << 20))
# All of 'run', in seconds; and how much of it facts about the machine may take before the worker begins.
readonly LIMIT=350 FACTS_LIMIT=60
script=$(readlink -f "${BASH_SOURCE[0]}")
here=$(dirname "$script")

usage() {
    [ -z "$*" ] || echo "error: $*" >&2
    sed -n '4,8s/^# \{0,1\}//p' "$script" >&2
    exit 2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

# ---- pack ----------------------------------------------------------------------------------------------------------------------------------------

pack() {
    local root out='' work
    root=$(dirname "$here")
    while [ $# -gt 0 ]; do
        case $1 in
            --out) [ $# -ge 2 ] || usage "--out needs a value"; out=$2; shift 2 ;;
            *) usage "pack has no option '$1'" ;;
        esac
    done
    [ -f "$root/src/Worker/Worker.csproj" ] || fail "'pack' needs a checkout of the project; this script stands in $here."
    . "$here/prerequisites.sh"
    need_dotnet
    out=$(realpath -m "${out:-$root/.out/gpu-check.tar.gz}")
    mkdir -p "$(dirname "$out")" || fail "cannot make the folder of $out"
    work=$(mktemp -d) || fail "cannot make a temporary folder"
    # shellcheck disable=SC2064  # Now: the variable is gone when the script ends.
    trap "rm -rf '$work'" EXIT

    # Built apart from the checkout's own outputs, which are those of another libtorch. Self-contained: the machine has no .NET. The binding's demand
    # for a new libstdc++ is taken back in any case, whatever this machine has. The machine may have no ICU either; the check reads no names that need it.
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
    echo "publishing the worker …" >&2
    dotnet publish "$root/src/Worker" -c Release -r linux-x64 --self-contained -p:Libtorch=none -p:WeakenLibTorchSharp=always -p:DebugType=none \
        -p:InvariantGlobalization=true -p:UseArtifactsOutput=true --artifacts-path "$work/build" -o "$work/gpu-check/worker" -v quiet --nologo >&2 ||
        fail "the worker cannot be published"
    find "$work/gpu-check/worker" \( -name '*.xml' -o -name '*.pdb' \) -delete
    cp "$script" "$work/gpu-check/gpu-check.sh"
    { git -C "$root" describe --always --dirty 2>/dev/null || echo unknown; } >"$work/gpu-check/VERSION"
    # gzip, since a bare system has neither xz nor zstd.
    tar -C "$work" -c gpu-check --owner=0 --group=0 | gzip -9 >"$out.part" || fail "cannot write $out"
    local bytes
    bytes=$(stat -c %s "$out.part")
    if [ "$bytes" -gt $LARGEST_PACK ]; then
        rm -f "$out.part"
        fail "the pack has $bytes bytes, more than the $LARGEST_PACK that it may have: what has the worker begun to bring along?"
    fi
    mv "$out.part" "$out"
    echo "$out: $((bytes >> 20)) MiB ($bytes bytes), $(cat "$work/gpu-check/VERSION")"
}

# ---- facts about the machine ---------------------------------------------------------------------------------------------------------------------

# fact NAME VALUE: a line of the facts file. Several lines become one, and what is not there is said too.
fact() {
    local value
    value=$(printf '%s' "$2" | tr '\n\t' '; ' | tr -d '\000-\037' | sed 's/ *$//')
    printf '%s\t%s\n' "$1" "${value:-none}" >>"$facts"
}

# bounded SECONDS COMMAND…: its output, errors among it; what became of it where it fails.
bounded() {
    local limit=$1 text status
    shift
    text=$(timeout -k 2 "$limit" "$@" 2>&1 </dev/null)
    status=$?
    case $status in
        0) printf '%s' "$text" ;;
        124 | 137) printf '%s' "no answer within $limit s" ;;
        *) printf '%s' "fails with code $status: $(printf '%s' "$text" | tail -n 3)" ;;
    esac
    return $status
}

has() { command -v "$1" >/dev/null 2>&1; }

newest_version() {
    grep -ao "$1[0-9.]*[0-9]" "$2" 2>/dev/null | sort -Vu | tail -n 1
}

machine_facts() {
    fact script "$( [ -f "$here/VERSION" ] && cat "$here/VERSION" || echo 'from a checkout')"
    fact system "$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-unknown}"), kernel $(uname -r)"
    fact memory "$(awk '/^MemTotal/ { printf "%d MiB", $2 / 1024 }' /proc/meminfo), $(nproc) processors for us"
    fact glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null || echo unknown)"
    local runtime
    runtime=$({ /sbin/ldconfig -p || ldconfig -p; } 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
    fact libstdc++ "${runtime:-not found} up to $(newest_version GLIBCXX_ "${runtime:-/dev/null}")"
    fact libssl "$({ /sbin/ldconfig -p || ldconfig -p; } 2>/dev/null | awk '/libssl\.so\.[0-9]/ { print $NF }' | tr '\n' ' ')"
    if has nvidia-smi; then
        local query=index,name,memory.total,memory.used,compute_cap,driver_version,mig.mode.current
        fact gpu "$(bounded 20 nvidia-smi --query-gpu=$query --format=csv,noheader || bounded 20 nvidia-smi -L)"
        fact nvidia-smi "$(bounded 20 nvidia-smi | grep -o 'Driver Version: *[^ ]*\|CUDA Version: *[^ ]*\|fails with .*\|no answer.*' | tr '\n' ' ')"
    else
        fact gpu "there is no nvidia-smi on PATH"
    fi
    fact devices "$(ls -d /dev/nvidia* 2>/dev/null | tr '\n' ' ' || true)"
    [ -r /proc/driver/nvidia/version ] && fact driver "$(head -n 1 /proc/driver/nvidia/version)"
    fact libcuda "$({ /sbin/ldconfig -p || ldconfig -p; } 2>/dev/null | awk '/libcuda\.so/ { print $1, $NF }' | tr '\n' ' ')"
    fact nvcc "$(has nvcc && bounded 5 nvcc --version | tail -n 1 || ls -d /usr/local/cuda* 2>/dev/null | tr '\n' ' ')"
    fact environment "$(env | grep -E '^(CUDA|NVIDIA|LD_LIBRARY_PATH|LD_PRELOAD|OMP_|MKL_|PYTORCH|CHANGEDETECTION_LIBTORCH)' | tr '\n' ' ')"
}

# Every python3 there is, one path a line, no installation twice.
pythons() {
    local folder python
    for folder in ${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin"} ${CONDA_PREFIX:+"$CONDA_PREFIX/bin"} ${PATH//:/ } /usr/local/bin /usr/bin \
        "$HOME"/*/bin "$HOME"/.venv/bin /opt/*/bin /opt/*/*/bin /root/*/bin /venv/bin; do
        for python in "$folder"/python3 "$folder"/python3.[0-9]*; do
            case $python in *-config) continue ;; esac
            [ -x "$python" ] && printf '%s\n' "$python"
        done
    # A virtual environment's python is a link to another one's, with packages of its own: the folder counts, and the file.
    done | awk '!seen[$0]++' | while read -r python; do
        printf '%s %s\n' "$(readlink -f "$python")|$( [ -f "$(dirname "$python")/../pyvenv.cfg" ] && dirname "$python")" "$python"
    done | awk '!seen[$1]++ { print $2 }'
}

# The folder of torch's libraries, without importing it; nothing where this python has no torch.
torch_of() {
    timeout -k 2 10 "$1" -c '
import importlib.util, os
found = importlib.util.find_spec("torch")
if found and found.origin:
    print(os.path.join(os.path.dirname(found.origin), "lib"))' 2>/dev/null </dev/null
}

# Whether PyTorch itself can use the GPU: where it can and we cannot, the fault is ours.
ask_torch() {
    bounded 45 "$1" -c '
import torch
print("torch", torch.__version__, "cuda", torch.version.cuda, "cudnn", torch.backends.cudnn.version(), end=" ")
print("sees", torch.cuda.device_count(), "devices", end="")
for i in range(torch.cuda.device_count()):
    print(":", torch.cuda.get_device_name(i), torch.cuda.get_device_capability(i), torch.cuda.get_arch_list(), end="")'
}

# Sets $libtorch to what was named, else to the first libtorch with CUDA, else to the first at all.
find_libtorch() {
    local folder python first='' with_cuda='' asked=''
    while read -r python; do
        [ $SECONDS -lt $FACTS_LIMIT ] || { fact "pythons" "no time to ask more of them"; break; }
        folder=$(torch_of "$python")
        [ -n "$folder" ] && [ -e "$folder/libtorch_cpu.so" ] || continue
        fact "$python" "has torch in $folder"
        first=${first:-$folder}
        [ -e "$folder/libtorch_cuda.so" ] && with_cuda=${with_cuda:-$folder}
        asked=${asked:-$python}
        [ -e "$folder/libtorch_cuda.so" ] && [ "$with_cuda" = "$folder" ] && asked=$python
    done < <(pythons)
    for folder in /opt/libtorch/lib /usr/local/libtorch/lib "$HOME/libtorch/lib" /usr/lib/x86_64-linux-gnu /usr/local/lib; do
        [ -e "$folder/libtorch_cpu.so" ] || continue
        fact "$folder" "holds libtorch"
        first=${first:-$folder}
        [ -e "$folder/libtorch_cuda.so" ] && with_cuda=${with_cuda:-$folder}
    done
    [ -z "$asked" ] || fact pytorch "$(ask_torch "$asked")"
    libtorch=${libtorch:-${CHANGEDETECTION_LIBTORCH:-${with_cuda:-$first}}}
    fact libtorch "${libtorch:-none found}"
}

# ---- run -----------------------------------------------------------------------------------------------------------------------------------------

json() { printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\010\013-\037' | sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g' | sed ':a;N;$!ba;s/\n/\\n/g')"; }

# The report where the worker left none: the machine, and how the worker ended.
report_without_worker() {
    local error="the worker ended with code $1 and left no report; its last lines: $(tail -n 20 "$work/output" 2>/dev/null)"
    {
        echo "check of $device: $error"
        sed 's/^/  /' "$facts"
        echo "result: the worker did not begin"
    } | tee "$report.txt"
    {
        printf '{ "version": 1, "device": %s, "ok": false, "machine": {' "$(json "$device")"
        local name value comma=''
        while IFS=$'\t' read -r name value; do
            printf '%s %s: %s' "$comma" "$(json "$name")" "$(json "$value")"
            comma=,
        done <"$facts"
        printf ' }, "steps": [ { "name": "worker", "state": "failed", "summary": "it did not begin", "error": %s } ] }\n' "$(json "$error")"
    } >"$report.json"
}

find_worker() {
    if [ -z "$archive" ] && [ -x "$here/worker/changedetection-worker" ]; then
        worker=$here/worker/changedetection-worker
        return
    fi
    archive=${archive:-$(dirname "$here")/.out/gpu-check.tar.gz}
    [ -f "$archive" ] || usage "there is no pack '$archive'. Make one with 'deploy/gpu-check.sh pack', and name it by --pack"
    tar -C "$work" -xzf "$archive" || fail "cannot unpack $archive"
    here=$work/gpu-check
    worker=$here/worker/changedetection-worker
    [ -x "$worker" ] || fail "'$archive' holds no worker"
}

run() {
    device=cuda:0 libtorch='' archive='' report=gpu-check-report
    local models=()
    while [ $# -gt 0 ]; do
        case $1 in --device | --libtorch | --models | --pack | --report) ;; *) usage "run has no option '$1'" ;; esac
        [ $# -ge 2 ] || usage "$1 needs a value"
        case $1 in
            --device) device=$2 ;;
            --libtorch) libtorch=$2 ;;
            --models) models=(--models "$2") ;;
            --pack) archive=$2 ;;
            --report) report=$2 ;;
        esac
        shift 2
    done
    [[ $device =~ ^(cpu|cuda:[0-9]+)$ ]] || usage "--device: '$device' is neither cpu nor cuda:N"
    report=$(realpath -m "${report%.json}")
    report=${report%.txt}
    [ -d "$(dirname "$report")" ] || usage "--report: there is no folder '$(dirname "$report")'"
    : "${HOME:=/}"
    work=$(mktemp -d) || fail "cannot make a temporary folder"
    trap 'rm -rf "$work"' EXIT
    facts=$work/facts
    find_worker
    rm -f "$report.txt" "$report.json"
    machine_facts
    find_libtorch

    # The worker bounds its steps and all of them; this bounds the worker.
    local left=$((LIMIT - SECONDS)) status
    timeout -k 5 "$left" "$worker" check --device "$device" ${libtorch:+--libtorch "$libtorch"} ${models[@]+"${models[@]}"} \
        --seconds $((left - 10)) --facts "$facts" --report "$report" >"$work/output" 2>&1 </dev/null
    status=$?
    if [ ! -s "$report.json" ]; then
        # Wrong options of the worker are ours to tell too.
        [ $status -ne 2 ] || { cat "$work/output" >&2; exit 2; }
        report_without_worker $status
    else
        cat "$work/output"
        [ $status -le 1 ] || echo "the worker ended with code $status before it had taken all steps" | tee -a "$report.txt"
    fi
    echo "report: $report.txt $report.json ($SECONDS s)"
    [ $status -eq 0 ]
}

case ${1:-} in
    pack) shift; pack "$@" ;;
    run) shift; run "$@" ;;
    *) usage "${1:+there is no '$1'}" ;;
esac
