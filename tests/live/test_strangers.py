"""Peers that have not logged in: they cause nothing at the master, hold little, and are soon gone."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import socket
import ssl
import string
import struct
import time

import pytest

import waiting
from clients import connections_made, knock, refused
from kinds import any_server, every_server
from mysql_client import trusting
from packets import Closed, ServerError
from sluice import at_most

LOGIN_TIME = 2.0  # seconds; short, so that the tests are too


@pytest.fixture(scope="module")
def relay(stage, master):
    relay = stage.relay(master)
    relay.replica |= {"login_timeout": f"{LOGIN_TIME:g}s", "max_logins": 40}
    return relay


@pytest.fixture
def sluice(running, relay, master):
    """Whatever a test does: the master hears nothing of it, and others are served all the while."""
    running.mark()
    before = connections_made(master, running)
    yield running
    assert connections_made(master, running) == before
    waiting.until("somebody with a password is served", lambda: is_served(relay), timeout=10)


def is_served(relay) -> bool:
    """On a machine that is busy with what a test has left behind, a handshake can take longer than LOGIN_TIME."""
    try:
        knock(relay).close()
    except (ssl.SSLError, ConnectionError, Closed):
        return False
    return True


def gone(connection: socket.socket) -> None:
    """The other side ends the connection, after whatever it says."""
    patience = 30  # seconds
    connection.settimeout(patience)
    deadline = time.monotonic() + patience
    try:
        while connection.recv(1 << 16):
            assert time.monotonic() < deadline, "it still talks to us"
    except ConnectionError:
        pass
    except TimeoutError:
        raise AssertionError(f"the connection still stands after {patience} s") from None


SSL_REQUEST = struct.pack("<I", 32 | 1 << 24) + struct.pack("<IIB23x", 0x8038AA05, 1 << 24, 33)
GARBAGE = {
    "a web request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a TLS hello at once": bytes.fromhex("16030100c8010000c40303") + os.urandom(200),
    "noise": os.urandom(5000),
    "zeros": bytes(5000),
    "an empty packet": b"\0\0\0\1",
    "the largest packet there is": b"\xff\xff\xff\1" + bytes(100_000),
    "a wrong sequence number": b"\x20\0\0\7" + bytes(32),
    "a login without an end": b"\xff\x3f\0\1" + b"\xff" * 0x3FFF,
    "a command instead of a login": b"\x01\0\0\1\x0e",
    "a login cut short": struct.pack("<I", 40 | 1 << 24) + struct.pack("<IIB23x", 0x8038A205, 1 << 24, 33) + b"rep\0\x14abc",
}


@any_server
def test_small_attributes_take_no_more_than_they_are(sluice, relay):
    """Two letters take four bytes on the wire. Each is asked for another plugin then, or for its password, and says
    nothing."""
    letters = string.ascii_letters + string.digits
    attributes = {a + b: "" for a in letters for b in letters}
    with contextlib.ExitStack() as stack:
        before = sluice.memory
        for _ in range(30):
            client = stack.enter_context(knock(relay, login=False, attributes=attributes))
            client.send_login("replica", "wrong", "caching_sha2_password")
            assert client.wire.read()[0] in (0xFE, 0x01)
        # A quarter of a MiB each, if all were kept apart.
        assert sluice.memory - before < at_most(30 * 150)


@every_server
def test_the_master_hears_of_nobody_who_has_not_logged_in(sluice, relay):
    """Whatever its flavour makes of the greeting: silence, half a handshake, no TLS, a wrong password. The
    fixture counts."""
    with sluice.connect_raw() as silent, sluice.connect_raw() as half:
        half.sendall(SSL_REQUEST)
        with refused(3159):
            knock(relay, tls=None)
        with refused(1045):
            knock(relay, "replica", "x")
        with refused(1045):
            knock(relay, "nobody", "x")
        for connection in (silent, half):
            gone(connection)


@any_server
@pytest.mark.parametrize("what", GARBAGE)
def test_garbage(sluice, what):
    with sluice.connect_raw() as connection:
        connection.sendall(GARBAGE[what])
        gone(connection)
    sluice.logged("session ended")


@any_server
@pytest.mark.parametrize("bytes_sent", [0, 1, 3, 4, 20, 35])
def test_half_a_packet(sluice, bytes_sent):
    with sluice.connect_raw() as connection:
        connection.sendall(SSL_REQUEST[:bytes_sent])
        gone(connection)
    sluice.logged("session ended", reason="(?i)time|within")


@any_server
def test_half_a_packet_and_a_hangup(sluice):
    with sluice.connect_raw() as connection:
        connection.sendall(b"\x20\0\0")
    sluice.logged("session ended")


@any_server
def test_a_tls_handshake_that_never_ends(sluice):
    with sluice.connect_raw() as connection:
        connection.recv(4096)
        connection.sendall(SSL_REQUEST + b"\x16\x03\x01\x02\x00")
        gone(connection)
    sluice.logged("session ended", reason="(?i)time|within")


@any_server
def test_a_login_a_byte_at_a_time(sluice):
    """Each byte buys no more time."""
    login = struct.pack("<I", 200 | 1 << 24) + bytes(200)
    with sluice.connect_raw() as connection:
        connection.recv(4096)
        connection.settimeout(0.05)  # so all of it takes ten times as long as there is time
        with pytest.raises(ConnectionError):
            for byte in login:
                connection.sendall(bytes([byte]))
                try:
                    if not connection.recv(4096):
                        raise ConnectionResetError
                except TimeoutError:
                    pass
    sluice.logged("session ended", reason="(?i)time|within|tls|secure")


@any_server
def test_a_login_that_stops_inside_tls(sluice, relay):
    client = knock(relay, login=False)
    client.start_tls()
    gone(client.wire.connection)
    sluice.logged("session ended", reason="(?i)time|within")


@any_server
def test_a_plain_login_after_tls_was_asked_for(sluice, relay):
    client = knock(relay, login=False, tls=trusting(relay.ca))
    client.wire.write(struct.pack("<IIB23x", 0x8038AA05, 1 << 24, 33))
    client.wire.write(b"\x85\xa2\x38\x80" + bytes(28) + b"replica\0\0")
    gone(client.wire.connection)
    sluice.logged("session ended")


@any_server
def test_a_crowd_that_says_nothing_does_not_grow_and_does_not_last(sluice, relay):
    """More than max_logins at once: those get ERR 1040, the rest time out; memory stays small."""
    sluice.reset_peak()
    before = sluice.peak_memory
    crowd = [sluice.connect_raw() for _ in range(100)]
    peers = {f"127.0.0.1:{connection.getsockname()[1]}" for connection in crowd}
    for connection in crowd:
        gone(connection)
        connection.close()
    waiting.until("every session of the crowd has ended", lambda: peers <= {line["peer"] for line in sluice.events("session ended")})
    assert sluice.events("session ended", reason="(?i)too many")
    assert sluice.peak_memory - before < at_most(16 << 10), "KiB"


@any_server
def test_many_tls_handshakes_at_once_leave_nothing_behind(sluice, relay):
    def hello(_) -> int:
        """How many were refused; on a busy machine some take longer than Sluice waits."""
        count = 0
        for _ in range(10):
            try:
                knock(relay, "nobody", "x", timeout=30)
            except ServerError as error:
                assert error.code == 1045
                count += 1
            except (ssl.SSLError, ConnectionError, Closed):
                pass
        return count

    open_before = sluice.open_connections
    with concurrent.futures.ThreadPoolExecutor(6) as crowd:
        assert sum(crowd.map(hello, range(6))) > 0
    waiting.until("Sluice closed every connection", lambda: sluice.open_connections <= open_before)
