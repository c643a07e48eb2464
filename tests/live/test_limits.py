"""What a replica makes of that which passes although all that it changes is dropped."""

from __future__ import annotations

import pytest

import fetching
import leaks
import replication
import waiting
from catalogue import BY_NAME
from kinds import every_server
from replication import Route

by_database = pytest.mark.parametrize("kind", [BY_NAME[name] for name in ("mysql-5.6", "mysql-5.7", "mysql-8.0")],
                                      ids=lambda kind: kind.name, scope="module")


def behind_sluice(scene, *, ignore=(), workers: str = "0"):
    """A master, and a replica that goes through Sluice by file and position."""
    master, replica = scene.master(gtid=False), scene.replica(gtid=False)
    relay = scene.relay(master)
    if ignore:
        relay.filter = {"ignore": list(ignore)}
    scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=False, workers=workers)
    return master, replica


def stops_with(replica, number: str) -> None:
    waiting.until(f"the replica stops with {number}", lambda: replication.status(replica)["Last_SQL_Errno"] == number,
                  tell=lambda: replication.errors(replica))
    assert replication.status(replica)["Last_IO_Errno"] == "0"


@every_server
def test_drop_trigger_names_no_table(scene):
    """So it passes, and an applier leaves it out that has no such trigger (mysql_execute_command in sql/sql_parse.cc)."""
    master, replica = behind_sluice(scene, ignore=["app.gone"])
    replication.start(replica)
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.gone (id INT PRIMARY KEY) ENGINE=InnoDB",
                      "CREATE TRIGGER app.fires BEFORE INSERT ON app.gone FOR EACH ROW SET @x=1"):
        master.sql(statement)
    replication.caught_up(replica, master)
    master.sql("DROP TRIGGER app.fires")
    replication.caught_up(replica, master)
    assert any(b"DROP TRIGGER" in event for event in leaks.relay_log_events(replica))
    assert not any(b"CREATE TRIGGER" in event for event in leaks.relay_log_events(replica))


@by_database
def test_a_parallel_applier_by_database_at_a_transaction_of_which_nothing_is_left(scene):
    master, replica = behind_sluice(scene, workers="2")
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE mysql.t (d DATE PRIMARY KEY) ENGINE=InnoDB")
    replication.start(replica)
    replication.caught_up(replica, master)
    before = master.coordinates
    master.sql("INSERT INTO mysql.t VALUES ('2000-01-01')")
    stops_with(replica, "1755")
    assert replication.executed_position(replica) == before
    # With one thread it goes on.
    replication.stop(replica)
    for statement in replica.say.set_workers("0"):
        replica.sql(statement)
    master.sql("CREATE TABLE app.t (id INT PRIMARY KEY) ENGINE=InnoDB")
    master.sql("INSERT INTO app.t VALUES (7)")
    replication.start(replica)
    replication.caught_up(replica, master)
    assert replica.sql("SELECT id FROM app.t") == master.sql("SELECT id FROM app.t")


@pytest.mark.parametrize("kind", [BY_NAME["mysql-5.7"]], ids=["mysql-5.7"], scope="module")
def test_a_mariadb_replica_of_mysql_at_a_statement_whose_rows_are_dropped_in_turn(scene):
    """Its IO thread wants the row events of a statement in one piece (Rows_event_tracker), whoever the master is. Two
    families are no supported pair, but nothing keeps them from it."""
    other = BY_NAME["mariadb"]
    try:
        fetching.fetch(other)
    except fetching.Unavailable as error:
        pytest.skip(f"no MariaDB: {error}")
    master, replica = scene.master(gtid=False), scene.server("replica", kind=other)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=False)
    replication.start(replica)
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.t (id INT PRIMARY KEY) ENGINE=InnoDB",
                      "CREATE TABLE mysql.seen (id INT) ENGINE=InnoDB",
                      "CREATE TRIGGER app.sees BEFORE INSERT ON app.t FOR EACH ROW INSERT INTO mysql.seen VALUES (NEW.id)",
                      "INSERT INTO app.t VALUES (1), (2), (3)", "INSERT INTO app.t VALUES (4)"):
        master.sql(statement)
    replication.caught_up(replica, master)
    assert replica.sql("SELECT id FROM app.t ORDER BY id") == master.sql("SELECT id FROM app.t ORDER BY id")
