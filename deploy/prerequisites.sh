# Sourced by demo.sh and test.sh: makes sure that what the project needs is on this machine, or says what to install.

# Debian and Ubuntu keep the server binaries off PATH.
postgres_is_there() {
    [ -n "${CHANGEDETECTION_POSTGRES_BIN:-}" ] && return 0
    command -v initdb >/dev/null 2>&1 && return 0
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return 0
    compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null
}

# Runs a command as root: directly, or by sudo where that needs no password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_be_root() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install_debian_package() {
    command -v apt-get >/dev/null 2>&1 && may_be_root || return 1
    echo "installing $* …" >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    as_root apt-get update >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null
}

# .NET and our programs need ICU for names in any script. Its package is called by its version (libicu72, libicu76).
need_icu() {
    ldconfig -p 2>/dev/null | grep -q libicuuc && return 0
    compgen -G '/usr/lib*/libicuuc.so*' >/dev/null || compgen -G '/usr/lib/*/libicuuc.so*' >/dev/null && return 0
    local package=""
    if command -v apt-cache >/dev/null 2>&1; then
        package=$(apt-cache search --names-only '^libicu[0-9]+$' | sort -V | tail -1 | cut -d' ' -f1)
    fi
    [ -n "$package" ] && install_debian_package "$package" && return 0
    echo "ICU (libicu) is missing, and this account cannot install it: .NET starts no program of ours without it." >&2
    echo "Debian, Ubuntu: sudo apt-get install libicu-dev    Fedora: sudo dnf install libicu" >&2
    exit 1
}

need_dotnet() {
    need_icu
    if ! command -v dotnet >/dev/null 2>&1; then
        echo "The .NET 10 SDK is missing. Install it (https://dotnet.microsoft.com/download, or the package dotnet-sdk-10.0) and run this again." >&2
        exit 1
    fi
    case "$(dotnet --version 2>/dev/null)" in
        10.*) ;;
        *) echo "This needs the .NET 10 SDK; 'dotnet --version' says $(dotnet --version 2>&1 | head -1)." >&2; exit 1 ;;
    esac
}

# The storage servers of tests/servers, by npm. The tests that need them skip, with a reason, where they cannot be installed.
need_storage_servers() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || install_debian_package nodejs npm || {
        echo "node and npm are missing and cannot be installed here: the tests of S3 and Azure storage will skip." >&2
        return 0
    }
    # npm writes this file when it is done.
    [ tests/servers/node_modules/.package-lock.json -nt tests/servers/package-lock.json ] && return 0
    echo "installing the storage servers of the tests …" >&2
    (cd tests/servers && npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
        echo "npm could not install tests/servers: the tests of S3 and Azure storage will skip." >&2
}

need_postgres() {
    postgres_is_there && return 0
    # The package would start a cluster of its own, which nobody here needs.
    if command -v apt-get >/dev/null 2>&1 && may_be_root; then
        as_root mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    if ! install_debian_package postgresql; then
        echo "PostgreSQL's server programs (initdb, postgres) are missing, and this account cannot install them." >&2
        echo "Debian, Ubuntu: sudo apt-get install postgresql    Fedora: sudo dnf install postgresql-server" >&2
        echo "Or name their folder: CHANGEDETECTION_POSTGRES_BIN=/path/to/bin" >&2
        exit 1
    fi
}
