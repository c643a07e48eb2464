"""Binlog events, as far as the tests look into them."""

from __future__ import annotations

import dataclasses
import struct
import zlib

QUERY, ROTATE, FORMAT_DESCRIPTION, XID, TABLE_MAP, HEARTBEAT, IGNORABLE = 2, 4, 15, 16, 19, 27, 28
PAYLOAD, HEARTBEAT_V2 = 40, 41


@dataclasses.dataclass(frozen=True)
class Event:
    timestamp: int
    type: int
    server_id: int
    size: int
    log_pos: int
    flags: int
    data: bytes  # all of it, header and checksum included

    @classmethod
    def parse(cls, data: bytes) -> Event:
        event = cls(*struct.unpack_from("<IBIIIH", data), data)
        assert event.size == len(data), f"an event of {event.size} bytes came in {len(data)}"
        return event

    @property
    def artificial(self) -> bool:
        """Made up for this stream, not in the file."""
        return self.timestamp == 0 and self.log_pos == 0

    @property
    def checksum_is_right(self) -> bool:
        return zlib.crc32(self.data[:-4]) == int.from_bytes(self.data[-4:], "little")


def read_log(client, files, server_id: int = 4711, **introduction) -> list[Event]:
    """All events of the binlog files, asked for without waiting for more."""
    client.introduce(server_id=server_id, **introduction)
    client.request_dump(files[0], 4, server_id=server_id, blocking=False)
    return [Event.parse(data) for data in client.events()]


def place_of_query(master, after: int) -> int:
    """Of the first one behind a position, with its GTID before it."""
    file, _ = master.coordinates
    return min(int(row[1]) for row in master.sql(f"SHOW BINLOG EVENTS IN '{file}'")
               if row[2] == "Query" and int(row[1]) >= after)


def place_of_rows(master) -> int:
    """Behind a TABLE_MAP, before its rows."""
    file, _ = master.coordinates
    return max(int(row[1]) for row in master.sql(f"SHOW BINLOG EVENTS IN '{file}'") if row[2].startswith("Write_rows"))
