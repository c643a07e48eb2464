"""Semi-synchronous replication end to end: the master's acknowledgement is the replica's own."""

from __future__ import annotations

import pytest

import replication
import snapshot
import waiting
import workload
from kinds import semisync_servers
from replication import Route


def switch_on(server, role: str) -> None:
    """role: master or slave, in the old words."""
    if server.kind.mariadb:
        server.sql(f"SET GLOBAL rpl_semi_sync_{role}_enabled=1")
        return
    new = {"master": "source", "slave": "replica"}[role]
    server.sql(f"INSTALL PLUGIN rpl_semi_sync_{new} SONAME 'semisync_{new}.so'")
    server.sql(f"SET GLOBAL rpl_semi_sync_{new}_enabled=1")


def counter(master, name: str) -> int:
    role = "master" if master.kind.mariadb else "source"
    ((_, value),) = master.sql(f"SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_{role}_{name}'")
    return int(value)


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
