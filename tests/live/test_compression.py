"""The compressed protocol: towards replicas that ask for it, and towards the master when the configuration
does. What is inside is what goes without it."""

from __future__ import annotations

import dataclasses
import os
import re
import threading

import pytest

import binlog
import replication
import snapshot
import waiting
import workload
from clients import knock
from compressed import BITS, CompressedSocket, frame, squeeze
from forwarder import Forwarder
from kinds import ONE_OF_EACH_FAMILY, each_family, every_server, positioning, semisync_servers, servers_with_clients
from mysqlbinlog import command, run
from packets import Closed
from replication import Route, knows_zstd
from semisync import counter, switch_on
from sluice import at_most
from texts import text_rows

algorithms = pytest.mark.parametrize("algorithm", ["zlib", "zstd"])


def makes_sense(kind, algorithm=None, tls=None, both=None, gtid=None, large_on=None, **_) -> bool:
    """The layers know nothing of each other: with TLS on one leg, without on both, is enough; and so is each of these
    with one way of positioning, with the other algorithm the other one."""
    if algorithm == "zstd" and not knows_zstd(kind):
        return False
    if gtid is not None and (tls == both or gtid != (both == (algorithm == "zlib"))):
        return False
    return large_on != "replica-leg" or kind.name in ONE_OF_EACH_FAMILY


@every_server
@positioning
@algorithms
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
@pytest.mark.parametrize("both", [False, True], ids=["replica-leg", "both-legs"])
def test_the_whole_workload(company, algorithm, tls, both):
    """Rows, accounts, GTIDs and positions as the direct replica has them."""
    relay = company.relays[tls]
    relay.master["compression"] = [algorithm] if both else []
    company.sluice.reload()
    company.point(tls=tls, compression=algorithm)
    company.sluice.logged("session authenticated", relay=relay.name, compression=algorithm)
    company.sluice.logged("dump started", relay=relay.name, master_compression=algorithm if both else "none")
    company.work(lambda master: workload.all_steps(master, company.gtid))


@every_server
@algorithms
def test_the_masters_leg_alone(scene, algorithm):
    """The numbers of packets within what a master compresses are not those of a stream: they are mended."""
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.master["compression"] = [algorithm]
    sluice = scene.sluice(relay)
    sluice.logged("master reached", compression=algorithm)
    replication.point(replica, Route.through(relay), gtid=True)
    replication.start(replica)
    assert sluice.logged("dump started")["master_compression"] == algorithm
    workload.play(master, workload.PREPARE)
    for number in range(300):  # the numbers wrap
        master.sql(f"INSERT INTO app.t (v) VALUES ('{number}')")
    replication.caught_up(replica, master)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert len(sluice.events("session authenticated")) == 1


# ---------------------------------------------------------------- large events


def event_sizes(master) -> list[tuple[int, str]]:
    """Sizes and texts. By where they begin: MariaDB does not always tell where they end."""
    rows = master.sql("SHOW BINLOG EVENTS IN 'binlog.000001'")
    ends = [int(row[1]) for row in rows[1:]] + [master.coordinates[1]]
    return [(end - int(row[1]), row[5]) for row, end in zip(rows, ends)]


def statement_of(master, event_size: int, number: int) -> str:
    """An INSERT that becomes a QUERY event of exactly this size."""
    def text(size: int) -> str:
        return f"INSERT INTO app.big (id, t) VALUES ({number}, '{'m' * size}')"

    with master.connect() as session:
        session.query("SET SESSION binlog_format=STATEMENT")
        session.query(text(1000))
    size = next(size for size, said in event_sizes(master) if f"({number}, 'mmm" in said)
    master.sql(f"DELETE FROM app.big WHERE id={number}")
    return text(1000 + event_size - size)


@every_server
@algorithms
@pytest.mark.parametrize("large_on", ["replica-leg", "both-legs"])
def test_events_over_16_mib(scene, algorithm, large_on):
    """Text, noise, and a packet that is followed by an empty one. Small events stand before and behind them,
    in the same compressed packets."""
    master, replica = scene.master(gtid=False), scene.replica(gtid=False)
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.big (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT) ENGINE=MyISAM")
    # 0x00 and the event are one packet that is full.
    exact = statement_of(master, 0xFFFFFF - 1, 1)
    with master.connect() as session:
        for number in range(10, 20):
            session.query(f"INSERT INTO app.big (id, t) VALUES ({number}, 'before')")
        session.query(f"INSERT INTO app.big (id, b) VALUES (2, REPEAT('row of text ', {(21 << 20) // 12}))")
        session.query(f"INSERT INTO app.big (id, b) VALUES (3, x'{os.urandom(18 << 20).hex()}')")
        session.query("SET SESSION binlog_format=STATEMENT")
        session.query(exact)
        for number in range(20, 30):
            session.query(f"INSERT INTO app.big (id, t) VALUES ({number}, 'behind')")
    assert 0xFFFFFF - 1 in [size for size, _ in event_sizes(master)]
    relay = scene.relay(master, tls=False)
    relay.master["compression"] = [algorithm] if large_on == "both-legs" else []
    sluice = scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=False, **replication.compressing(replica, algorithm))
    replication.start(replica)
    replication.caught_up(replica, master, timeout=120)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert replication.threads_run(replica)
    assert len(sluice.events("session authenticated")) == 1
    assert sluice.peak_memory < at_most(64 << 10), "KiB"


