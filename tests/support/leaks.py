"""Looks for what must not have passed: the marked secrets of a workload and the password hashes they became,
in what went to a replica and in its relay logs, also within compressed transactions."""

from __future__ import annotations

import ctypes
import functools
import re
import zlib

from binlog import PAYLOAD
from packets import ServerError
from server import Server

SECRET = re.compile(rb"SECRET[0-9a-f]+x[0-9a-f]{10}")
HEADER = 19
QUERY_COMPRESSED, ROWS_COMPRESSED = 165, range(166, 172)


def hashes(master: Server) -> list[bytes]:
    """What the accounts of the workload are known by on the master now."""
    found = []
    for column in ("authentication_string", "Password"):
        try:
            rows = master.sql(f"SELECT {column} FROM mysql.user WHERE user LIKE 'w\\_%'")
        except ServerError as error:
            if error.code != 1054:
                raise
            continue
        found += [row[0].encode() for row in rows if row[0] and len(row[0]) > 20 and "\\" not in row[0]]
    return found


def search(data: bytes, known_hashes: list[bytes]) -> str:
    """What of it is in these bytes, or nothing."""
    secret = SECRET.search(data)
    if secret:
        around = data[max(0, secret.start() - 120):secret.end() + 40]
        return f"{secret[0].decode()} in {around!r}"
    leaked = next((text for text in known_hashes if text in data), None)
    return f"a password hash, {leaked!r}" if leaked else ""


def events(data: bytes) -> list[bytes]:
    """The events of a file, or as many as are whole."""
    at, found = 4, []
    while at + HEADER <= len(data):
        size = int.from_bytes(data[at + 9:at + 13], "little")
        if size < HEADER or at + size > len(data):
            break
        found.append(data[at:at + size])
        at += size
    return found


def relay_log_events(replica: Server) -> list[bytes]:
    files = sorted((replica.folder / "data").glob("*-relay-bin.[0-9]*"))
    assert files, f"{replica} has no relay logs"
    return [event for file in files for event in events(file.read_bytes())]


def streamed_events(down: bytes) -> list[bytes]:
    """The events in the packets of a conversation; answers to questions are among what this returns."""
    at, found, whole = 0, [], b""
    while at + 4 <= len(down):
        size = int.from_bytes(down[at:at + 3], "little")
        whole += down[at + 4:at + 4 + size]
        at += 4 + size
        if size < 0xFFFFFF:
            found.append(whole[1:])
            whole = b""
    return found


def within(event: bytes) -> bytes:
    """What a compressed event holds; nothing if it is none."""
    kind = event[4] if len(event) > HEADER else 0
    if kind == PAYLOAD:
        return payload(event[HEADER:])
    if kind == QUERY_COMPRESSED or kind in ROWS_COMPRESSED:
        return inflated(event)
    return b""


def inflated(event: bytes) -> bytes:
    """MariaDB's: a byte with the length's length in it, the length, zlib data; somewhere in the event."""
    for at in range(HEADER, len(event) - 4):
        if event[at] & 0xF8 == 0x80 and 1 <= event[at] & 7 <= 4:
            try:
                return zlib.decompressobj().decompress(event[at + 1 + (event[at] & 7):])
            except zlib.error:
                continue
    return b""


def lenenc(data: bytes, at: int) -> tuple[int, int]:
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(data[at], 0)
    return (int.from_bytes(data[at + 1:at + 1 + size], "little"), at + 1 + size) if size else (data[at], at + 1)


def payload(body: bytes) -> bytes:
    """TRANSACTION_PAYLOAD: type, length, value; 1 is the payload's size, 2 the algorithm, 3 the size inside."""
    at, said = 0, {2: 0, 3: 0}
    while body[at]:
        field, at = lenenc(body, at)
        size, at = lenenc(body, at)
        if field in (1, 2, 3):
            said[field], _ = lenenc(body, at)
        at += size
    packed = body[at + 1:at + 1 + said[1]]
    return packed if said[2] == 255 else unzstd(packed, max(said[3], 1 << 20))


@functools.cache
def libzstd() -> ctypes.CDLL:
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    library.ZSTD_isError.argtypes = [ctypes.c_size_t]
    return library


def unzstd(data: bytes, room: int) -> bytes:
    out = ctypes.create_string_buffer(room)
    size = libzstd().ZSTD_decompress(out, room, data, len(data))
    assert not libzstd().ZSTD_isError(size), "a payload that cannot be decompressed"
    return out.raw[:size]
