"""Semi-synchronous replication end to end: the master's acknowledgement is the replica's own."""

from __future__ import annotations

import signal
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

import replication
import snapshot
import waiting
import workload
from kinds import semisync_servers
from mysql_client import Client, trusting
from packets import ENDED, Closed
from replication import Route
from semisync import counter, switch_on


@semisync_servers
@pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"])
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_the_master_waits_for_the_replica_and_not_in_vain(scene, gtid, protection):
    master, replica = scene.master(gtid=gtid), scene.replica(gtid=gtid)
    switch_on(master, "master")
    switch_on(replica, "slave")
    master.sql(f"SET GLOBAL rpl_semi_sync_{'master' if master.kind.mariadb else 'source'}_timeout=10000")
    relay = scene.relay(master, tls=protection == "tls")
    sluice = scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=gtid)
    replication.start(replica)
    waiting.until("the master has a semi-sync replica", lambda: counter(master, "clients") == 1)
    assert sluice.logged("dump started")["semi_sync"] in (True, "true", 1)
    replication.caught_up(replica, master)
    before = counter(master, "yes_tx")
    workload.play(master, workload.PREPARE)
    workload.play(master, """
INSERT INTO app.t (v) VALUES ('kept');
CREATE USER 'w_gone'@'%';
INSERT INTO mysql.rt (v) VALUES ('dropped');
BEGIN;
INSERT INTO app.t (v) VALUES ('both');
INSERT INTO mysql.rt (v) VALUES ('both');
COMMIT;
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('only dropped');
COMMIT;
FLUSH BINARY LOGS;
INSERT INTO app.t (v, b) VALUES ('big', REPEAT('x', 20000000));
INSERT INTO app.t (v) VALUES ('last');
""")
    replication.caught_up(replica, master)
    assert counter(master, "yes_tx") - before >= 14
    assert counter(master, "no_tx") == 0
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    replication.stop(replica)
    waiting.until("the master has no semi-sync replica", lambda: counter(master, "clients") == 0)
    replication.start(replica)
    waiting.until("the master has it again", lambda: counter(master, "clients") == 1)


def dumping(scene, master, relay, start: tuple[str, int], tls: bool, room: int = 0,
            **more) -> Client:
    """A replica with semi-sync that only does what it is told to. `room`: of so many bytes for what it has not read."""
    user = relay.users[0]
    client = Client(relay.address, user["name"], user["password"], tls=trusting() if tls else None)
    scene.stack.callback(client.wire.connection.close)
    if room:
        client.wire.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.introduce(77, mariadb=master.kind.mariadb)
    client.query(f"SET @rpl_semi_sync_{'slave' if master.kind.mariadb else 'replica'}= 1")
    client.request_dump(*start, **more)
    return client


def acknowledge(client: Client, place: tuple[str, int]) -> None:
    file, position = place
    client.wire.command(b"\xef" + struct.pack("<Q", position) + file.encode())


def read_up_to(client: Client, position: int) -> None:
    for event in client.events():
        if int.from_bytes(event[2:][13:17], "little") == position:
            return


@semisync_servers
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_what_the_master_sent_before_it_died_arrives_even_if_it_is_acknowledged(scene, protection):
    """Nobody may have it but this replica. To close a connection while something comes on it resets it, and what the
    other end has not got yet is lost."""
    master = scene.master()
    start = master.coordinates
    workload.play(master, workload.PREPARE)
    for _ in range(40):
        master.sql("INSERT INTO app.t (v, b) VALUES ('last', REPEAT('x', 10000))")
    end = master.coordinates
    switch_on(master, "master")
    relay = scene.relay(master, tls=protection == "tls")
    sluice = scene.sluice(relay)
    client = dumping(scene, master, relay, start, protection == "tls", room=8192)
    read_up_to(client, 0)
    waiting.until("the master has sent all", lambda: any(
        "sent all binlog" in str(row).lower() for row in master.sql("SHOW PROCESSLIST")))
    master.kill()
    with pytest.raises(Closed):
        while True:
            acknowledge(client, start)
            client.wire.read()
    client.wire.connection.close()
    ended = sluice.logged("session ended")
    assert ended["position"] == end[1]
    assert ended["reason"].startswith("the master's connection: ")


@semisync_servers
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_the_master_hears_what_a_drained_replica_acknowledges(scene, protection):
    master = scene.master()
    workload.play(master, workload.PREPARE)
    role = "master" if master.kind.mariadb else "source"
    switch_on(master, "master")
    master.sql(f"SET GLOBAL rpl_semi_sync_{role}_timeout=120000")
    relay = scene.relay(master, tls=protection == "tls")
    sluice = scene.sluice(relay)
    client = dumping(scene, master, relay, master.coordinates, protection == "tls")
    waiting.until("the master has a semi-sync replica", lambda: counter(master, "clients") == 1)
    with ThreadPoolExecutor(1) as pool, master.connect() as session:
        commit = pool.submit(session.query, "INSERT INTO app.t (v) VALUES ('waits')")
        waiting.until("the commit waits", lambda: counter(master, "wait_sessions") == 1)
        sluice.signal(signal.SIGTERM)
        with pytest.raises(Closed):
            for _ in client.events():
                pass
        acknowledge(client, master.coordinates)
        commit.result(60)
    client.wire.connection.close()
    assert (counter(master, "yes_tx"), counter(master, "no_tx")) == (1, 0)
    waiting.until("Sluice has ended", lambda: not sluice.alive)  # a second signal would not let it finish
    assert sluice.stop() == 0
    assert sluice.logged("session ended")["reason"] == "drained"


@semisync_servers
def test_a_master_that_reads_no_acknowledgements_does_not_keep_a_drained_session(scene):
    master = scene.master()
    switch_on(master, "master")
    relay = scene.relay(master, tls=False)
    sluice = scene.sluice(relay, start=False)
    sluice.shutdown = {"grace": "1h"}
    sluice.start()
    client = dumping(scene, master, relay, master.coordinates, tls=False)
    waiting.until("the master has a semi-sync replica", lambda: counter(master, "clients") == 1)
    payload = b"\xef" + struct.pack("<Q", master.coordinates[1]) + master.coordinates[0].encode()
    many = (len(payload).to_bytes(3, "little") + b"\0" + payload) * 1000
    master.process.send_signal(signal.SIGSTOP)
    try:
        client.wire.connection.settimeout(3)
        with pytest.raises(TimeoutError):
            while True:
                client.wire.connection.sendall(many)
        sluice.signal(signal.SIGTERM)
        assert sluice.process.wait(30) == 0
    finally:
        master.process.send_signal(signal.SIGCONT)
    assert sluice.events("session ended", reason="drained")


@semisync_servers
def test_who_talks_on_behind_the_end_of_its_stream_is_left_all_the_same(scene):
    """Nothing of a session may stay: others want its place, and the master its thread."""
    master = scene.master()
    relay = scene.relay(master, tls=False)
    sluice = scene.sluice(relay)
    client = dumping(scene, master, relay, master.coordinates, tls=False, blocking=False)
    for _ in client.events():
        pass
    pings = b"\x01\0\0\0\x0e" * 400
    with pytest.raises(ENDED):
        while True:
            client.wire.connection.sendall(pings)
    assert sluice.logged("session ended")["reason"] == "the master ended the dump"
    waiting.until("the master's threads have gone", lambda: not master.sql(
        "SELECT 1 FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%' OR user='relay'"))
