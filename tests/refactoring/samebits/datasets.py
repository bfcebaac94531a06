"""The part of the scene that needs no system: data sets are made, packed in several ways and measured; configs and networks are looked at."""

import pathlib
import shutil

import pictures
from collection import Collection
from tree import Tree


def play(tree: Tree, home: pathlib.Path, collection: Collection) -> None:
    _pack_all(tree, home, collection)
    for name in ("scenes", "tiles", "towns", "kinds", "indexed"):
        folder = str(home / "data" / name)
        collection.add(f"dataset/{name}/show", tree.run("dataset", "show", folder, "--json").require())
        collection.add(f"dataset/{name}/stats", tree.run("dataset", "stats", folder, "--json").require())
        collection.add(f"dataset/{name}/verify", tree.run("dataset", "verify", folder, "--json").require())
        collection.add_folder(f"data/{name}", home / "data" / name)
        collection.add_text(f"dataset/{name}/manifest", home / "data" / name / "dataset.json")
    sheet = home / "sheet.png"
    stats = ("dataset", "stats", str(home / "data/scenes"), "--sheet", str(sheet), "--rows", "2", "--json")
    collection.add("dataset/scenes/stats-sheet", tree.run(*stats).require())
    collection.add_file("sheet.png", sheet)
    _damage(tree, home, collection)
    _look_up(tree, home, collection)


def _pack_all(tree: Tree, home: pathlib.Path, collection: Collection) -> None:
    def pack(name: str, source: str, *options: str) -> None:
        arguments = ("dataset", "pack", str(home / source), "--out", str(home / "data" / name), *options, "--json")
        collection.add(f"dataset/{name}/pack", tree.run(*arguments).require())

    synthesize = ("dataset", "synthesize", "--out", str(home / "scenes"), "--pairs", "24", "--size", "64", "--seed", "3", "--json")
    collection.add("dataset/synthesize", tree.run(*synthesize).require())
    collection.add_folder("scenes", home / "scenes")
    pack("scenes", "scenes", "--layout", "sysu")
    tiles = ("--tile", "32", "--stride", "16", "--min-change", "val=0.01", "--shard-mib", "1")
    pack("tiles", "scenes", "--layout", "sysu", "--name", "tiles", "--encoding", "raw", *tiles)

    for number in range(1, 5):
        before, after, mask = pictures.pair(number, 70, 52)
        for name, picture in (("im1", before), ("im2", after), ("gt", pictures.scaled(mask, 255))):
            pictures.write_bmp(home / f"towns/Town/{number}/{name}.bmp", picture)
    pack("towns", "towns", "--layout", "airchange", "--split", "train=Town/1-3@0,0,48,48", "--split", "test=Town/4")

    for split, count in (("train", 6), ("val", 2), ("test", 2)):
        for number in range(count):
            before, after, mask = pictures.pair(100 + number, 48, 48, bits=16, kinds=2)
            pictures.write_tiff(home / f"kinds/{split}/A/{number}.tif", before, tile=16, deflate=True)
            pictures.write_tiff(home / f"kinds/{split}/B/{number}.tif", after)
            pictures.write_tiff(home / f"kinds/{split}/label/{number}.tif", mask, deflate=True)
    pack("kinds", "kinds", "--layout", "ab-label", "--class", "none=0", "--class", "building=1", "--class", "water=2")

    indexed = home / "data" / "indexed"
    indexed.mkdir()
    for tar in (home / "data/scenes").glob("*.tar"):
        shutil.copyfile(tar, indexed / tar.name)
    collection.add("dataset/index", tree.run("dataset", "index", str(indexed), "--name", "indexed", "--json").require())


def _damage(tree: Tree, home: pathlib.Path, collection: Collection) -> None:
    """A bit of an image is flipped, and an index is missing."""
    damaged = home / "data" / "damaged"
    shutil.copytree(home / "data/scenes", damaged)
    shard = damaged / "train-000000.tar"
    content = bytearray(shard.read_bytes())
    content[content.index(b"IDAT") + 40] ^= 1
    shard.write_bytes(content)
    (damaged / "val-000000.idx").unlink()
    collection.add("dataset/damaged/verify", tree.run("dataset", "verify", str(damaged), "--json").require(1))
    collection.add("dataset/absent/show", tree.run("dataset", "show", str(home / "nowhere"), "--json").require(2))
    again = ("dataset", "pack", str(home / "scenes"), "--layout", "sysu", "--out", str(home / "data/scenes"), "--json")
    collection.add("dataset/refused/pack", tree.run(*again).require(2))


def _look_up(tree: Tree, home: pathlib.Path, collection: Collection) -> None:
    collection.add("schema", tree.run("schema").require())
    for config in sorted((home / "configs").glob("*.yaml")):
        collection.add(f"validate/{config.stem}", tree.run("validate", str(config)).require())
    for config in sorted((home / "configs/bad").glob("*.yaml")):
        collection.add(f"validate/bad/{config.stem}", tree.run("validate", str(config)).require(2))
    collection.add("model/list", tree.run("model", "list", "--json").require())
    collection.add("model/show/fc-siam-diff", tree.run("model", "show", "fc-siam-diff", "--json").require())
    collection.add("model/show/tinycd-4", tree.run("model", "show", "tinycd", "--channels", "4", "--json").require())
    collection.add("model/show/unknown", tree.run("model", "show", "fc-siam-dif", "--json").require(2))
