#!/usr/bin/env python3
"""Records the dump streams beside it anew, from the real servers of tests/servers that this machine has.

Each file is all that a master sends behind COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID, packet headers
included: <server>-<mode>.packets. What the unit tests wipe has "secret" in it, what they keep has not.

usage: record.py [SERVER...]
"""

from __future__ import annotations

import pathlib
import shutil
import struct
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))

import catalogue  # noqa: E402
from mysql_client import COM_BINLOG_DUMP, COM_DUMP_GTID, Client  # noqa: E402
from packets import ServerError  # noqa: E402
from server import Server  # noqa: E402

SERVER_ID = 77
NON_BLOCKING, HEARTBEAT_V2_OR_ANNOTATE = 1, 2
HEARTBEATS = (27, 41)

TABLES = """
CREATE DATABASE app
CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(300)) ENGINE=InnoDB
CREATE TABLE mysql.secret_t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(300)) ENGINE=InnoDB
"""

WORK = """
CREATE USER 'secret_u'@'%' IDENTIFIED BY 'secret-word'
GRANT SELECT ON app.* TO 'secret_u'@'%'
SET SESSION binlog_rows_query_log_events=1
INSERT INTO app.t (v) VALUES ('kept row')
INSERT INTO mysql.secret_t (v) VALUES ('secret row')
BEGIN
INSERT INTO app.t (v) VALUES ('kept in between')
UPDATE mysql.secret_t SET v='secret in between'
DELETE FROM app.t WHERE id=1
COMMIT
INSERT INTO app.t (id, v) VALUES (1, 'kept again')
UPDATE app.t a JOIN mysql.secret_t s ON a.id=s.id SET a.v='kept both', s.v='secret both'
SET SESSION binlog_format=STATEMENT
SET @kept='kept variable'
SET @x='secret variable'
INSERT INTO app.t (v) VALUES (CONCAT(@kept, RAND()))
INSERT INTO mysql.secret_t (v) VALUES (CONCAT(@x, RAND()))
BEGIN
UPDATE mysql.secret_t SET v='secret once more'
INSERT INTO app.t (v) VALUES ('kept statement')
COMMIT
SELECT 100, 'kept line' INTO OUTFILE 'app/kept.txt'
SELECT 100, 'secret line' INTO OUTFILE 'mysql/other.txt'
LOAD DATA INFILE 'kept.txt' INTO TABLE app.t
LOAD DATA INFILE 'other.txt' INTO TABLE mysql.secret_t
SET SESSION binlog_format=ROW
XA START 'kept'
INSERT INTO app.t (v) VALUES ('kept by xa')
XA END 'kept'
XA PREPARE 'kept'
XA COMMIT 'kept'
FLUSH BINARY LOGS
SET SESSION gtid_next='AUTOMATIC:tag_1'
INSERT INTO app.t (v) VALUES ('kept in the second file')
DROP USER 'secret_u'@'%'
SET SESSION gtid_next='AUTOMATIC'
DROP TABLE mysql.secret_t
"""

# Compressed, a filter can judge all of it but the last statement, where events are compressed one by one.
ONE_FILE = """
INSERT INTO app.t (v) VALUES (REPEAT('kept ', 50))
INSERT INTO mysql.secret_t (v) VALUES (REPEAT('secret ', 40))
BEGIN
UPDATE app.t SET v=REPEAT('more ', 50)
DELETE FROM mysql.secret_t
DELETE FROM app.t
COMMIT
CREATE TABLE app.long_name_0123456789_0123456789_0123456789 (id INT PRIMARY KEY, v VARCHAR(300)) ENGINE=InnoDB
"""

