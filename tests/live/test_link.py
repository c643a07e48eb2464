"""sluice link: what it prints is run on real servers, which then replicate."""

from __future__ import annotations

import gzip
import json
import pathlib
import random
import re
import shlex
import shutil
import socket
import subprocess

import pytest

import replication
import waiting
from kinds import any_server, each_family, every_server, mariadb_servers, mysql_servers, servers_with_clients
from linking import client, feed, run_link, script, statements, without_comments
from replication import Route
from sluice import Sluice

ROOT = pathlib.Path(__file__).parents[2]

# What the replica has before it is linked; the dump of a real one.
DATA = ("CREATE DATABASE app", "CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB",
        "INSERT INTO app.t VALUES (1, 'before')")


def own(kind) -> str:
    return "mariadb" if kind.mariadb else "mysql"


def with_chain(stage, relay):
    """Its certificate's file holds that of the authority, too."""
    chain = stage.folder("chain.pem")
    chain.write_text(relay.replica_tls["cert"].read_text() + relay.ca.read_text())
    relay.replica_tls["cert"] = chain
    return relay


class Pair:
    """A master with its relay, and a server that becomes its replica."""

    def __init__(self, stage):
        self.stage, self.kind = stage, stage.kind
        self.master, self.replica = stage.master(), stage.replica()
        for statement in DATA:
            self.master.sql(statement)
        self.relay = with_chain(stage, stage.relay(self.master))
        self.relay.more["advertise"] = f"127.0.0.1:{self.relay.port}"
        self.sluice = stage.sluice(self.relay)
        self.config = self.sluice.config
        self.rows = 1

    def forget(self) -> None:
        """The replica is as new."""
        self.replica.quietly(self.replica.say.stop, self.replica.say.reset, "DROP DATABASE IF EXISTS app")
        new = not self.kind.mariadb and self.kind.at_least(8, 4)
        self.replica.sql("RESET BINARY LOGS AND GTIDS" if new else "RESET MASTER")
        if self.kind.mariadb:
            self.replica.sql("SET GLOBAL gtid_slave_pos = ''")

    def copy(self) -> None:
        """The replica holds what the master does."""
        self.replica.quietly(*DATA[:2])
        for number, text in self.master.sql("SELECT id, v FROM app.t"):
            self.replica.quietly(f"INSERT INTO app.t VALUES ({number}, '{text}')")

    def replicates(self) -> None:
        """What the master writes now arrives, and was not there before."""
        self.rows += 1
        self.master.sql(f"INSERT INTO app.t VALUES ({self.rows}, 'after')")
        replication.caught_up(self.replica, self.master)
        question = "SELECT * FROM app.t ORDER BY id"
        assert self.replica.sql(question) == self.master.sql(question)
        assert len(self.replica.sql(question)) == self.rows

    def writes(self) -> None:
        """On the master, and no trace is left in the table."""
        self.master.sql("INSERT INTO app.t VALUES (1000, 'later')")
        self.master.sql("DELETE FROM app.t WHERE id = 1000")

    def variant(self, change):
        """The same relay with something changed, not run."""
        relay = with_chain(self.stage, self.stage.relay(self.master))
        relay.port, relay.more["advertise"] = self.relay.port, self.relay.more["advertise"]
        change(relay)
        sluice = Sluice(self.stage.folder("config"), relay)
        sluice.write_config()
        return sluice.config


@pytest.fixture(scope="module")
def pair(stage):
    return Pair(stage)


@pytest.fixture
def fresh(pair):
    pair.forget()
    return pair


# -------------------------------------------------------------- servers of one's own


@every_server
def test_the_statements_link_a_replica(pair):
    for how in (["--now"], ["--now", "--gtid"]):
        pair.forget()
        pair.copy()
        for statement in statements(pair.config, "--for", own(pair.kind), *how, "--replica-ca", pair.relay.ca):
            pair.replica.sql(statement)
        pair.replicates()
        state = replication.status(pair.replica)
        assert state["Master_SSL_Allowed"] == "Yes" and state["Master_SSL_Verify_Server_Cert"] == "Yes"
        by_gtid = state.get("Using_Gtid") == "Slave_Pos" or state.get("Auto_Position") == "1"
        assert by_gtid == ("--gtid" in how)
        assert state["Connect_Retry"] == "5" and state.get("Master_Retry_Count", "86400") in ("86400", "100000")


@every_server
def test_one_that_replicates_already_is_linked_anew(fresh):
    """None refuses the statements, nor has lost what it had when one of them is."""
    fresh.copy()
    for how in (["--now"], ["--now", "--gtid"], ["--now", "--gtid"], ["--now"]):
        for statement in statements(fresh.config, "--for", own(fresh.kind), *how, "--replica-ca", fresh.relay.ca):
            fresh.replica.sql(statement)
        fresh.replicates()


