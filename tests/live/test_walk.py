"""The README's walk-through, as somebody new does it: check, passwd, dump, link, and it replicates."""

from __future__ import annotations

import subprocess

import replication
from checking import against, check, open_dba
from kinds import each_family
from linking import client, feed
from sluice import PROGRAM

SHOP = ("CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY, item VARCHAR(40)) ENGINE=InnoDB",
        "CREATE TABLE shop.log (line VARCHAR(80)) ENGINE=InnoDB", "CREATE TABLE shop.old (id INT PRIMARY KEY, word TEXT) ENGINE=MyISAM",
        "INSERT INTO shop.orders VALUES (1, 'a lamp'), (2, 'two chairs')", "INSERT INTO shop.log VALUES ('opened')",
        "INSERT INTO shop.old VALUES (1, 'dusty')")
PASSWORD = "chosen-for-the-replica"
TABLES = "orders", "log", "old"


def said(*command, given: str = "") -> str:
    done = subprocess.run([*map(str, command)], input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@each_family
def test_from_nothing_to_a_replica(scene):
    kind = scene.kind
    service = "mariadb" if kind.mariadb else "mysql"
    master, replica = scene.master(gtid=False), scene.replica(gtid=False)
    open_dba(master)
    open_dba(replica)
    for statement in SHOP:
        master.sql(statement)

    # The configuration holds a hash of the password that the replica gets.
    relay = scene.relay(master)
    line = said(PROGRAM, "passwd", *(["--native"] if kind.mariadb else []), given=PASSWORD)
    relay.users = [{"name": "replica", "password_hash": line.split('"')[1]}]
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    chain = scene.folder("chain.pem")
    chain.write_text(relay.replica_tls["cert"].read_text() + relay.ca.read_text())
    relay.replica_tls["cert"] = chain
    sluice = scene.sluice(relay)

    # check says what to do about the tables, and has no more to say when it is done.
    def judged() -> dict[str, str]:
        report = check(sluice.config, "--for", service, *against(replica))
        assert not report.summary["FAIL"], report.troubles
        for name in ("primary keys", "InnoDB"):
            for line in report["schemas", name]["remedy"]:
                if not line.startswith("--"):
                    master.sql(line.rstrip(";"))
        return {name: report.state("schemas", name) for name in ("primary keys", "InnoDB")}
    assert judged() == {"primary keys": "warn", "InnoDB": "warn"}
    assert judged() == {"primary keys": "ok", "InnoDB": "ok"}

    # A dump is restored; the master goes on meanwhile.
    options = ["--master-data=2"] if kind.mariadb else ["--source-data=2", "--set-gtid-purged=OFF"]
    dump = scene.folder("dump.sql")
    dump.write_text(said(*client(kind, "mysqldump", master, "--single-transaction", *options, "--databases", "shop")))
    master.sql("INSERT INTO shop.orders VALUES (3, 'a table')")
    feed(replica, dump.read_text())

    # link's statements are pasted.
    feed(replica, said(PROGRAM, "link", sluice.config, "--for", service, "--from-dump", dump, "--replica-ca", relay.ca,
                       "--ask-password", given=PASSWORD))
    master.sql("UPDATE shop.old SET word = 'dusted'")
    replication.caught_up(replica, master)
    for table in TABLES:
        assert replica.sql(f"SELECT * FROM shop.{table}") == master.sql(f"SELECT * FROM shop.{table}")
    assert len(replica.sql("SELECT * FROM shop.orders")) == 3