# Forms of writing a change that not every server has, by a word of the server's family.
FORMS = {
    "rows of version 1": """
INSERT INTO app.t (v) VALUES ('kept row')
INSERT INTO mysql.secret_t (v) VALUES ('secret row')
UPDATE app.t a JOIN mysql.secret_t s ON a.id=s.id SET a.v='kept both', s.v='secret both'
DELETE FROM mysql.secret_t
DELETE FROM app.t
""",
    "MySQL": """
SET GLOBAL binlog_row_metadata=FULL
CREATE TABLE app.j (id INT PRIMARY KEY, j JSON)
CREATE TABLE mysql.secret_j (id INT PRIMARY KEY, j JSON)
INSERT INTO app.j VALUES (1, JSON_OBJECT('k', REPEAT('kept ', 20), 'n', 1))
INSERT INTO mysql.secret_j VALUES (1, JSON_OBJECT('k', REPEAT('secret ', 20), 'n', 1))
SET SESSION binlog_row_value_options=PARTIAL_JSON
UPDATE app.j SET j=JSON_SET(j, '$.k', 'kept')
UPDATE mysql.secret_j SET j=JSON_SET(j, '$.k', 'secret')
UPDATE app.j a JOIN mysql.secret_j s ON a.id=s.id SET a.j=JSON_SET(a.j,'$.k','b'), s.j=JSON_SET(s.j,'$.k','secret1')
UPDATE mysql.secret_j s STRAIGHT_JOIN app.j a ON a.id=s.id SET a.j=JSON_SET(a.j,'$.k',''), s.j=JSON_SET(s.j,'$.k','secret2')
CREATE TABLE app.made (id INT PRIMARY KEY) SELECT id FROM app.j
CREATE TABLE mysql.secret_made (id INT PRIMARY KEY, v VARCHAR(20)) SELECT id, 'secret' AS v FROM app.j
SET SESSION gtid_next='AUTOMATIC:tag_1'
DROP TABLE mysql.secret_made
INSERT INTO app.made VALUES (5)
XA START 'kept'
INSERT INTO app.made VALUES (6)
UPDATE mysql.secret_j SET j=JSON_SET(j, '$.k', 'secret xa')
XA END 'kept'
XA PREPARE 'kept'
XA COMMIT 'kept'
XA START 'kept'
INSERT INTO app.made VALUES (7)
XA END 'kept'
XA COMMIT 'kept' ONE PHASE
""",
    "MariaDB": """
SET GLOBAL binlog_row_metadata=FULL
INSERT INTO app.t (v) VALUES ('kept'), ('kept')
INSERT INTO mysql.secret_t (v) VALUES ('secret'), ('secret')
SET SESSION binlog_alter_two_phase=1
ALTER TABLE app.t ADD COLUMN n INT
ALTER TABLE mysql.secret_t ADD COLUMN n INT
ALTER TABLE app.t ADD UNIQUE KEY (v)
ALTER TABLE mysql.secret_t ADD UNIQUE KEY (v)
UPDATE app.t a JOIN mysql.secret_t s ON a.id=s.id SET a.v='kept both', s.v='secret both'
XA START 'kept'
INSERT INTO app.t (v) VALUES ('kept')
INSERT INTO mysql.secret_t (v) VALUES ('secret')
XA END 'kept'
XA PREPARE 'kept'
XA COMMIT 'kept'
CREATE TABLE mysql.secret_made (id INT PRIMARY KEY, v VARCHAR(20)) SELECT id, 'secret' AS v FROM app.t
DROP TABLE mysql.secret_made
""",
}

# Not every server knows these; the index cannot be made.
OPTIONAL = ("binlog_rows_query_log_events", "gtid_next='AUTOMATIC", "ADD UNIQUE KEY")


def play(server: Server, text: str) -> None:
    with server.connect() as session:
        for statement in filter(None, text.splitlines()):
            try:
                session.query(statement)
            except ServerError:
                if not any(word in statement for word in OPTIONAL):
                    raise


