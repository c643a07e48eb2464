"""Everything that can go away while a load runs. Afterwards the replica must hold what the master holds,
at the same position, without anybody's help."""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest

import replication
import snapshot
import waiting
import workload
from clients import knock
from forwarder import Forwarder
from kinds import any_server, each_family, every_server, positioning
from packets import Closed, ServerError
from replication import Route


ROUND = """
INSERT INTO app.t (v) VALUES ('alone');
INSERT INTO mysql.rt (v) VALUES ('alone');
BEGIN;
INSERT INTO app.t (v, b) VALUES ('both', REPEAT('x', 3000));
INSERT INTO mysql.rt (v, b) VALUES ('both', REPEAT('x', 3000));
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.n=1, r.n=1 WHERE a.id<5;
INSERT INTO app.u (v) VALUES ('behind');
COMMIT;
BEGIN;
UPDATE mysql.rt SET n=n+1 LIMIT 20;
COMMIT;
GRANT SELECT ON app.* TO 'w_load'@'%';
REVOKE SELECT ON app.* FROM 'w_load'@'%';
"""


class Load:
    """Writes to a master until told to stop; lives through the master's absence. As fast as it can for AT_ONCE
    rounds, then slowly until somebody waits for it again: a replica must be able to follow."""

    AT_ONCE = 300

    def __init__(self, master):
        self.master, self.rounds, self.waited_for = master, 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self):
        workload.play(self.master, workload.PREPARE + "CREATE USER 'w_load'@'%';\n")
        self._thread.start()
        self.go_on(3)
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError, Closed, ServerError):
                workload.play(self.master, ROUND)
                self.rounds += 1
            if self.rounds > self.waited_for + self.AT_ONCE:
                self._over.wait(0.05)

    def go_on(self, rounds: int) -> None:
        """Waits until it has done that much more."""
        self.waited_for = target = self.rounds + rounds
        waiting.until(f"the load does {rounds} more rounds", lambda: self.rounds >= target, timeout=60)


class Scene:
    """A master, Sluice, and a replica behind it."""

    def __init__(self, scene, gtid: bool, workers: str = "0", options=()):
        self.gtid = gtid
        self.master = scene.master(gtid=gtid)
        self.replica = scene.replica(*options, gtid=gtid)
        self.behind = Forwarder(("127.0.0.1", self.master.port), record=False)
        self.relay = scene.relay(self.behind)
        if scene.kind.old_tls:
            self.relay.master["tls"]["min_version"] = self.relay.replica_tls["min_version"] = "1.0"
        self.front = Forwarder(self.relay.address, record=False)
        scene.stack.callback(self.behind.close)
        scene.stack.callback(self.front.close)
        self.sluice = scene.sluice(self.relay)
        self.accounts = snapshot.accounts(self.replica)
        route = Route(self.front.port, "replica", "replica-secret", self.relay.ca)
        replication.point(self.replica, route, gtid=gtid, workers=workers)
        replication.start(self.replica)

    def streams(self, after: int = 0) -> int:
        """Waits until more dumps than `after` have begun since Sluice was started, and says how many: what cuts or ends
        it then does so within a stream."""
        def begun() -> int:
            replication.start_where_a_cut_has_stopped(self.replica)
            number = len(self.sluice.events("dump started"))
            return number if number > after else 0

        return waiting.until(f"a dump has begun behind the first {after}", begun)

    def all_is_well(self) -> None:
        replication.caught_up(self.replica, self.master, cut=True)
        # MariaDB notes in its binlog, in its own time, that an older file of it is not needed any more.
        waiting.until("master and replica are at the same place",
                      lambda: replication.read_position(self.replica) == self.master.coordinates)
        waiting.until("the executed GTIDs are equal", lambda: self.replica.executed == self.master.executed,
                      tell=lambda: f"{self.replica.executed} / {self.master.executed}")
        assert not snapshot.differences(snapshot.application(self.master), snapshot.application(self.replica))
        assert not snapshot.differences(self.accounts, snapshot.accounts(self.replica))
        waiting.until("both threads run", lambda: replication.threads_run(self.replica))


@pytest.fixture
def play(scene, gtid):
    return Scene(scene, gtid)


