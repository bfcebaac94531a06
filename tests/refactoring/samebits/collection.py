"""What came out of the scene on one tree, as it was: nothing is normalised here, so that a better comparison needs no new run."""

import hashlib
import json
import pathlib

from errors import Refused
from tree import Ran

FORMAT = 1
INDEX = "collection.json"
DOCUMENTS = "documents"


class Collection:
    """
    Documents by name, and the SHA-256 of files by name.

    A document is what one verb answered: its arguments, exit code, and standard output, parsed where it is JSON; where it failed standard error too.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.about: dict = {}
        self.labels: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.documents: dict[str, dict] = {}

    def label(self, identifier: str, name: str) -> None:
        """Says what an id stands for, so that it can be recognised in another collection."""
        self.labels[identifier] = name

    def add(self, name: str, ran: Ran) -> object:
        """Keeps what a verb answered; returns its JSON document, or its lines."""
        content = json.loads(ran.output) if _is_json(ran.output) else ran.output.splitlines()
        document = {"arguments": list(ran.arguments), "exit": ran.exit, "output": content}
        if ran.exit != 0:
            document["errors"] = ran.errors.splitlines()
        self._keep(name, document)
        return content

    def add_text(self, name: str, path: pathlib.Path) -> None:
        """Keeps a file of text that holds ids or times: its hash would say nothing."""
        text = path.read_text()
        self._keep(name, {"output": json.loads(text) if _is_json(text) else text.splitlines()})

    def add_file(self, name: str, path: pathlib.Path) -> str:
        self.files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self.files[name]

    def add_folder(self, name: str, folder: pathlib.Path) -> None:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.add_file(f"{name}/{path.relative_to(folder).as_posix()}", path)

    def write(self) -> None:
        content = {"format": FORMAT, "about": self.about, "labels": self.labels, "files": self.files, "documents": list(self.documents)}
        (self.folder / INDEX).write_text(json.dumps(content, indent=1) + "\n")

    @staticmethod
    def read(folder: pathlib.Path) -> "Collection":
        try:
            content = json.loads((folder / INDEX).read_text())
        except FileNotFoundError:
            raise Refused(f"{folder}: no {INDEX}: no results, or a scene that broke off. Make some: same-bits.sh collect TREE RESULTS") from None
        if content["format"] != FORMAT:
            raise Refused(f"{folder}: its format is {content['format']}, and {FORMAT} is known here. Collect again.")
        collection = Collection(folder)
        collection.about, collection.labels, collection.files = content["about"], content["labels"], content["files"]
        collection.documents = {name: json.loads(_path(folder, name).read_text()) for name in content["documents"]}
        return collection

    def _keep(self, name: str, document: dict) -> None:
        if name in self.documents:
            raise ValueError(f"two documents are called {name}")
        self.documents[name] = document
        path = _path(self.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _path(folder: pathlib.Path, name: str) -> pathlib.Path:
    return folder / DOCUMENTS / f"{name}.json"


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and text.rstrip()[-1:] in ("}", "]")
