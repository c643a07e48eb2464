"""What Sluice cannot judge is not forwarded: the replica stops where it is, with an error that says where
and why, and nothing of it has left."""

from __future__ import annotations

import pytest

import replication
import waiting
import workload
from kinds import each_family
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
