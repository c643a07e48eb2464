"""A connection may be cut after any byte. In file and position mode the replica then comes back at whatever
event it had got to, also in the middle of a statement whose tables were named before that."""

from __future__ import annotations

import signal

import pytest

import binlog
import replication
import snapshot
import waiting
import workload
from binlog import place_of_query, place_of_rows
from clients import knock, refused
from forwarder import Forwarder
from kinds import ONE_OF_EACH_FAMILY, each_family, every_server, mariadb_servers
from mysql_client import trusting
from packets import Closed
from replication import Route

START_ENCRYPTION = 164
MIXTURE = """
INSERT INTO app.t (v, n) VALUES ('one', 1), ('two', 2);
INSERT INTO mysql.rt (v, n) VALUES ('secret one', 1), ('secret two', 2);
CREATE USER 'w_cut'@'%' IDENTIFIED BY 'very secret';
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('secret three');
INSERT INTO app.t (v) VALUES ('three');
UPDATE app.t, mysql.rt SET app.t.v = 'both', mysql.rt.v = 'secret both' WHERE app.t.n = mysql.rt.n;
UPDATE mysql.rt SET v = 'secret alone';
COMMIT;
SET SESSION binlog_format = STATEMENT;
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('secret statement');
INSERT INTO app.u (v) VALUES ('statement');
COMMIT;
DROP USER 'w_cut'@'%';
"""


def makes_sense(kind, leg="plain", **_) -> bool:
    return leg == "plain" or kind.name in ONE_OF_EACH_FAMILY


@pytest.fixture(scope="module")
def master(stage):
    master = stage.master(gtid=False)
    master.sql("FLUSH BINARY LOGS" if master.kind.mariadb or master.kind.at_least(8) else "FLUSH LOGS")
    for _ in range(2):
        workload.play(master, workload.PREPARE)
        workload.play(master, MIXTURE)
        workload.wipe(master)
    return master


def dump(relay, master, file: str, position: int) -> list[binlog.Event]:
    """What comes from that position to the end of the last file, without what the dump thread makes up."""
    tls = {}
    if master.kind.old_tls:
        tls["tls"] = trusting(relay.ca)
    with knock(relay, **tls) as client:
        client.introduce(4711, mariadb=master.kind.mariadb)
        client.request_dump(file, position, server_id=4711, blocking=False, annotations=master.kind.mariadb)
        events = [binlog.Event.parse(data) for data in client.events()]
    return [event for event in events if not event.artificial]


@every_server
@pytest.mark.parametrize("leg", ["plain", "compressed"])
def test_a_dump_may_begin_at_any_event(stage, scene, master, leg):
    """Also where the master's leg is compressed, and so is that which reads what comes before a position."""
    relay = scene.relay(master)
    if leg == "compressed":
        relay.master["compression"] = ["zlib"]
    sluice = scene.sluice(relay)
    file, end = master.coordinates
    whole = dump(relay, master, file, 4)
    assert whole[0].type == binlog.FORMAT_DESCRIPTION
    position = 4
    for index, event in enumerate(whole):
        if index > 0:
            rest = dump(relay, master, file, position)
            tail = [one for one in rest if one.type != binlog.FORMAT_DESCRIPTION]
            assert [one.data for one in tail] == [one.data for one in whole[index:]], f"event {index} at {position}"
        position += event.size
    assert position == end
    assert sluice.logged("reading what comes before the replica's position")


@mariadb_servers
def test_a_dump_of_an_encrypted_binlog_may_begin_at_any_event(scene, tmp_path):
    """The master repeats START_ENCRYPTION at its head, which counts as little as the FORMAT_DESCRIPTION there."""
    keys = tmp_path / "keys"
    keys.write_text("1;770A8A65DA156D24EE2A093277530142\n")
    master = scene.master("--plugin-load-add=file_key_management", f"--file-key-management-filename={keys}",
                          "--encrypt-binlog=ON", gtid=False)
    master.sql("FLUSH BINARY LOGS")
    workload.play(master, workload.PREPARE)
    workload.play(master, MIXTURE)
    file = master.coordinates[0]
    # In its own time the master notes that it needs no older file any more, and the dumps would differ in that.
    waiting.until("the checkpoint is in the binlog", lambda: any(
        row[2] == "Binlog_checkpoint" and row[5] == file for row in master.sql(f"SHOW BINLOG EVENTS IN '{file}'")))
    end = master.coordinates[1]
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    places = [int(row[1]) for row in master.sql(f"SHOW BINLOG EVENTS IN '{file}'")][3:]
    heads = (binlog.FORMAT_DESCRIPTION, START_ENCRYPTION)
    for place in places:
        rest = [event for event in dump(relay, master, file, place) if event.type not in heads]
        assert place + sum(event.size for event in rest) == end, f"from {place}"
    assert sluice.logged("reading what comes before the replica's position")


