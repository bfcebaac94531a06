"""Trains one network through the topology of deploy/compose.yaml, in the root folders of the images. verify-images.sh starts it."""
import argparse
import json
import os
import signal
import time
from pathlib import Path

import compose
from container import Container, run, until
from standins import caddy_authority
from system import System, copy_secrets

ROOT = Path(__file__).resolve().parents[3]
OURS = ["scheduler", "dashboard", "worker-1", "worker-2"]
CONFIG = """\
version: 1
name: compose
seed: 7
dataset: { uri: s3://changedetection/data/small, train: { split: train, crop: 64 } }
train: { batch_size: 4, epochs: 3 }
evaluate: { from: best, pictures: 1 }
resources: { threads: 1 }
"""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--state", type=Path, required=True, help="a new folder; logs stay there")
    arguments.add_argument("--prefix", required=True, help="the images are called localhost/PREFIX-TARGET")
    options = arguments.parse_args()
    state = options.state.resolve()
    state.mkdir()
    state.chmod(0o755)
    run(str(ROOT / "deploy" / "images" / "secrets.sh"), str(state / "made"))
    work, data = state / "work", state / "data"
    for folder in (work, data):
        folder.mkdir()
        os.chown(folder, 10001, 10001)
    services, secrets = compose.read(ROOT / "deploy" / "compose.yaml", {
        "SECRETS": str(state / "made"), "WORK": str(work), "DATA": str(data), "CPU_WORKERS": "2", "SITE": "localhost", "TLS": "internal"})
    copy_secrets(secrets, state / "secrets")
    names = {one.target: f"{options.prefix}-{one.target}" for one in services.values() if one.target}
    with System(services, secrets, names, state, ROOT) as system:
        system.up(["caddy", "worker"])
        containers_are_closed(system)
        trains(system, work)
        goes_through_tls(system)
        notices_what_is_frozen(system)
        ends_in_order(system)
    print("ok")


def expect(what: str, holds: bool) -> None:
    if not holds:
        raise AssertionError(what)
    print(f"ok: {what}", flush=True)


def containers_are_closed(system: System) -> None:
    for name in OURS:
        process = system.processes[name]
        assert isinstance(process, Container)
        expect(f"{name} runs as 10001, with no capability and no way to new ones", (
            process.status("Uid").split()[0], process.status("CapEff"), process.status("NoNewPrivs")) == ("10001", "0" * 16, "1"))
        tried = process.exec(["/bin/sh", "-c", "touch /etc/x /usr/lib/changedetection/x /run/secrets/x; touch /tmp/x && cat /run/secrets/database >/dev/null"])
        expect(f"{name} writes /tmp alone", 
               (tried.returncode, tried.stderr.count("Read-only file system"), tried.stderr.count("Permission denied")) == (0, 2, 1))
        expect(f"{name} has the secret in no variable", "Password" not in Path(f"/proc/{process.pid()}/environ").read_text())


def trains(system: System, work: Path) -> None:
    began = time.monotonic()
    (work / "compose.yaml").write_text(CONFIG)
    system.cli("dataset", "synthesize", "--out", "/work/images", "--pairs", "24", "--seed", "3", "--size", "64")
    system.cli("dataset", "pack", "/work/images", "--layout", "sysu", "--out", "s3://changedetection/data/small")
    runs = json.loads(system.cli("submit", "compose.yaml", "--json"))["runs"]
    for one in runs:
        system.cli("watch", one["id"], limit=600)
    found = json.loads(system.cli("list", "--json"))
    expect(f"{len(runs)} runs succeeded, in {time.monotonic() - began:.0f} s with their data set",
           [one["state"] for one in found] == ["succeeded"] * len(runs))
    system.trained = next(one["id"] for one in found if one["kind"] == "train")
    work.chmod(0o777)
    system.cli("checkpoint", "get", system.trained, "--out", "/work/weights.safetensors", user="65534:65534")
    weights = work / "weights.safetensors"
    expect(f"a checkpoint of {weights.stat().st_size} bytes came out of the store", weights.stat().st_size > 1_000_000)
    workers = json.loads(system.cli("worker", "list", "--json"))
    expect("two workers are ready", [one["state"] for one in workers] == ["ready"] * 2)


def token(system: System) -> list[str]:
    """What curl says to be let in: a user's token, where this version's dashboard knows users."""
    if not any(line.split()[:1] == ["token"] for line in system.cli("--help").splitlines()):
        return []
    system.cli("user", "add", "compose", "--role", "operator")
    return ["-H", "Authorization: Bearer " + json.loads(system.cli("token", "create", "--user", "compose", "--json"))["token"]]


def goes_through_tls(system: System) -> None:
    authority = str(caddy_authority(system.state))
    page, known = "https://localhost", token(system)

    def fetch(*more: str) -> str:
        done = system.processes["caddy"].exec(["curl", "-s", "--cacert", authority, "-o", "/dev/null", "-w", "%{http_code}", *more])
        return done.stdout

    if known:
        expect("nobody sees the run without signing in", fetch(f"{page}/runs/{system.trained}") == "401")

    expect("the dashboard answers through Caddy, by its certificate", fetch(f"{page}/healthz") == "200")
    expect("it shows the run", fetch(*known, f"{page}/runs/{system.trained}") == "200")
    live = f"{page}/_blazor/negotiate?negotiateVersion=1"
    expect("a page of its own may connect", fetch(*known, "-X", "POST", "-H", "Origin: https://localhost", live) == "200")
    expect("another site's page may not", fetch(*known, "-X", "POST", "-H", "Origin: https://example.org", live) == "403")
    expect("nor one that calls itself the dashboard's own", fetch(*known, "-X", "POST", "-H", "Origin: http://localhost:5080", live) == "403")
    address = system.networks.addresses["dashboard"]["inside"]
    direct = system.processes["store"].exec(["curl", "-s", "-m", "3", f"http://{address}:5080/healthz"])
    expect("without Caddy it is reached from no other container", direct.returncode == 7)


def notices_what_is_frozen(system: System) -> None:
    worker = system.processes["worker-1"]
    worker.signal(signal.SIGSTOP)
    until("unhealthy", worker, lambda: not system.healthy("worker-1"), "1m")
    worker.signal(signal.SIGCONT)
    until("healthy again", worker, lambda: system.healthy("worker-1"), "30s")
    print("ok: a frozen worker becomes unhealthy, and healthy again", flush=True)


def ends_in_order(system: System) -> None:
    for name in reversed(OURS):
        process = system.processes[name]
        began = time.monotonic()
        expect(f"{name} ends with 0 when it is asked to", process.stop(60) == 0)
        print(f"{name:<12} ended after {time.monotonic() - began:.1f} s", flush=True)
    for name in OURS:
        said = (system.state / f"{name}.errors").read_text()
        expect(f"{name} misses no library", "Cannot load library" not in said and "cannot open shared object" not in said)


if __name__ == "__main__":
    main()
