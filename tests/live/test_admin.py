"""The admin interface: what it tells is true, agrees with its own description, and is for nobody else."""

from __future__ import annotations

import json
import math
import os
import pathlib
import re
import signal
import socket

import jsonschema
import pytest

import replication
import waiting
from admin import Admin
from clients import knock, refused
from forwarder import Forwarder
from kinds import any_server, each_family, every_server
from packets import ENDED
from ports import free_port
from replication import Route

TOKEN = "a-token-for-the-tests-0123456789"
METRICS = pathlib.Path(__file__).parents[2] / "proxy" / "metrics" / "metrics.cpp"


@pytest.fixture(params=[True], ids=["gtid"])
def gtid(request):
    return request.param


@pytest.fixture
def master(scene, gtid):
    return scene.master(gtid=gtid)


@pytest.fixture
def relay(scene, master):
    return scene.relay(master)


@pytest.fixture
def sluice(scene, relay):
    return scene.sluice(relay, start=False)


@pytest.fixture
def admin(sluice):
    """Without a token, on loopback."""
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    return Admin(port)


def schema_of(admin: Admin, path: str, status: str = "200", method: str = "get") -> dict:
    """What the description says of an answer, with what it refers to."""
    described = admin.get("/api/v1/openapi.json")
    content = described["paths"][path][method]["responses"][status]["content"]["application/json"]
    # Draft 2020-12, as OpenAPI 3.1 has it; references stay within the document.
    return {**described, **content["schema"]}


def agrees(admin: Admin, path: str, status: str = "200") -> dict:
    answered, headers, body = admin.ask(path)
    assert (str(answered), headers["Content-Type"]) == (status, "application/json")
    answer = json.loads(body)
    jsonschema.validate(answer, schema_of(admin, path, status))
    return answer


def session_of(admin: Admin, **wanted) -> dict | None:
    return next((session for session in admin.get("/api/v1/status")["sessions"]
                 if all(session[name] == value for name, value in wanted.items())), None)


@each_family
@pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"], indirect=True)
def test_what_it_tells_of_a_replica_is_true(scene, sluice, admin, relay, master, gtid):
    replica = scene.replica(gtid=gtid)
    replication.point(replica, Route.through(relay), gtid=gtid, start=master.coordinates)
    replication.start(replica)
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
                      "INSERT INTO app.t (v) VALUES (1), (2)", "CREATE USER someone IDENTIFIED BY 'Some-Secret-1'",
                      "INSERT INTO app.t (v) VALUES (3)"):
        master.sql(statement)
    replication.caught_up(replica, master)

    end = master.coordinates
    session = waiting.until("the status has come to the master's end", lambda: (
        (found := session_of(admin, state="streaming")) and found["dump"]["position"] == end[1] and found))
    assert session["relay"] == relay.name and session["user"] == "replica"
    assert session["peer"].startswith("127.0.0.1:")
    assert session["replica"]["server_id"] == int(replica.value("SELECT @@server_id"))
    assert session["replica"]["tls"].startswith("TLSv1.")
    assert session["replica"]["compression"] == session["master"]["compression"] == "none"
    assert session["master"]["version"] == master.value("SELECT VERSION()")
    dump = session["dump"]
    assert dump["mode"] == ("gtid" if gtid else "position") and dump["file"] == end[0]
    assert dump["dropped"]["by_rule"] == {"accounts": {"events": 1, "bytes": dump["dropped"]["bytes"]}}
    assert sum(dump["events_by_type"].values()) == dump["events"]

    # The same in the metrics, and in the log when it is over.
    name = relay.name
    assert admin.metric("sluice_sessions", relay=name, state="streaming") == 1
    assert admin.metric("sluice_events_total", relay=name) >= dump["events"]
    assert admin.metric("sluice_dropped_events_total", relay=name, rule="accounts") == 1
    assert admin.metric("sluice_dropped_events_total", relay=name, rule="system_schema") == 0
    assert admin.metric("sluice_dumps_started_total", relay=name, mode=dump["mode"]) == 1
    assert admin.metric("sluice_tls_handshakes_total", relay=name, leg="replica") >= 1
    assert admin.metric("sluice_added_latency_seconds_count", relay=name) > 0
    replication.stop(replica)
    ended = sluice.logged("session ended", file=end[0])
    waiting.until("the session is gone", lambda: session_of(admin, id=session["id"]) is None)
    assert admin.metric("sluice_bytes_total", relay=name, direction="down") == ended["bytes"]
    assert admin.metric("sluice_events_total", relay=name) == ended["events"]
    assert admin.metric("sluice_sessions", relay=name, state="streaming") == 0
    assert math.isnan(admin.metric("sluice_seconds_behind", relay=name))
    assert math.isnan(admin.metric("sluice_bytes_behind", relay=name))
    assert agrees(admin, "/api/v1/status")["relays"][0]["seconds_behind"] == 0
    replication.start(replica)
    waiting.until("it has come back", lambda: admin.metric("sluice_reconnects_total", relay=name) == 1)


