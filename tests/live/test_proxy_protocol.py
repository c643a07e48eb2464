"""Behind a load balancer: HAProxy says in the PROXY protocol whose connection it is, and only who may say so is believed."""

from __future__ import annotations

import contextlib
import dataclasses
import select
import socket
import ssl

import pytest

import fetching
import replication
import waiting
import workload
from children import launch
from clients import refused
from kinds import any_server, each_family
from mysql_client import Client, trusting
from packets import Closed, ServerError
from ports import free_port, is_listening
from unpacked import program, unpacked

# All of 127.0.0.0/8 are addresses of this machine.
BALANCER, REPLICA, STRANGER = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SPOOFED = b"PROXY TCP4 127.0.0.2 127.0.0.1 1234 3306\r\n"


class HAProxy:
    """The distribution's, in front of a relay."""

    def __init__(self, scene, folder, relay, word: str, check: str = ""):
        try:
            command = program(unpacked("haproxy", "", "haproxy"), "usr/sbin/haproxy")
        except fetching.Unavailable as error:
            pytest.skip(f"no HAProxy: {error}")
        self.address = "127.0.0.1", free_port()
        config = folder / "haproxy.cfg"
        config.write_text(f"""
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen binlog
    bind 127.0.0.1:{self.address[1]}
    server sluice 127.0.0.1:{relay.port} source {BALANCER} {word} {check}
""")
        process = launch([*command, "-db", "-f", config], folder / "haproxy.log")
        scene.stack.callback(lambda: (process.kill(), process.wait()))
        waiting.until("HAProxy listens", lambda: is_listening(self.address[1]))


@pytest.fixture
def relay(scene):
    relay = scene.relay()
    relay.allow = [REPLICA]
    relay.replica["proxy_protocol"] = [BALANCER]
    return relay


def log_in(relay, address, source: str, **more) -> Client:
    return Client(address, "replica", "replica-secret", tls=trusting(relay.ca), source=source, **more)


