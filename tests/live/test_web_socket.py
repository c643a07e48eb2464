"""WebSockets of the admin interface: for whom they are, how many, and how they end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket

import jsonschema
import pytest
import websocket

import waiting
from admin import Admin
from clients import knock
from kinds import any_server
from ports import free_port

TOKEN = "a-token-for-the-tests-0123456789"
LIVE = "/api/v1/live"


@pytest.fixture
def master(scene):
    return scene.master(gtid=True)


@pytest.fixture
def relay(scene, master):
    return scene.relay(master)


@pytest.fixture
def sluice(scene, relay):
    return scene.sluice(relay, start=False)


@pytest.fixture
def admin(sluice):
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    return Admin(port)


def refused(admin: Admin, path: str = LIVE, **options) -> int:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        admin.open_socket(path, **options)
    return caught.value.status_code


def opened_or_none(admin: Admin) -> websocket.WebSocket | None:
    try:
        return admin.open_socket(LIVE)
    except websocket.WebSocketBadStatusException:
        return None


@any_server
def test_the_status_comes_again_and_again(admin, relay):
    described = admin.get("/api/v1/openapi.json")
    with_socket = admin.open_socket(LIVE)
    times = []
    for _ in range(3):
        status = json.loads(with_socket.recv())
        jsonschema.validate(status, {**described, "$ref": "#/components/schemas/Status"})
        assert status["relays"][0]["name"] == relay.name
        times.append(status["relays"][0]["history"][-1]["time"])
    assert times == sorted(set(times))
    with_socket.ping("are you there?")
    with_socket.close()


@any_server
def test_pages_of_elsewhere_get_none(admin):
    own = f"http://127.0.0.1:{admin.port}"
    admin.open_socket(LIVE, origin=own, suppress_origin=False).close()
    for origin in ("http://evil.example", "null", own + "0", own.replace("http", "https")):
        assert refused(admin, origin=origin, suppress_origin=False) == 403, origin
    assert refused(admin, host="evil.example") == 403
    assert refused(admin, "/api/v1/status") == 400 and refused(admin, "/nowhere") == 404


@any_server
def test_a_page_says_the_token_as_a_subprotocol(scene, sluice):
    port, tls = free_port(), scene.certificates
    token_file = sluice.config.with_name("admin.token")
    token_file.write_text(TOKEN + "\n")
    token_file.chmod(0o600)
    sluice.admin = {"listen": f"0.0.0.0:{port}", "token_file": token_file,
                    "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.start()
    admin = Admin(port, TOKEN, tls.ca)
    said = admin.open_socket(LIVE, subprotocols=["sluice", "token." + TOKEN.encode().hex()])
    assert said.getsubprotocol() == "sluice" and json.loads(said.recv())["relays"]
    assert json.loads(admin.open_socket(LIVE).recv())["relays"]  # in a header, over TLS
    for wrong in ([], ["token." + TOKEN.encode().hex()[:-2]], ["token." + TOKEN], ["sluice", "token."]):
        assert refused(admin, subprotocols=wrong) == 401, wrong


def asked_within(admin: Admin, client: websocket.WebSocket) -> float | None:
    """Seconds until the kernel asks the client whether it is there; None: something is on its way to it."""
    own, peer = (f":{port:04X}" for port in (admin.port, client.sock.getsockname()[1]))
    with open("/proc/net/tcp") as table:
        connections = [line.split() for line in table.readlines()[1:]]
    ((timer, ticks),) = [fields[5].split(":") for fields in connections
                         if fields[1].endswith(own) and fields[2].endswith(peer)]
    return int(ticks, 16) / os.sysconf("SC_CLK_TCK") if timer == "02" else None


@any_server
def test_who_has_gone_without_a_word_does_not_keep_his_place_for_hours(admin):
    client = admin.open_socket(LIVE)
    assert waiting.until("it will be asked", lambda: asked_within(admin, client)) <= 60


@any_server
def test_there_are_not_too_many(admin):
    opened = [admin.open_socket(LIVE) for _ in range(16)]
    assert refused(admin) == 503
    assert admin.ask("/healthz")[0] == 200
    opened.pop().shutdown()  # without a word
    opened.pop().close()
    for _ in range(2):
        opened.append(waiting.until("there is a place", lambda: opened_or_none(admin)))
    for one in opened:
        one.close()


def deaf_tap(port: int) -> socket.socket:
    """Takes what fits into the sockets' buffers, and reads nothing of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    connection.sendall(f"GET /api/v1/tap?format=pcapng HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
                       "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 101"
    return connection


@any_server
@pytest.mark.parametrize("told", [True, False], ids=["token", "silence"])
def test_who_does_not_read_loses_its_place(sluice, relay, master, tmp_path, told):
    """At once where its token is good for nothing any more, else a minute after it has taken something."""
    port, token = free_port(), tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    sluice.admin = {"listen": f"127.0.0.1:{port}", "token_file": token, "tap": "full"}
    sluice.start()
    admin = Admin(port, TOKEN)
    with contextlib.ExitStack() as stack:
        stack.enter_context(deaf_tap(port))
        opened = [admin.open_socket(LIVE) for _ in range(15)]
        master.sql("CREATE DATABASE app")
        master.sql("CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)")
        for _ in range(20):
            master.sql("INSERT INTO app.t (b) VALUES (REPEAT('x', 1000000))")
        for number in range(5):  # some 4 MiB of each get into the tap's queue
            with contextlib.closing(knock(relay)) as client:
                client.introduce(800 + number, mariadb=master.kind.mariadb)
                client.request_dump("binlog.000001", server_id=800 + number, blocking=False)
                for _ in client.events():
                    pass
        assert refused(admin) == 503
        if told:
            token.write_text(TOKEN[::-1])
            sluice.reload()
            admin, opened = Admin(port, TOKEN[::-1]), []
        for _ in range(16 - len(opened)):
            opened.append(waiting.until("its place is free", lambda: opened_or_none(admin), timeout=90))
        for one in opened:
            one.close()


@any_server
def test_the_end_of_the_program_is_said(sluice, admin):
    with_socket = admin.open_socket(LIVE)
    slow = admin.open_socket(LIVE)  # reads nothing, and is not waited for
    with_socket.recv()
    sluice.signal(signal.SIGTERM)
    while (frame := with_socket.recv_frame()).opcode != websocket.ABNF.OPCODE_CLOSE:
        pass
    assert int.from_bytes(frame.data[:2], "big") == 1001 and b"Sluice ends" in frame.data
    slow.close()
    assert sluice.stop() == 0


@any_server
def test_what_is_no_websocket_ends_it(sluice, admin):
    with_socket = admin.open_socket(LIVE)
    with_socket.sock.sendall(b"\xff" * 100)  # reserved bits
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        for _ in range(50):
            with_socket.recv()
            with_socket.ping()
    too_long = admin.open_socket(LIVE)
    too_long.send("x" * 10000)
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        for _ in range(50):
            too_long.recv()
            too_long.ping()
    assert admin.ask("/healthz")[0] == 200
