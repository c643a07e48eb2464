"""The packets of the MySQL protocol as a client sees them: framing, greeting, login answers, rows."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
import ssl
import struct

LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, CONNECT_WITH_DB = 1, 2, 4, 8
PROTOCOL_41, SSL, TRANSACTIONS, SECURE_CONNECTION = 1 << 9, 1 << 11, 1 << 13, 1 << 15
MULTI_RESULTS = 1 << 17
PLUGIN_AUTH, CONNECT_ATTRS, PLUGIN_AUTH_LENENC = 1 << 19, 1 << 20, 1 << 21
COMPRESS, ZSTD = 1 << 5, 1 << 26
WHOLE_PACKET = 0xFFFFFF


class ServerError(Exception):
    """An ERR packet."""

    def __init__(self, payload: bytes):
        self.code = struct.unpack_from("<H", payload, 1)[0]
        rest = payload[3:]
        self.state = ""
        if rest[:1] == b"#":
            self.state, rest = rest[1:6].decode(), rest[6:]
        self.text = rest.decode("utf-8", "backslashreplace")
        super().__init__(f"{self.code} ({self.state}): {self.text}")


class Closed(Exception):
    """The other side closed the connection."""


# What is raised where it has, or where a write finds that out. A time that is over is none of these.
ENDED = (Closed, ConnectionError, ssl.SSLError)


class Wire:
    """Packets over a socket. `sequence` is the number of the next packet either way."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.sequence = 0

    def exactly(self, count: int) -> bytearray:
        data = bytearray(count)
        view, have = memoryview(data), 0
        while have < count:
            try:
                got = self.connection.recv_into(view[have:])
            except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
                got = 0
            if got == 0:
                raise Closed(f"the connection ended {count - have} bytes early")
            have += got
        return data

    def read(self) -> bytes:
        """One payload, its parts of 16 MiB joined."""
        payload = bytearray()
        while True:
            header = self.exactly(4)
            size = int.from_bytes(header[:3], "little")
            self.sequence = (header[3] + 1) & 0xFF
            part = self.exactly(size)
            payload = part if not payload else payload + part
            if size < WHOLE_PACKET:
                return bytes(payload)

    def write(self, payload: bytes) -> None:
        frames, start = bytearray(), 0
        while True:
            part = payload[start:start + WHOLE_PACKET]
            frames += struct.pack("<I", len(part) | self.sequence << 24) + part
            self.sequence = (self.sequence + 1) & 0xFF
            start += len(part)
            if len(part) < WHOLE_PACKET:
                break
        self.connection.sendall(frames)

    def command(self, payload: bytes) -> None:
        self.sequence = 0
        self.write(payload)


class Reader:
    """Fields of a payload, from the left."""

    def __init__(self, data: bytes, at: int = 0):
        self.data, self.at = data, at

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def until_nul(self) -> bytes:
        end = self.data.index(b"\0", self.at)
        text, self.at = self.data[self.at:end], end + 1
        return text

    def lenenc(self):
        first = self.number(1)
        if first < 0xFB:
            return first
        return None if first == 0xFB else self.number({0xFC: 2, 0xFD: 3, 0xFE: 8}[first])

    def text(self):
        size = self.lenenc()
        return None if size is None else self.take(size)


@dataclasses.dataclass
class Greeting:
    version: str
    thread_id: int
    nonce: bytes
    capabilities: int
    status: int
    plugin: str
    reserved: bytes

    @classmethod
    def parse(cls, payload: bytes) -> Greeting:
        if payload[0] == 0xFF:
            raise ServerError(payload)
        fields = Reader(payload)
        if fields.number(1) != 10:
            raise ValueError(f"not a greeting: {payload[:40]!r}")
        version, thread_id = fields.until_nul().decode(), fields.number(4)
        nonce = fields.take(8)
        fields.take(1)
        low, _, status, high = fields.number(2), fields.number(1), fields.number(2), fields.number(2)  # _: the character set
        size, reserved = fields.number(1), fields.take(10)
        nonce += fields.take(max(13, size - 8))[:12]
        plugin = fields.until_nul().decode() if high << 16 & PLUGIN_AUTH else ""
        return cls(version, thread_id, nonce, low | high << 16, status, plugin, reserved)


def lenenc(data: bytes) -> bytes:
    size = len(data)
    if size < 0xFB:
        return bytes([size]) + data
    return b"\xfc" + struct.pack("<H", size) + data


def scramble(plugin: str, password: str, nonce: bytes) -> bytes:
    """What a client proves its password with."""
    if not password:
        return b""
    secret = password.encode()
    if plugin == "mysql_native_password":
        first = hashlib.sha1(secret).digest()
        mask = hashlib.sha1(nonce + hashlib.sha1(first).digest()).digest()
    elif plugin == "caching_sha2_password":
        first = hashlib.sha256(secret).digest()
        mask = hashlib.sha256(hashlib.sha256(hashlib.sha256(secret).digest()).digest() + nonce).digest()
    else:
        raise ValueError(f"unknown plugin {plugin}")
    return bytes(a ^ b for a, b in zip(first, mask))
