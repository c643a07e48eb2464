"""The bytes of the stream itself: what is kept is the master's to the byte, what is dropped leaves no
trace but its size."""

from __future__ import annotations

import concurrent.futures
import contextlib
import time

import pytest

import binlog
import workload
from clients import knock
from forwarder import Forwarder
from kinds import any_server, each_family, every_server, mariadb_servers
from mysql_client import COM_BINLOG_DUMP, Client, trusting
from sluice import at_most

MODES = {"crc": "CRC32", "none": "NONE"}


@pytest.fixture(scope="module")
def master(stage):
    """A master that went through the whole workload, in two files with different checksums."""
    master = stage.master()
    for checksum in MODES.values():
        master.sql(f"SET GLOBAL binlog_checksum={checksum}")
        workload.all_steps(master, gtid=True)
        workload.wipe(master)
    return master


def straight(master, **options) -> Client:
    tls = None if master.kind.old_tls else trusting()
    return Client(("127.0.0.1", master.port), "direct", "direct-secret", tls=tls, **options)


def through(relay, master, **options) -> Client:
    if master.kind.old_tls and relay.replica_tls["mode"] != "disabled":
        options["tls"] = trusting(relay.ca)
    return knock(relay, **options)


def names(master) -> list[str]:
    return [row[0] for row in master.sql("SHOW BINARY LOGS")]


@every_server
def test_an_unfiltered_stream_is_the_masters_byte_for_byte(stage, scene, master):
    """Recorded in front of and behind Sluice, from the first byte after the dump command on."""
    behind = Forwarder(("127.0.0.1", master.port))
    scene.stack.callback(behind.close)
    relay = scene.relay(behind, tls=False)
    relay.filter["system_schema"] = "keep"
    scene.sluice(relay)
    front = Forwarder(relay.address)
    scene.stack.callback(front.close)
    behind.conversations.clear()
    client = Client(front.address, "replica", "replica-secret")
    events = binlog.read_log(client, names(master), mariadb=master.kind.mariadb)
    assert len(events) > 500
    client.close()

    def dump(data: bytes) -> bool:
        return data[4:5] == bytes([COM_BINLOG_DUMP])

    (before,), (after,) = ([one for one in forwarder.conversations if any(w == "up" and dump(d) for w, d in one.chunks)]
                           for forwarder in (behind, front))
    master_said, replica_heard = before.down_after(dump), after.down_after(dump)
    assert len(master_said) > 5_000_000
    assert master_said == replica_heard


@every_server
def test_a_filtered_stream_has_the_same_events_at_the_same_places(stage, scene, master):
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    with straight(master) as client:
        sent = binlog.read_log(client, names(master), mariadb=master.kind.mariadb)
    with through(relay, master) as client:
        heard = binlog.read_log(client, names(master), mariadb=master.kind.mariadb)
    assert len(sent) == len(heard)
    assert [(e.timestamp, e.server_id, e.size, e.log_pos) for e in sent] == [
        (e.timestamp, e.server_id, e.size, e.log_pos) for e in heard]
    changed = [(a, b) for a, b in zip(sent, heard) if a.data != b.data]
    assert len(changed) > 100
    checksummed, altered = True, {id(after) for _, after in changed}
    for event in heard:
        if event.type == binlog.FORMAT_DESCRIPTION:
            checksummed = event.data[-5] == 1
        elif checksummed and id(event) in altered:
            assert event.checksum_is_right
    untouched = (binlog.ROTATE, binlog.FORMAT_DESCRIPTION, binlog.XID)
    assert not [a for a, _ in changed if a.type in untouched]
    line = sluice.logged("session ended", user="replica")
    assert line["events"] == len(heard)
    assert line["dropped"] == len(changed)
    assert line["bytes"] >= sum(event.size + 5 for event in heard)


@each_family
def test_streams_of_one_thread_do_not_mix(scene, master):
    """They take turns in the same buffers. For every other one Sluice has to wait."""
    relay = scene.relay(master)
    sluice = scene.sluice(relay, start=False)
    sluice.runtime = {"threads": 1}
    sluice.start()
    slow = Forwarder(relay.address, record=False, pace=5_000_000)
    scene.stack.callback(slow.close)
    files = names(master)

    def read(address, server_id: int) -> list[bytes]:
        with Client(address, "replica", "replica-secret", tls=trusting(relay.ca)) as client:
            events = binlog.read_log(client, files, server_id, mariadb=master.kind.mariadb)
            return [event.data for event in events]

    alone = read(relay.address, 5000)
    assert len(alone) > 500
    with concurrent.futures.ThreadPoolExecutor(10) as readers:
        for heard in readers.map(read, [relay.address, slow.address] * 5, range(5001, 5011)):
            assert heard == alone


