"""Replicas whose applier may do little, as those of a managed service: rows only (REQUIRE_ROW_FORMAT), with the rights of
an account that has none on the system schema (PRIVILEGE_CHECKS_USER)."""

from __future__ import annotations

import pytest

import replication
import snapshot
import workload
from kinds import failover_servers, positioning
from replication import Route

WORK = """
INSERT INTO app.t (v, n) VALUES ('one', 1), ('two', 2);
INSERT INTO mysql.rt (v, n) VALUES ('secret one', 1), ('secret two', 2);
CREATE USER 'w_applier'@'%' IDENTIFIED BY 'very secret';
GRANT SELECT ON app.* TO 'w_applier'@'%';
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('secret three');
INSERT INTO app.t (v) VALUES ('three');
UPDATE app.t, mysql.rt SET app.t.v = 'both', mysql.rt.v = 'secret both' WHERE app.t.n = mysql.rt.n;
UPDATE mysql.rt SET v = 'secret alone';
COMMIT;
BEGIN;
UPDATE mysql.rt SET n = n + 1;
COMMIT;
ALTER TABLE mysql.rt ADD COLUMN more INT;
XA START 'x';
INSERT INTO mysql.rt (v) VALUES ('secret four');
INSERT INTO app.u (v) VALUES ('four');
XA END 'x';
XA PREPARE 'x';
XA COMMIT 'x';
SET SESSION binlog_transaction_compression = ON;
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('secret five');
INSERT INTO app.t (v) VALUES ('five');
COMMIT;
DROP USER 'w_applier'@'%';
"""


@failover_servers
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
def test_rows_alone_with_the_rights_of_an_account(scene, gtid, workers):
    master, replica = scene.master(gtid=gtid), scene.replica(gtid=gtid)
    relay = scene.relay(master)
    scene.sluice(relay)
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX"
    replica.quietly("CREATE USER applier", "GRANT REPLICATION_APPLIER, SESSION_VARIABLES_ADMIN ON *.* TO applier",
                    *(f"GRANT {rights} ON {schema}.* TO applier" for schema in ("app", "app2")))
    accounts = snapshot.accounts(replica)
    replication.point(replica, Route.through(relay), gtid=gtid, start=master.coordinates, workers=workers)
    replica.sql("CHANGE REPLICATION SOURCE TO REQUIRE_ROW_FORMAT=1, PRIVILEGE_CHECKS_USER='applier'@'%'")
    replication.start(replica)
    workload.play(master, workload.PREPARE + WORK)
    replication.caught_up(replica, master)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert not snapshot.differences(accounts, snapshot.accounts(replica))