def openssl_commands(example: str, name: str) -> list[str]:
    """Those that it says make a certificate, for another name."""
    text = (ROOT / "conf" / example).read_text()
    lines = re.findall(r"^# {10,}(\S.*)$", text[text.index("# " + " " * 9 + "openssl"):text.index("To renew it")], re.MULTILINE)
    said = "\n".join(lines).replace("\\\n", " ").replace("DNS:sluice.example.com", name)
    return said.replace("sluice.example.com", "Sluice").splitlines()


@each_family
@pytest.mark.parametrize("example", ["azure.toml", "cloudsql.toml"])
def test_a_replica_knows_a_certificate_that_is_renewed_as_the_examples_say(scene, tmp_path, example):
    make_authority, *renew = openssl_commands(example, "IP:127.0.0.1")
    assert len(renew) == 2

    def run(commands: list[str]) -> bytes:
        subprocess.run(["bash", "-e"], input="\n".join(commands), text=True, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "server.pem").read_bytes()

    first = run([make_authority, *renew])
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    relay.replica_tls |= {"cert": tmp_path / "server.pem", "key": tmp_path / "server.key"}
    relay.ca = tmp_path / "ca.pem"
    sluice = scene.sluice(relay)
    file, position = master.coordinates
    linked = run_link(sluice.config, "--for", own(scene.kind), "--position", f"{file}:{position}")
    assert relay.ca.read_text().strip() in linked.stdout and first.decode()[:200] not in linked.stdout
    replication.point(replica, Route.through(relay), gtid=False, start=(file, position))
    replication.start(replica)
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)
    assert run(renew) != first
    sluice.reload()
    assert sluice.logged("relay changed")["changed"] == "the certificate for replicas"
    replication.stop(replica)
    replication.start(replica)
    master.sql("CREATE TABLE app.t (id INT PRIMARY KEY)")
    replication.caught_up(replica, master)


@each_family
def test_a_replica_comes_back_after_any_number_of_tries(fresh):
    """MySQL 9 by itself tries ten times, and then no more."""
    fresh.copy()
    for statement in statements(fresh.config, "--for", own(fresh.kind), "--now", "--replica-ca", fresh.relay.ca):
        fresh.replica.sql(statement.replace("CONNECT_RETRY = 5", "CONNECT_RETRY = 1"))
    fresh.replicates()
    fresh.sluice.stop()
    with socket.create_server(("127.0.0.1", fresh.relay.port)) as listener:
        listener.settimeout(30)
        for _ in range(15):
            listener.accept()[0].close()
    fresh.sluice.start()
    fresh.replicates()


@servers_with_clients
def test_the_whole_text_is_pasted_into_a_client(fresh):
    """With its comments, and the authority's certificate in them."""
    fresh.copy()
    text = script(fresh.config, "--for", own(fresh.kind), "--now", "--replica-ca", fresh.relay.ca)
    assert fresh.relay.ca.read_text().strip() in text
    feed(fresh.replica, text)
    fresh.replicates()


@each_family
def test_a_position_and_a_set_that_are_given(fresh):
    fresh.copy()
    file, position = fresh.master.coordinates
    executed = fresh.master.executed
    fresh.master.sql("INSERT INTO app.t VALUES (1000, 'later')")
    try:
        for how in (["--position", f"{file}:{position}"], [f"--gtid={executed}"]):
            for statement in statements(fresh.config, "--for", own(fresh.kind), *how, "--replica-ca", fresh.relay.ca):
                fresh.replica.sql(statement)
            replication.caught_up(fresh.replica, fresh.master)
            assert fresh.replica.sql("SELECT v FROM app.t WHERE id = 1000") == [("later",)]
            fresh.forget()
            fresh.copy()
            fresh.replica.quietly("DELETE FROM app.t WHERE id = 1000")
    finally:
        fresh.forget()
        fresh.master.sql("DELETE FROM app.t WHERE id = 1000")


@each_family
def test_a_relay_without_tls(scene):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master, tls=False)
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    sluice = scene.sluice(relay)
    for statement in statements(sluice.config, "--for", own(scene.kind), "--now"):
        replica.sql(statement)
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)
    assert replication.status(replica)["Master_SSL_Allowed"] == "No"


# -------------------------------------------------------------- dumps


