#!/usr/bin/env python3
"""Speaks the contract with nothing but Python, for scripts that must not trust the client here.

gateway.py ADDRESS token USER            signs in, prints the access token
gateway.py ADDRESS seed                  three reports: one whole, one with half a picture, one secret
"""

import hashlib
import json
import struct
import sys
import urllib.parse
import urllib.request
import zlib

PASSWORD = "rahasia123"  # of every seeded account of the sandbox


def call(method, url, body=None, token=None, **headers):
    headers = {"Lapor-Contract": "1", "Lapor-Request": "script", **headers}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        body = json.dumps(body, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def sign_in(address, user):
    return call("POST", f"{address}/v1/session", {"user": user, "password": PASSWORD})["access_token"]


def picture(red, green):
    """A small PNG, made here: a slope of two colours."""
    width, height = 320, 200
    rows = b"".join(
        b"\0" + b"".join(bytes((x * red // width, y * green // height, 90)) for x in range(width))
        for y in range(height)
    )

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    # Stored, not squeezed: bytes enough that half of them is visibly half.
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


REPORTS = [
    ("Jalan berlubang di depan Pasar Badung", "Lubang sedalam mata kaki, sudah dua motor jatuh.", 1.0, False),
    ("Lampu jalan padam sejak Senin", "Tiga tiang berturut-turut di Jalan Gajah Mada gelap.", 0.5, False),
    ("Pungutan di loket tanpa tanda terima", "Petugas meminta uang dan tidak memberi kuitansi.", None, True),
]


def seed(address):
    token = sign_in(address, "siti")
    for number, (title, content, share, secret) in enumerate(REPORTS):
        key = f"00000000-0000-4000-8000-00000000000{number}"
        photo = picture(200 + 20 * number, 120)
        attachments = [] if share is None else [
            {
                "sha256": hashlib.sha256(photo).hexdigest(),
                "bytes": len(photo),
                "media_type": "image/png",
                "name": f"foto-{number + 1}.png",
            }
        ]
        report = {
            "classification": "complaint",
            "title": title,
            "content": content,
            "incident_date": "2026-01-05",
            "location": "Denpasar",
            "anonymous": secret,
            "secret": secret,
            "attachments": attachments,
        }
        answer = call("PUT", f"{address}/v1/reports/{key}", report, token)
        print(f"{answer['tracking_id']}\t{title}")
        for missing in answer["missing"]:
            call(
                "PATCH",
                urllib.parse.urljoin(f"{address}/v1/reports/{key}", missing["upload_url"]),
                photo[: int(len(photo) * share)],
                **{
                    "Tus-Resumable": "1.0.0",
                    "Upload-Offset": "0",
                    "Content-Type": "application/offset+octet-stream",
                },
            )


if __name__ == "__main__":
    address, what, *rest = sys.argv[1:]
    if what == "token":
        print(sign_in(address, rest[0]))
    elif what == "seed":
        seed(address)
    else:
        sys.exit(__doc__)
