"""Brings up the services of compose.yaml in the order and on the conditions that it names."""
import shutil
from pathlib import Path

import standins
from compose import Service, started
from container import Container, Image, Process, until
from network import Networks

OTHERS = {"postgres", "store", "bucket", "caddy"}
HEALTHY, DONE = "service_healthy", "service_completed_successfully"


class System:
    """From `with` to its end: namespaces, working copies of images and processes are gone afterwards; files below `state` stay."""

    def __init__(self, services: dict[str, Service], secrets: dict[str, Path], images: dict[str, str], state: Path, root: Path):
        self.services, self.secrets, self._names, self.state, self._root = services, secrets, images, state, root
        self.processes: dict[str, Process] = {}
        self.seconds: dict[str, float] = {}
        self.images: dict[str, Image] = {}
        self._runs = 0

    def __enter__(self) -> "System":
        self.networks = Networks(sorted({network for one in self.services.values() for network in one.networks}))
        return self

    def __exit__(self, *_) -> None:
        for process in reversed(self.processes.values()):
            process.kill()
        self.networks.close()
        for image in self.images.values():
            image.close()

    def up(self, wanted: list[str]) -> None:
        order = started(self.services, wanted)
        members = {name: self._members(name) for name in order if self.services[name].shares is None}
        for member in [one for several in members.values() for one in several] + ["cli"]:
            self.networks.join(member, self.services[member.rstrip("0123456789").rstrip("-")].networks)
        for name in order:
            service = self.services[name]
            for other, condition in service.after.items():
                self._await(other, condition)
            if name == "bucket":
                continue  # s3rver has made it already.
            for member in self._members(name):
                self.processes[member] = self._start(service, member)
        for name in order:
            if name != "bucket":
                self._await(name, HEALTHY)

    def cli(self, *arguments: str, user: str | None = None, limit: float = 300) -> str:
        """`docker compose run --rm [--user USER] cli ARGUMENTS`: what it printed; fails unless its exit code is 0."""
        self._runs += 1
        process = self._container(self.services["cli"], "cli", self.state / f"cli-{self._runs}.log", list(arguments), user)
        self.processes["cli"] = process
        code = process.wait(limit)
        if code != 0:
            raise RuntimeError(f"changedetection {' '.join(arguments)}: exit code {code}\n{process.tail()}")
        return process.log.read_text()

    def healthy(self, member: str) -> bool:
        """Whether the health check of the image says so, run inside as the runtime would."""
        process = self.processes[member]
        assert isinstance(process, Container) and process.image.check
        return process.exec(process.image.check).returncode == 0

    def hidden(self, secret: str) -> Path:
        """The copy of a secret that containers see."""
        return self.state / "secrets" / secret

    def _members(self, name: str) -> list[str]:
        count = self.services[name].replicas
        return [name] if count == 1 else [f"{name}-{number + 1}" for number in range(count)]

    def _start(self, service: Service, member: str) -> Process:
        log, where = self.state / f"{member}.log", self.networks.namespace(service.shares or member)
        match service.name:
            case "postgres":
                return standins.postgres(where, self.state, log, self.hidden(""))
            case "store":
                return standins.store(where, self.state, log, self._root / "tests" / "servers")
            case "caddy":
                return standins.caddy(where, self.state, log, self._root / "deploy" / "images" / "Caddyfile", service.environment)
        return self._container(service, member, log, service.command)

    def _container(self, service: Service, member: str, log: Path, command: list[str] | None, user: str | None = None) -> Container:
        if service.target not in self.images:
            self.images[service.target] = Image.open(self._names[service.target])
        hosts = log.with_suffix(".hosts")
        hosts.write_text(self.networks.hosts(member))
        mounts = [f"tmpfs {path.split(':')[0]}" for path in service.tmpfs]
        mounts += [f"bind {hosts} /etc/hosts ro", *(f"bind {self.hidden(secret)} /run/secrets/{secret} ro" for secret in service.secrets)]
        mounts += [f"bind {self._volume(source, target)} {target} {'ro' if read_only else 'rw'}" for source, target, read_only in service.volumes]
        return Container(member, self.images[service.target], self.networks.namespace(member), log, environment=service.environment, mounts=mounts,
                         command=command, working_dir=service.working_dir, read_only=service.read_only, user=user)

    def _volume(self, source: str, target: str) -> Path:
        """A named volume is a folder that begins as the image's own, as Docker makes it: of the same owner and mode."""
        if source.startswith("/"):
            return Path(source)
        folder = self.state / "volumes" / source
        if not folder.exists():
            folder.mkdir(parents=True)
            like = (self.images["worker"].root / target.lstrip("/")).stat()
            shutil.chown(folder, like.st_uid, like.st_gid)
            folder.chmod(like.st_mode & 0o7777)
        return folder

    def _await(self, name: str, condition: str) -> None:
        if name == "bucket":
            return
        for member in self._members(name):
            if member in self.seconds:
                continue
            process = self.processes[member]
            match name:
                case "postgres":
                    check = lambda: standins.postgres_check(process, self.state, self.hidden(""))  # noqa: E731
                case "store":
                    check = lambda: standins.store_check(process)  # noqa: E731
                case "caddy":
                    check = lambda: standins.caddy_check(process)  # noqa: E731
                case _:
                    check = lambda: self.healthy(member)  # noqa: E731, B023
            self.seconds[member] = until("healthy" if condition == HEALTHY else "started", process, check, "2m")
            print(f"{member:<12} healthy after {self.seconds[member]:5.1f} s", flush=True)


def copy_secrets(secrets: dict[str, Path], folder: Path) -> None:
    """Copies that every account can read, as Docker's mounts of them are; the key is that of the stand-in."""
    folder.mkdir()
    for name, path in secrets.items():
        text = path.read_text()
        if name == "store_credentials":
            text = f"[default]\naws_access_key_id = {standins.S3_KEY}\naws_secret_access_key = {standins.S3_KEY}\n"
        (folder / name).write_text(text)
        (folder / name).chmod(0o444)
