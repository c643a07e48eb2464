"""Programs that are no servers and read a binlog: what they do otherwise than a replica."""

from __future__ import annotations

import threading

import pytest

import waiting
from binlog import Event
from clients import knock
from kinds import any_server, each_family
from mysql_client import COM_PING
from packets import Closed

WRITE_ROWS = (23, 30)


@pytest.fixture
def master(scene):
    master = scene.master(gtid=False)
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB")
    return master


def insert(master, number: int) -> None:
    master.sql(f"INSERT INTO app.t VALUES ({number}, 'row {number:06}')")


def begin(relay, master, position: int, file: str):
    client = knock(relay)
    client.introduce(77, mariadb=master.kind.mariadb)
    client.request_dump(file, position, annotations=master.kind.mariadb)
    return client


def rows_of(event: Event) -> list[int]:
    if event.type not in WRITE_ROWS:
        return []
    return [int(event.data[at + 4:at + 10]) for at in range(len(event.data)) if event.data[at:at + 4] == b"row "]


@each_family
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_a_ping_in_a_dump_has_no_answer_and_ends_nothing(scene, master, tls):
    """Some libraries keep the connection of a dump alive so, every minute. A master does not read them."""
    relay = scene.relay(master, tls=tls)
    sluice = scene.sluice(relay)
    file, position = master.coordinates
    with begin(relay, master, position, file) as client:
        seen = []
        for number in range(3):
            client.wire.command(bytes([COM_PING]))
            client.wire.command(bytes([COM_PING]))
            insert(master, number)
            while number not in seen:
                seen += rows_of(Event.parse(next(client.events())))
        assert seen == [0, 1, 2]
        assert not sluice.events("session ended", user="replica")


class Consumer:
    """Comes back when its connection has gone, from behind the last transaction that it has; on an error it gives up
    for good, as libraries do that cannot tell which ones pass."""

    def __init__(self, relay, master):
        self.relay, self.master = relay, master
        self.file, self.position = master.coordinates
        self.rows, self.begun, self.failure = [], 0, None
        self.leaves = threading.Event()
        self.thread = threading.Thread(target=self._follow)
        self.thread.start()

    def _follow(self):
        while not self.leaves.is_set():
            try:
                with begin(self.relay, self.master, self.position, self.file) as client:
                    self.begun += 1
                    self._read(client)
            except (Closed, ConnectionError):
                self.leaves.wait(0.1)  # not there yet
            except Exception as failure:  # whatever it is, the test says so
                self.failure = failure
                return

    def _read(self, client):
        rows = []
        for event in map(Event.parse, client.events()):
            rows += rows_of(event)
            if rows and event.type == 16:  # XID
                self.rows += rows
                self.position, rows = event.log_pos, []

    def has(self, *rows: int):
        waiting.until(f"the consumer has {rows}", lambda: self.failure or self.rows == list(rows))
        assert self.failure is None, self.failure

    def close(self):
        self.leaves.set()
        self.thread.join()


@each_family
def test_a_consumer_for_which_every_error_is_the_end_survives_reloads_and_restarts(scene, master):
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    consumer = Consumer(relay, master)

    def stop():
        consumer.leaves.set()
        sluice.stop()
        consumer.thread.join()
    scene.stack.callback(stop)

    insert(master, 1)
    consumer.has(1)
    relay.filter["ignore"] = ["tmp.%"]
    sluice.reload()
    sluice.logged("session ended", reason="another configuration", user="replica")
    insert(master, 2)
    consumer.has(1, 2)
    assert consumer.begun == 2
    sluice.stop()
    sluice.logged("session ended", reason="drained", user="replica")
    insert(master, 3)
    sluice.start()
    consumer.has(1, 2, 3)


@any_server
def test_thread_ids_are_not_those_of_the_program_before(scene, master):
    """Who comes back after a restart may want to end the connection that it had."""
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    with knock(relay) as client:
        before = client.greeting.thread_id
    with knock(relay) as client:
        assert client.greeting.thread_id > before
    sluice.stop()
    sluice.start()
    with knock(relay) as client:
        assert client.greeting.thread_id not in range(before, before + 3)
