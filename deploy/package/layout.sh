#!/usr/bin/env bash
# Lays a published folder out as it is installed: programs, links on the PATH, manual pages, completion, units, documents, examples.
# Usage: deploy/package/layout.sh PUBLISHED DEST PREFIX PACKAGE PROGRAM…
#          writes below DEST what belongs below PREFIX (/usr, /usr/local, ~/.local); PACKAGE names the folder of the documents
# deploy/package.sh and deploy/install.sh call it. Units come along where the worker does.
set -euo pipefail
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
published=$1 dest=$2 prefix=$3 package=$4
shift 4
doc=$dest/share/doc/$package

mkdir -p "$dest/bin" "$dest/lib/changedetection" "$dest/share/man/man1" "$dest/share/bash-completion/completions" "$doc/docs" "$doc/licences"
case $prefix in /usr) zsh=$dest/share/zsh/vendor-completions ;; *) zsh=$dest/share/zsh/site-functions ;; esac
mkdir -p "$zsh"

for program; do cat "$published/files/$program"; done | sort -u | tar -C "$published" -T - -c | tar -C "$dest/lib/changedetection" -x
for program; do
    ln -s "../lib/changedetection/$program" "$dest/bin/$program"
    "$published/$program" '[manual]' | gzip -9n >"$dest/share/man/man1/$program.1.gz"
    [ "$program" = changedetection ] || ln -s changedetection "$dest/share/bash-completion/completions/$program"
done
"$published/changedetection" completion bash >"$dest/share/bash-completion/completions/changedetection"
"$published/changedetection" completion zsh >"$zsh/_changedetection"

case " $* " in
    *' changedetection-worker '*)
        mkdir -p "$dest/lib/systemd/system" "$dest/lib/systemd/user"
        for unit in "$root"/deploy/package/systemd/*.service; do
            case $unit in
                *.user.service) to=user/$(basename "$unit" .user.service).service ;;
                *) to=system/$(basename "$unit") ;;
            esac
            sed "s,^ExecStart=/usr/bin/,ExecStart=$prefix/bin/," "$unit" >"$dest/lib/systemd/$to"
        done
        ;;
esac

# The documents' links keep leading somewhere: examples lie beside them here.
cp -r "$root/deploy/examples" "$doc/examples"
for page in "$root"/docs/*.md; do sed 's,\.\./deploy/examples,../examples,g' "$page" >"$doc/docs/$(basename "$page")"; done
sed 's,deploy/examples,examples,g' "$root/README.md" >"$doc/README.md"
cp -r "$published/licences/." "$doc/licences"
"$root/deploy/package/copyright.sh" "$published" "$package" "$@" >"$doc/copyright"
find "$dest" -type d -exec chmod 0755 {} +
find "$dest/share" "$dest/lib/systemd" -type f -exec chmod 0644 {} + 2>/dev/null || true
