"""Compressed transactions (binlog_transaction_compression), as single events. That replicas apply them is
seen in test_oracle.py."""

from __future__ import annotations

import random

import pytest

import binlog
import workload
from clients import knock
from kinds import mysql_servers
from mysql_client import Client, trusting
from packets import ServerError
from sluice import at_most

# 4 rows of 16 MiB, of which next to nothing is left when compressed.
LARGE = "INSERT INTO {} (b) VALUES " + ", ".join(["(REPEAT('x', 16 << 20))"] * 4)


def makes_sense(kind, **_) -> bool:
    """They came with 8.0.20."""
    return kind.at_least(8, 0, 20)


def commit(master, *statements: str) -> None:
    workload.play(master, "SET SESSION binlog_transaction_compression=ON;\nBEGIN;\n"
                  + ";\n".join(statements) + ";\nCOMMIT;\n")


@pytest.fixture
def master(scene):
    master = scene.master("--max-allowed-packet=1G")
    workload.play(master, workload.PREPARE)
    return master


def straight(master) -> list[binlog.Event]:
    with Client(("127.0.0.1", master.port), "direct", "direct-secret", tls=trusting()) as client:
        return payloads(binlog.read_log(client, ["binlog.000001"]))


def through(relay) -> list[binlog.Event]:
    with knock(relay) as client:
        return binlog.read_log(client, ["binlog.000001"])


def payloads(events) -> list[binlog.Event]:
    return [event for event in events if event.type == binlog.PAYLOAD]


@mysql_servers
def test_what_has_nothing_to_drop_goes_on_as_it_is(scene, master):
    relay = scene.relay(master)
    scene.sluice(relay)
    commit(master, "INSERT INTO app.t (v, b) VALUES ('kept', REPEAT('x', 1000))", "INSERT INTO app.u (v) VALUES ('too')")
    (before,), (after,) = straight(master), payloads(through(relay))
    assert before.data == after.data


@mysql_servers
def test_what_is_dropped_is_gone_and_the_size_stays(scene, master):
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    commit(master, "INSERT INTO mysql.rt (v, b) VALUES ('dropped', REPEAT('x', 1000))",
           "INSERT INTO app.t (v, b) VALUES ('kept', REPEAT('x', 1000))")
    commit(master, "INSERT INTO mysql.rt (v, b) VALUES ('dropped', REPEAT('x', 1000))")
    mixed, dropped = straight(master)
    heard = through(relay)
    (after,) = payloads(heard)
    assert after.size == mixed.size and after.log_pos == mixed.log_pos and after.checksum_is_right
    assert after.data != mixed.data
    (empty,) = [event for event in heard if event.log_pos == dropped.log_pos]
    assert empty.type == binlog.QUERY and empty.size == dropped.size and b"COMMIT /*" in empty.data
    assert int(sluice.logged("session ended")["dropped"]) >= 4


@mysql_servers
@pytest.mark.parametrize("table", ["app.t", "mysql.rt"])
def test_memory_does_not_grow_with_what_is_in_it(scene, master, table):
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    through(relay)
    before = sluice.peak_memory
    commit(master, LARGE.format(table), "INSERT INTO app.u (v) VALUES ('kept')")
    assert len(payloads(through(relay))) == 1
    # zstd's window is 2 MiB at the servers' level, and the buffer that its output goes to grows to 16 MiB at most.
    assert sluice.peak_memory - before < at_most(24 << 10), "KiB"


@mysql_servers
@pytest.mark.parametrize("dropping", [False, True], ids=["kept", "mixed"])
def test_one_of_several_packets(scene, master, dropping):
    """What cannot be compressed is held at its full size, and goes on or is rewritten in three packets."""
    relay = scene.relay(master)
    scene.sluice(relay)
    rows = "INSERT INTO app.t (b) SELECT CONCAT(" + ", ".join(["RANDOM_BYTES(1024)"] * 48) + ") FROM " \
           "(WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n) AS n"
    commit(master, rows, *(["INSERT INTO mysql.rt (v, b) VALUES ('dropped', REPEAT('x', 1000))"] if dropping else []))
    (before,), (after,) = straight(master), payloads(through(relay))
    assert before.size == after.size > 32 << 20
    assert (before.data == after.data) == (not dropping)
    assert after.checksum_is_right


@mysql_servers
def test_one_small_row_of_many_is_dropped(scene, master):
    """Where next to nothing is dropped all else must become as small as it was, and the server's zstd is another one."""
    relay = scene.relay(master)
    scene.sluice(relay)
    numbers = random.Random(1)
    master.sql("CREATE TABLE app.numbers (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b BIGINT) ENGINE=InnoDB")
    for count in (20, 200, 2000, 200_000):
        rows = [f"({numbers.randrange(1_000_000)}, {numbers.randrange(1 << 40)})" for _ in range(count)]
        inserts = ["INSERT INTO app.numbers (a, b) VALUES " + ", ".join(rows[at:at + 5000]) for at in range(0, count, 5000)]
        commit(master, *inserts, "INSERT INTO mysql.rt (v) VALUES ('secret')")
    before, after = straight(master), payloads(through(relay))
    assert [event.size for event in after] == [event.size for event in before] and len(after) == 4
    assert all(event.checksum_is_right for event in after)


@mysql_servers
def test_one_that_is_too_large_stops_the_stream(scene, master):
    relay = scene.relay(master)
    relay.filter["max_payload"] = "32MiB"
    sluice = scene.sluice(relay)
    commit(master, "INSERT INTO app.t (v) VALUES ('kept')")
    commit(master, LARGE.format("app.t"))
    _, large = straight(master)
    with pytest.raises(ServerError) as error:
        through(relay)
    assert error.value.code == 1236 and "filter.max_payload" in error.value.text
    assert f"binlog.000001:{large.log_pos - large.size} (TRANSACTION_PAYLOAD)" in error.value.text
    sluice.logged("stream stopped")