def dump(server, *options: str) -> str:
    done = subprocess.run(client(server.kind, "mysqldump", server, "--single-transaction", *options, "--databases", "app"),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@servers_with_clients
def test_a_dump_restored_and_linked(pair, tmp_path):
    for how in ("file", "file, compressed", "gtid", "gtid, told by the dump"):
        pair.forget()
        restore_and_link(pair, tmp_path / "dump.sql", how)


def restore_and_link(fresh, file, how: str) -> None:
    mariadb, gtid = fresh.kind.mariadb, how.startswith("gtid")
    level = 1 if how == "gtid, told by the dump" and mariadb else 2
    options = [f"--master-data={level}"] + (["--gtid"] if gtid else []) if mariadb else ["--source-data=2"]
    if not mariadb:
        purged = {"gtid": "COMMENTED", "gtid, told by the dump": "ON"}.get(how, "OFF")
        options.append(f"--set-gtid-purged={purged}")
    text = dump(fresh.master, *options)
    file.write_bytes(gzip.compress(text.encode()) if "compressed" in how else text.encode())
    fresh.master.sql(f"INSERT INTO app.t VALUES ({fresh.rows + 1}, 'in between')")
    fresh.rows += 1
    # As root would, not into the replica's own binlog.
    feed(fresh.replica, "SET SESSION sql_log_bin=0;\n" + text)
    arguments = ["--for", own(fresh.kind), "--from-dump", file, "--replica-ca", fresh.relay.ca] + (["--gtid"] if gtid else [])
    linked = statements(fresh.config, *arguments)
    if not mariadb:
        assert any("gtid_purged" in one for one in linked) == (how == "gtid")
    for statement in linked:
        fresh.replica.sql(statement)
    fresh.replicates()


@mariadb_servers
def test_a_dump_restored_through_the_replica_s_binlog(pair, tmp_path):
    """What is there is behind the position that is set, which a strict server refuses."""
    for strict in (1, 0):
        pair.forget()
        pair.replica.sql(f"SET GLOBAL gtid_strict_mode={strict}")
        try:
            text = dump(pair.master, "--master-data=2", "--gtid")
            (tmp_path / "dump.sql").write_text(text)
            feed(pair.replica, text * 20)  # more transactions than the master has had
            for statement in statements(pair.config, "--for", "mariadb", "--from-dump", tmp_path / "dump.sql", "--gtid",
                                        "--replica-ca", pair.relay.ca):
                pair.replica.sql(statement)
            pair.replicates()
        finally:
            pair.replica.sql("SET GLOBAL gtid_strict_mode=0")


@mariadb_servers
def test_a_dump_of_a_replica(fresh, tmp_path):
    """It names where each of the replica's connections is in the binlog of its master."""
    fresh.copy()
    arguments = ["--for", "mariadb", "--from-dump", tmp_path / "dump.sql"]
    for name, file, status in (("", "m.000007", 0), ("other", "m.000008", 2)):
        fresh.replica.sql(f"CHANGE MASTER '{name}' TO MASTER_HOST='127.0.0.1', MASTER_LOG_FILE='{file}', MASTER_LOG_POS=44")
        (tmp_path / "dump.sql").write_text(dump(fresh.replica, "--dump-slave=2"))
        # With a version that is given the master is not asked whether it has that file.
        done = run_link(fresh.config, *arguments, "--replica-version", fresh.kind.version_text, status=status)
        assert ("MASTER_LOG_FILE = 'm.000007',\n  MASTER_LOG_POS = 44" in done.stdout) == (status == 0)
        assert ("names several positions" in done.stderr) == (status == 2)
    fresh.replica.sql("RESET SLAVE 'other' ALL")


@any_server
@pytest.mark.skipif(not shutil.which("mydumper"), reason="there is no mydumper")
def test_a_dump_of_mydumper(fresh, tmp_path):
    for how in ([], ["--gtid"]):
        fresh.forget()
        fresh.copy()
        subprocess.run(["mydumper", f"--socket={fresh.master.socket}", "--user=root", "--database=app", f"--outputdir={tmp_path}/dump"],
                       check=True, capture_output=True, timeout=60)
        feed(fresh.replica, script(fresh.config, "--for", "mariadb", "--from-dump", tmp_path / "dump", *how,
                                   "--replica-ca", fresh.relay.ca))
        fresh.replicates()


@any_server
def test_a_file_that_is_no_dump(pair, tmp_path):
    for name, text, words in (("none.sql", "SELECT 1;\n", "names no coordinates: mysqldump writes them with"),
                              ("empty.sql", "", "names no coordinates"), ("@.json", "{]", "names no coordinates")):
        (tmp_path / name).write_text(text)
        done = run_link(pair.config, "--for", "mariadb", "--from-dump", tmp_path / name, status=2)
        assert words in done.stderr and not done.stdout and done.stderr.startswith("sluice link: --from-dump: ")
    (tmp_path / "folder").mkdir()
    assert "neither" in run_link(pair.config, "--for", "mariadb", "--from-dump", tmp_path / "folder", status=2).stderr
    missing = run_link(pair.config, "--for", "mariadb", "--from-dump", tmp_path / "missing", status=2)
    assert f"{tmp_path / 'missing'}: No such file" in missing.stderr
    endless = run_link(pair.config, "--for", "mariadb", "--from-dump", "/dev/zero", status=2)
    assert "/dev/zero is neither a file nor a pipe" in endless.stderr
    lineless = tmp_path / "lineless"
    with lineless.open("wb") as file:
        file.truncate(65 << 20)
    assert "it is no dump" in run_link(pair.config, "--for", "mariadb", "--from-dump", lineless, status=2).stderr
    key = pair.stage.certificates.relay.key
    done = run_link(pair.config, "--for", "mariadb", "--now", "--ca", key, status=2)
    assert done.stderr.startswith(f"sluice link: --ca: {key}")


# -------------------------------------------------------------- what the master keeps


@every_server
def test_what_the_master_has_purged(scene, tmp_path):
    """Statements that cannot work are not printed."""
    kind, master = scene.kind, scene.master()
    for statement in DATA:
        master.sql(statement)
    first, position = master.coordinates
    executed = master.executed
    relay = with_chain(scene, scene.relay(master))
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    sluice = Sluice(scene.folder("config"), relay)
    sluice.write_config()
    arguments = ["--for", own(kind)]
    (tmp_path / "dump.sql").write_text(
        f"CHANGE MASTER TO MASTER_LOG_FILE='{first}', MASTER_LOG_POS={position};\n"
        + (f"-- SET GLOBAL gtid_slave_pos='{executed}';\n" if kind.mariadb else f"/* SET @@GLOBAL.GTID_PURGED='{executed}';*/\n"))
    ways = {"file": ["--from-dump", tmp_path / "dump.sql"], "GTIDs": ["--from-dump", tmp_path / "dump.sql", "--gtid"]}
    for how in ways.values():
        assert "not known whether the master still has" not in run_link(sluice.config, *arguments, *how).stdout
    version = ["--replica-version", kind.version_text]
    unasked = run_link(sluice.config, *arguments, *ways["file"], *version).stdout
    assert "not known whether the master still has what comes behind: it was not asked." in unasked

    master.sql("INSERT INTO app.t VALUES (2, 'later')")
    master.sql(master.say.flush_logs)
    kept = master.coordinates[0]
    master.sql(master.say.flush_logs)

    def purged():  # MariaDB keeps a file until what is in it has been written to the tables' files, too
        master.sql(f"PURGE BINARY LOGS TO '{kept}'")
        return master.sql("SHOW BINARY LOGS")[0][0] == kept
    waiting.until("the first file is gone", purged)
    newest, end = master.coordinates
    for what, how in ways.items():
        done = run_link(sluice.config, *arguments, *how, status=1)
        assert not done.stdout and f"{tmp_path}/dump.sql: " in done.stderr and "make a new dump" in done.stderr
        assert (f"keeps {kept} to {newest} only" if what == "file" else "has purged") in done.stderr
    # What is left, and is not.
    for place, words in ((f"{newest}:{end}", ""), (f"{kept}:4", ""), (f"{newest}:{end + 1000}", f"ends at {end}"),
                         (newest[:-6] + "000077:4", f"keeps {kept} to {newest} only")):
        done = run_link(sluice.config, *arguments, "--position", place, status=1 if words else 0)
        assert words in done.stderr and bool(done.stdout) == (not words)
    run_link(sluice.config, *arguments, f"--gtid={master.executed}")


@every_server
def test_gtids_that_the_master_has_not(pair):
    """A replica with them would be refused, or pass over what comes under them."""
    arguments = ["--for", own(pair.kind)]
    executed = pair.master.executed
    if pair.kind.mariadb:
        domain, server, sequence = executed.split("-")
        beyond, of_another = f"{domain}-{server}-{int(sequence) + 1000}", f"{domain}-4711-1"
        wrong = [(beyond, beyond), (of_another, of_another), (f"{beyond},7-1-1", beyond)]
        right = [executed, f"{executed},7-1-1"]  # the second is the domain of another master
    else:
        uuid, interval = executed.split(":")
        last = int(interval.split("-")[-1])
        other = uuid.replace(uuid[:8], "3e11fa47", 1)
        wrong = [(f"{uuid}:1-1700", f"{uuid}:{last + 1}-1700"), (f"{executed},{other}:1-5", f"{other}:1-5")]
        right = [executed]
    for given, strange in wrong:
        done = run_link(pair.config, *arguments, f"--gtid={given}", status=1)
        assert not done.stdout and f"--gtid: the master has not executed {strange}: give what" in done.stderr
    for given in right:
        assert "not known whether" not in run_link(pair.config, *arguments, f"--gtid={given}").stdout
    if not pair.kind.mariadb:
        done = run_link(pair.config, *arguments, f"--gtid={uuid}:0-3", status=1)
        assert "Malformed GTID set" in done.stderr and not done.stdout


@mysql_servers
def test_a_master_without_gtids(scene, tmp_path):
    """Whose dump has some all the same, such as from another time."""
    master = scene.master(gtid=False)
    for statement in DATA:
        master.sql(statement)
    relay = with_chain(scene, scene.relay(master))
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    sluice = Sluice(scene.folder("config"), relay)
    sluice.write_config()
    file, position = master.coordinates
    gtids = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"
    (tmp_path / "dump.sql").write_text(f"CHANGE MASTER TO MASTER_LOG_FILE='{file}', MASTER_LOG_POS={position};\n"
                                       f"SET @@GLOBAL.GTID_PURGED='{gtids}';\n")
    dump = ["--from-dump", tmp_path / "dump.sql"]
    for how in ([*dump, "--gtid"], [f"--gtid={gtids}"]):
        done = run_link(sluice.config, "--for", "mysql", *how, status=1)
        assert not done.stdout and "the master has gtid_mode = OFF, so none can follow it by GTID" in done.stderr
    assert re.search(rf"_LOG_POS = {position}\b", run_link(sluice.config, "--for", "mysql", *dump).stdout)


@every_server
def test_a_position_inside_of_an_event(pair):
    """Which not every server sees by itself."""
    pair.master.sql(pair.master.say.flush_logs)
    for _ in range(3):
        pair.writes()
    file, end = pair.master.coordinates
    begins = {int(row[1]) for row in pair.master.sql(f"SHOW BINLOG EVENTS IN '{file}'")} | {end}
    for position in sorted(begins):
        run_link(pair.config, "--for", own(pair.kind), "--position", f"{file}:{position}")
    for position in sorted({*range(5, end, 37), *(one + 1 for one in begins), *(one - 1 for one in begins)} - begins):
        if 4 < position < end:
            done = run_link(pair.config, "--for", own(pair.kind), "--position", f"{file}:{position}", status=1)
            assert f"--position: {file}:{position} is inside of an event on the master" in done.stderr and not done.stdout


@every_server
def test_a_position_before_an_event_that_servers_do_not_show(scene):
    """As it is larger than max_allowed_packet is by now."""
    master = scene.master()
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.b (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB")
    file, position = master.coordinates
    if not scene.kind.mariadb and scene.kind.at_least(8, 0, 20):
        master.sql("SET SESSION binlog_transaction_compression = ON")
    master.sql(f"INSERT INTO app.b VALUES (1, '{random.Random(1).randbytes(1_500_000).hex()}')")
    master.sql("SET GLOBAL max_allowed_packet = 1048576")
    relay = with_chain(scene, scene.relay(master))
    relay.more["advertise"] = f"127.0.0.1:{relay.port}"
    sluice = Sluice(scene.folder("config"), relay)
    sluice.write_config()
    run_link(sluice.config, "--for", own(scene.kind), "--position", f"{file}:{position}")
    done = run_link(sluice.config, "--for", own(scene.kind), "--position", f"{file}:{position + 1}", status=1)
    assert "is inside of an event" in done.stderr


# -------------------------------------------------------------- clouds

LOGIN = "host VARCHAR(255), port INT, user TEXT, password TEXT"
# As the manuals of the services list their parameters.
STAND_INS = {
    "az_replication_change_master": "host VARCHAR(255), user VARCHAR(100), password VARCHAR(100), port INT, file VARCHAR(255), "
                                    "position BIGINT, ca TEXT",
    "az_replication_change_master_with_gtid": "host VARCHAR(255), user VARCHAR(100), password VARCHAR(100), port INT, ca TEXT",
    "az_replication_start": "",
    "rds_set_external_master": LOGIN + ", file TEXT, position BIGINT, encrypted INT",
    "rds_set_external_source": LOGIN + ", file TEXT, position BIGINT, encrypted INT",
    "rds_set_external_master_with_auto_position": LOGIN + ", encrypted INT, delay INT",
    "rds_set_external_source_with_auto_position": LOGIN + ", encrypted INT, delay INT",
    "rds_set_external_master_gtid": LOGIN + ", gtid TEXT, encrypted INT",
    "rds_set_external_source_gtid_purged": "uuid TEXT, first_one BIGINT, last_one BIGINT",
    "rds_start_replication": "",
    "setupExternalSource": LOGIN + ", file TEXT, position BIGINT, encrypted BOOL, certificate BOOL",
    "setupExternalSourceAutoPosition": LOGIN + ", auto_position INT, encrypted BOOL, certificate BOOL",
    "skipTransactionWithGtid": "gtids TEXT",
    "resetMaster": "",
    "startReplication": "",
}


@pytest.fixture(scope="module")
def cloud(pair):
    """The replica has the procedures of all services; each call is noted with what it was given."""
    create = ["CREATE DATABASE IF NOT EXISTS seen", "CREATE TABLE seen.calls (id INT AUTO_INCREMENT PRIMARY KEY, name TEXT, given JSON)"]
    for name, parameters in STAND_INS.items():
        names = [one.split()[0] for one in parameters.split(", ") if one]
        given = ", ".join(names)
        create.append(f"CREATE PROCEDURE mysql.{name}({', '.join('IN ' + one for one in parameters.split(', ') if one)}) "
                      f"INSERT INTO seen.calls (name, given) VALUES ('{name}', JSON_ARRAY({given}))")
    pair.replica.quietly(*create)

    def run(*arguments) -> list[tuple]:
        """Runs what is printed, but for SHOW ... STATUS of another version; what was called and with what."""
        pair.replica.quietly("TRUNCATE seen.calls")
        with pair.replica.connect() as session:  # one: @cert belongs to it
            for statement in without_comments(script(pair.config, *arguments)):
                if not statement.startswith("SHOW "):
                    session.query(statement)
        return pair.replica.sql("SELECT name, given FROM seen.calls ORDER BY id")
    return run


def calls(rows) -> list:
    return [(name, *json.loads(given)) for name, given in rows]


@each_family
def test_azure(pair, cloud):
    version = ["--replica-version", "8.0.36"]  # MariaDB stands in for the server only
    login = ("127.0.0.1", "replica", "replica-secret", pair.relay.port)
    authority = pair.relay.ca.read_text()
    seen = calls(cloud("--for", "azure", "--position", "binlog.000007:4711", *version))
    assert seen == [("az_replication_change_master", *login, "binlog.000007", 4711, authority), ("az_replication_start",)]
    gtids = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"
    seen = calls(cloud("--for", "azure", f"--gtid={gtids}", *version))
    assert seen == [("az_replication_change_master_with_gtid", *login, authority), ("az_replication_start",)]
    # In several lines, as servers print it.
    text = run_link(pair.config, "--for", "azure", f"--gtid={gtids},\n {gtids.replace('3e', '4e')}", *version).stdout
    assert f"--gtid-set {gtids},{gtids.replace('3e', '4e')}\n" in text and "<password of replica>" in text
    alone = run_link(pair.config, "--for", "azure", f"--gtid={gtids}", *version, "--comments", "off", status=2)
    assert "the comments have steps between" in alone.stderr and not alone.stdout
    for words in ("sluice check", "--accounts", "mysqldump --single-transaction --source-data=2 --set-gtid-purged=COMMENTED",
                  "[relay.replica] allow", "SHOW REPLICA STATUS;"):
        assert words in text


@each_family
def test_rds(pair, cloud):
    login = ("127.0.0.1", pair.relay.port, "replica", "replica-secret")
    first, second = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4e11fa47-71ca-11e1-9e33-c80aa9429562"
    by_file = ["--for", "rds", "--position", "binlog.000007:4711"]
    by_gtid = ["--for", "rds", f"--gtid={first}:1-5:7,{second}:3"]
    start = ("rds_start_replication",)
    purged = [("rds_set_external_source_gtid_purged", first, 1, 5), ("rds_set_external_source_gtid_purged", first, 7, 7),
              ("rds_set_external_source_gtid_purged", second, 3, 3)]
    for version, word in (("8.0.37", "master"), ("8.4.3", "source")):
        assert calls(cloud(*by_file, "--replica-version", version)) == [
            (f"rds_set_external_{word}", *login, "binlog.000007", 4711, 1), start]
        assert calls(cloud(*by_gtid, "--replica-version", version)) == [
            *purged, (f"rds_set_external_{word}_with_auto_position", *login, 1, 0), start]
    mariadb = ["--replica-version", "10.11.6-MariaDB"]
    assert calls(cloud(*by_file, *mariadb)) == [("rds_set_external_master", *login, "binlog.000007", 4711, 1), start]
    assert calls(cloud("--for", "rds", "--gtid=0-1-7", *mariadb)) == [("rds_set_external_master_gtid", *login, "0-1-7", 1), start]
    assert "does not verify" in run_link(pair.config, *by_file, *mariadb).stdout
    assert "8.0.37" in run_link(pair.config, *by_gtid, "--replica-version", "8.0.30", status=1).stderr
    assert "tags" in run_link(pair.config, "--for", "rds", f"--gtid={first}:tag:1", "--replica-version", "9.0.1", status=1).stderr


@each_family
def test_cloud_sql(pair, cloud):
    version = ["--replica-version", "8.0.36"]
    login = ("127.0.0.1", pair.relay.port, "replica", "replica-secret")
    seen = calls(cloud("--for", "cloudsql", "--position", "binlog.000007:4711", *version))
    assert [one[:7] for one in seen] == [("setupExternalSource", *login, "binlog.000007", 4711), ("startReplication",)]
    gtids = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"
    seen = calls(cloud("--for", "cloudsql", f"--gtid={gtids}", *version))
    assert [one[:6] for one in seen] == [("resetMaster",), ("skipTransactionWithGtid", gtids),
                                         ("setupExternalSourceAutoPosition", *login, 1), ("startReplication",)]
    text = run_link(pair.config, "--for", "cloudsql", "--position", "binlog.000007:4711", *version).stdout
    alone = run_link(pair.config, "--for", "cloudsql", "--position", "b.7:4711", *version, "--comments", "off", status=2)
    assert "the comments have steps between" in alone.stderr and not alone.stdout
    assert "custom import" in text and '"MYSQL_8_0"' in text and f'"hostPort": "127.0.0.1:{pair.relay.port}"' in text


@servers_with_clients
def test_a_cloud_s_text_is_pasted_into_a_client(pair, cloud):
    """A certificate in a literal of several lines, JSON and shell lines in comments."""
    for service, version in (("azure", "8.0.36"), ("rds", "10.11.6-MariaDB"), ("cloudsql", "9.0.1")):
        text = script(pair.config, "--for", service, "--position", "binlog.000007:4711", "--replica-version", version)
        pair.replica.quietly("TRUNCATE seen.calls")
        feed(pair.replica, re.sub("^SHOW .*;$", "", text, flags=re.M))
        assert len(pair.replica.sql("SELECT name FROM seen.calls")) == 2


@servers_with_clients
def test_a_dump_for_a_service_needs_no_privileges_there(fresh):
    """As its text says to make one: an account without SUPER and the like restores it."""
    if fresh.kind.mariadb:
        pytest.skip("its dump has no such statements")
    text = run_link(fresh.config, "--for", "azure", "--now", "--gtid").stdout
    command = re.search(r"^-- +mysqldump (.*) --databases APP(.*?) > dump\.sql", text, re.M)
    program = " ".join(shlex.quote(word) for word in client(fresh.kind, "mysqldump", fresh.master))
    made = subprocess.run(f"{program} {command[1]} --databases app{command[2]}", shell=True, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0 and "INSERT INTO" in made.stdout, made.stderr
    fresh.replica.quietly("CREATE USER 'admin'@'%' IDENTIFIED BY 'admin-secret'", "GRANT ALL ON app.* TO 'admin'@'%'")
    try:
        as_admin = [*client(fresh.kind, "mysql", fresh.replica), "--user=admin", "--password=admin-secret", "--batch"]
        done = subprocess.run(as_admin, input=made.stdout, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert fresh.replica.sql("SELECT v FROM app.t WHERE id = 1") == [("before",)]
    finally:
        fresh.replica.quietly("DROP USER 'admin'@'%'")


# -------------------------------------------------------------- what is wrong


@each_family
def test_what_check_warns_of_is_said_here_too(pair):
    """As a comment and on the standard error, for the statements are right."""
    def warned(config, *arguments) -> list[str]:
        done = run_link(config, *arguments)
        said = [line.removeprefix("sluice link: warning: ") for line in done.stderr.splitlines()]
        assert [line for line in done.stdout.splitlines() if "WARNING" in line] == [f"-- WARNING: {line}" for line in said]
        return said

    def found_at(address: str):
        def change(relay):
            relay.more["advertise"] = address
        return pair.variant(change)

    here = ["--position", "binlog.000007:4711", "--replica-version"]
    for service in ("azure", "rds", "cloudsql"):
        for address in ("127.0.0.1:23405", "localhost"):
            assert "(loopback): reached from outside through a VPN" in warned(found_at(address), "--for", service, *here, "8.0.36")[0]
    version = pair.kind.version_text
    assert warned(pair.config, "--for", own(pair.kind), *here, version) == []
    [name] = warned(found_at("db.example.com:3306"), "--for", own(pair.kind), *here, version)
    assert name.startswith("certificate names: it is for ") and "not for db.example.com" in name
    [other] = warned(pair.config, "--for", own(pair.kind), "--now", "--replica-version", "10.2.44" if pair.kind.mariadb else "5.6.24")
    assert other.startswith("same version: ") and "the replica is the older one" in other


@each_family
def test_what_a_service_cannot_do(pair):
    kind = pair.kind
    if kind.mariadb:
        for service in ("azure", "cloudsql", "mysql"):
            assert "is no replica of MariaDB" in run_link(pair.config, "--for", service, "--now", status=1).stderr
            done = run_link(pair.config, "--for", service, "--now", "--replica-version", "8.0.36", status=1)
            assert "the master is MariaDB" in done.stderr and "which MySQL 8.0.36 cannot follow" in done.stderr
            done = run_link(pair.config, "--for", service, "--position", "a:4", "--replica-version", "10.11.6", status=1)
            assert "is no replica of MariaDB (MariaDB 10.11.6)" in done.stderr
    else:
        done = run_link(pair.config, "--for", "mariadb", "--now", "--gtid", status=1)
        assert "cannot follow the GTIDs of a MySQL master" in done.stderr and not done.stdout
        text = run_link(pair.config, "--for", "mariadb", "--now").stdout
        assert "MASTER_USE_GTID = no" in text and text.endswith("SHOW SLAVE STATUS;\n")


@any_server
def test_wrong_usage(pair):
    for arguments, words in (
            ([], "--for is required"),
            (["--for", "oracle", "--now"], "is not one of azure, rds, cloudsql, mysql, mariadb"),
            (["--for", "mariadb", "--position", "binlog"], "no FILE:POSITION"),
            (["--for", "mariadb", "--position", "binlog:3"], "no FILE:POSITION"),
            (["--for", "mariadb"], "from where is the replica to go on?"),
            (["--for", "mariadb", "--gtid"], "from where is the replica to go on?"),
            (["--for", "mariadb", "--position", "a:4", "--now"], "one of them"),
            (["--for", "mariadb", "--gtid=x'y"], "no GTID position"),
            (["--for", "mariadb", "--now", "--ca", "none.pem"], "--ca: none.pem cannot be read: No such file"),
            (["--for", "mariadb", "--position", "a:4", "--gtid"], "one of them"),
            (["--for", "mariadb", "--gtid=0-1-1", "--now"], "takes no set of its own"),
            (["--for", "mariadb", "--now", "--comments", "some"], "neither on nor off"),
            (["--for", "mariadb", "--now", "--relay", "other"], "name one of its relays with --relay: test"),
            (["--for", "mariadb", "--now", "--user", "other"], "with --user: replica"),
            (["--for", "mariadb", "--gtid= \n"], "the set is empty"),
            (["--for", "mariadb", "--now", "--replica-version", "8.0.36"], "is no version of MariaDB"),
            (["--for", "mariadb", "--now", "--replica-version", "new"], "is no version such as")):
        done = run_link(pair.config, *arguments, status=2)
        assert words in done.stderr + done.stdout, arguments
    # A version without a flavour.
    text = run_link(pair.config, "--for", "mariadb", "--gtid=0-1-1", "--replica-version", "10.11.6").stdout
    assert text.startswith("-- MariaDB 10.11.6 as") and text.endswith("SHOW SLAVE STATUS;\n")
    assert "no such file" in run_link(pair.config.with_name("none.toml"), "--for", "mariadb", "--now", status=2).stderr.lower()


@any_server
def test_a_configuration_that_does_not_say_enough(pair):
    def nowhere(relay):
        del relay.more["advertise"]
    assert "has no `advertise`" in run_link(pair.variant(nowhere), "--for", "mariadb", "--now", status=2).stderr

    def two(relay):
        relay.users.append({"name": "second", "password": "replica-secret"})
    config = pair.variant(two)
    assert "with --user: replica, second" in run_link(config, "--for", "mariadb", "--now", status=2).stderr
    assert "MASTER_USER = 'second'" in run_link(config, "--for", "mariadb", "--now", "--user", "second").stdout


@any_server
def test_the_authority(pair):
    """Not in the file of Sluice's certificate: named, or wrong, or not there."""
    tls = pair.stage.certificates

    def alone(relay):
        relay.replica_tls["cert"] = tls.relay.cert
    config = pair.variant(alone)
    missing = run_link(config, "--for", "mariadb", "--now", status=1)
    assert "does not hold the certificate of its authority, CN=Sluice test authority" in missing.stderr
    assert tls.ca.read_text() in run_link(config, "--for", "mariadb", "--now", "--ca", tls.ca).stdout
    assert "is not the authority of" in run_link(config, "--for", "mariadb", "--now", "--ca", tls.stranger.ca, status=2).stderr
    assert tls.ca.read_text() in run_link(pair.config, "--for", "mariadb", "--now").stdout

    def demanding(relay):
        relay.replica_tls["client_ca"] = tls.ca
    config = pair.variant(demanding)
    assert "MASTER_SSL_KEY" in run_link(config, "--for", "mariadb", "--now").stdout
    assert "client_ca" in run_link(config, "--for", "rds", "--now", status=1).stderr


@any_server
def test_the_password_is_asked_for_and_must_be_right(pair):
    done = run_link(pair.config, "--for", "mariadb", "--now", "--ask-password", given="mistyped\n", status=1)
    assert "that is not the password of replica" in done.stderr and not done.stdout
    assert "no password" in run_link(pair.config, "--for", "mariadb", "--now", "--ask-password", status=2).stderr
    assert "MASTER_PASSWORD = '<password of replica>'" in run_link(pair.config, "--for", "mariadb", "--now").stdout
    for length in (96, 97):
        def long(relay, password="x" * length):
            relay.users[0]["password"] = password
        config = pair.variant(long)
        for cloud, longest in (("mariadb", 96), ("mysql", 32)):
            fits = cloud == "mariadb" and length <= longest
            done = run_link(config, "--for", cloud, "--now", "--ask-password", given="x" * length, status=0 if fits else 1)
            assert ("x" * length in done.stdout) if fits else (f"longer than the {longest} characters" in done.stderr)


@any_server
def test_masters_that_do_not_tell(pair):
    def nobody(relay):
        relay.master["port"] = 1
    config = pair.variant(nobody)
    assert "the master at 127.0.0.1:1:" in run_link(config, "--for", "mariadb", "--now", status=1).stderr
    known = ["--position", "binlog.000001:4", "--replica-version", "10.11.6-MariaDB"]
    assert "'binlog.000001'" in run_link(config, "--for", "mariadb", *known).stdout

    pair.master.quietly("CREATE USER 'few'@'%' IDENTIFIED BY 'few-secret'", "GRANT REPLICATION SLAVE ON *.* TO 'few'@'%'")

    def few(relay):
        relay.master |= {"user": "few", "password": "few-secret"}
    config = pair.variant(few)
    done = run_link(config, "--for", "mariadb", "--now", status=1)
    assert "does not tell where its binlog ends" in done.stderr and "few-secret" not in done.stderr
    unseen = run_link(config, "--for", "mariadb", "--position", "binlog.000077:4").stdout
    assert "not known whether the master still has" in unseen and "may not see it\n-- (REPLICATION CLIENT)." in unseen
    pair.master.quietly("DROP USER 'few'@'%'")