@each_family
@algorithms
def test_an_event_of_100_mib_in_constant_memory(scene, algorithm):
    master = scene.master("--max-allowed-packet=256M")
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.big (id INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM")
    relay = scene.relay(master, tls=False)
    relay.master["compression"] = [algorithm]
    sluice = scene.sluice(relay)
    with reading(relay, algorithm) as client:  # what a first session takes is not the event's
        binlog.read_log(client, ["binlog.000001"], mariadb=master.kind.mariadb)
    before = sluice.peak_memory
    with master.connect(timeout=300) as session:
        session.query(f"INSERT INTO app.big VALUES (1, REPEAT('row of text ', {(100 << 20) // 12}))")
    with reading(relay, algorithm) as client:
        client.introduce(6, mariadb=master.kind.mariadb)
        client.request_dump("binlog.000001", blocking=False)
        assert max(len(event) for event in client.events()) > 99 << 20
    # A master packs 16 MiB at a time, and to unpack them takes zstd's window of 2 MiB.
    assert sluice.peak_memory - before < at_most(8 << 10), "KiB"


# ---------------------------------------------------------------- the stream


def reading(relay, algorithm: str, **options):
    """A client that has logged in with compression."""
    client = knock(relay, more_capabilities=BITS[algorithm], timeout=120, **options)
    client.wire.connection = CompressedSocket(client.wire.connection, algorithm)
    return client


@each_family
@algorithms
@pytest.mark.parametrize("system_schema", ["drop", "keep"])
def test_the_stream_inside_is_the_one_without(stage, scene, algorithm, system_schema):
    if not hasattr(stage, "worked"):
        stage.worked = stage.master()
        workload.all_steps(stage.worked, gtid=True)
        workload.wipe(stage.worked)
    master = stage.worked
    relay = scene.relay(master)
    relay.filter = {"system_schema": system_schema}
    scene.sluice(relay)
    files = [row[0] for row in master.sql("SHOW BINARY LOGS")]
    with knock(relay) as plain, reading(relay, algorithm) as packed:
        for client, server_id in (plain, 5), (packed, 6):
            client.introduce(server_id, mariadb=master.kind.mariadb)
        for client, server_id in (plain, 5), (packed, 6):
            client.request_dump(files[0], server_id=server_id, blocking=False)
        for one, other in zip(plain.events(), packed.events(), strict=True):
            assert one == other
            assert plain.wire.sequence == packed.wire.sequence


@each_family
@algorithms
def test_wide_text_rows_shrink_threefold(scene, algorithm):
    master = scene.master()
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.orders (id INT AUTO_INCREMENT PRIMARY KEY, doc TEXT) ENGINE=InnoDB")
    rows = text_rows(5000)
    for at in range(0, len(rows), 500):
        master.sql("INSERT INTO app.orders (doc) VALUES " + ",".join(f"('{row}')" for row in rows[at:at + 500]))
    relay = scene.relay(master, tls=False)
    sluice = scene.sluice(relay)
    forwarder = Forwarder(relay.address, record=False)
    taken = {}
    for name in None, algorithm:
        replica = scene.replica()
        before = forwarder.down
        route = dataclasses.replace(Route.through(relay), port=forwarder.port)
        replication.point(replica, route, gtid=True, **replication.compressing(replica, name))
        replication.start(replica)
        replication.caught_up(replica, master)
        assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
        replication.stop(replica)
        taken[name] = forwarder.down - before
    forwarder.close()
    assert taken[None] > 4 << 20
    assert taken[algorithm] * 3 < taken[None], taken
    ended = sluice.logged("session ended", compressed_bytes=r"\d+")
    assert ended["bytes"] > 4 << 20
    assert 0 < ended["compressed_bytes"] <= taken[algorithm]


# ---------------------------------------------------------------- acknowledgements


@semisync_servers
@algorithms
@pytest.mark.parametrize("both", [False, True], ids=["replica-leg", "both-legs"])
def test_semi_synchronous(scene, algorithm, both):
    """Acknowledgements go up compressed, too, and nothing that came behind their event is lost to them."""
    master, replica = scene.master(), scene.replica()
    switch_on(master, "master")
    switch_on(replica, "slave")
    master.sql(f"SET GLOBAL rpl_semi_sync_{'master' if master.kind.mariadb else 'source'}_timeout=10000")
    relay = scene.relay(master)
    relay.master["compression"] = [algorithm] if both else []
    sluice = scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=True, **replication.compressing(replica, algorithm))
    replication.start(replica)
    waiting.until("the master has a semi-sync replica", lambda: counter(master, "clients") == 1)
    replication.caught_up(replica, master)
    before = counter(master, "yes_tx")
    workload.play(master, workload.PREPARE)

    def work(name: str) -> None:
        with master.connect() as session:
            for number in range(60):
                session.query(f"INSERT INTO app.t (v, b) VALUES ('{name} {number}', REPEAT('text ', {number * 100}))")

    # Together they make events that lie behind one whose acknowledgement is under way.
    together = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "three", "four")]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    master.sql("INSERT INTO app.t (v, b) VALUES ('big', REPEAT('x', 20000000))")
    master.sql("INSERT INTO app.t (v) VALUES ('last')")
    replication.caught_up(replica, master)
    assert counter(master, "yes_tx") - before >= 60  # those that are committed together wait together
    assert counter(master, "no_tx") == 0
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert len(sluice.events("session authenticated")) == 1


