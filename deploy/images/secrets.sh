#!/usr/bin/env bash
# Makes the secrets of deploy/compose.yaml, each a file of its own. One that is there stays as it is.
# Usage: deploy/images/secrets.sh [FOLDER]      (default: deploy/secrets, which git ignores)
set -euo pipefail
folder=${1:-$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")/secrets}
umask 077
mkdir -p "$folder"
cd "$folder"

# 32 letters and digits: nothing that a connection string, a URL or an INI file would want quoted.
random() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32 || true; }

# keep FILE: takes its content from standard input, unless the file is there. The account of a container is not the one that owns the file, so the file
# may be read by everybody, and the folder be entered by its owner alone.
keep() {
    local content
    content=$(cat)
    [ -e "$1" ] && return 0
    printf '%s\n' "$content" >"$1.new"
    chmod 0444 "$1.new"
    mv "$1.new" "$1"
    echo "$folder/$1" >&2
}

# together A B: two files with one secret in them. Where one is left of the two, the other would get another secret.
together() {
    [ -e "$1" ] || [ ! -e "$2" ] || set -- "$2" "$1"
    if [ -e "$1" ] && [ ! -e "$2" ]; then
        echo "error: $folder has '$1' and lacks '$2', which holds the same secret. Put '$2' back, or remove '$1' too." >&2
        exit 1
    fi
}
together postgres_password database
together store_identities store_credentials

random | keep postgres_password
echo "Host=postgres;Database=changedetection;Username=changedetection;Password=$(cat postgres_password)" | keep database
# The key as the S3 server reads it, and as the programs of AWS do.
key=$(random)
printf '{"identities": [{"name": "changedetection", "credentials": [{"accessKey": "changedetection", "secretKey": "%s"}], "actions": %s}]}\n' \
    "$key" '["Admin", "Read", "Write", "List", "Tagging"]' | keep store_identities
printf '[default]\naws_access_key_id = changedetection\naws_secret_access_key = %s\n' "$key" | keep store_credentials
