#!/usr/bin/env python3
"""Records the conversations beside it anew, from the real servers of tests/servers that this machine has.

Each is what a replica and its master say to each other behind the login, compressed as it goes over the wire:
<server>-<algorithm>[-semisync].up and .down.

usage: record.py [SERVER...]
"""

from __future__ import annotations

import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))

import catalogue  # noqa: E402
import replication  # noqa: E402
import waiting  # noqa: E402
from forwarder import Forwarder  # noqa: E402
from replication import Route  # noqa: E402
from semisync import counter, switch_on  # noqa: E402
from server import Server  # noqa: E402

# The event in the middle is larger than what a server packs at a time (net_buffer_length).
WORK = """
CREATE DATABASE app
CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(300), b LONGBLOB) ENGINE=InnoDB
INSERT INTO app.t (v) VALUES ('first row')
INSERT INTO app.t (v) VALUES ('second row')
INSERT INTO app.t (b) VALUES (REPEAT('wide row ', 6000))
INSERT INTO app.t (v) VALUES ('third row')
INSERT INTO app.t (v) VALUES ('last row')
"""


def behind_login(up: bytes, down: bytes) -> tuple[bytes, bytes]:
    """Without the packets up to the OK: they are numbered together."""
    rest, number = {"up": up, "down": down}, 0
    while True:
        way = next(way for way in ("down", "up") if rest[way][3:4] == bytes([number]))
        end = 4 + int.from_bytes(rest[way][:3], "little")
        packet, rest[way] = rest[way][4:end], rest[way][end:]
        if way == "down" and number > 1 and packet[0] == 0:
            return rest["up"], rest["down"]
        number += 1


def record(kind: catalogue.Kind, folder: pathlib.Path, algorithm: str, semi_sync: bool) -> None:
    servers = []

    def server(name: str) -> Server:
        gtid = () if kind.mariadb else ("--gtid-mode=ON", "--enforce-gtid-consistency=ON")
        servers.append(Server(kind, folder / name, *gtid, "--binlog-checksum=CRC32"))
        return servers[-1].start()

    try:
        master, replica = server("master"), server("replica")
        replication.open_accounts(master)
        forwarder = Forwarder(("127.0.0.1", master.port))
        if semi_sync:
            switch_on(master, "master")
            switch_on(replica, "slave")
        replication.point(replica, Route(forwarder.port, "direct", "direct-secret"), gtid=True,
                          **replication.compressing(replica, algorithm))
        replication.start(replica)
        if semi_sync:
            waiting.until("the master has a semi-sync replica", lambda: counter(master, "clients") == 1)
        for statement in filter(None, WORK.splitlines()):
            master.sql(statement)
        replication.caught_up(replica, master)
        conversation = forwarder.conversations[0]
        both = (b"".join(data for way, data in conversation.chunks if way == wanted) for wanted in ("up", "down"))
        forwarder.close()
    finally:
        for one in servers:
            one.kill()
    name = f"{kind.family}-{kind.version[0]}.{kind.version[1]}-{algorithm}" + ("-semisync" if semi_sync else "")
    for way, data in zip(("up", "down"), behind_login(*both)):
        (HERE / f"{name}.{way}").write_bytes(data)
        print(f"{name}.{way}: {len(data)} bytes")


def main(names: list[str]) -> None:
    for kind in catalogue.KINDS:
        if not kind.ready or (names and kind.name not in names):
            continue
        for algorithm in ["zlib"] + (["zstd"] if replication.knows_zstd(kind) else []):
            for semi_sync in [False] + ([True] if kind.semisync else []):
                folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-record-"))
                try:
                    record(kind, folder, algorithm, semi_sync)
                finally:
                    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
