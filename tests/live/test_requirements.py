"""[relay.requirements] for tables: refuse, warn or ignore tables without a primary key and engines other
than InnoDB."""

from __future__ import annotations

import contextlib
import re

import pytest

import replication
import waiting
from checking import check
from clients import knock, refused
from mysql_client import Client, trusting
from forwarder import Forwarder
from kinds import each_family
from replication import Route

TABLES = ("CREATE DATABASE app", "CREATE TABLE app.good (id INT PRIMARY KEY) ENGINE=InnoDB",
          "INSERT INTO app.good VALUES (1)")
KEYLESS = ("CREATE TABLE app.keyless (a INT) ENGINE=InnoDB", "INSERT INTO app.keyless VALUES (1)",
           "INSERT INTO app.keyless VALUES (2)", "CREATE TABLE mysql.keyless (a INT) ENGINE=MyISAM",
           "INSERT INTO mysql.keyless VALUES (1)", "DROP TABLE mysql.keyless")
MYISAM = ("CREATE TABLE app.old (id INT PRIMARY KEY) ENGINE=MyISAM", "ALTER TABLE app.old COMMENT='x', ENGINE=MyISAM")


class Trio:
    """A master, its relay under some requirements, and a replica."""

    def __init__(self, scene, **requirements):
        self.master = scene.master()
        relay = scene.relay(self.master)
        relay.requirements |= requirements
        self.sluice = scene.sluice(relay)
        self.replica = scene.replica()
        self.do(*TABLES)
        replication.point(self.replica, Route.through(relay), gtid=True)
        replication.start(self.replica)

    def do(self, *statements: str) -> None:
        for statement in statements:
            self.master.sql(statement)

    def complaints(self, event: str) -> list[str]:
        return [line["table"] for line in self.sluice.events(event)]


@each_family
@pytest.mark.parametrize("metadata", ["MINIMAL", "FULL"])
def test_a_warning_for_each_table_once(scene, metadata):
    trio = Trio(scene, primary_key="warn", innodb="warn")
    trio.do(f"SET GLOBAL binlog_row_metadata={metadata}", *KEYLESS, *MYISAM)
    replication.caught_up(trio.replica, trio.master)
    line = trio.sluice.logged("table not in InnoDB")  # it is told last
    assert trio.complaints("table without a primary key") == ["app.keyless"]
    assert trio.complaints("table not in InnoDB") == ["app.old"]
    assert line["engine"] == "MyISAM" and line["position"] > 4


@each_family
def test_rows_tell_of_tables_that_were_there_before(scene):
    """With all metadata in the binlog the rows themselves say it."""
    trio = Trio(scene, primary_key="warn")
    replication.caught_up(trio.replica, trio.master)
    trio.master.quietly("CREATE TABLE app.before (a INT) ENGINE=InnoDB")
    trio.replica.quietly("CREATE TABLE app.before (a INT) ENGINE=InnoDB")
    trio.do("SET GLOBAL binlog_row_metadata=FULL", "INSERT INTO app.before VALUES (1)",
            "INSERT INTO app.good VALUES (2)")
    replication.caught_up(trio.replica, trio.master)
    trio.sluice.logged("table without a primary key")
    assert trio.complaints("table without a primary key") == ["app.before"]


@each_family
@pytest.mark.parametrize("requirement, statements, what", [
    ("primary_key", KEYLESS, r"TABLE_MAP\): table app\.keyless has no primary key"),
    ("innodb", MYISAM, r"QUERY\): table app\.old gets the engine MyISAM")], ids=["primary-key", "innodb"])
def test_a_refusal_stops_the_replica_at_the_place(scene, requirement, statements, what):
    trio = Trio(scene, **{requirement: "refuse"})
    replication.caught_up(trio.replica, trio.master)
    trio.do(*statements)
    trio.sluice.logged("stream stopped", reason=what)
    error = replication.io_error(trio.replica)
    assert "app." in error and "binlog.000001:" in error
    # The error is there a moment before the thread has ended.
    waiting.until("the replica's thread has ended",
                  lambda: replication.status(trio.replica)["Slave_IO_Running"] == "No")
    # It comes back and is refused at the same place.
    trio.sluice.mark()
    trio.replica.sql(f"{trio.replica.say.start} IO_THREAD")
    trio.sluice.logged("stream stopped", reason=what)


