"""Gives a safetensors file other values, of a pattern that compresses well: eighths from -3/8 to 3/8, one after the other."""
import json
import struct
import sys

source, target = sys.argv[1:]
data = open(source, "rb").read()
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
header.pop("__metadata__", None)
body = bytearray(len(data) - 8 - length)
for tensor in header.values():
    begin, end = tensor["data_offsets"]
    if tensor["dtype"] == "F32":
        values = [(i % 7 - 3) / 8 for i in range((end - begin) // 4)]
        body[begin:end] = struct.pack(f"<{len(values)}f", *values)
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(target, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + body)
