"""Towards the replica Sluice is the master: who gets in, and what the others hear."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import ssl
import struct
import time

import pytest

import waiting
from clients import connections_made, knock, may_come, refused
from kinds import any_server, each_family
from mysql_client import Client, trusting
from packets import Closed
from ports import free_port


# Of some password.
SHA2_HASH = "$A$005$3rp.aCi6He6.300cNZSuXsHgXE4NKfjXdzfdhINOX73Osfbo.xn6T4mo2Db.u34"


@pytest.fixture(scope="module")
def tls_relay(stage, master):
    return stage.relay(master, name="tls")


@pytest.fixture(scope="module")
def plain_relay(stage, master):
    return stage.relay(master, name="plain", tls=False)


@pytest.fixture(scope="module")
def running(stage, tls_relay, plain_relay):
    sluice = stage.sluice(tls_relay, plain_relay, level="debug")
    for relay in sluice.relays:
        sluice.logged("master reached", relay=relay.name)
    return sluice


@each_family
def test_the_greeting_is_the_masters(master, sluice, tls_relay):
    ours, theirs = knock(tls_relay).greeting, Client(("127.0.0.1", master.port), "direct", "direct-secret",
                                                    tls=trusting()).greeting
    assert ours.version == theirs.version
    assert ours.capabilities & 1 == theirs.capabilities & 1, "MariaDB leaves this bit out"


@each_family
def test_every_connection_has_its_own_number_and_nonce(sluice, tls_relay):
    greetings = [knock(tls_relay, login=False).greeting for _ in range(5)]
    assert len({g.thread_id for g in greetings}) == 5
    assert len({g.nonce for g in greetings}) == 5
    for greeting in greetings:
        assert len(greeting.nonce) == 20 and all(0 < byte < 128 for byte in greeting.nonce)


@each_family
@pytest.mark.parametrize("plugin", ["mysql_native_password", "caching_sha2_password"])
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_a_replica_logs_in(sluice, tls_relay, plain_relay, plugin, protection):
    relay = tls_relay if protection == "tls" else plain_relay
    with knock(relay, plugin=plugin, attributes={"_client_version": "9.9.9", "program_name": "a test"}) as client:
        client.ping()
        started = sluice.logged("session started", relay=relay.name)
        line = sluice.logged("session authenticated", session=started["session"])
        assert line["user"] == "replica"
        assert line["client_version"] == "9.9.9"
        assert line["program"] == "a test"
        assert ("TLSv1" in line["tls"]) == (protection == "tls")
    sluice.logged("session ended", session=started["session"], reason="quit")


@any_server
@pytest.mark.parametrize("plugin", ["mysql_native_password", "caching_sha2_password"])
@pytest.mark.parametrize("user, password, using", [
    ("replica", "not-that-one", "YES"), ("replica", "", "NO"), ("nobody", "replica-secret", "YES"), ("", "", "NO"),
    ("relay", "relay-secret", "YES"), ("root", "", "NO")])
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_a_wrong_login_is_refused_and_the_master_hears_nothing(master, sluice, tls_relay, plain_relay, plugin, user,
                                                               password, using, protection):
    before = connections_made(master, sluice)
    relay = tls_relay if protection == "tls" else plain_relay
    with refused(1045, rf"Access denied for user '{user}'@'[^']+' \(using password: {using}\)") as caught:
        knock(relay, user, password, plugin=plugin)
    assert caught.value.state == "28000"
    assert connections_made(master, sluice) == before
    sluice.logged("session ended", relay=relay.name, reason="login refused")
    sluice.logged("login refused", level="warn", relay=relay.name, user=user, refused_for="credentials")
    assert not re.search("replica-secret|relay-secret|not-that-one", "\n".join(sluice.log))


@any_server
@pytest.mark.parametrize("password", ["replica-secret", "wrong"])
def test_a_plain_login_is_refused_before_its_password_is_looked_at(master, sluice, tls_relay, password):
    before = connections_made(master, sluice)
    with refused(3159, "--require_secure_transport=ON"):
        Client(tls_relay.address, "replica", password)
    assert connections_made(master, sluice) == before
    sluice.logged("session ended", reason="(?i)tls|secure|plain")


@any_server
def test_logins_without_tls_do_not_fill_the_log(scene):
    """Any stranger can send as many as he likes, with whatever password."""
    relay = scene.relay()
    sluice = scene.sluice(relay)
    begun = time.monotonic()
    for _ in range(50):
        with refused(3159):
            knock(relay, password="whatever", tls=None)
    sluice.logged("login refused", level="warn", user="replica", refused_for="tls", reason="^plain login where TLS is required$")
    lines = sluice.events("login refused")
    assert {line["refused_for"] for line in lines} == {"tls"}
    assert len(lines) <= 2 + (time.monotonic() - begun), "one a second"


@any_server
def test_a_malformed_login_is_no_refused_one(scene):
    """As what scans for ports sends: with a login cut short nobody has asked to be let in."""
    sluice = scene.sluice(scene.relay(), level="debug")
    with sluice.connect_raw() as stranger:
        stranger.sendall(struct.pack("<I", 40 | 1 << 24) + struct.pack("<IIB23x", 0x8038A205, 1 << 24, 33) + b"rep\0\x14abc")
        sluice.logged("session ended", reason="^malformed login$")
    assert not sluice.events("login refused")


@any_server
def test_tls_is_not_offered_where_it_is_disabled(sluice, plain_relay):
    assert not knock(plain_relay).greeting.capabilities & 1 << 11


@any_server
def test_both_ways_where_tls_is_optional(scene):
    relay = scene.relay()
    relay.replica_tls["mode"] = "optional"
    scene.sluice(relay)
    knock(relay).close()
    knock(relay, tls=None).close()


@any_server
def test_a_client_certificate_is_demanded(scene):
    relay, tls = scene.relay(), scene.certificates
    relay.replica_tls["client_ca"] = tls.ca
    sluice = scene.sluice(relay, level="debug")
    mine, others = tls.client, tls.unknown
    knock(relay, tls=trusting(tls.ca, certificate=mine.cert, key=mine.key)).close()
    sluice.logged("session authenticated")
    sluice.mark()
    for context in (trusting(tls.ca), trusting(tls.ca, certificate=others.cert, key=others.key)):
        with pytest.raises((ssl.SSLError, ConnectionError, Closed)):
            knock(relay, tls=context).ping()
        sluice.logged("session ended", reason="(?i)certificate")
        assert not sluice.events("session authenticated")
        sluice.mark()


@any_server
def test_the_least_tls_version_is_a_setting(scene):
    relay = scene.relay()
    relay.replica_tls["min_version"] = "1.3"
    sluice = scene.sluice(relay)
    knock(relay).close()
    with pytest.raises(ssl.SSLError):
        knock(relay, tls=trusting(relay.ca, maximum=ssl.TLSVersion.TLSv1_2))
    sluice.logged("login refused", level="warn", refused_for="tls", reason="unsupported protocol; .*min_version")


@any_server
def test_who_does_not_trust_the_certificate_is_warned_of(scene):
    relay = scene.relay()
    sluice = scene.sluice(relay)
    with pytest.raises(ssl.SSLError):
        knock(relay, tls=trusting(scene.certificates.stranger.ca))
    sluice.logged("login refused", level="warn", refused_for="tls", reason="unknown ca; it does not trust")


@any_server
def test_who_hangs_up_when_asked_for_another_plugin_is_told_of(scene):
    """As replicas of MariaDB do when a user has a hash for caching_sha2_password only."""
    relay = scene.relay()
    relay.users[0] = {"name": "replica", "password_hash": SHA2_HASH}
    sluice = scene.sluice(relay)
    client = knock(relay, login=False)
    client.send_login("replica", "replica-secret", "mysql_native_password")
    assert client.wire.read()[0] == 0xFE
    client.wire.connection.close()
    sluice.logged("login refused", level="warn", user="replica", refused_for="credentials",
                  reason="hangs up when asked for caching_sha2_password")
    assert bool(sluice.events("password_hash of no use", user="replica")) == scene.kind.mariadb


@any_server
def test_who_is_cut_off_while_asked_for_another_plugin_has_no_wrong_password(scene):
    relay = scene.relay()
    relay.users[0] = {"name": "replica", "password_hash": SHA2_HASH}
    sluice = scene.sluice(relay, level="debug")
    with knock(relay, login=False) as client:
        client.send_login("replica", "replica-secret", "mysql_native_password")
        assert client.wire.read()[0] == 0xFE
        relay.users.append({"name": "another", "password": "another-secret"})
        sluice.reload()
        sluice.logged("session ended", reason="^another configuration$")
    assert not sluice.events("login refused")


@any_server
def test_an_address_that_may_not_connect(scene):
    relay = scene.relay()
    relay.allow = ["192.0.2.0/24", "2001:db8::/32"]
    sluice = scene.sluice(relay)
    with refused(1130, r"Host '[^']+' is not allowed to connect to this \w+ server"):
        knock(relay)
    sluice.logged("login refused", level="warn", reason="the address is not in allow", refused_for="address")


@any_server
def test_strangers_do_not_fill_the_log(scene):
    relay = scene.relay()
    relay.allow = ["192.0.2.0/24"]
    sluice = scene.sluice(relay)
    for _ in range(50):
        with refused(1130):
            knock(relay)
    sluice.logged("login refused", refused_for="address")
    lines = [line for line in map(json.loads, sluice.log) if "session" in line]
    assert {line["event"] for line in lines} == {"login refused"}


@any_server
def test_strangers_do_not_fill_the_log_while_the_master_is_away(scene):
    master = scene.master()
    relay = scene.relay(master)
    relay.master["port"] = free_port()
    sluice = scene.sluice(relay)
    sluice.mark()
    begin = time.monotonic()
    for _ in range(50):
        with refused(2003):
            knock(relay)
    sluice.logged("login refused", refused_for="master_unreachable", reason="the master was not reached yet")
    seconds = time.monotonic() - begin
    assert not sluice.events("session ended")
    assert len(sluice.events("login refused")) <= seconds + 2  # one a second, however long it takes


@any_server
def test_those_who_may_not_connect_do_not_take_the_places_of_others(scene):
    relay = scene.relay()
    relay.replica["max_logins"] = 1
    sluice = scene.sluice(relay)
    sluice.signal(signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(relay.address, source_address=("127.0.0.2", 0)))
        mine = stack.enter_context(sluice.connect_raw())
        sluice.signal(signal.SIGCONT)
        assert mine.recv(100)[4] == 10  # a greeting, and no error
    sluice.logged("login refused", reason="the address is not in allow")


@any_server
def test_an_address_that_says_nothing_takes_no_place_that_another_needs(scene):
    relay = scene.relay()
    relay.replica["max_logins"] = 5
    relay.allow = ["127.0.0.0/8"]
    sluice = scene.sluice(relay)
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            silent = stack.enter_context(socket.create_connection(relay.address, source_address=("127.0.0.2", 0)))
            assert silent.recv(100)[4] == 10
        with socket.create_connection(relay.address, source_address=("127.0.0.2", 0)) as more:
            assert b"Too many connections" in more.recv(100)
        knock(relay).close()
        sluice.logged("login refused", peer="127.0.0.2:[0-9]+", reason="too many logins at once")
    line = sluice.logged("login refused", level="warn", reason="too many logins at once")
    assert line["refused_for"] == "too_many_logins" and line["left_out"] == 0


@any_server
def test_all_replicas_may_come_back_at_once(scene):
    """As they do when Sluice was started anew: as many as may be logged in. None is to be told an error."""
    relay = scene.relay()
    sluice = scene.sluice(relay)
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(sluice.connect_raw()) for _ in range(100)]
        assert all(one.recv(100)[4] == 10 for one in crowd)


@any_server
def test_too_many_sessions(scene):
    relay = scene.relay()
    relay.replica["max_sessions"] = 2
    sluice = scene.sluice(relay)
    first, second = knock(relay), knock(relay)
    with refused(1040, "Too many connections"):
        knock(relay)
    sluice.logged("login refused", level="warn", reason="too many sessions", refused_for="too_many_sessions")
    first.close()
    waiting.until("there is room again", lambda: may_come(relay))
    second.ping()


@any_server
def test_several_users_each_with_a_password(scene):
    relay = scene.relay()
    relay.users.append({"name": "second", "password": "another one"})
    scene.sluice(relay)
    knock(relay).close()
    knock(relay, "second", "another one").close()
    with refused(1045):
        knock(relay, "second", "replica-secret")
