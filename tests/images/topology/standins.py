"""The services of compose.yaml whose images are not ours, played by programs of this machine."""
import os
import shutil
from pathlib import Path

from container import Process, run

# Of s3rver, from npm: it knows one key.
S3_KEY = "S3RVER"


def postgres(namespace: str, state: Path, log: Path, secrets: Path) -> Process:
    """A cluster of its own, reached by TCP with the password of the secret alone."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    home, password = state / "postgres", state / "postgres-password"
    home.mkdir(mode=0o700)
    shutil.copy(secrets / "postgres_password", password)
    for path in (home, password):
        shutil.chown(path, "postgres", "postgres")
    alone = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    run(*alone, str(binaries / "initdb"), "-D", str(home / "data"), "-U", "changedetection", "-A", "scram-sha-256", f"--pwfile={password}", "-N",
        "--locale=C.UTF-8", cwd="/")
    with (home / "data" / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.77.0.0/16 scram-sha-256\n")
    return Process("postgres", namespace, [*alone, str(binaries / "postgres"), "-D", str(home / "data"), "-h", "0.0.0.0", "-k", str(home)], log)


def postgres_check(process: Process, state: Path, secrets: Path) -> bool:
    """As the image does it, the server makes the database that the file names before anybody is let in."""
    environment = {**os.environ, "PGPASSWORD": (secrets / "postgres_password").read_text().strip()}
    if process.exec(["pg_isready", "-q", "-h", "127.0.0.1", "-U", "changedetection"]).returncode != 0:
        return False
    marker = state / "postgres-database"
    if not marker.exists():
        run("nsenter", f"--net=/run/netns/{process.namespace}", "createdb", "-h", "127.0.0.1", "-U", "changedetection", "changedetection", env=environment)
        marker.touch()
    return True


def store(namespace: str, state: Path, log: Path, servers: Path) -> Process:
    """s3rver on the port of the file, with the bucket."""
    folder = state / "store"
    folder.mkdir()
    return Process("store", namespace, ["node", str(servers / "node_modules" / ".bin" / "s3rver"), "--directory", str(folder), "--address", "0.0.0.0",
                                        "--port", "9000", "--no-vhost-buckets", "--configure-bucket", "changedetection"], log)


def store_check(process: Process) -> bool:
    return process.exec(["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:9000/"]).returncode == 0


def caddy(namespace: str, state: Path, log: Path, configuration: Path, environment: dict[str, str]) -> Process:
    """Debian's, on the same Caddyfile."""
    homes = {"XDG_DATA_HOME": str(state / "caddy-data"), "XDG_CONFIG_HOME": str(state / "caddy-config")}
    return Process("caddy", namespace, ["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"], log, {**homes, **environment})


def caddy_check(process: Process) -> bool:
    return process.exec(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/443"]).returncode == 0


def caddy_authority(state: Path) -> Path:
    return state / "caddy-data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
