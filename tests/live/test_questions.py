"""What a replica may ask, and what it hears: the master's own answers, or a refusal on a connection that
lives."""

from __future__ import annotations

import pytest

import waiting
from clients import connections_made, knock, refused
from forwarder import Forwarder
from kinds import any_server, each_family, every_server
from mysql_client import Client, trusting
from packets import ENDED, Closed, ServerError


@pytest.fixture(scope="module")
def relay(stage, master):
    relay = stage.relay(master)
    relay.users.append({"name": "second", "password": "second-secret"})
    return relay


@pytest.fixture
def client(sluice, relay):
    with knock(relay) as client:
        yield client


@pytest.fixture
def straight(master, stage):
    """The same account's view from the master itself."""
    tls = None if stage.kind.old_tls else trusting()
    with Client(("127.0.0.1", master.port), "relay", "relay-secret", tls=tls) as client:
        yield client


SAME_ANSWER = [
    "SELECT @@GLOBAL.SERVER_ID",
    "SELECT @@global.server_id",
    "select  @@Global.Server_Id",
    "SHOW VARIABLES LIKE 'SERVER_ID'",
    "SHOW GLOBAL VARIABLES LIKE 'server_id'",
    "SELECT @@global.binlog_checksum",
    "SELECT VERSION()",
    "SET NAMES latin1",
    "SELECT @master_binlog_checksum",
]
MYSQL_ONLY = [
    "SELECT @@GLOBAL.GTID_MODE",
    "SELECT @@GLOBAL.SERVER_UUID",
    "SHOW VARIABLES LIKE 'SERVER_UUID'",
]
MARIADB_ONLY = [
    "SELECT @@GLOBAL.gtid_domain_id",
    "SELECT binlog_gtid_pos('binlog.000001',4)",
    "SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'",
]


def answer(client, question: str):
    try:
        return client.table(question)
    except ServerError as error:
        return error.code


@every_server
def test_true_answers(client, straight, master):
    for question in SAME_ANSWER + (MARIADB_ONLY if master.kind.mariadb else MYSQL_ONLY):
        assert answer(client, question) == answer(straight, question), question
    assert abs(int(client.query("SELECT UNIX_TIMESTAMP()")[0][0])
               - int(straight.query("SELECT UNIX_TIMESTAMP()")[0][0])) <= 2
    assert client.query(master.say.show_master)[0][0].startswith("binlog.")
    assert client.query("SHOW BINARY LOGS")


@every_server
def test_a_variable_the_master_does_not_have(client):
    """Old replicas ask for new variables and the other way round; they go on after 1193."""
    with refused(1193):
        client.query("SELECT @@GLOBAL.gtid_mode" if "MariaDB" in client.greeting.version
                     else "SELECT @@GLOBAL.gtid_domain_id")
    client.ping()


@every_server
def test_what_a_replica_sets_is_set_at_the_master(client):
    client.query("SET @master_heartbeat_period= 30000000000")
    client.query("SET @master_binlog_checksum= @@global.binlog_checksum")
    assert client.query("SELECT @master_binlog_checksum") == [("CRC32",)]


FORBIDDEN = [
    "SELECT 1 FROM mysql.user",
    "SELECT user FROM mysql.user",
    "SELECT SLEEP(1)",
    "SELECT @@GLOBAL.server_id, (SELECT 1)",
    "SELECT @@GLOBAL.server_id FROM mysql.user",
    "SELECT @@GLOBAL.server_id; SELECT 1",
    "SELECT @@GLOBAL.datadir",
    "SELECT @@GLOBAL.server_id INTO OUTFILE '/tmp/x'",
    "SELECT LOAD_FILE('/etc/passwd')",
    "SHOW VARIABLES",
    "SHOW VARIABLES LIKE '%'",
    "SHOW DATABASES",
    "SHOW PROCESSLIST",
    "SET GLOBAL server_id=5",
    "SET @@GLOBAL.server_id=5",
    "SET @a=(SELECT 1)",
    "SET PASSWORD = 'x'",
    "SET SESSION sql_log_bin=0",
    "INSERT INTO app.t VALUES (1)",
    "DROP DATABASE mysql",
    "CREATE USER x",
    "FLUSH LOGS",
    "KILL 1 2",
    "/* only a comment */",
    "",
    "SELECT 'unterminated",
    "SELECT /*! SLEEP(1) */ @@GLOBAL.server_id",
    "\x00\x01\x02",
    "SELECT " + "(" * 10_000,
    "SELECT @" + "a" * 100_000,
]


@each_family
@pytest.mark.parametrize("statement", FORBIDDEN, ids=lambda text: text[:40] or "nothing")
def test_anything_else_is_refused_and_the_connection_lives(client, statement):
    with refused(1227, "Access denied; this is Sluice, which answers what replicas ask and nothing else"):
        client.query(statement)
    client.ping()
    assert client.query("SELECT @@GLOBAL.server_id")