@every_server
def test_how_much_of_the_masters_binlog_is_left(scene):
    master = scene.master()
    begin, position = master.coordinates
    master.sql("SET timestamp=UNIX_TIMESTAMP()-3600")
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.t (id INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM")
    for number in range(3):
        master.sql(f"INSERT INTO app.t VALUES ({number}, REPEAT('x', 8000000))")
        master.sql("FLUSH BINARY LOGS")
    binlogs = lambda: [(row[0], int(row[1])) for row in master.sql("SHOW BINARY LOGS")]
    files = binlogs()
    relay, port = scene.relay(master), free_port()
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    admin = Admin(port)
    # It takes what fits into the sockets, and reads no further.
    with knock(relay) as slow, knock(relay) as up_to_date:
        for client, number, file, place in ((slow, 801, begin, position), (up_to_date, 802, *files[-1])):
            client.introduce(number, mariadb=master.kind.mariadb)
            client.request_dump(file, place, number)
        next(up_to_date.events())

        def left(number: int) -> dict | None:
            return next((one["dump"] for one in admin.get("/api/v1/status")["sessions"] if one["replica"]["server_id"] == number), None)

        waiting.until("both are streaming", lambda: left(801) and left(802))

        def is_told(number: int) -> bool:
            """MariaDB adds to its newest file in its own time: that it does not need an older one (Binlog_checkpoint)."""
            dump, now = left(number), binlogs()
            names = [name for name, _ in now]
            if dump["file"] not in names:  # the master has not named it yet
                return False
            here = names.index(dump["file"])
            return dump["bytes_behind"] == now[here][1] - dump["position"] + sum(size for name, size in now[here + 1:])

        waiting.until("it is told what the slow one has left", lambda: is_told(801))
        assert left(801)["bytes_behind"] > 8_000_000
        waiting.until("it is told that the other has nothing left", lambda: is_told(802) and left(802)["bytes_behind"] == 0)
        waiting.until("it is told how old the slow one's events are, and that the other has the newest",
                      lambda: 3600 <= left(801)["seconds_behind"] < 7200 and left(802)["seconds_behind"] == 0)
        agrees(admin, "/api/v1/status")
        waiting.until("the metrics tell of the slower one",
                      lambda: admin.metric("sluice_bytes_behind", relay=relay.name) == left(801)["bytes_behind"])
        assert 3600 <= admin.metric("sluice_seconds_behind", relay=relay.name) < 7200


@each_family
def test_dumps_that_the_master_ends_with_an_error_are_counted(sluice, admin, relay, master):
    relay.allow = ["127.0.0.0/8"]
    sluice.reload()

    def dumping(number: int, file: str | None = None, **options):
        client = knock(relay, **options)
        client.introduce(number, mariadb=master.kind.mariadb)
        here, position = master.coordinates
        client.request_dump(file or here, 4 if file else position, number)
        return client

    def is_counted(**expected: int) -> None:
        found = lambda: {reason: admin.metric("sluice_dumps_refused_by_master_total", relay=relay.name, reason=reason)
                         for reason in ("fatal", "same_id", "came_back", "other")}
        waiting.until(f"{expected} are counted", lambda: found() == dict.fromkeys(found(), 0) | expected, tell=found)

    def loses_its_id(client) -> None:
        with refused(4052 if master.kind.mariadb else 1236, "with the same server_uuid"):
            for _ in client.events():
                pass
        client.close()

    is_counted()
    with dumping(801, "binlog.999999") as client, refused(1236):
        next(client.events())
    is_counted(fatal=1)
    first = dumping(802)
    next(first.events())
    back = dumping(802)
    next(back.events())
    loses_its_id(first)
    is_counted(fatal=1, came_back=1)
    with dumping(802, source="127.0.0.2") as another:
        next(another.events())
        loses_its_id(back)
        is_counted(fatal=1, came_back=1, same_id=1)
        # A master that goes says so without an error.
        master.stop()
        for _ in another.events():
            pass
    waiting.until("the session is over", lambda: not admin.get("/api/v1/status")["sessions"])
    is_counted(fatal=1, came_back=1, same_id=1)


@any_server
def test_what_is_left_is_not_known_without_the_privilege(scene):
    master = scene.master()
    master.quietly("REVOKE REPLICATION CLIENT ON *.* FROM 'relay'@'%'" if not master.kind.mariadb
                   else "REVOKE BINLOG MONITOR ON *.* FROM 'relay'@'%'")
    relay, port = scene.relay(master), free_port()
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    admin = Admin(port)
    with knock(relay) as client:
        client.introduce(801, mariadb=True)
        client.request_dump(*master.coordinates, 801)
        next(client.events())
        waiting.until("it is streaming", lambda: session_of(admin, state="streaming"))
        assert session_of(admin, state="streaming")["dump"]["bytes_behind"] is None
        assert agrees(admin, "/api/v1/status")["relays"][0]["bytes_behind"] is None
        assert math.isnan(admin.metric("sluice_bytes_behind", relay=relay.name))


@any_server
def test_a_master_that_does_not_come_to_list_its_binlogs_is_reached_all_the_same(scene):
    master = scene.master()
    forwarder = Forwarder(("127.0.0.1", master.port), swallows=b"SHOW BINARY LOGS")
    scene.stack.callback(forwarder.close)
    relay, port = scene.relay(forwarder, tls=False), free_port()
    relay.master["connect_timeout"] = "1s"
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    waiting.until("it is ready", lambda: Admin(port).ask("/readyz")[0] == 200, timeout=10)
    waiting.until("the probe has given up, and looks again", lambda: len(forwarder.conversations) > 1, timeout=60)


@any_server
def test_every_answer_is_as_described(admin, relay):
    client = knock(relay)
    waiting.until("the status shows the client", lambda: session_of(admin, state="idle"))
    status = agrees(admin, "/api/v1/status")
    assert [one["name"] for one in status["relays"]] == [relay.name]
    assert status["relays"][0]["master"]["state"] == "reached"
    assert status["relays"][0]["history"]
    for path in ("/healthz", "/readyz", "/api/v1/config"):
        agrees(admin, path)
    described = admin.get("/api/v1/openapi.json")
    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        if "{" in path:
            continue
        for method in ("get", "put", "post", "delete"):
            good = 426 if "101" in methods.get(method, {}).get("responses", {}) else 200
            assert admin.ask(path, method.upper())[0] == (good if method in methods else 405), (path, method)
    status, headers, body = admin.ask("/nowhere")
    assert status == 404
    jsonschema.validate(json.loads(body), {**described, "$ref": "#/components/schemas/Error"})
    client.ping()


@any_server
def test_every_metric_is_there(scene, sluice, relay, master):
    """Whatever the program has a name for."""
    named = set(re.findall(r'"(sluice_\w+)"', METRICS.read_text()))
    assert len(named) > 20
    port, tls = free_port(), scene.certificates
    sluice.admin = {"listen": f"127.0.0.1:{port}", "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.start()
    admin = Admin(port, ca=tls.ca)

    def families() -> set[str]:
        return set(re.findall(r"^# TYPE (\w+) ", admin.ask("/metrics")[2].decode(), re.M))

    with knock(relay) as client:
        client.introduce(801, mariadb=True)
        client.request_dump(*master.coordinates, 801)
        next(client.events())
        waiting.until("they are told", lambda: families() == named, tell=lambda: families() ^ named)


@any_server
def test_the_configuration_is_shown_without_secrets(sluice, admin, relay):
    config = agrees(admin, "/api/v1/config")["relay"][0]
    assert config["master"]["port"] == relay.master["port"] and config["replica"]["user"][0]["name"] == "replica"
    assert config["replica"]["allow"] == ["127.0.0.1/32"] and config["filter"]["system_schema"] == "drop"
    text = admin.ask("/api/v1/config")[2].decode() + admin.ask("/api/v1/status")[2].decode()
    assert "secret" not in text and "$A$" not in text
    relay.filter = {"ignore": ["tmp.%"], "max_payload": "1MiB"}
    sluice.reload()
    shown = waiting.until("the new configuration is shown", lambda: (
        (now := admin.get("/api/v1/config")["relay"][0]["filter"])["ignore"] and now))
    assert shown == {"system_schema": "drop", "ignore": ["tmp.%"], "only": [], "max_payload": 1 << 20}


@any_server
def test_a_session_can_be_ended(sluice, admin, relay):
    client = knock(relay)
    session = waiting.until("the status shows the client", lambda: session_of(admin, state="idle"))
    assert admin.ask("/api/v1/sessions/4000000000", "DELETE")[0] == 404
    assert admin.ask("/api/v1/sessions/12x", "DELETE")[0] == 404
    assert admin.ask(f"/api/v1/sessions/{session['id']}", "DELETE")[0] == 204
    sluice.logged("ending a session", session=session["id"], peer=r"^127\.0\.0\.1:\d+$")
    waiting.until("the session is gone", lambda: session_of(admin, id=session["id"]) is None)
    assert client.wire.connection.recv(1) == b""


@any_server
def test_a_replica_whose_session_was_ended_comes_back(scene, admin, relay, master):
    replica = scene.replica(gtid=True)
    replication.point(replica, Route.through(relay), gtid=True)
    replication.start(replica)
    replication.caught_up(replica, master)
    first = waiting.until("the session is shown", lambda: session_of(admin, state="streaming"))
    assert admin.ask(f"/api/v1/sessions/{first['id']}", "DELETE")[0] == 204
    master.sql("CREATE DATABASE after_its_end")
    replication.caught_up(replica, master)
    waiting.until("another session is shown",
                  lambda: (now := session_of(admin, state="streaming")) and now["id"] != first["id"])


@any_server
@pytest.mark.parametrize("reads", [True, False], ids=["reads", "does not read"])
def test_a_session_that_is_ended_has_time_for_its_transaction(admin, sluice, relay, master, reads):
    master.quietly("CREATE DATABASE large", "CREATE TABLE large.t (id INT PRIMARY KEY, b LONGBLOB)")
    file, position = master.coordinates
    master.sql("INSERT INTO large.t VALUES (1, REPEAT('x', 20000000))")
    end = master.coordinates[1]
    master.sql("DROP DATABASE large")
    with knock(relay) as client:
        client.introduce(501, mariadb=True)
        client.request_dump(file, position, server_id=501, annotations=True)
        number = client.greeting.thread_id
        waiting.until("it streams", lambda: session_of(admin, state="streaming", id=number))
        assert admin.ask(f"/api/v1/sessions/{number}", "DELETE")[0] == 204
        if reads:
            with pytest.raises(ENDED):
                for _ in client.events():
                    pass
        ended = sluice.logged("session ended", session=number)
        assert ended["reason"] == "ended over the admin interface"
        assert (ended["position"] == end) == reads, (ended, end)


@any_server
def test_a_tool_s_dump_is_not_counted(admin, sluice, relay):
    """mysqlbinlog asks for one that ends with the binlog, and before 5.6.20 by having no server id."""
    dumps = lambda: admin.metric("sluice_dumps_started_total", relay=relay.name, mode="position")
    before = dumps()
    for server_id, blocking in ((0, True), (502, False), (502, True)):
        with knock(relay) as client:
            client.introduce(502, mariadb=True)
            client.request_dump("binlog.000001", server_id=server_id, blocking=blocking)
            next(client.events())
        sluice.logged("session ended", session=client.greeting.thread_id)
    waiting.until("the replica's is counted", lambda: dumps() > before)
    assert dumps() == before + 1


@any_server
def test_refused_logins_are_counted_by_reason(sluice, admin, relay):
    with refused(1045):
        knock(relay, "replica", "wrong")
    with refused(1045):
        knock(relay, "nobody", "x")
    waiting.until("both are counted", lambda: admin.metric("sluice_logins_refused_total", reason="credentials") == 2)
    with sluice.connect_raw() as stranger:
        stranger.recv(100)
    waiting.until("it is counted", lambda: admin.metric("sluice_logins_refused_total", reason="broken") == 1)
    with refused(3159):
        knock(relay, tls=None)
    waiting.until("it is counted as such", lambda: admin.metric("sluice_logins_refused_total", reason="tls") == 1)
    with sluice.connect_raw() as stranger:
        stranger.sendall(b"\1\0\0\1\x0e")
        waiting.until("it is none with credentials", lambda: admin.metric("sluice_logins_refused_total", reason="broken") == 2)
    assert admin.metric("sluice_logins_refused_total", reason="credentials") == 2
    assert admin.metric("sluice_logins_refused_total") == 5
    assert admin.metric("sluice_connections_total") == 5 + admin.metric("sluice_logins_total")
    assert not [series for series in admin.metrics() if "nobody" in series]
    # A replica chooses what it says of itself, and must not be able to make series of it.
    assert not [series for series in admin.metrics() if "127.0.0.1" in series]


@any_server
def test_readiness_follows_the_master(scene, sluice, relay, master):
    master.stop()
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    admin = Admin(port)
    waiting.until("it says that the master is lost", lambda: (
        json.loads(admin.ask("/readyz")[2])["relays"].get(relay.name, {}).get("master") == "lost"))
    assert admin.ask("/readyz")[0] == 503 and admin.ask("/healthz")[0] == 200
    assert json.loads(admin.ask("/readyz")[2])["relays"][relay.name]["error"]
    assert admin.metric("sluice_master_reachable", relay=relay.name) == 0
    assert admin.metric("sluice_master_connection_failures_total", relay=relay.name) >= 1
    master.start()
    waiting.until("it is ready", lambda: admin.ask("/readyz")[0] == 200, timeout=30)
    assert admin.metric("sluice_master_reachable", relay=relay.name) == 1


@any_server
def test_a_thread_that_is_held_up_is_told(sluice, relay, master, tmp_path):
    """By passwords that are read from pipes into which nobody writes. What was known of its sessions stays."""
    sluice.runtime = {"threads": 1}
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    admin = Admin(port)
    for number in range(4):  # each of them is waited for
        password = tmp_path / f"password-{number}"
        os.mkfifo(password, 0o600)
        relay.users.append({"name": f"late-{number}", "password_file": password})
    with knock(relay) as client:
        client.introduce(802, mariadb=master.kind.mariadb)
        client.request_dump(*master.coordinates, 802)
        next(client.events())
        waiting.until("the status shows the dump", lambda: session_of(admin, state="streaming"))
        assert agrees(admin, "/healthz") == {"alive": True}
        sluice.write_config()
        sluice.hang_up()
        waiting.until("it is not alive", lambda: admin.ask("/healthz")[0] == 503)
        assert "held up" in agrees(admin, "/healthz", "503")["error"]
        assert session_of(admin, state="streaming")
        assert admin.metric("sluice_sessions", state="streaming") == 1
        sluice.logged("the configuration was not loaded, the running one stays")
        waiting.until("it is alive again", lambda: admin.ask("/healthz")[0] == 200)
        master.sql("CREATE DATABASE behind_it")
        assert any(b"behind_it" in event for event in client.events())


@any_server
def test_pages_of_elsewhere_get_nothing(admin):
    """Neither under a name that leads to this machine (DNS rebinding) nor from a foreign origin."""
    for host in ("evil.example", "evil.example:9104", "127.0.0.1.evil.example", "[::2]", ""):
        assert admin.ask("/api/v1/status", Host=host)[0] == 403, host
    for host in ("localhost", "localhost:1", f"127.0.0.1:{admin.port}", "[::1]:9104"):
        assert admin.ask("/api/v1/status", Host=host)[0] == 200, host
    for origin in ("http://evil.example", "null", "https://127.0.0.1", f"http://127.0.0.1:{admin.port + 1}"):
        assert admin.ask("/api/v1/sessions/1", "DELETE", Origin=origin)[0] == 403, origin
    own = f"http://127.0.0.1:{admin.port}"
    status, headers, _ = admin.ask("/api/v1/status", Origin=own)
    assert status == 200 and "Access-Control-Allow-Origin" not in headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"


@any_server
def test_elsewhere_than_on_loopback_it_wants_a_token_and_tls(scene, sluice, relay):
    port, tls = free_port(), scene.certificates
    token_file = sluice.config.with_name("admin.token")
    token_file.write_text(TOKEN + "\n")
    token_file.chmod(0o600)
    sluice.admin = {"listen": f"0.0.0.0:{port}", "token_file": token_file,
                    "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.start()
    admin = Admin(port, TOKEN, tls.ca)
    assert admin.get("/api/v1/status")["relays"][0]["name"] == relay.name
    for wrong in ("Bearer " + TOKEN[:-1], "Bearer " + TOKEN + "x", "Bearer", TOKEN, "Basic " + TOKEN, "bearer"):
        status, headers, body = admin.ask("/api/v1/status", Authorization=wrong)
        assert status == 401 and headers["WWW-Authenticate"] == "Bearer" and relay.name not in body.decode()
    assert sluice.logged("admin request refused", level="warn", peer=r"^127\.0\.0\.1:\d+$", reason="not the token")
    stranger = Admin(port, "", tls.ca)
    assert stranger.ask("/metrics")[0] == 401
    assert admin.metric("sluice_admin_refused_total") == 7
    waiting.until("it is ready", lambda: stranger.ask("/readyz")[0] == 200)
    assert json.loads(stranger.ask("/readyz")[2]) == {"ready": True} and stranger.ask("/healthz")[0] == 200
    assert set(json.loads(admin.ask("/readyz")[2])) == {"ready", "draining", "relays"}
    assert admin.ask("/api/v1/status", Host="sluice.example.com")[0] == 200
    with pytest.raises(ConnectionError):
        Admin(port, TOKEN).ask("/healthz")
    assert TOKEN not in "\n".join(sluice.log)


def exchange(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(data)
        received = b""
        try:
            while chunk := connection.recv(4096):
                received += chunk
        except ConnectionResetError:
            pass
        return received


def has_ended(connection: socket.socket) -> bool:
    """Whether the other side has closed it."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@any_server
def test_bad_requests_are_answered_and_bounded(sluice, admin):
    assert exchange(admin.port, b"\x16\x03\x01 no http\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert exchange(admin.port, b"GET / HTTP/1.1\r\nA: " + b"x" * 20000 + b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    assert exchange(admin.port, b"DELETE / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    assert exchange(admin.port, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.0 200 ")
    waiting.until("it is ready", lambda: admin.ask("/readyz")[0] == 200)
    for path, status in ((b"/healthz", b"200"), (b"/readyz", b"200"), (b"/api/v1/status", b"403")):
        # as HAProxy's option httpchk asks
        assert exchange(admin.port, b"GET " + path + b" HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 " + status), path
    before = sluice.open_connections
    crowd = [socket.create_connection(("127.0.0.1", admin.port), 30) for _ in range(100)]
    # At most 64 at a time: the first make room, and those that say nothing are ended after 10 s.
    waiting.until("those that are too many are ended", lambda: all(map(has_ended, crowd[:36])))
    assert admin.ask("/healthz")[0] == 200
    assert sluice.open_connections - before <= 64
    assert not has_ended(crowd[-1])
    waiting.until("none is held", lambda: sluice.open_connections <= before, timeout=30)
    for one in crowd:
        one.close()
    assert admin.ask("/healthz")[0] == 200


@any_server
def test_a_draining_program_is_not_ready(sluice, admin, relay, master):
    """It waits for a replica that has asked for a dump and does not read it."""
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)")
    for _ in range(8):
        master.sql("INSERT INTO app.big (b) VALUES (REPEAT('x', 5000000))")
    client = knock(relay)
    client.introduce(6, mariadb=master.kind.mariadb)
    client.request_dump("binlog.000001", blocking=False)
    waiting.until("the dump is under way", lambda: session_of(admin, state="streaming"))
    assert admin.ask("/readyz")[0] == 200
    sluice.signal(signal.SIGTERM)
    waiting.until("it is not ready", lambda: admin.ask("/readyz")[0] == 503)
    answer = agrees(admin, "/readyz", "503")
    assert answer["draining"] and answer["relays"][relay.name]["master"] == "reached"
    client.close()


@any_server
def test_two_cannot_listen_on_one_port(scene, sluice, admin, master):
    other = scene.sluice(scene.relay(master, name="other"), start=False)
    other.admin = dict(sluice.admin)
    other.launch()
    other.no_watch()
    assert other.process.wait(20) == 1
    assert re.search(rf"admin: cannot listen on 127.0.0.1:{admin.port}: Address already in use", "\n".join(other.log))
    other.process = None