@each_family
@pytest.mark.parametrize("word", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
def test_a_replica_replicates_through_it(scene, tmp_path, word):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.replica["proxy_protocol"] = ["127.0.0.0/8"]
    sluice = scene.sluice(relay)
    balancer = HAProxy(scene, tmp_path, relay, word)
    workload.play(master, workload.PREPARE)
    route = dataclasses.replace(replication.Route.through(relay), port=balancer.address[1])
    replication.point(replica, route, gtid=False)
    replication.start(replica)
    replication.caught_up(replica, master)
    started = sluice.logged("session authenticated", peer=r"127\.0\.0\.1:\d+", proxy=r"127\.0\.0\.1:\d+")
    assert started["peer"] != started["proxy"]


@any_server
@pytest.mark.parametrize("word", ["send-proxy", "send-proxy-v2"])
def test_it_is_the_replicas_address_that_counts(scene, tmp_path, relay, word):
    sluice = scene.sluice(relay)
    balancer = HAProxy(scene, tmp_path, relay, word)
    sluice.mark()
    log_in(relay, balancer.address, REPLICA).close()
    sluice.logged("session ended", peer=f"{REPLICA}:", proxy=f"{BALANCER}:", reason="quit")
    with refused(1130, f"Host '{STRANGER}' is not allowed"):
        log_in(relay, balancer.address, STRANGER)
    sluice.logged("login refused", level="warn", peer=f"{STRANGER}:", proxy=f"{BALANCER}:", refused_for="address")
    with refused(1045, f"'replica'@'{REPLICA}'"):
        Client(balancer.address, "replica", "wrong", tls=trusting(relay.ca), source=REPLICA)


@any_server
def test_who_is_no_load_balancer_cannot_say_who_he_is(scene, relay):
    """What he sends is his login, and no good one."""
    sluice = scene.sluice(relay, level="debug")
    with refused(1130, f"Host '{STRANGER}' is not allowed"):
        log_in(relay, relay.address, STRANGER, first=SPOOFED)
    with pytest.raises((ServerError, Closed, ConnectionError, ssl.SSLError)):
        log_in(relay, relay.address, REPLICA, first=b"PROXY TCP4 127.0.0.9 127.0.0.1 1234 3306\r\n")
    sluice.logged("session ended", peer=f"{REPLICA}:")
    assert not sluice.events("session authenticated")
    assert not any("proxy" in event for event in sluice.events("session started"))
    # Without a word about it he is himself.
    log_in(relay, relay.address, REPLICA).close()
    sluice.logged("session authenticated", peer=f"{REPLICA}:")


@any_server
@pytest.mark.parametrize("word, reason", [
    (b"GET / HTTP/1.1\r\n\r\n", "something else than a PROXY header"),
    (b"PROXY TCP4 127.0.0.2 127.0.0.1 1234 99999\r\n", "wrong addresses"),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", "too long"),
    (b"PROXY TCP4 127.0.0.2 ", "timed out after 0.5 s while waiting for a PROXY header, as proxy_protocol wants"),
    (b"", "timed out after 0.5 s while waiting for a PROXY header, as proxy_protocol wants"),
], ids=["else", "wrong", "long", "part", "nothing"])
def test_a_load_balancer_must_say_whose_connection_it_is(scene, relay, word, reason):
    relay.replica["login_timeout"] = "500ms"
    sluice = scene.sluice(relay)
    with pytest.raises((Closed, ConnectionError)):
        log_in(relay, relay.address, BALANCER, first=word)
    line = sluice.logged("login refused", level="warn", refused_for="proxy_header", peer=f"{BALANCER}:")
    assert reason in line["reason"]

    def is_served() -> bool:
        """On a busy machine a handshake can take longer than that."""
        try:
            log_in(relay, relay.address, BALANCER, first=SPOOFED).close()
        except (ssl.SSLError, ConnectionError, Closed):
            return False
        return True

    sluice.mark()
    waiting.until("the next one is served", is_served)
    sluice.logged("session authenticated", peer="127.0.0.2:1234")


@any_server
@pytest.mark.parametrize("check", ["check inter 50", "check check-send-proxy inter 50"])
def test_its_health_checks_are_no_refusals(scene, tmp_path, relay, check):
    sluice = scene.sluice(relay, level="debug")
    balancer = HAProxy(scene, tmp_path, relay, "send-proxy-v2", check)
    waiting.until("some have come", lambda: len(sluice.events("session ended", peer=f"{BALANCER}:")) >= 5)
    assert not sluice.events("login refused")
    log_in(relay, balancer.address, REPLICA).close()
    sluice.logged("session authenticated", peer=f"{REPLICA}:")


@any_server
def test_logins_that_come_through_it_are_each_addresses_own(scene, tmp_path, relay):
    """One address that holds all places does not lock out another one behind the same load balancer."""
    relay.allow = [REPLICA, STRANGER]
    relay.replica["max_logins"] = 3
    sluice = scene.sluice(relay)
    balancer = HAProxy(scene, tmp_path, relay, "send-proxy-v2")
    sluice.mark()
    silent = [log_in(relay, balancer.address, STRANGER, login=False) for _ in range(3)]
    log_in(relay, balancer.address, REPLICA).close()
    line = sluice.logged("login refused", level="warn", refused_for="too_many_logins")
    assert line["peer"].startswith(f"{STRANGER}:")
    for client in silent:
        client.wire.connection.close()


@any_server
def test_who_keeps_his_header_to_himself_has_a_place_or_goes(scene, relay):
    """And not any number of them, until their time to log in is over."""
    relay.replica |= {"max_logins": 2, "login_timeout": "10m"}
    sluice = scene.sluice(relay)
    with contextlib.ExitStack() as crowd:
        silent = [crowd.enter_context(socket.create_connection(relay.address)) for _ in range(3)]
        gone, _, _ = select.select(silent, [], [], 30)
        assert len(gone) == 1 and gone[0].recv(1) == b""
        line = sluice.logged("login refused", level="warn", peer=f"{BALANCER}:", refused_for="too_many_logins")
        assert line["reason"] == "too many logins at once"


@any_server
def test_it_may_be_switched_on_while_sluice_runs(scene, relay):
    relay.allow = [BALANCER, REPLICA]
    del relay.replica["proxy_protocol"]
    sluice = scene.sluice(relay)
    log_in(relay, relay.address, BALANCER).close()
    relay.replica["proxy_protocol"] = [BALANCER]
    sluice.reload()
    log_in(relay, relay.address, BALANCER, first=SPOOFED).close()
    sluice.logged("session authenticated", peer="127.0.0.2:1234")
