"""Compose's networks: a bridge for each, in a network namespace that has no other way out."""
import os
import subprocess


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


class Networks:
    """Namespaces of this process's own, named by its id; `close` removes them."""

    def __init__(self, names: list[str]):
        self._prefix = f"cd{os.getpid()}"
        self._bridges = {name: index + 1 for index, name in enumerate(names)}
        self._members: dict[str, int] = {}
        self._made: list[str] = []
        self.addresses: dict[str, dict[str, str]] = {}
        self._add("wire")
        for number in self._bridges.values():
            ip("-n", self.namespace("wire"), "link", "add", f"br{number}", "type", "bridge")
            ip("-n", self.namespace("wire"), "link", "set", f"br{number}", "up")

    def namespace(self, member: str) -> str:
        return f"{self._prefix}-{member}"

    def join(self, member: str, networks: list[str]) -> None:
        """Makes the member's namespace, with a loopback device and a device on each of the networks."""
        self._add(member)
        number = self._members[member] = len(self._members) + 2
        self.addresses[member] = {}
        for name in networks:
            bridge = self._bridges[name]
            inside, outside = f"eth{bridge}", f"v{bridge}x{number}"
            ip("-n", self.namespace("wire"), "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", self.namespace(member))
            ip("-n", self.namespace("wire"), "link", "set", outside, "master", f"br{bridge}", "up")
            address = f"10.77.{bridge}.{number}"
            ip("-n", self.namespace(member), "address", "add", f"{address}/24", "dev", inside)
            ip("-n", self.namespace(member), "link", "set", inside, "up")
            self.addresses[member][name] = address

    def hosts(self, member: str) -> str:
        """What /etc/hosts says in the member: itself, and all that share a network with it, by the first they share."""
        lines = ["127.0.0.1 localhost"]
        for other, addresses in self.addresses.items():
            shared = [address for name, address in addresses.items() if name in self.addresses[member]]
            if shared:
                lines.append(f"{shared[0]} {other}")
        return "\n".join(lines) + "\n"

    def close(self) -> None:
        for name in reversed(self._made):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def _add(self, member: str) -> None:
        ip("netns", "add", self.namespace(member))
        self._made.append(self.namespace(member))
        ip("-n", self.namespace(member), "link", "set", "lo", "up")
