#!/usr/bin/env python3
"""Reads a stream of safetensors frames with the standard library alone, to hold the C reader and
writer against an independent one. Prints one line a tensor and one a metadata entry; ends with
status 1 at the first violation of the published format."""
import json
import struct
import sys
import zlib

SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4,
         "F32": 4, "F64": 8, "I64": 8, "U64": 8}
CODES = {"BOOL": "?", "U8": "B", "I8": "b", "I16": "h", "U16": "H", "F16": "e", "I32": "i",
         "U32": "I", "F32": "f", "F64": "d", "I64": "q", "U64": "Q"}


def no_duplicates(pairs):
    found = dict(pairs)
    assert len(found) == len(pairs), "duplicate keys"
    return found


def frame(text, at, number):
    assert len(text) - at >= 8, "length cut short"
    (n,) = struct.unpack_from("<Q", text, at)
    assert n <= 100_000_000 and at + 8 + n <= len(text), "header cut short"
    raw = text[at + 8:at + 8 + n]
    assert raw[:1] == b"{", "header must begin with {"
    assert (8 + n) % 64 == 0, "data does not start at a multiple of 64"
    assert raw.rstrip(b" ")[-1:] == b"}", "padding must be spaces"
    header = json.loads(raw.decode("utf-8"), object_pairs_hook=no_duplicates)
    meta = header.pop("__metadata__", {})
    assert list(meta) == sorted(meta), "metadata is not sorted"
    start, end, sums = at + 8 + n, 0, []
    for name, entry in header.items():  # as written: the data follows in the same order
        assert set(entry) == {"dtype", "shape", "data_offsets"}, name
        begin, stop = entry["data_offsets"]
        count = 1
        for extent in entry["shape"]:
            count *= extent
        size = SIZES[entry["dtype"]]
        assert begin == end and stop - begin == count * size, f"{name}: offsets"
        assert begin % size == 0, f"{name}: not aligned"
        end = stop
        data = text[start + begin:start + stop]
        assert len(data) == stop - begin, "data cut short"
        sums.append(f"{zlib.crc32(data):08x}")
        code = CODES.get(entry["dtype"])
        values = struct.unpack(f"<{count}{code}", data) if code else data.hex()
        shown = values if isinstance(values, str) else " ".join(repr(v) for v in values[:6])
        print(number, name, entry["dtype"], entry["shape"], shown)
    for key, value in meta.items():
        assert isinstance(value, str), key
        print(number, "meta", key, json.dumps(value))
    data = text[start:start + end]
    assert meta.get("gan.crc32") == f"{zlib.crc32(data):08x}", "checksum"
    assert meta.get("gan.crc32.tensors") == " ".join(sums), "checksums of tensors"
    return start + end


def main(path):
    with open(path, "rb") as f:
        text = f.read()
    at = number = 0
    while at < len(text):
        number += 1
        try:
            at = frame(text, at, number)
        except Exception as e:  # any violation, named with its frame
            print(f"{path}: frame {number} at byte {at}: {e}", file=sys.stderr)
            return 1
    print("frames", number)
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1]))