@every_server
@positioning
def test_stop_and_start_of_the_replica(play):
    with Load(play.master) as load:
        begun = 0
        for _ in range(4):
            begun = play.streams(after=begun)
            replication.stop(play.replica)
            load.go_on(2)
            replication.start(play.replica)
            load.go_on(1)
    play.all_is_well()


@every_server
@positioning
def test_connections_that_are_cut_on_either_side(play):
    """In the middle of whatever was on its way: at every cut the replica asks again, for a place that must
    be the border of an event in the master's file."""
    with Load(play.master) as load:
        begun = 0
        for number in range(6):
            begun = play.streams(after=begun)
            (play.front if number % 2 else play.behind).cut()
            load.go_on(1)
    play.all_is_well()


@every_server
def test_a_cut_between_two_questions_while_the_master_is_away(scene):
    """The client library of a replica connects anew by itself then, within its next question, and what it gets for
    an answer to its login the replica takes for one to its question."""
    master, replica = scene.master(), scene.replica()
    behind = Forwarder(("127.0.0.1", master.port), record=False)
    relay = scene.relay(behind, tls=False)
    front = Forwarder(relay.address)
    scene.stack.callback(behind.close)
    scene.stack.callback(front.close)
    sluice = scene.sluice(relay)
    replication.point(replica, Route(front.port, "replica", "replica-secret"), gtid=False)
    for number in range(2):  # the second time as always
        replication.start(replica)
        waiting.until("the binlog is on its way", lambda: len(sluice.events("dump started")) > number)
        replication.stop(replica)
    before = [talk.down_before(b"SERVER_ID") for talk in front.conversations if talk.was_said(b"SERVER_ID")][-1]

    front.allowances, behind.admits = [len(before)], 1
    replication.start(replica)
    sluice.logged("master not reached", user="replica")
    behind.admits = None
    master.sql("CREATE DATABASE shop")
    replication.caught_up(replica, master)


@each_family
@positioning
def test_restart_of_sluice(play):
    with Load(play.master) as load:
        for _ in range(3):
            play.streams()
            assert play.sluice.stop() == 0
            load.go_on(1)
            play.sluice.start()
            load.go_on(2)
    play.all_is_well()


@each_family
@positioning
def test_death_of_sluice(play):
    with Load(play.master) as load:
        for _ in range(4):
            play.streams()
            play.sluice.kill()
            load.go_on(1)
            play.sluice.start()
            load.go_on(1)
    play.all_is_well()


@each_family
@positioning
def test_restart_of_the_replica(play):
    with Load(play.master) as load:
        # MySQL 9.7 can die by a signal once it is started again if it was stopped within the first transaction
        # that it ever received, also behind its master itself.
        waiting.until("the replica has executed something", lambda: play.replica.sql(
            "SELECT 1 FROM information_schema.tables WHERE table_schema='app'"))
        play.replica.restart()
        replication.start(play.replica)
        load.go_on(2)
    play.all_is_well()


@each_family
@positioning
def test_restart_of_the_master(play):
    with Load(play.master) as load:
        play.streams()
        play.master.restart()
        load.go_on(3)
    play.all_is_well()


@any_server
def test_a_replica_that_takes_nothing_is_ended(scene):
    """Its system answers, so keepalive would never tell; a master ends it after net_write_timeout."""
    master = scene.master()
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v LONGTEXT)")
    for _ in range(20):
        master.sql("INSERT INTO app.t (v) VALUES (REPEAT('x', 1000000))")
    relay = scene.relay(master)
    relay.more["keepalive"] = {"idle": "1s", "interval": "1s", "count": 1}
    sluice = scene.sluice(relay)
    with knock(relay) as stalled, knock(relay) as idle:
        stalled.introduce(500, mariadb=master.kind.mariadb)
        stalled.request_dump(master.coordinates[0], server_id=500)
        sluice.logged("session ended", reason="(?i)timed out|broken pipe", timeout=60)
        idle.ping()