class Recorder(Client):
    """A replica that writes down what it receives."""

    def __init__(self, server: Server):
        super().__init__(server.socket)
        self.server, self.mariadb = server, server.kind.mariadb
        self.stream = bytearray()

    def introduce_recorder(self, checksum: bool = True, semi_sync: bool = False, state: str | None = None) -> None:
        self.query("SET @master_heartbeat_period=300000000, @source_heartbeat_period=300000000")
        value = "@@global.binlog_checksum" if checksum else "'NONE'"
        self.query(f"SET @master_binlog_checksum={value}, @source_binlog_checksum={value}")
        if self.mariadb:
            self.query("SET @mariadb_slave_capability=4")
        if state is not None:
            self.query(f"SET @slave_connect_state='{state}'")
        if semi_sync:
            self.query("SET @rpl_semi_sync_slave=1, @rpl_semi_sync_replica=1")

    @property
    def dump_flags(self) -> int:
        return HEARTBEAT_V2_OR_ANNOTATE if self.mariadb or self.server.kind.at_least(8, 0, 26) else 0

    def dump(self, file: str, position: int = 4, flags: int = 0) -> None:
        self.wire.command(bytes([COM_BINLOG_DUMP])
                          + struct.pack("<IHI", position, self.dump_flags | flags, SERVER_ID) + file.encode())

    def dump_gtid(self, executed: bytes) -> None:
        self.wire.command(bytes([COM_DUMP_GTID]) + struct.pack("<HIIQI", self.dump_flags, SERVER_ID, 0, 4, len(executed))
                          + executed)

    def record(self, semi_sync: bool = False) -> bytes:
        """Everything until EOF, ERR or the second heartbeat in a row that came of silence."""
        file, idle, before = b"", 0, time.monotonic()
        prefix = 3 if semi_sync else 1
        while idle < 2:
            header = bytes(self.wire.exactly(4))
            payload = bytes(self.wire.exactly(int.from_bytes(header[:3], "little")))
            self.stream += header + payload
            if payload[0] != 0:
                break
            event = payload[prefix:]
            # Those that tell of skipped transactions come at once.
            idle = idle + 1 if event[4] in HEARTBEATS and time.monotonic() - before > 0.2 else 0
            before = time.monotonic()
            if event[4] == 4 and event[:4] == b"\0\0\0\0":
                file = event[27:-4]
            if semi_sync and payload[2] == 1:
                self.wire.command(b"\xef" + struct.pack("<Q", int.from_bytes(event[13:17], "little")) + file)
        self.wire.connection.close()
        return bytes(self.stream)


def stops(stream: bytes):
    """(type, log_pos) of each event of a recording without semi-sync."""
    at = 0
    while at < len(stream):
        size = int.from_bytes(stream[at:at + 3], "little")
        if stream[at + 4] == 0:
            yield stream[at + 9], int.from_bytes(stream[at + 18:at + 22], "little")
        at += 4 + size


def executed_until(uuid: str, last: int) -> bytes:
    """An encoded set of the GTIDs 1 to `last`."""
    return struct.pack("<Q", 1) + bytes.fromhex(uuid.replace("-", "")) + struct.pack("<QQQ", 1, 1, last + 1)