@any_server
def test_a_secret_in_a_refused_statement_is_not_logged(sluice, client):
    with refused(1227):
        client.query("SET PASSWORD = 'hunter2hunter2'")
    sluice.logged("question refused")
    assert "hunter2" not in "\n".join(sluice.log)


@any_server
@pytest.mark.parametrize("command", [2, 4, 5, 7, 9, 10, 13, 17, 22, 23, 26, 27, 28, 31, 200, 255])
def test_other_commands_are_unknown(client, command):
    """COM_INIT_DB, COM_STMT_PREPARE, COM_CHANGE_USER and all the rest."""
    client.wire.command(bytes([command]) + b"mysql\0")
    with refused(1047):
        client.expect_ok()
    client.ping()


@any_server
@pytest.mark.parametrize("command, name", [(0x12, "COM_BINLOG_DUMP"), (0x1E, "COM_BINLOG_DUMP_GTID"), (0x15, "COM_REGISTER_SLAVE")])
def test_a_command_that_is_cut_off_is_refused_and_logged(sluice, client, command, name):
    sluice.mark()
    client.wire.command(bytes([command]) + b"\x04")
    with refused(1047):
        client.expect_ok()
    sluice.logged("command refused", command=name)
    client.ping()


@any_server
def test_an_oversized_command_ends_the_session(sluice, client):
    with pytest.raises(ENDED):
        client.query("SELECT '" + "x" * (20 << 20) + "'")
        client.ping()
    sluice.logged("session ended", reason="(?i)large|long|big|bytes|packet")


@any_server
def test_a_replica_kills_its_own_session(sluice, relay):
    """A MariaDB replica with semi-sync ends its dump so when it stops."""
    with knock(relay) as dump, knock(relay) as other:
        other.query(f"KILL {dump.greeting.thread_id}")
        with pytest.raises(ENDED):
            dump.ping()
        sluice.logged("session ended", session=dump.greeting.thread_id, reason="(?i)kill")
        other.ping()


@any_server
def test_nobody_kills_somebody_elses_session(relay, client, master):
    with knock(relay, "second", "second-secret") as second:
        with refused(1095):
            second.query(f"KILL {client.greeting.thread_id}")
        with refused(1094):
            second.query("KILL 4000000000")
        client.ping()


@any_server
def test_one_connection_to_the_master_for_each_replica(master, sluice, relay):
    before = connections_made(master, sluice)
    clients = [knock(relay) for _ in range(4)]
    assert connections_made(master, sluice) == before + 4
    for client in clients:
        client.close()
    sessions = {client.greeting.thread_id for client in clients}
    waiting.until("all of them have ended", lambda: sessions <= {line["session"] for line in sluice.events("session ended")})


def relays_connections(master) -> set[str]:
    """Their numbers at the master."""
    return {row[0] for row in master.sql("SELECT id FROM information_schema.processlist WHERE user='relay'")}


def knock_and_see(master, relay) -> tuple[Client, str]:
    """And which connection to the master is this client's: by the same account earlier ones may be there still, and
    Sluice looks at the master from time to time."""
    before = relays_connections(master)
    client = knock(relay, timeout=10)
    new = waiting.until("one is new", lambda: len(now := relays_connections(master) - before) == 1 and now)
    return client, new.pop()


@any_server
def test_the_masters_connection_ends_with_the_replicas(master, sluice, relay):
    client, number = knock_and_see(master, relay)
    client.wire.connection.close()
    waiting.until("it is gone", lambda: number not in relays_connections(master), timeout=10)


@any_server
def test_the_replicas_connection_ends_with_the_masters(master, sluice, relay):
    client, number = knock_and_see(master, relay)
    client.introduce(5)
    client.request_dump("binlog.000001")
    next(client.events())
    master.sql(f"KILL {number}")
    with pytest.raises((Closed, ConnectionError, ServerError)):  # and not a timeout
        for _ in client.events():
            pass
        raise Closed
    sluice.logged("session ended", session=client.greeting.thread_id)


@any_server
def test_a_master_that_does_not_answer_ends_the_session(master, scene):
    """Behind the login, too, and only that one. An answer may take six times as long as the connection."""
    question = "SHOW VARIABLES LIKE 'SERVER_UUID'"
    forwarder = Forwarder(("127.0.0.1", master.port), swallows=question.encode())
    scene.stack.callback(forwarder.close)
    relay = scene.relay(forwarder, tls=False)
    relay.master["connect_timeout"] = "3s"
    sluice = scene.sluice(relay)
    with knock(relay) as other, knock(relay) as client:
        with pytest.raises((Closed, ConnectionError)):
            client.query(question)
        sluice.logged("session ended", session=client.greeting.thread_id, reason="waiting for the master's answer")
        assert other.query("SELECT @@GLOBAL.server_id") == [(str(master.server_id),)]
