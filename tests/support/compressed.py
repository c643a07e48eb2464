"""The compressed protocol as a client speaks it (zlib, and zstd with the system's library)."""

from __future__ import annotations

import ctypes
import struct
import zlib

from packets import COMPRESS, ZSTD, Closed

BITS = {"zlib": COMPRESS, "zstd": ZSTD}


def frame(body: bytes, plain_size: int = 0, sequence: int = 0) -> bytes:
    """A compressed packet: `body` as it is, or what stands for `plain_size` bytes."""
    return struct.pack("<II", len(body) | sequence << 24, plain_size)[:7] + body


class Zstd:
    """The two calls of libzstd that are needed."""

    def __init__(self):
        self.library = ctypes.CDLL("libzstd.so.1")
        for name in ("ZSTD_compress", "ZSTD_decompress", "ZSTD_compressBound"):
            getattr(self.library, name).restype = ctypes.c_size_t

    def compress(self, data: bytes) -> bytes:
        data = bytes(data)
        room = ctypes.create_string_buffer(len(data) + 1024)
        size = self.library.ZSTD_compress(room, ctypes.c_size_t(len(room)), data, ctypes.c_size_t(len(data)), 3)
        return room.raw[:size]

    def decompress(self, data: bytes, size: int) -> bytes:
        room = ctypes.create_string_buffer(size)
        done = self.library.ZSTD_decompress(room, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
        if done != size:
            raise ValueError(f"a frame of {done} bytes, and not {size}")
        return room.raw


def squeeze(algorithm: str, data: bytes) -> bytes:
    return zlib.compress(data) if algorithm == "zlib" else Zstd().compress(data)


class CompressedSocket:
    """In place of the socket of a connection that has logged in. Sends each command as one packet, and checks
    the numbers of what comes."""

    def __init__(self, connection, algorithm: str):
        self.connection, self.algorithm = connection, algorithm
        self.sequence = 0
        self.plain = bytearray()
        self.zstd = Zstd() if algorithm == "zstd" else None
        self.received = 0  # bytes, as they came

    def sendall(self, data: bytes) -> None:
        self.sequence = 1
        packed = squeeze(self.algorithm, data) if len(data) > 50 else b""
        self.connection.sendall(frame(packed, len(data)) if packed else frame(data))

    def recv_into(self, room) -> int:
        if not self.plain:
            self._next()
        size = min(len(room), len(self.plain))
        room[:size] = self.plain[:size]
        del self.plain[:size]
        return size

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise Closed("the connection ended within a compressed packet" if data else "the connection ended")
            data += part
        self.received += count
        return bytes(data)

    def _next(self) -> None:
        header = self._exactly(7)
        size, plain = int.from_bytes(header[:3], "little"), int.from_bytes(header[4:], "little")
        if header[3] != self.sequence:
            raise ValueError(f"compressed packet {header[3]}, and not {self.sequence}")
        self.sequence = (self.sequence + 1) & 0xFF
        body = self._exactly(size)
        if plain:
            body = zlib.decompress(body) if self.zstd is None else self.zstd.decompress(body, plain)
            if len(body) != plain:
                raise ValueError("a compressed packet of another size than it says")
        self.plain += body

    def close(self) -> None:
        self.connection.close()