@every_server
def test_nothing_of_what_is_dropped_leaves(stage, scene, master):
    """Every statement about accounts and every row of the mysql schema carries a word that nothing else
    does; none of those words comes through."""
    words = [b"very secret", b"secret....", b"w_one", b"w_new", b"a secret in the text", b"never said aloud"]
    workload.play(master, workload.PREPARE)
    workload.play(master, """
CREATE USER 'w_gone'@'%' IDENTIFIED BY 'never said aloud';
INSERT INTO mysql.rt (v) VALUES ('never said aloud');
BEGIN;
INSERT INTO app.t (v) VALUES ('kept');
INSERT INTO mysql.rt (v, b) VALUES ('never said aloud', REPEAT('never said aloud', 10000));
COMMIT;
SET SESSION binlog_format=STATEMENT;
INSERT INTO mysql.rt (v) VALUES ('never said aloud');
SET @x='never said aloud';
INSERT INTO mysql.rt (v) VALUES (@x);
DROP USER 'w_gone'@'%';
""")
    workload.wipe(master)
    relay = scene.relay(master)
    scene.sluice(relay)
    with straight(master) as client:
        sent = b"".join(e.data for e in binlog.read_log(client, names(master), mariadb=master.kind.mariadb))
    with through(relay, master) as client:
        heard = b"".join(e.data for e in binlog.read_log(client, names(master), mariadb=master.kind.mariadb))
    assert b"kept" in heard
    said = [word for word in words if word in sent]  # MySQL hashes passwords, each version knows other words
    assert len(said) >= 3, "the workload must say them, or this test proves nothing"
    for word in said:
        assert word not in heard, word


@every_server
def test_the_text_of_a_statement_whose_rows_are_in_two_groups(scene):
    """One table is transactional and the other is not; the text stands before the rows of one of them."""
    mariadb = scene.kind.mariadb
    master = scene.master(*([] if mariadb else ["--binlog-rows-query-log-events=ON"]), gtid=False)
    ours, theirs = ("MyISAM", "InnoDB") if mariadb else ("InnoDB", "MyISAM")
    for statement in ("CREATE DATABASE app", f"CREATE TABLE app.t (id INT PRIMARY KEY, v TEXT) ENGINE={ours}",
                      f"CREATE TABLE mysql.m (id INT PRIMARY KEY, v TEXT) ENGINE={theirs}",
                      "INSERT INTO app.t VALUES (1, 'a')", "INSERT INTO mysql.m VALUES (1, 'a')"):
        master.sql(statement)
    file, position = master.coordinates
    master.sql("UPDATE app.t a JOIN mysql.m m ON a.id=m.id SET a.v='kept-value', m.v='TOP-SECRET'")
    relay = scene.relay(master)
    scene.sluice(relay)

    def dumped(client) -> bytes:
        with client:
            client.introduce(7, mariadb=mariadb)
            client.request_dump(file, position, blocking=False, annotations=mariadb)
            return b"".join(client.events())

    direct, passed = dumped(straight(master)), dumped(through(relay, master))
    assert b"UPDATE app.t" in direct and b"TOP-SECRET" in direct and b"kept-value" in direct
    assert b"kept-value" in passed and b"TOP-SECRET" not in passed and b"UPDATE app.t" not in passed


@mariadb_servers
def test_what_a_dying_master_has_torn_off_from_its_statement(scene):
    """Its binlog ends behind the text of a statement, and the next file begins."""
    master = scene.master()
    master.sql("CREATE TABLE mysql.m (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB")
    master.sql("INSERT INTO mysql.m VALUES (1, 'TOP-SECRET')")
    file, _ = master.coordinates
    master.kill()
    path = master.folder / "data" / file
    data, end = path.read_bytes(), 4
    while b"TOP-SECRET" not in data[:end]:
        end += int.from_bytes(data[end + 9:end + 13], "little")
    path.write_bytes(data[:end])
    master.start()
    relay = scene.relay(master)
    scene.sluice(relay)
    with through(relay, master) as client:
        client.introduce(7, mariadb=True)
        client.request_dump(file, blocking=False, annotations=True)
        passed = list(client.events())
    assert sum(event[4] == binlog.ROTATE for event in passed) > 1, "the stream goes on in the next file"
    assert not any(b"TOP-SECRET" in event for event in passed)



