"""Generated image pairs as BMP and TIFF, by the standard library alone: `dataset synthesize` writes PNG, and other decoders matter too."""

import pathlib
import random
import struct
import zlib
from dataclasses import dataclass

# A made-up place in UTM zone 33 north, 10 m a pixel.
GEOREFERENCE = {
    33550: ("d", (10.0, 10.0, 0.0)),
    33922: ("d", (0.0, 0.0, 0.0, 399960.0, 5300040.0, 0.0)),
    34735: ("H", (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)),
}
TIFF_TYPES = {"H": 3, "I": 4, "d": 12}


@dataclass(frozen=True)
class Picture:
    """Values row by row, bands interleaved."""

    width: int
    height: int
    bands: int
    bits: int
    values: list[int]

    def rows(self, x: int, y: int, width: int, height: int) -> bytes:
        """A block as little-endian bytes; beyond the edges zero."""
        block = []
        for row in range(y, y + height):
            for column in range(x, x + width):
                inside = row < self.height and column < self.width
                start = (row * self.width + column) * self.bands
                block += self.values[start:start + self.bands] if inside else [0] * self.bands
        return struct.pack(f"<{len(block)}{'H' if self.bits == 16 else 'B'}", *block)


def pair(seed: int, width: int, height: int, bits: int = 8, kinds: int = 1) -> tuple[Picture, Picture, Picture]:
    """
    Two dates of a textured ground, and the mask of what is new in the second: bright squares of so many kinds (mask values 1, 2, …).
    """
    draw = random.Random(seed)
    top = (1 << bits) - 1
    ground = [draw.randrange(top // 8, top // 2) for _ in range(width * height * 3)]
    after, mask = [min(top, value + draw.randrange(top // 32)) for value in ground], [0] * (width * height)
    for kind in range(1, kinds + 1):
        left, upper = draw.randrange(width - 12), draw.randrange(height - 12)
        for row in range(upper, upper + 12):
            for column in range(left, left + 12):
                mask[row * width + column] = kind
                for band in range(3):
                    after[(row * width + column) * 3 + band] = top - draw.randrange(top // 4) if band < kind else top // 16
    return Picture(width, height, 3, bits, ground), Picture(width, height, 3, bits, after), Picture(width, height, 1, 8, mask)


def scaled(mask: Picture, factor: int) -> Picture:
    return Picture(mask.width, mask.height, 1, 8, [value * factor for value in mask.values])


def write_bmp(path: pathlib.Path, picture: Picture) -> None:
    """24 bits a pixel, or 8 with a grey palette; rows from the bottom up, as nearly all BMP files."""
    palette = b"".join(bytes([value, value, value, 0]) for value in range(256)) if picture.bands == 1 else b""
    rows = []
    for y in reversed(range(picture.height)):
        row = picture.rows(0, y, picture.width, 1)
        if picture.bands == 3:
            row = b"".join(row[at + 2::-1][:3] if at == 0 else row[at + 2:at - 1:-1] for at in range(0, len(row), 3))
        rows.append(row + bytes(-len(row) % 4))
    pixels, offset = b"".join(rows), 54 + len(palette)
    header = struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset)
    header += struct.pack("<IiiHHIIiiII", 40, picture.width, picture.height, 1, 8 * picture.bands, 0, len(pixels), 2835, 2835, len(palette) // 4, 0)
    _write(path, header + palette + pixels)


def write_tiff(path: pathlib.Path, picture: Picture, tile: int | None = None, deflate: bool = False, georeferenced: bool = False) -> None:
    """Strips of 16 rows, or tiles; one directory behind the pixels."""
    width, height = (tile, tile) if tile else (picture.width, 16)
    blocks = [
        picture.rows(x, y, width, height if tile else min(height, picture.height - y))
        for y in range(0, picture.height, height) for x in range(0, picture.width, width)]
    if deflate:
        blocks = [zlib.compress(block, 6) for block in blocks]
    content = bytearray(b"II*\0\0\0\0\0")
    offsets = []
    for block in blocks:
        offsets.append(len(content))
        content += block + bytes(len(block) % 2)
    places, lengths = (324, 325) if tile else (273, 279)
    tags = {
        256: ("I", (picture.width,)), 257: ("I", (picture.height,)), 258: ("H", (picture.bits,) * picture.bands), 259: ("H", (8 if deflate else 1,)),
        262: ("H", (2 if picture.bands == 3 else 1,)), 277: ("H", (picture.bands,)), 284: ("H", (1,)), 339: ("H", (1,) * picture.bands),
        places: ("I", tuple(offsets)), lengths: ("I", tuple(len(block) for block in blocks)),
    }
    tags |= {322: ("I", (tile,)), 323: ("I", (tile,))} if tile else {278: ("I", (height,))}
    tags |= GEOREFERENCE if georeferenced else {}
    _write_directory(content, tags)
    _write(path, bytes(content))


def _write_directory(content: bytearray, tags: dict[int, tuple[str, tuple]]) -> None:
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{kind}", *values)
        if len(packed) > 4:
            place = len(content)
            content += packed + bytes(len(packed) % 2)
            packed = struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, TIFF_TYPES[kind], len(values)) + packed.ljust(4, b"\0")
    content[4:8] = struct.pack("<I", len(content))
    content += struct.pack("<H", len(tags)) + entries + bytes(4)


def _write(path: pathlib.Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
