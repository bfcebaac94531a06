#!/usr/bin/env bash
# Makes the golden files of a release: what it writes that every later one has to read. tests/golden/README.md says what they are.
# Usage: tests/golden/make.sh VERSION      after dotnet build -c Release; writes tests/golden/VERSION, which must not exist yet
# Needs python3 and PostgreSQL's client programs. Takes a minute. Everything in it is generated.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ $# -eq 1 ] || { echo "usage: $0 VERSION" >&2; exit 2; }
out=$PWD/tests/golden/$1
[ ! -e "$out" ] || { echo "$out exists already; golden files of a release never change." >&2; exit 2; }
cli=$PWD/src/Scheduler/bin/Release/net10.0/changedetection
# A fixed place: configs name data sets by their whole address, which is in their digests.
work=/tmp/golden
[ ! -e "$work" ] || { echo "$work is in the way; move it." >&2; exit 2; }
mkdir -m 711 "$work"
data=$work/data
up=
finish() {
    if [ -n "$up" ]; then kill "$up" 2> /dev/null || true; wait "$up" 2> /dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$out/checkpoint"

# The config: the template that names every key.
cp deploy/examples/own-images.yaml "$out/config.yaml"

# Data sets of both formats.
"$cli" dataset synthesize --out "$work/scenes" --pairs 5 --seed 4 --size 48
"$cli" dataset pack "$work/scenes" --layout sysu --out "$work/dataset"
cp -r "$work/dataset" "$out/dataset-2"
rm -f "$out"/dataset-2/*.png
python3 tests/golden/first_format.py "$out/dataset-2" "$out/dataset-1"
"$cli" dataset verify "$out/dataset-1"

# A system that has done a bit of everything, so that every table has rows.
"$cli" up --data-dir "$data" --workers 1 --slots cpu > "$work/up.log" 2>&1 &
up=$!
for _ in $(seq 240); do grep -q '^Ready' "$work/up.log" && break; kill -0 "$up"; sleep 0.5; done
grep -q '^Ready' "$work/up.log"
export CHANGEDETECTION_DATA_DIR=$data
cat > "$work/run.yaml" <<YAML
version: 1
name: golden
dataset: { uri: $work/dataset, train: { split: train, crop: 32, samples_per_epoch: 4 } }
train: { batch_size: 2, epochs: 1 }
evaluate: { from: best, pictures: 1 }
resources: { threads: 1 }
YAML
"$cli" submit "$work/run.yaml" --wait --json > "$work/runs.json"
trained=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["runs"][0]["id"])' "$work/runs.json")
"$cli" predict --checkpoint "$trained" --before "$(ls "$work"/scenes/test/time1/* | head -1)" --after "$(ls "$work"/scenes/test/time2/* | head -1)" --out "$work/c.tif"
"$cli" checkpoint get "$trained" --out "$work/trained.safetensors"
# Weights that compress well: the same shapes with a short pattern of values.
python3 tests/golden/pattern.py "$work/trained.safetensors" "$work/pattern.safetensors"
imported=$("$cli" checkpoint import "$work/pattern.safetensors" --model fc-siam-diff --channels 3 --normalize unit)
for file in "$data/store/runs/$imported/checkpoints"/*/*; do
    case $file in
        *.json) cp "$file" "$out/checkpoint/" ;;
        *) gzip -9nc "$file" > "$out/checkpoint/$(basename "$file").gz" ;;
    esac
done

# People, and a run that was deleted.
"$cli" user add golden --role operator
"$cli" token create --user golden --name golden > /dev/null
gone=$("$cli" evaluate --checkpoint "$trained" --dataset "$work/dataset" --split val --wait --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["runs"][0]["id"])')
"$cli" delete "$gone" --yes

# Rows that come and go while a system works; by hand here.
eval "$(python3 tests/golden/connection.py "$data/connection.json")"
psql -q -v ON_ERROR_STOP=1 <<SQL
set search_path to changedetection;
-- No key stands in a repository.
update cookie_keys set xml = '<key/>';
insert into uploads (run_id) values ('00000000-0000-7000-8000-000000000001');
insert into orphans (prefix, run_id, attempt, bytes) values ('runs/$trained/pictures/left-a1.png', '$trained', 1, 10);
insert into strips (run_id, strip, attempt, first_row, rows, object_key, bytes, sha256)
    values ('$trained', 0, 1, 0, 8, 'runs/$trained/strips/000000-a1.strip', 10, repeat('a', 64));
SQL
pg_dump --schema=changedetection --no-owner --no-privileges --inserts --rows-per-insert=200 \
    | grep -v '^\\[un]*restrict ' | sed -e "s#'$(hostname)'#'host'#g" -e "s#'$(hostname) #'host #g" > "$out/database.sql"
du -sh "$out"
