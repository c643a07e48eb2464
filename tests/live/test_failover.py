"""Replicas that have a list of sources (SOURCE_CONNECTION_AUTO_FAILOVER)."""

from __future__ import annotations

import waiting
from kinds import failover_servers
from replication import Route, caught_up, point, start, status, stop, threads_run


def follow_list(replica, relay) -> None:
    point(replica, Route.through(relay), gtid=True)
    replica.sql("CHANGE REPLICATION SOURCE TO SOURCE_CONNECTION_AUTO_FAILOVER=1, SOURCE_RETRY_COUNT=1")


@failover_servers
def test_a_replica_goes_from_one_sluice_to_another_before_the_same_master(stage, scene):
    master, replica = stage.master(), stage.replica()
    relays = [scene.relay(master) for _ in range(2)]
    first, second = (scene.sluice(relay) for relay in relays)
    follow_list(replica, relays[0])
    for relay in relays:
        replica.sql("SELECT asynchronous_connection_failover_add_source('', '127.0.0.1', "
                    f"{relay.port}, '', {80 - relays.index(relay)})")
    start(replica)
    master.sql("CREATE DATABASE shop")
    master.sql("CREATE TABLE shop.orders (id INT PRIMARY KEY)")
    master.sql("INSERT INTO shop.orders VALUES (1)")
    caught_up(replica, master)
    assert int(status(replica)["Master_Port"]) == relays[0].port

    first.stop()
    master.sql("INSERT INTO shop.orders VALUES (2)")
    waiting.until("the replica is at the other Sluice",
                  lambda: int(status(replica)["Master_Port"]) == relays[1].port and threads_run(replica), timeout=60)
    master.sql("INSERT INTO shop.orders VALUES (3)")
    caught_up(replica, master)
    assert replica.sql("SELECT id FROM shop.orders ORDER BY id") == [("1",), ("2",), ("3",)]
    assert second.events("session authenticated")

    # Its monitor asks SELECT 1 there.
    first.start()
    waiting.until("the replica is back at the Sluice that it prefers",
                  lambda: int(status(replica)["Master_Port"]) == relays[0].port and threads_run(replica), timeout=60)
    assert not first.events("question refused")
    master.sql("INSERT INTO shop.orders VALUES (4)")
    caught_up(replica, master)


@failover_servers
def test_a_list_that_a_group_manages_is_not_served_and_both_say_so(stage, scene):
    """Whether the source is in the majority of its group, the replica asks in performance_schema."""
    master, replica = stage.master(), stage.replica()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    follow_list(replica, relay)
    replica.sql("SELECT asynchronous_connection_failover_add_managed('', 'GroupReplication', "
                f"'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', '127.0.0.1', {relay.port}, '', 80, 60)")
    start(replica)
    line = sluice.logged("question refused", reason="the statement is not one that replicas send")
    assert "information_schema.plugins WHERE PLUGIN_NAME" in line["statement"], line
    waiting.until("the replica says why it does not stay",
                  lambda: "belongs to the group majority" in replica.error_log.read_text())
    stop(replica)
