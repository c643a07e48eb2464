"""A pcapng file, read without Wireshark: blocks, frames, and the two streams of each TCP conversation."""

from __future__ import annotations

import dataclasses
import struct


@dataclasses.dataclass
class Frame:
    session: int  # the replica's port
    down: bool  # from port 3306
    sequence: int
    payload: bytes
    size: int  # of the payload, of which some may not be in the file


def blocks(data: bytes):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size % 4 == 0 and size >= 12 and at + size <= len(data), (at, size, len(data))
        assert struct.unpack_from("<I", data, at + size - 4)[0] == size
        yield kind, data[at + 8:at + size - 4]
        at += size


def frames(data: bytes) -> list[Frame]:
    found = []
    for number, (kind, body) in enumerate(blocks(data)):
        if number == 0:
            assert kind == 0x0A0D0D0A and struct.unpack_from("<IHH", body) == (0x1A2B3C4D, 1, 0)
        elif number == 1:
            assert kind == 1 and struct.unpack_from("<H", body)[0] == 101  # begins with the IP header
        else:
            assert kind == 6
            _, _, _, captured, size = struct.unpack_from("<IIIII", body)
            found.append(frame(body[20:20 + captured], size))
    return found


def frame(ip: bytes, size: int) -> Frame:
    assert ip[0] == 0x45 and ip[9] == 6 and struct.unpack_from(">H", ip, 2)[0] == size
    total = sum(struct.unpack(">10H", ip[:20]))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF  # the checksum
    source, target, sequence = struct.unpack_from(">HHI", ip, 20)
    assert ip[32] >> 4 == 5 and 3306 in (source, target)
    down = source == 3306
    return Frame(target if down else source, down, sequence, ip[40:], size - 40)


def stream(found: list[Frame], down: bool) -> bytes:
    """What was captured of a direction, which must be without a gap."""
    there = [frame for frame in found if frame.down == down]
    data, expected = b"", there[0].sequence
    for one in there:
        assert one.sequence == expected and len(one.payload) == one.size, (one.sequence, expected)
        data += one.payload
        expected += one.size
    return data


def packets(data: bytes) -> list[tuple[int, bytes]]:
    """Sequence number and payload of each."""
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 3], "little")
        assert at + 4 + size <= len(data)
        found.append((data[at + 3], data[at + 4:at + 4 + size]))
        at += 4 + size
    return found