@each_family
@positioning
def test_a_stalled_sluice_does_not_keep_the_replica_from_another_one(scene, gtid):
    """Its machine stands still, and its connections do not end. The master gives up the dump after net_write_timeout;
    until then MariaDB begins no other one for this replica (with TLS it ends the old one at once)."""
    master = scene.master("--net-write-timeout=3", gtid=gtid)
    replica = scene.replica("--relay-log-space-limit=20M", "--slave-net-timeout=4", gtid=gtid)
    relays = [scene.relay(master, tls=False) for _ in range(2)]
    stalled, other = (scene.sluice(relay) for relay in relays)
    stalled.no_watch()
    replication.point(replica, Route.through(relays[0]), gtid=gtid, start=master.coordinates)
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)")
    for _ in range(60):  # much more than lies in sockets, or in the relay log
        master.sql("INSERT INTO app.t (b) VALUES (REPEAT('x', 5000000))")
    replica.sql(f"{replica.say.start} IO_THREAD")
    read = lambda: replication.read_position(replica)
    waiting.until("the replica's relay log is full", lambda: read()[1] > 15_000_000, progress=read)
    stalled.process.send_signal(signal.SIGSTOP)
    try:
        replication.stop(replica)
        replication.point(replica, Route.through(relays[1]), gtid=gtid, start=replication.executed_position(replica))
        replication.start(replica)
        replication.caught_up(replica, master, timeout=30)
    finally:
        stalled.process.send_signal(signal.SIGCONT)
    assert replica.sql("SELECT COUNT(*) FROM app.t") == [("60",)]
    assert other.events("dump started", mode="gtid" if gtid else "position")


@each_family
def test_a_dump_that_the_master_ends_may_end_anywhere(scene):
    """As a master does that is shut down, while its replica lags behind: it comes back, and is not told that the stream
    is broken. Half of all places are behind the text of a statement, which is held."""
    mariadb = scene.kind.mariadb
    master = scene.master(*([] if mariadb else ["--binlog-rows-query-log-events=ON"]))
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)")
    with master.connect(timeout=300) as session:
        session.query("BEGIN")
        for _ in range(12_000):  # more than lies in sockets between the two
            session.query(f"INSERT INTO app.t (v) VALUES ('{'x' * 1500}')")
        session.query("COMMIT")
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    for attempt in range(8):
        with knock(relay) as client:
            client.introduce(500, mariadb=mariadb)
            client.request_dump(master.coordinates[0], server_id=500, annotations=mariadb)
            events = client.events()
            for _ in range(100 + 37 * attempt):
                next(events)
            for row in master.sql("SHOW PROCESSLIST"):
                if "Dump" in (row[4] or ""):
                    master.sql(f"KILL QUERY {row[0]}")
            list(events)  # to an EOF packet, as without Sluice
    waiting.until("the sessions have ended", lambda: len(sluice.events("session ended")) == 8)
    assert not sluice.events("stream stopped")


@every_server
@positioning
def test_new_binlog_files_all_the_time(play):
    with Load(play.master) as load:
        for _ in range(5):
            play.master.sql("FLUSH LOGS")
            load.go_on(1)
            play.master.sql(play.master.say.flush_logs)
    assert int(play.master.coordinates[0].split(".")[1]) >= 10
    play.all_is_well()


@each_family
@positioning
def test_a_replica_moves_to_its_master_and_back(scene, gtid):
    """The coordinates are the same, so it can, at any moment."""
    play = Scene(scene, gtid, options=["--replicate-wild-ignore-table=mysql.%"])
    with Load(play.master) as load:
        for route in (Route.straight(play.master, True), Route.through(play.relay)) * 2:
            replication.stop(play.replica)
            here = replication.executed_position(play.replica)
            replication.point(play.replica, route, gtid=gtid, start=here)
            replication.start(play.replica)
            load.go_on(1)
    play.all_is_well()


@any_server
@pytest.mark.parametrize("gtid", [True], ids=["gtid"])
def test_sigterm_ends_sessions_between_two_transactions(play):
    with Load(play.master) as load:
        load.go_on(1)
        play.streams()
        assert play.sluice.stop() == 0
        play.sluice.logged("session ended", reason="drained")
        assert not play.sluice.events("the time to drain is over")
        play.sluice.start()
    play.all_is_well()


@any_server
def test_two_replicas_with_one_id_push_each_other_out_as_on_the_master(scene):
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    first, second = knock(relay), knock(relay)
    for client in (first, second):
        client.introduce(99, mariadb=True)
        client.request_dump("binlog.000001", server_id=99)
        next(client.events())
    with pytest.raises((ServerError, Closed)):
        for _ in first.events():
            pass
        raise Closed
    sluice.logged("session ended", session=first.greeting.thread_id)
