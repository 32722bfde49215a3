"""Damage to files: bytes changed as by a bad disk, and contents changed as by somebody."""

import json
import random
import re
import warnings
import zipfile
from copy import deepcopy

NUMBERS = [0, 1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]
SEAMS = re.compile(rb"PK\x01\x02|PK\x03\x04|PK\x05\x06|\x93NUMPY|\x1f\x8b|descr|shape|\{|\[")
VALUES = [
    None, True, False, 0, 1, -1, 2**31, 2**64, -(2**70), 0.5, 1e308, -1e-320, float("nan"),
    float("inf"), "", "x", "0", "\x1b[2J\x07", "\u202e\ud800", "neuron", "..", [], [[]], {},
    [1, "2"], {"kind": "layer"}, {"epochs": []},
]  # fmt: skip
TEXTS = [
    "NaN", "-Infinity", "1e999", "9" * 400, "9" * 5000, "[" * 2000, '{"a":' * 500, "1" + "0" * 310,
    '"\\ud800"', "tru", "0x10", "1.", "-", "//", "\x00", '"' + "x" * 10000 + '"',
]  # fmt: skip


def damaged(data, rng):
    """Bytes with one to four changes, at random places or where lengths and names stand."""
    data = bytearray(data)
    seams = [match.start() for match in SEAMS.finditer(data)] or [0]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if not data:
            break
        anywhere = rng.random() < 0.5
        at = rng.randrange(len(data)) if anywhere else rng.choice(seams) + rng.randrange(64)
        at = min(at, len(data) - 1)
        rng.choice(CHANGES)(data, at, rng)
    return bytes(data)


def flip(data, at, rng):
    data[at] ^= 1 << rng.randrange(8)


def put(data, at, rng):
    data[at] = rng.randrange(256)


def number(data, at, rng):
    width = rng.choice((1, 2, 4, 8))
    told = (rng.choice(NUMBERS) % 256**width).to_bytes(width, "little")
    data[at : at + width] = told[: len(data) - at]


def cut(data, at, rng):
    del data[at:]


def leave_out(data, at, rng):
    del data[at : at + rng.randint(1, 100)]


def insert(data, at, rng):
    data[at:at] = rng.randbytes(rng.randint(1, 100))


def copy(data, at, rng):
    start = rng.randrange(len(data))
    span = data[start : start + rng.randint(1, 1000)]
    data[at : at + (len(span) if rng.random() < 0.5 else 0)] = span


CHANGES = (flip, flip, flip, put, number, number, cut, leave_out, insert, copy)


def repacked(path, rng, change=damaged):
    """An archive with one member changed, left out, renamed or doubled, and right checksums."""
    with zipfile.ZipFile(path) as file:
        members = [(info.filename, file.read(info)) for info in file.infolist()]
    i, what = rng.randrange(len(members)), rng.random()
    name, data = members[i]
    if what < 0.7:
        start = data.index(b"\n") + 1 if rng.random() < 0.5 else 0  # of the array behind its header
        members[i] = name, data[:start] + change(data[start:], rng)
    elif what < 0.8:
        del members[i]
    elif what < 0.9:
        members[i] = rng.choice(members)[0], data
    else:
        members.append((f"more_{name}" if rng.random() < 0.5 else name, data))
    method = zipfile.ZIP_DEFLATED if rng.random() < 0.1 else zipfile.ZIP_STORED
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")  # of two of a name
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with file.open(info, "w", force_zip64=True) as stream:  # as NumPy does
                stream.write(data)


def nonsense(text, rng):
    """JSON with something in it changed into something else; as bytes, often still JSON."""
    if rng.random() < 0.3:
        return damaged(text, rng)
    value = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 5))):
        holder = value
        while True:
            places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not places:
                break
            place = rng.choice(places)
            inner = holder[place]
            if isinstance(inner, (dict, list)) and inner and rng.random() < 0.85:
                holder = inner
                continue
            if rng.random() < 0.2:
                del holder[place]
            else:
                holder[place] = deepcopy(rng.choice(VALUES)) if rng.random() < 0.8 else "PLACE"
            break
    return json.dumps(value).replace('"PLACE"', rng.choice(TEXTS)).encode("utf-8", "surrogatepass")


def generator(*seed):
    """A generator of equal draws for equal seeds."""
    return random.Random(repr(seed))
