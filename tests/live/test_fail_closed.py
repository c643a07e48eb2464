"""What Sluice cannot judge is not forwarded: the replica stops where it is, with an error that says where
and why, and nothing of it has left."""

from __future__ import annotations

import struct
import time

import pytest

import replication
import waiting
import workload
from admin import Admin
from clients import knock, refused
from kinds import any_server, each_family
from ports import free_port
from replication import Route

# The last statement of each is the one.
UNDECIDABLE = {
    "a table that moves into the mysql schema": ["ALTER TABLE app.u RENAME TO mysql.moved"],
    "a column that may be of either table": [
        "CREATE TABLE app.one (k INT PRIMARY KEY, a INT) ENGINE=InnoDB", "INSERT INTO app.one VALUES (1, 1)",
        "INSERT INTO mysql.rt (v) VALUES ('x')", "SET SESSION binlog_format=STATEMENT",
        # Behind a derived table it is not known which tables the master says that it has changed.
        "UPDATE (SELECT 1 AS one) AS d, app.one, mysql.rt SET a=2"],
}


@each_family
@pytest.mark.parametrize("what", UNDECIDABLE)
@pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"])
def test_the_replica_stops_in_front_of_it(scene, what, gtid):
    master, replica = scene.master(gtid=gtid), scene.replica(gtid=gtid)
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=gtid)
    replication.start(replica)
    workload.play(master, workload.PREPARE)
    replication.caught_up(replica, master)
    with master.connect() as session:
        *prepare, undecidable = UNDECIDABLE[what]
        for statement in prepare:
            session.query(statement)
        replication.caught_up(replica, master)
        before = master.coordinates
        session.query(undecidable)
    error = waiting.until("the IO thread stops for good", lambda: (now := replication.status(replica))
                          and now["Slave_IO_Running"] == "No" and now["Last_IO_Error"])
    assert f"{before[0]}:" in error and "Sluice" in error
    assert replication.executed_position(replica) == before
    sluice.logged("stream stopped")
    assert sluice.logged("session ended")["reason"]


@any_server
def test_a_tool_that_stops_is_no_replica_that_stands_still(scene):
    """Such as `sluice check`, and mysqlbinlog: they read to the end of the binlog, and no further."""
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    sluice.start()
    admin = Admin(int(sluice.admin["listen"].rpartition(":")[2]))
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.u (k INT PRIMARY KEY)",
                      *UNDECIDABLE["a table that moves into the mysql schema"]):
        master.sql(statement)
    for blocking, level in ((False, "warn"), (True, "error")):
        with knock(relay) as client, refused(1236, "Sluice stops before"):
            client.introduce(7, mariadb=master.kind.mariadb)
            client.request_dump("binlog.000001", blocking=blocking)
            list(client.events())
        sluice.logged("stream stopped", level=level)
        for name in ("sluice_streams_stopped_total", "sluice_dumps_started_total"):
            waiting.until(f"{name} is {blocking:d}", lambda: admin.metric(name) == blocking)


@each_family
def test_a_position_within_an_event_is_named(scene):
    master = scene.master()
    relay = scene.relay(master)
    scene.sluice(relay)
    # What looks like an event to the master, which judges most of such positions itself.
    looks_so = struct.pack("<IBIIIH", int(time.time()), 200, 1, 19 + 40, 0, 0) + bytes(100)
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.u (k INT PRIMARY KEY, b BLOB)",
                      f"INSERT INTO app.u VALUES (1, X'{looks_so.hex()}')"):
        master.sql(statement)
    file = master.coordinates[0]
    position = (master.folder / "data" / file).read_bytes().index(looks_so)
    with knock(relay) as client, refused(1236, f"before {file}:{position} .*if no event begins there"):
        client.introduce(7, mariadb=master.kind.mariadb)
        client.request_dump(file, position)
        list(client.events())


@each_family
def test_an_account_at_the_master_that_may_not_replicate(scene):
    """It is named in the log, where it can be mended, and not to the replica."""
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    master.quietly("REVOKE REPLICATION SLAVE ON *.* FROM 'relay'@'%'")
    with knock(relay) as client, refused(1045, "Sluice's account at the master; its log says why"):
        client.introduce(7, mariadb=master.kind.mariadb)
    sluice.logged("the master denies access", level="warn", reason="1045 Access denied for user 'relay'@.*REPLICATION SLAVE")
