"""What Sluice cannot judge is not forwarded: the replica stops where it is, with an error that says where
and why, and nothing of it has left."""

from __future__ import annotations

import pytest

import replication
import waiting
import workload
from kinds import each_family
from replication import Route

UNDECIDABLE = {
    "a table that moves out of the mysql schema": "RENAME TABLE mysql.rt TO app.moved",
    "a table that moves into it": "ALTER TABLE app.u RENAME TO mysql.moved",
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
    before = master.coordinates
    master.sql(UNDECIDABLE[what])
    error = waiting.until("the IO thread stops for good", lambda: (now := replication.status(replica))
                          and now["Slave_IO_Running"] == "No" and now["Last_IO_Error"])
    assert f"{before[0]}:" in error and "Sluice" in error
    assert replication.executed_position(replica) == before
    sluice.logged("stream stopped")
    assert sluice.logged("session ended")["reason"]