class Studio:
    def __init__(self, kind: catalogue.Kind, name: str, folder: pathlib.Path):
        self.kind, self.name, self.folder = kind, name, folder
        self.servers: list[Server] = []

    def close(self) -> None:
        for server in self.servers:
            server.stop()

    def server(self, *options: str, gtid: bool = False) -> Server:
        if not self.kind.mariadb:
            mode = "ON" if gtid else "OFF"
            options += (f"--gtid-mode={mode}", f"--enforce-gtid-consistency={mode}")
        folder = self.folder / f"{self.name}-{len(self.servers)}"
        checksum = () if any("checksum" in option for option in options) else ("--binlog-checksum=CRC32",)
        self.servers.append(Server(self.kind, folder, *checksum, *options))
        return self.servers[-1].start()

    def save(self, mode: str, stream: bytes) -> None:
        path = HERE / f"{self.name}-{mode}.packets"
        path.write_bytes(stream)
        print(f"{path.name}: {len(stream)} bytes")

    def positions(self) -> None:
        """By file and position: from the beginning, from within a transaction, and as mysqlbinlog does, which
        announces that it knows no checksums. Only the events that the master makes up have none then."""
        server = self.server()
        play(server, TABLES + WORK)
        client = Recorder(server)
        client.introduce_recorder()
        client.dump("binlog.000001")
        whole = client.record()
        self.save("filepos", whole)
        # The event behind a TABLE_MAP; MariaDB 11.4 and later write no position there, so none is known.
        within = next((end for kind, end in stops(whole) if kind == 19 and end), None)
        if within:
            client = Recorder(server)
            client.introduce_recorder()
            client.dump("binlog.000001", within)
            self.save("within", client.record())
        client = Recorder(server)
        client.introduce_recorder(checksum=False)
        client.dump("binlog.000001", flags=NON_BLOCKING)
        self.save("mysqlbinlog", client.record())

    def gtids(self) -> None:
        """By GTID: with nothing executed, and with a part."""
        server = self.server(gtid=True)
        play(server, TABLES + WORK)
        for mode, last in ("gtid", 0), ("gtid-resumed", 6):
            client = Recorder(server)
            if self.kind.mariadb:
                client.introduce_recorder(state=f"0-{server.server_id}-{last}" if last else "")
                client.dump("binlog.000001" if last else "")
            else:
                client.introduce_recorder()
                client.dump_gtid(executed_until(server.value("SELECT @@server_uuid"), last) if last else bytes(8))
            self.save(mode, client.record())

    def semi_sync(self) -> None:
        if self.kind.mariadb:
            options = ("--rpl-semi-sync-master-enabled=ON", "--rpl-semi-sync-master-timeout=10000")
        else:
            options = ("--plugin-load-add=semisync_source.so", "--rpl-semi-sync-source-enabled=ON",
                       "--rpl-semi-sync-source-timeout=10000")
        server = self.server(*options)
        play(server, TABLES)
        client = Recorder(server)
        client.introduce_recorder(semi_sync=True)
        client.dump("binlog.000001")
        worker = threading.Thread(target=play, args=(server, WORK))
        worker.start()
        self.save("semisync", client.record(semi_sync=True))
        worker.join()

    def without_checksums(self) -> None:
        server = self.server("--binlog-checksum=NONE")
        play(server, TABLES + ONE_FILE)
        client = Recorder(server)
        client.introduce_recorder()
        client.dump("binlog.000001", flags=NON_BLOCKING)
        self.save("nochecksum", client.record())

    def forms(self) -> None:
        if self.kind.mariadb:
            server, work = self.server(), FORMS["MariaDB"]
        elif self.kind.at_least(8, 4):
            server, work = self.server(gtid=True), FORMS["MySQL"]
        else:
            server, work = self.server("--log-bin-use-v1-row-events=1"), FORMS["rows of version 1"]
        play(server, TABLES + work)
        client = Recorder(server)
        client.introduce_recorder()
        client.dump("binlog.000001", flags=NON_BLOCKING)
        self.save("forms", client.record())

    def compressed(self) -> None:
        server = self.server()
        play(server, TABLES)
        if self.kind.mariadb:
            server.sql("SET GLOBAL log_bin_compress=1")
            server.sql("SET GLOBAL log_bin_compress_min_len=100")
        else:
            server.sql("SET GLOBAL binlog_transaction_compression=1")
        play(server, ONE_FILE)
        client = Recorder(server)
        client.introduce_recorder()
        client.dump("binlog.000001", flags=NON_BLOCKING)
        self.save("compressed", client.record())


def main(names: list[str]) -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-record-"))
    try:
        for kind in catalogue.KINDS:
            if not kind.ready or (names and kind.name not in names):
                continue
            name = f"{kind.family}-{kind.version[0]}.{kind.version[1]}"
            studio = Studio(kind, name, folder)
            try:
                studio.positions()
                studio.gtids()
                studio.without_checksums()
                studio.forms()
                if kind.semisync:
                    studio.semi_sync()
                if kind.mariadb or kind.at_least(8, 0, 20):
                    studio.compressed()
            finally:
                studio.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