# ---------------------------------------------------------------- who asks for what


@servers_with_clients
@algorithms
def test_mysqlbinlog(kind, stage, scene, algorithm, tmp_path):
    if kind.mariadb:
        pytest.skip("MariaDB's mysqlbinlog has no option for it")
    master = scene.master()
    master.sql("CREATE DATABASE app")
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    run(command(kind, relay, f"--compression-algorithms={algorithm}", "--raw", "--to-last-log", "binlog.000001"), cwd=tmp_path)
    sluice.logged("session authenticated", compression=algorithm)
    sizes = {row[0]: int(row[1]) for row in master.sql("SHOW BINARY LOGS")}
    assert (tmp_path / "binlog.000001").stat().st_size == sizes["binlog.000001"]


@every_server
def test_nothing_is_offered_where_the_configuration_says_so(scene):
    """A replica that would like it goes without."""
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.replica["compression"] = []
    sluice = scene.sluice(relay)
    wanted = "zstd,zlib,uncompressed" if knows_zstd(scene.kind) else "zlib"
    replication.point(replica, Route.through(relay), gtid=True, **replication.compressing(replica, wanted))
    replication.start(replica)
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)
    sluice.logged("session authenticated", compression="none")


@each_family
def test_a_replica_takes_what_it_likes_best_of_what_is_offered(scene):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.replica |= {"compression": ["zlib"], "zlib_level": 9}
    sluice = scene.sluice(relay)
    wanted = "zstd,zlib" if knows_zstd(scene.kind) else "zlib"
    replication.point(replica, Route.through(relay), gtid=True, **replication.compressing(replica, wanted))
    replication.start(replica)
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)
    sluice.logged("session authenticated", compression="zlib")


# ---------------------------------------------------------------- strangers with a password

LARGEST = (4 << 20) + 4  # the plain side of a replica's packet
BEGUN = b"\x84\x03\0\0\x03" + b"SELECT " * 70  # of a command of 900 bytes
BAD = {
    "noise": (lambda _: os.urandom(5000), "compressed packet"),
    "a web request": (lambda _: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9, "compressed packets out of order"),
    "a packet that is not compressed": (lambda _: b"\x01\0\0\0\x0e", None),
    "a packet of the largest size": (lambda a: frame(squeeze(a, bytes(0xFFFFFF)), 0xFFFFFF), "too large"),
    "more than it says": (lambda a: frame(squeeze(a, BEGUN + bytes(1 << 24)), len(BEGUN)), "another size than it says"),
    "less than it says": (lambda a: frame(squeeze(a, BEGUN), LARGEST), "another size than it says"),
    "zeros": (lambda a: frame(squeeze(a, bytes(LARGEST)), LARGEST), "empty command"),
    "a command that is too large": (lambda a: frame(squeeze(a, b"\xff\xff\xff\0" + bytes(LARGEST - 4)), LARGEST), "too large"),
    "damage": (lambda a: frame(squeeze(a, BEGUN)[:-4] + b"\xff" * 4, len(BEGUN)), "damaged|another size"),
    "nothing": (lambda _: frame(b"", 5), "without content"),
}


@each_family
@algorithms
@pytest.mark.parametrize("when", ["at once", "in a dump"])
@pytest.mark.parametrize("what", BAD)
def test_garbage_ends_the_session(stage, algorithm, when, what):
    relay, sluice = attacked(stage)
    make, reason = BAD[what]
    with reading(relay, algorithm) as client:  # what a session takes that is a good one
        client.ping()
    sluice.mark()
    sluice.reset_peak()
    before = sluice.peak_memory
    client = reading(relay, algorithm)
    if when == "in a dump":
        client.introduce(9, mariadb=stage.kind.mariadb)
        client.request_dump("binlog.000001")
        next(client.events())
    raw = client.wire.connection.connection
    raw.sendall(make(algorithm))
    if reason is None:  # it waits for the rest
        raw.close()
    else:
        with pytest.raises((Closed, ConnectionError)):
            while True:
                client.wire.read()
        raw.close()
    ended = sluice.logged("session ended", session=client.greeting.thread_id)
    if when == "in a dump" and what == "zeros":
        reason = "not an acknowledgement"
    assert re.search(reason or "closed by the peer", ended["reason"]), ended
    # Of zstd a window as large as a command may be.
    assert sluice.peak_memory - before < at_most(8 << 10), "KiB"
    knock(relay).close()


def attacked(stage):
    if not hasattr(stage, "attacked"):
        relay = stage.relay()
        stage.attacked = relay, stage.sluice(relay)
    return stage.attacked