@each_family
def test_what_cannot_be_judged_before_a_position_is_told_to_the_replica(scene):
    """Such as a statement that was left out there. It would come back for ever, and nobody would know why."""
    master = scene.master(gtid=False)
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)")
    with master.connect() as session:
        session.query("USE app")
        session.query("CREATE EVENT app.e ON SCHEDULE EVERY 1 DAY DO SELECT 1")
        last = master.coordinates[1]
        session.query("ALTER EVENT app.e RENAME TO mysql.e")
    file, border = master.coordinates
    master.sql("INSERT INTO app.t (v) VALUES ('after')")
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    assert dump(relay, master, file, border)
    moved = place_of_query(master, last)
    why = f"{file}:{moved} (QUERY): ALTER EVENT: it moves an event between schemas of both sorts"
    begin = place_of_rows(master)
    behind = f"{file}:{begin}: reading before the replica's position: "
    for place, text in ((4, why), (begin, behind + why)):
        sluice.mark()
        with refused(1236) as caught:
            dump(relay, master, file, place)
        # Word for word: that no event begins at the position would be no help here.
        assert caught.value.text == f"Sluice stops before {text}"
        assert sluice.logged("stream stopped")["reason"] == caught.value.text


def look_behind(scene):
    """A Sluice that reads twenty seconds long what comes before a client's position. How many connections it had before."""
    master = scene.master(gtid=False)
    workload.play(master, workload.PREPARE)
    for _ in range(10):
        master.sql("INSERT INTO app.t (v, b) VALUES ('long', REPEAT('x', 2000000))")
    slow = Forwarder(("127.0.0.1", master.port), record=False, pace=1e6)
    scene.stack.callback(slow.close)
    relay = scene.relay(slow)
    sluice = scene.sluice(relay)
    client = knock(relay)
    client.introduce(4711, mariadb=master.kind.mariadb)
    # Without the one by which Sluice looks at the master.
    waiting.until("there is one connection to the master", lambda: master.sql(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user='relay'") == [("1",)])
    alone = sluice.open_connections
    client.request_dump(master.coordinates[0], place_of_rows(master), server_id=4711, annotations=master.kind.mariadb)
    sluice.logged("reading what comes before the replica's position")
    return sluice, client, alone


@each_family
def test_the_end_need_not_wait_for_what_is_read_behind_a_position(scene):
    sluice, client, _ = look_behind(scene)
    sluice.signal(signal.SIGTERM)
    with pytest.raises(Closed):
        list(client.events())
    assert sluice.process.wait(15) == 0  # less than what it reads there would take
    assert not sluice.events("the time to drain is over")


@each_family
def test_a_replica_that_goes_while_sluice_reads_behind_its_position(scene):
    """Nobody wants to know any more what is read there, so that ends too."""
    sluice, client, alone = look_behind(scene)
    waiting.until("Sluice has a second connection to the master", lambda: sluice.open_connections > alone)
    client.wire.connection.close()
    waiting.until("Sluice has no connection any more", lambda: sluice.open_connections == alone - 2, timeout=10)
    sluice.logged("session ended", reason="the replica's connection")


@every_server
def test_a_replica_survives_every_cut(scene):
    """Cut again and again at places a little further on, through packets and between them."""
    master = scene.master(gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    # The login and the questions take less than 3,000 bytes; then every connection brings some events more.
    cutting = Forwarder(relay.address, record=False, allowances=[3000 + 113 * i for i in range(16)])
    scene.stack.callback(cutting.close)
    replica = scene.replica(gtid=False)
    before = snapshot.accounts(replica)
    route = Route(cutting.port, relay.users[0]["name"], relay.users[0]["password"])
    start = master.coordinates
    while master.coordinates[1] < 60_000:  # more than all the cut connections together may bring
        workload.play(master, workload.PREPARE)
        workload.play(master, MIXTURE)
        workload.wipe(master)
    workload.play(master, workload.PREPARE)
    workload.play(master, MIXTURE)
    replication.point(replica, route, gtid=False, start=start)
    replication.start(replica)
    replication.caught_up(replica, master, timeout=120, cut=True)
    assert not cutting.allowances, "every cut was made"
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
    assert not snapshot.differences(before, snapshot.accounts(replica))
    assert replication.read_position(replica) == master.coordinates


@mariadb_servers
@pytest.mark.parametrize("straight", [True, False], ids=["straight", "through"])
def test_mariadb_stops_when_cut_between_the_rows_of_a_statement_with_or_without_sluice(scene, straight):
    """In file and position mode, with its master as well as with Sluice; started again, it goes on and loses
    nothing."""
    master = scene.master(gtid=False)
    start = master.coordinates
    workload.play(master, workload.PREPARE)
    rows = ", ".join("('long', REPEAT('x', 6000))" for _ in range(40))  # a ROWS event each
    master.sql(f"INSERT INTO app.t (v, b) VALUES {rows}")
    if straight:
        port, user, password = master.port, *replication.ACCOUNTS[1]
    else:
        relay = scene.relay(master, tls=False)
        scene.sluice(relay)
        port, user, password = relay.port, relay.users[0]["name"], relay.users[0]["password"]
    cutting = Forwarder(("127.0.0.1", port), record=False, allowances=[master.coordinates[1] - 60_000])
    scene.stack.callback(cutting.close)
    replica = scene.replica(gtid=False)
    replication.point(replica, Route(cutting.port, user, password), gtid=False, start=start)
    replication.start(replica)
    waiting.until("the replica has stopped", lambda: replication.stopped_within_a_statement(replica))
    replication.caught_up(replica, master, cut=True)
    assert not snapshot.differences(snapshot.application(master), snapshot.application(replica))