@each_family
@pytest.mark.parametrize("protection, checksum", [("tls", "CRC32"), ("plain", "NONE")])
def test_rows_over_16_mib(scene, protection, checksum):
    """They are several packets of the protocol each; a filter that loses count loses the stream."""
    master = scene.master("--innodb-redo-log-capacity=1G" if scene.kind.family == "mysql" else
                          "--innodb-log-file-size=512M", f"--binlog-checksum={checksum}")
    master.sql("CREATE DATABASE app")
    for schema in ("app", "mysql"):
        master.sql(f"CREATE TABLE {schema}.big (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB")
    # Of payloads: around the border of a packet, where an empty one follows, and several packets long.
    sizes = [0xFFFFFF - 1, 0xFFFFFF, 0xFFFFFF + 1, 2 * 0xFFFFFF, 40 << 20]
    # Of an event, and its 0x00: two headers, two columns and which of them there are, and are NULL, id and length.
    overhead = 1 + 19 + (8 if scene.kind.mariadb else 10) + 1 + 1 + 1 + 4 + 4 + (4 if checksum == "CRC32" else 0)
    for number, size in enumerate(sizes):
        for schema in ("app", "mysql"):
            master.sql(f"INSERT INTO {schema}.big VALUES ({number}, REPEAT('x', {size - overhead}))")
    relay = scene.relay(master, tls=protection == "tls")
    scene.sluice(relay)
    with straight(master) as client:
        client.introduce(5, mariadb=master.kind.mariadb)
        client.request_dump("binlog.000001", blocking=False)
        with through(relay, master) as other:
            other.introduce(6, mariadb=master.kind.mariadb)
            other.request_dump("binlog.000001", server_id=78, blocking=False)
            kept, wiped = [], []
            for sent, heard in zip(client.events(), other.events(), strict=True):
                assert len(sent) == len(heard)
                if len(sent) > 1 << 20 and sent == heard:
                    kept.append(1 + len(heard))
                elif len(sent) > 1 << 20:
                    wiped.append(1 + len(heard))
                    assert heard.count(0, 19) >= len(heard) - 200, "wiped"
    assert kept == wiped == sizes


@each_family
@pytest.mark.parametrize("what", ["kept", "dropped", "a kept statement", "a dropped statement"])
def test_an_event_of_100_mib_in_constant_memory(scene, what):
    master = scene.master("--max-allowed-packet=256M")
    schema = "mysql" if "dropped" in what else "app"
    master.sql("CREATE DATABASE app")
    master.sql(f"CREATE TABLE {schema}.big (id INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM")
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    with through(relay, master) as client:  # what TLS and a first session take is not the event's
        binlog.read_log(client, names(master), mariadb=master.kind.mariadb)
    before = sluice.peak_memory
    with master.connect(timeout=300) as session:
        if "statement" in what:
            session.query("SET SESSION binlog_format=STATEMENT")
            session.query(f"INSERT INTO {schema}.big VALUES (1, '{'x' * (100 << 20)}')")
        else:
            session.query(f"INSERT INTO {schema}.big VALUES (1, REPEAT('x', {100 << 20}))")
    with through(relay, master, timeout=120) as client:
        client.introduce(6, mariadb=master.kind.mariadb)
        client.request_dump("binlog.000001", blocking=False)
        largest = b""
        for event in client.events():
            largest = max(largest, event, key=len)
    assert len(largest) > 100 << 20
    assert (b"xxxxxxxx" in largest) == (schema == "app")
    assert sluice.peak_memory - before < at_most(4 << 10), "KiB"
    assert sluice.peak_memory < at_most(LIMIT)


LIMIT = 64 << 10  # KiB a relay with one session may ever take


@any_server
@pytest.mark.parametrize("protection, held", [("tls", 190), ("plain", 200)])
def test_replicas_that_read_slowly_slow_the_master(scene, protection, held):
    """Memory stays flat (`held`: KiB of a session), and nothing is lost or mixed up when one reads on."""
    master = scene.master()
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM")
    for number in range(40):
        master.sql(f"INSERT INTO app.big (b) VALUES (REPEAT(MD5({number}), 160000))")
    relay = scene.relay(master, tls=protection == "tls")
    sluice = scene.sluice(relay)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(through(relay, master, timeout=120)) for _ in range(20)]
        before = sluice.peak_memory
        for number, client in enumerate(clients):
            client.introduce(100 + number, mariadb=master.kind.mariadb)
            client.request_dump("binlog.000001", server_id=100 + number, blocking=False)
        time.sleep(3)  # in which it must not read 200 MB for nobody
        limit = at_most(len(clients) * held)
        assert sluice.peak_memory - before < limit
        with straight(master) as client:
            client.introduce(5, mariadb=master.kind.mariadb)
            client.request_dump("binlog.000001", blocking=False)
            for sent, heard in zip(client.events(), clients[0].events(), strict=True):
                assert len(sent) == len(heard)
                if len(sent) > 1 << 20:
                    assert sent == heard
        assert sluice.peak_memory - before < limit
