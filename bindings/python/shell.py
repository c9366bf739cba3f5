"""What every shell has: keys of its own, a folder, a photo from the camera."""

import functools
import os
import random
import struct
import zlib
from pathlib import Path
from typing import Optional

import lapor_ffi as lapor


def new_keys() -> lapor.StoreKeys:
    """What a phone would keep in its Keystore or Keychain."""
    return lapor.StoreKeys(key=os.urandom(32), install=os.urandom(16))


def options(
    home: Path,
    keys: Optional[lapor.StoreKeys],
    gateway: Optional[str] = None,
    language: lapor.Language = lapor.Language.EN,
) -> lapor.OpenOptions:
    return lapor.OpenOptions(home=str(home), keys=keys, gateway=gateway, language=language)


async def fill_in(client: lapor.LaporClient, key: str, title: str) -> None:
    """A form that may be submitted."""
    edit = lapor.FieldEdit
    for change in (
        edit.SET_CLASSIFICATION(classification=lapor.Classification.COMPLAINT),
        edit.SET_TITLE(text=title),
        edit.SET_CONTENT(text="Lubang besar di tikungan dekat pura, berbahaya pada malam hari."),
        edit.SET_INCIDENT_DATE(text="2026-01-15"),
        edit.SET_LOCATION(text="Jalan Raya Kerobokan"),
    ):
        await client.edit(key, change)


def photo(path: Path, seed: int = 1) -> Path:
    """A photo in a file of its own."""
    path.write_bytes(png(1200, 900, seed))
    return path


@functools.cache
def png(width: int, height: int, seed: int) -> bytes:
    """With enough in it that it does not vanish when it is made small."""
    dice = random.Random(seed)
    rows = []
    for row in range(height):
        shade = row * 255 // height
        noise = dice.randbytes(width)
        line = bytearray(width * 3)
        line[0::3] = bytes([shade]) * width
        line[1::3] = noise
        line[2::3] = noise[::-1]
        rows.append(b"\0" + bytes(line))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    image = zlib.compress(b"".join(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", image) + chunk(b"IEND", b"")