@each_family
def test_nothing_is_said_about_what_is_ignored(scene):
    trio = Trio(scene, primary_key="ignore", innodb="ignore")
    trio.do("SET GLOBAL binlog_row_metadata=FULL", *KEYLESS, *MYISAM)
    replication.caught_up(trio.replica, trio.master)
    assert not trio.complaints("table without a primary key") and not trio.complaints("table not in InnoDB")


@each_family
def test_a_replica_of_another_version(scene):
    """A server says its own when it logs in. Who does not, or says that of his library, is let in."""
    relay = scene.relay()
    relay.requirements["same_version"] = "refuse"
    sluice = scene.sluice(relay)
    another, own = ({"_client_name": "libmysql", "_client_version": version}
                    for version in ("5.5.62", scene.kind.version_text))
    versions = rf"the replica is 5\.5\.62, the master [^ ]*{re.escape(scene.kind.version_text)}[^ ]*, and both should"
    with refused(1105, versions):
        knock(relay, attributes=another)
    sluice.logged("login refused", level="warn", reason=versions, refused_for="version", user="replica")
    knock(relay, attributes=own).close()
    knock(relay, attributes={"_client_name": "libmariadb", "_client_version": "3.3.20"}).close()
    knock(relay).close()
    relay.requirements["same_version"] = "warn"
    sluice.reload()
    knock(relay, attributes=another).close()
    sluice.logged("requirement not met", reason=versions)


@each_family
def test_a_master_that_is_too_old(scene):
    """There is none here that old: one that says so."""
    master = scene.master()
    old = (scene.kind.version_text[:5].encode(), b"5.5.6")  # whatever the distribution has today
    with contextlib.closing(Forwarder(("127.0.0.1", master.port), record=False, greets=old)) as between:
        relay = scene.relay(between.port)
        sluice = scene.sluice(relay)
        with refused(1105, "the master is older than MySQL 5.6 or MariaDB 10.0"):
            knock(relay)
        sluice.logged("session ended", reason="the master is older")

        def checked() -> str:
            kind = "mariadb" if scene.kind.mariadb else "mysql"
            return check(sluice.config, "--for", kind, dba=False).state("master", "version")
        assert checked() == "FAIL"
        relay.requirements["master_version"] = "warn"
        sluice.reload()
        knock(relay).close()
        sluice.logged("requirement not met", reason="the master is older")
        assert checked() == "warn", "the relay works"
        sluice.mark()
        relay.requirements["master_version"] = "ignore"
        sluice.reload()
        knock(relay).close()
        assert not sluice.events("requirement not met")


@each_family
def test_who_was_greeted_as_another_master_must_come_again(scene):
    """The address has another server behind it meanwhile, which is news to the first of them only."""
    master = scene.master()
    own = scene.kind.version_text[:5].encode()
    with contextlib.closing(Forwarder(("127.0.0.1", master.port), record=False)) as between:
        relay = scene.relay(between.port)
        sluice = scene.sluice(relay)
        greeted = [Client(relay.address, tls=trusting(relay.ca), login=False) for _ in range(2)]
        assert all(own.decode() in client.greeting.version for client in greeted)
        newer = b"11.99" if scene.kind.mariadb else b"9.9.9"
        between.greets = (own, newer)
        for client in greeted:
            with refused(2003, "the master has another version now"):
                client.login("replica", "replica-secret")
            client.close()
        why = "another version than the one that has greeted"
        waiting.until("both are refused for it", lambda: len(
            sluice.events("login refused", refused_for="version", reason=why)) == 2)
        assert len(sluice.events("the master's version has changed")) <= 1  # or it was looked at just then
        with knock(relay) as client:
            assert newer.decode() in client.greeting.version
