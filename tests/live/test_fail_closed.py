"""What Sluice cannot judge is not forwarded: the replica stops where it is, with an error that says where
and why, and nothing of it has left."""

from __future__ import annotations

import pytest

import binlog
import replication
import waiting
import workload
from clients import knock
from kinds import each_family, mysql_servers
from mysql_client import Client, trusting
from packets import ServerError
from replication import Route

UNDECIDABLE = {
    "a table that moves out of the mysql schema": "RENAME TABLE mysql.rt TO app.moved",
    "a table that moves into it": "ALTER TABLE app.u RENAME TO mysql.moved",
}


def makes_sense(kind, **parameters) -> bool:
    """Compressed transactions came with 8.0.20."""
    return bool(parameters) or kind.at_least(8, 0, 20)


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


@mysql_servers
def test_a_compressed_transaction_with_rows_of_the_mysql_schema(scene):
    """Filtered or refused, but never as it came."""
    master = scene.master()
    workload.play(master, workload.PREPARE)
    workload.play(master, """
SET SESSION binlog_transaction_compression=ON;
BEGIN;
INSERT INTO mysql.rt (v, b) VALUES ('dropped', REPEAT('x', 1000));
INSERT INTO app.t (v, b) VALUES ('kept', REPEAT('x', 1000));
COMMIT;
""")
    relay = scene.relay(master)
    scene.sluice(relay)
    with Client(("127.0.0.1", master.port), "direct", "direct-secret", tls=trusting()) as client:
        (original,) = [e for e in binlog.read_log(client, ["binlog.000001"]) if e.type == binlog.PAYLOAD]
    with knock(relay) as client:
        client.introduce(5)
        client.request_dump("binlog.000001", blocking=False)
        try:
            heard = b"".join(client.events())
        except ServerError as error:
            assert error.code == 1236 and "binlog.000001" in error.text
            return
    assert original.data not in heard
