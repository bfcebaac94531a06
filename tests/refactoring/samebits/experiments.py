"""The part of the scene that needs a system: three configs are trained, one of them again with two deaths, and what they made is used."""

import json
import pathlib

import listings
import pictures
from collection import Collection
from errors import Refused
from system import CHECKPOINT_PUBLISHED, STEP_DONE, System, until
from tree import Tree

FORMATS = {"safetensors": "safetensors", "pth": "pth", "torchscript": "pt", "onnx": "onnx"}
TERMINAL = ("succeeded", "failed", "cancelled")
REASON_LIMIT = 300
RUN_LIMIT = 3600


def play(tree: Tree, home: pathlib.Path, collection: Collection) -> None:
    with System(tree, collection.folder / "up.log") as system:
        try:
            _Scene(tree, home, collection, system).play()
        finally:
            _keep_logs(tree, collection)


class _Scene:
    def __init__(self, tree: Tree, home: pathlib.Path, collection: Collection, system: System):
        self._tree, self._home, self._collection, self._system = tree, home, collection, system
        (home / "got").mkdir()

    def play(self) -> None:
        for verb in ("list", "worker list", "queue list"):
            self._read(f"{verb.replace(' ', '-')}/at-first", *verb.split(), "--json")
        trained = {name: self._train(name) for name in ("plain", "rich", "kinds")}
        trained["killed"] = self._train_killed()
        runs = {name: experiment["runs"][0]["id"] for name, experiment in trained.items()}
        for name in runs:
            self._get(name, runs[name])
        self._require_equal_weights("rich", "killed")
        self._evaluate(runs)
        self._predict(runs)
        self._import()
        self._steer()
        self._compare([document["experiment"] for document in trained.values()])
        listings.keep(self._tree, self._collection)
        listings.keep_store(self._tree, self._collection)

    def _ask(self, name: str, *arguments: str, codes: tuple[int, ...] = (0,)):
        return self._collection.add(name, self._tree.run(*arguments).require(*codes))

    def _read(self, name: str, *arguments: str, codes: tuple[int, ...] = (0,)):
        return self._collection.add(name, self._tree.read(*arguments, codes=codes))

    def _queue(self, name: str, *arguments: str) -> dict:
        """Queues an experiment, and returns it when all its runs have succeeded."""
        experiment = self._ask(name, *arguments, "--json")["experiment"]
        shown = until(f"{name} to end", lambda: self._ended(experiment), RUN_LIMIT, every=3)
        if wrong := [f"{run['name']} {run['state']}: {run['reason']}" for run in shown["runs"] if run["state"] != "succeeded"]:
            raise Refused(f"{name}: {'; '.join(wrong)}")
        print(f"{name} has ended", flush=True)
        return shown

    def _ended(self, experiment: str) -> dict | None:
        shown = json.loads(self._tree.read("show", experiment, "--json").output)
        return shown if all(run["state"] in TERMINAL for run in shown["runs"]) else None

    def _train(self, name: str) -> dict:
        return self._queue(f"submit/{name}", "submit", str(self._home / f"configs/{name}.yaml"))

    def _train_killed(self) -> dict:
        """
        The config `rich` again. Its first trainer dies in the middle of the second epoch; the second attempt goes on from the first epoch's
        checkpoint, and its worker dies when the second epoch's is published and the trainer does not know it yet; the third goes on from there.
        """
        deaths = [self._system.arm(STEP_DONE, 9), self._system.arm(CHECKPOINT_PUBLISHED, 2)]
        experiment = self._queue("submit/killed", "submit", str(self._home / "configs/rich.yaml"), "--set", "name=killed")
        attempts, missed = experiment["runs"][0]["attempt"], [death.name for death in deaths if death.exists()]
        if missed or attempts != len(deaths) + 1:
            raise Refused(f"the run that was to die twice had {attempts} attempts; nothing died at: {', '.join(missed) or '–'}")
        return experiment

    def _get(self, name: str, run: str) -> None:
        for choice in ("best", "last"):
            for form, extension in FORMATS.items():
                path = self._home / "got" / f"{name}-{choice}.{extension}"
                get = ("checkpoint", "get", run, f"--{choice}", "--format", form, "--out", str(path))
                self._read(f"checkpoint/get/{name}-{choice}-{form}", *get)
                self._collection.add_file(f"got/{path.name}", path)
        self._read(f"checkpoint/verify/{name}", "checkpoint", "verify", str(self._home / "got" / f"{name}-best.safetensors"))
        self._read(f"checkpoint/verify/{name}-pth", "checkpoint", "verify", str(self._home / "got" / f"{name}-best.pth"))
        self._read(f"checkpoint/get/{name}-absent", "checkpoint", "get", run, "--step", "12345", "--out", str(self._home / "got/absent"), codes=(1,))

    def _require_equal_weights(self, one: str, other: str) -> None:
        """What is promised, whatever the other tree does."""
        for choice in ("best", "last"):
            names = [f"got/{name}-{choice}.safetensors" for name in (one, other)]
            if len({self._collection.files[name] for name in names}) > 1:
                raise Refused(f"{self._tree.root}: {' and '.join(names)} differ: the killed run did not end in the bits of the undisturbed one.")

    def _evaluate(self, runs: dict[str, str]) -> None:
        def evaluate(checkpoint: str, dataset: str, *options: str) -> list[str]:
            return ["evaluate", "--checkpoint", checkpoint, "--dataset", str(self._home / "data" / dataset), "--pictures", "1", *options]

        of_run = self._queue("evaluate/run", *evaluate(runs["plain"], "towns", "--split", "test"))
        of_validation = evaluate(runs["kinds"], "kinds", "--split", "val", "--validate", "test", "--last")
        of_classes = self._ask("evaluate/classes", *of_validation, "--wait", "--json")
        got = str(self._home / "got/killed-best.safetensors")
        of_file = self._queue("evaluate/file", *evaluate(got, "indexed", "--split", "test", "--validate", "none"))
        for name, experiment in (("run", of_run), ("classes", of_classes), ("file", of_file)):
            self._read(f"report/{name}", "report", experiment["runs"][0]["id"], "--json")
        for form in ("html", "json"):
            path = self._home / "got" / f"report.{form}"
            self._read(f"report/plain-{form}", "report", runs["plain"], "--out", str(path))
            self._collection.add_text(f"report/plain.{form}", path)

    def _predict(self, runs: dict[str, str]) -> None:
        def predict(name: str, checkpoint: str, before: pathlib.Path, after: pathlib.Path, *options: str) -> None:
            out = self._home / "got" / name
            endings = {"--out": "-change.tif", "--probability": "-p.tif", "--polygons": ".geojson", "--overlay": "-overlay.png"}
            outputs = [word for option, ending in endings.items() for word in (option, f"{out}{ending}")]
            inputs = ("--checkpoint", checkpoint, "--before", str(before), "--after", str(after))
            self._ask(f"predict/{name}", "predict", *inputs, *outputs, *options, "--json")
            for ending in endings.values():
                self._collection.add_file(f"got/{name}{ending}", pathlib.Path(f"{out}{ending}"))

        for bits in (8, 16):
            before, after, _ = pictures.pair(bits, 150, 109, bits=bits)
            pictures.write_tiff(self._home / f"scene/before-{bits}.tif", before, tile=32, deflate=True, georeferenced=True)
            pictures.write_tiff(self._home / f"scene/after-{bits}.tif", after, georeferenced=True)
        predict("windows", runs["plain"], self._home / "scene/before-8.tif", self._home / "scene/after-8.tif", "--tile", "48", "--threshold", "0.45")
        predict("classes", runs["kinds"], self._home / "scene/before-16.tif", self._home / "scene/after-16.tif", "--tile", "64")
        predict("file", str(self._home / "got/rich-last.safetensors"), *(self._home / f"scenes/test/{time}/00020.png" for time in ("time1", "time2")))

    def _import(self) -> None:
        load = ("checkpoint", "import", str(self._home / "got/plain-best.pth"))
        statistics = f"dataset:{self._home / 'data/scenes'}"
        document = self._ask("checkpoint/import", *load, "--model", "fc-siam-diff", "--normalize", statistics, "--json")
        self._read("checkpoint/list/imported", "checkpoint", "list", document["run"], "--json")
        self._ask("checkpoint/import-refused", *load, "--model", "tinycd", "--json", codes=(2,))

    def _steer(self) -> None:
        """A run that no worker takes goes through all that a user may ask of it, and is refused the rest."""
        run = self._ask("submit/waiting", "submit", str(self._home / "configs/waiting.yaml"), "--json")["runs"][0]["id"]
        self._read("submit/refused", "submit", str(self._home / "configs/bad/dataset.yaml"), "--json", codes=(2,))
        until("the scheduler to say why the run waits", self._reasons, REASON_LIMIT, every=1)
        self._read("queue-list/waiting", "queue", "list", "--json")
        for number, verb in enumerate("retry pause pause resume resume cancel cancel pause retry cancel".split()):
            self._ask(f"steer/{number}-{verb}", verb, run, "--json", codes=(0, 1))
        self._ask("steer/retry-failed-only", "retry", run, "--failed-only", "--json", codes=(1,))

    def _reasons(self) -> list[str]:
        return json.loads(self._tree.read("queue", "list", "--json").output)[0]["reasons"]

    def _compare(self, experiments: list[str]) -> None:
        self._read("compare/json", "compare", *experiments, "--json")
        self._read("compare/metrics", "compare", *experiments, "--json", "--metrics", "f1,iou,val/loss")
        for form in ("markdown", "csv", "latex"):
            self._read(f"compare/{form}", "compare", *experiments, "--format", form)


def _keep_logs(tree: Tree, collection: Collection) -> None:
    """For people; they are not compared."""
    logs = collection.folder / "logs"
    logs.mkdir()
    for log in (tree.data_dir / "logs").glob("*.log"):
        (logs / log.name).write_bytes(log.read_bytes())
