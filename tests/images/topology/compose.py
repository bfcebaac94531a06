"""Reads deploy/compose.yaml as far as a stand-in for Docker Compose needs it."""
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
DURATION = re.compile(r"(\d+)(ms|s|m|h)")
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


@dataclass
class Service:
    """What the file says of a service; paths are absolute, `target` is None for an image that is not ours."""

    name: str
    target: str | None
    image: str
    environment: dict[str, str]
    command: list[str] | None
    entrypoint: list[str] | None
    secrets: list[str]
    tmpfs: list[str]
    volumes: list[tuple[str, str, bool]]
    networks: list[str]
    shares: str | None
    after: dict[str, str]
    check: list[str] | None
    replicas: int
    read_only: bool
    profiles: list[str] = field(default_factory=list)
    working_dir: str | None = None


def seconds(text: str) -> float:
    """The length of a duration such as 1m30s."""
    return sum(int(count) * SECONDS[unit] for count, unit in DURATION.findall(text))


def read(file: Path, variables: dict[str, str]) -> tuple[dict[str, Service], dict[str, Path]]:
    """The services, and the secrets' files. `variables` go before the environment, as an .env file of Compose would not."""
    text = VARIABLE.sub(lambda match: variables.get(match[1]) or os.environ.get(match[1]) or match[2] or "", file.read_text())
    document = yaml.safe_load(text)
    volumes = set(document.get("volumes") or {})
    services = {name: service(name, one, volumes, file.parent) for name, one in document["services"].items()}
    return services, {name: (file.parent / one["file"]).resolve() for name, one in document["secrets"].items()}


def service(name: str, one: dict, named: set[str], folder: Path) -> Service:
    mode = one.get("network_mode", "")
    check = one.get("healthcheck", {}).get("test")
    return Service(
        name=name,
        target=one.get("build", {}).get("target"),
        image=one["image"],
        environment={key: str(value).replace("$$", "$") for key, value in one.get("environment", {}).items()},
        command=one.get("command"),
        entrypoint=one.get("entrypoint"),
        secrets=one.get("secrets", []),
        tmpfs=one.get("tmpfs", []),
        volumes=[volume(text, named, folder) for text in one.get("volumes", [])],
        networks=one.get("networks", []),
        shares=mode.removeprefix("service:") if mode.startswith("service:") else None,
        after={other: how["condition"] for other, how in one.get("depends_on", {}).items()},
        check=check[1:] if check else None,
        replicas=int(one.get("deploy", {}).get("replicas", 1)),
        read_only=one.get("read_only", False),
        profiles=one.get("profiles", []),
        working_dir=one.get("working_dir"),
    )


def volume(text: str, named: set[str], folder: Path) -> tuple[str, str, bool]:
    """(a named volume, or an absolute path; where it is mounted; whether it is read-only)."""
    source, target, *mode = text.split(":")
    return (source if source in named else str((folder / source).resolve()), target, mode == ["ro"])


def started(services: dict[str, Service], names: list[str]) -> list[str]:
    """These services and what they depend on, each after what it waits for."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for other in [*services[name].after, *([services[name].shares] if services[name].shares else [])]:
                visit(other)
            order.append(name)

    for name in names:
        visit(name)
    return order
