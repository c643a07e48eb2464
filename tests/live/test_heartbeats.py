"""A replica gives up after replica_net_timeout without a packet, comes back, and all begins again. Where Sluice has
to hold what comes, for longer than that, it sends heartbeats of its own."""

from __future__ import annotations

import pytest

import replication
import snapshot
import waiting
import workload
from binlog import place_of_rows
from forwarder import Forwarder
from kinds import ONE_OF_EACH_FAMILY, every_server, mysql_servers, positioning
from semisync import switch_on

PATIENCE = 3  # seconds of a replica without a packet
PERIOD = 0.5
PACE = 1_000_000  # bytes a second from the master
BEFORE = 5  # so many times what comes in a second
SIZE = 9


def makes_sense(kind, leg="plain", drops=None, **_) -> bool:
    if drops is not None:  # compressed transactions
        return kind.at_least(8, 0, 20)
    return leg == "plain" or kind.name in ONE_OF_EACH_FAMILY


@pytest.fixture
def slow(scene, gtid):
    """A master, with a relay to which it takes long to get through."""
    master = scene.master(gtid=gtid)
    workload.play(master, workload.PREPARE)
    forwarder = Forwarder(("127.0.0.1", master.port), record=False, pace=PACE)
    scene.stack.callback(forwarder.close)
    relay = scene.relay(master)
    relay.master["port"] = forwarder.port
    return master, relay, scene.sluice(relay)


def impatient(scene, relay, start: tuple[str, int], gtid: bool, leg: str = "plain"):
    replica = scene.replica(gtid=gtid)
    more = replication.compressing(replica, "zlib") if leg == "compressed" else {}
    if leg == "semi-sync":
        switch_on(replica, "slave")
    timeout = "replica_net_timeout" if replica.say.new else "slave_net_timeout"
    replica.sql(f"SET GLOBAL {timeout}={PATIENCE}")
    replication.point(replica, replication.Route.through(relay), gtid=gtid, start=start,
                      **(more | {"HEARTBEAT_PERIOD": PERIOD}))
    return replica


@every_server
@pytest.mark.parametrize("gtid", [False], ids=["position"])
@pytest.mark.parametrize("leg", ["plain", "semi-sync", "compressed"])
def test_while_sluice_reads_what_comes_before_a_position(scene, slow, gtid, leg):
    """Behind it there is more than the connection holds, so that the master waits too, and gives up. Nobody has asked it
    to wait for longer: the replica comes back, and what came before its position is known then."""
    master, relay, sluice = slow
    for _ in range(BEFORE):
        master.sql(f"INSERT INTO app.t (v, b) VALUES ('before', REPEAT('x', {PACE}))")
    place = place_of_rows(master)
    for _ in range(SIZE):
        master.sql(f"INSERT INTO app.t (v, b) VALUES ('behind', REPEAT('x', {PACE}))")
    master.sql(f"SET GLOBAL net_write_timeout={BEFORE - 1}")
    if leg == "semi-sync":  # not before: it would have waited for a replica
        switch_on(master, "master")
    file, _ = master.coordinates
    replica = impatient(scene, relay, (file, place), gtid, leg)
    replica.sql(f"{replica.say.start} IO_THREAD")  # to apply these rows without their table is not asked here
    waiting.until("the replica has all", lambda: replication.read_position(replica) == master.coordinates, PATIENCE * 8,
                  progress=lambda: replication.read_position(replica))
    assert replication.status(replica)["Slave_IO_Running"] == "Yes", replication.errors(replica)
    assert len(sluice.events("reading what comes before the replica's position")) == 1
    assert len(sluice.events("session ended", reason="the master may have given up")) == 1
    told = sluice.events("heartbeats of Sluice's own")
    assert told and all((line["file"], line["position"]) == (file, place) for line in told)
    # The packets behind them, and the master's own heartbeats, are counted on.
    master.sql("INSERT INTO app.t (v) VALUES ('later')")
    waiting.until("the replica has that, too", lambda: replication.read_position(replica) == master.coordinates)
    dumps = sluice.events("dump started")
    assert [dump["semi_sync"] for dump in dumps] == [leg == "semi-sync"] * 2
    logins = sluice.events("session authenticated", user=relay.users[0]["name"])
    assert [login["compression"] for login in logins] == ["zlib" if leg == "compressed" else "none"] * 2


@mysql_servers
@pytest.mark.parametrize("drops, gtid", [(False, False), (True, True)], ids=["kept, position", "compressed anew, gtid"])
def test_while_a_compressed_transaction_comes(scene, slow, drops, gtid):
    master, relay, sluice = slow
    start = master.coordinates
    rows = ", ".join(["(RANDOM_BYTES(1000))"] * 1000)
    statements = [f"INSERT INTO app.t (b) VALUES {rows}"] * SIZE
    if drops:
        statements.append("INSERT INTO mysql.rt (v) VALUES ('secret')")
    replica = impatient(scene, relay, start, gtid)
    if not gtid:
        workload.play(replica, workload.PREPARE)
    replication.start(replica)
    workload.play(master, "SET SESSION binlog_transaction_compression=ON;\nBEGIN;\n" + ";\n".join(statements)
                  + ";\nCOMMIT;\nINSERT INTO app.t (v) VALUES ('behind');\n")
    replication.caught_up(replica, master)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert sluice.events("heartbeats of Sluice's own")
    assert len(sluice.events("dump started")) == 1


@every_server
@positioning
def test_while_the_data_of_a_statement_comes(scene, slow, gtid):
    """LOAD DATA in statement format names its table behind its data."""
    master, relay, sluice = slow
    file = master.folder / "data" / "big.txt"
    file.write_text("".join(f"{i}\t{'x' * 1000}\n" for i in range(SIZE * 1000)))
    file.chmod(0o644)
    start = master.coordinates
    replica = impatient(scene, relay, start, gtid)
    if not gtid:
        workload.play(replica, workload.PREPARE)
    replication.start(replica)
    workload.play(master, f"CREATE TABLE app.loaded (a INT PRIMARY KEY, v TEXT) ENGINE=InnoDB;\n"
                          f"SET SESSION binlog_format=STATEMENT;\nLOAD DATA INFILE '{file}' INTO TABLE app.loaded;\n"
                          "INSERT INTO app.t (v) VALUES ('behind');\n")
    replication.caught_up(replica, master)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert len(sluice.events("heartbeats of Sluice's own")) == 1
    assert len(sluice.events("dump started")) == 1
