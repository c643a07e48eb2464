"""The tap: what passes is shown as it passes, nothing secret is, and no reader holds up a replica."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import jsonschema
import pytest
import websocket

import capture
import replication
import waiting
from children import launch
from clients import knock, refused
from kinds import any_server, each_family, mariadb_servers
from ports import free_port
from replication import Route
from sluice import PROGRAM, at_most

PASSWORD = "Some-Secret-1"
SECRETS = (PASSWORD, "replica-secret", "relay-secret", "dropped-row", "dropped-annotation")
KEPT = "kept-row"


@pytest.fixture(scope="module")
def master(stage):
    master = stage.master()
    for statement in ("CREATE DATABASE app", "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40), b LONGBLOB)",
                      "CREATE TABLE app.u (id INT PRIMARY KEY)", "CREATE TABLE mysql.gone (v VARCHAR(40))"):
        master.sql(statement)
    return master


@pytest.fixture(scope="module")
def running(stage, relay):
    sluice = stage.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}", "tap": "full"}
    return sluice.start()


class Tap:
    """The program, tapping."""

    def __init__(self, sluice, folder: pathlib.Path, *options: str, wait: bool = True):
        self.out, self.err = folder / "tap.out", folder / "tap.err"
        sluice.mark()
        if "--admin" not in options:
            options = ("--admin", "http://" + sluice.admin["listen"], *options)
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = launch([PROGRAM, "tap", *options], self.err, stdout=out, stderr=err)
        if wait:
            sluice.logged("tap")

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(10)

    @property
    def text(self) -> str:
        return self.out.read_text(errors="replace")

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines(keepends=True) if line.endswith("\n")]

    def until(self, what: str, **wanted) -> list[dict]:
        """All lines, when there is one like that."""
        return waiting.until(f"the tap shows {what}", lambda: (
            any(all(line.get(name) == value for name, value in wanted.items()) for line in self.lines) and self.lines))

    def end(self, status: int = 0) -> str:
        """What it said on its standard error output."""
        assert self.process.wait(20) == status, self.err.read_text()
        return self.err.read_text()


def events(lines: list[dict], *names: str) -> list[dict]:
    return [line for line in lines if "verdict" in line and (not names or line["type"].startswith(names))]


def dumping(relay, master, file: str | None = None, position: int = 4, server_id: int = 77):
    """A client whose dump has begun, at the master's end unless it is told another place."""
    client = knock(relay)
    client.introduce(server_id, mariadb=master.kind.mariadb)
    if file is None:
        file, position = master.coordinates
    client.request_dump(file, position, server_id=server_id, annotations=master.kind.mariadb)
    return client


def write_some(master) -> None:
    for statement in (f"INSERT INTO app.t (v) VALUES ('{KEPT}')", f"CREATE USER IF NOT EXISTS 'w_x'@'%' IDENTIFIED BY '{PASSWORD}'",
                      "INSERT INTO mysql.gone VALUES ('dropped-row')", "DROP USER 'w_x'@'%'",
                      "INSERT INTO app.u VALUES (7) ON DUPLICATE KEY UPDATE id=id", "DELETE FROM app.u"):
        master.sql(statement)


def no_secrets(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text, secret


@each_family
def test_a_replica_is_watched_from_its_first_packet_on(scene, sluice, admin, relay, master, tmp_path):
    replica = scene.replica(gtid=True)
    with Tap(sluice, tmp_path, "--json", "--rows", "--next") as tap:
        replication.point(replica, Route.through(relay), gtid=True, start=master.coordinates)
        replication.start(replica)
        replication.caught_up(replica, master)
        write_some(master)
        replication.caught_up(replica, master)
        lines = tap.until("the last event", table="u", verdict="keep", type="DELETE_ROWS_V1" if master.kind.mariadb
                          else "DELETE_ROWS")
        replication.stop(replica)
        assert "the session has ended" in tap.end()
    lines = tap.lines
    described = admin.get("/api/v1/openapi.json")
    for line in lines:
        jsonschema.validate(line, {**described, "$ref": "#/components/schemas/TapLine"})
    assert not any("lost" in line for line in lines)

    session = lines[0]["session"]
    assert {line["session"] for line in lines} == {session} and {line["relay"] for line in lines} == {relay.name}
    assert lines[0]["note"] == "begins" and lines[-1]["note"] == "ends" and lines[-1]["reason"]
    words = [(line["direction"], line["packet"]) for line in lines if "packet" in line]
    assert words[:3] == [("down", "greeting"), ("up", "TLS"), ("up", "login request")]
    questions = [line["detail"] for line in lines if line.get("packet") == "COM_QUERY"]
    assert any("checksum" in question for question in questions)
    assert ("up", "COM_REGISTER_SLAVE") in words and ("down", "OK") in words
    assert any(word.startswith("COM_BINLOG_DUMP") for _, word in words)
    assert words.index(("up", "login request")) < words.index(("down", "OK")) < words.index(("up", "COM_REGISTER_SLAVE"))

    of_tables = {(line["type"].split("_")[0], line["schema"], line["table"], line["verdict"]) for line in lines
                 if line.get("table") and line["type"] != "TABLE_MAP"}
    assert ("WRITE", "app", "t", "keep") in of_tables and ("DELETE", "app", "u", "keep") in of_tables
    assert ("WRITE", "mysql", "gone", "drop") in of_tables
    (created,) = [line for line in lines if line.get("statement") == "CREATE USER"]
    assert created["verdict"] == "drop" and created["rule"] == "accounts" and "text" not in created
    assert not any("rows" in line or "text" in line for line in lines if line.get("verdict") == "drop")
    (written,) = [line for line in lines if line.get("table") == "t" and line["type"].startswith("WRITE")]
    (row,) = written["rows"]
    assert KEPT in row["after"].values() or KEPT in str(row)
    assert all(line["gtid"] for line in events(lines, "WRITE", "DELETE", "QUERY", "XID"))
    no_secrets(tap.text)
    # The positions are the master's, one behind the other.
    places = [(line["file"], line["position"], line["size"]) for line in events(lines)
              if line["position"] and not line["type"].startswith(("ROTATE", "FORMAT", "HEARTBEAT", "GTID_LIST",
                                                                   "PREVIOUS", "BINLOG_CHECK"))]
    for (file, begin, size), (next_file, next_begin, _) in zip(places, places[1:]):
        assert (next_file, next_begin) == (file, begin + size)


@each_family
def test_wireshark_understands_the_packets(sluice, relay, master, tmp_path):
    (tmp_path / "all.pcapng").write_bytes(b"an older capture" * 10000)
    (tmp_path / "all.pcapng").chmod(0o644)
    with Tap(sluice, tmp_path, "--next", "--pcapng", str(tmp_path / "all.pcapng")) as tap:
        client = dumping(relay, master)
        write_some(master)
        end = master.coordinates[1]
        read_to(client, end)
        client.close()
        tap.end()
    data = (tmp_path / "all.pcapng").read_bytes()
    assert (tmp_path / "all.pcapng").stat().st_mode & 0o777 == 0o600
    found = capture.frames(data)
    up, down = capture.packets(capture.stream(found, False)), capture.packets(capture.stream(found, True))
    assert [number for number, _ in down[:1] + up[:1]] == [0, 1]
    assert down[0][1][0] == 10 and b"replica\0" in up[0][1]
    assert up[0][1][1] & 8 == 0  # the bit of TLS in the login: there is none in the file
    assert KEPT.encode() in data
    for secret in SECRETS:
        assert secret.encode() not in data, secret
    tshark_agrees(tmp_path / "all.pcapng", "Server Greeting", "Login Request", "Request Query", "Register Slave|Request Register", "Response Binlog Event")


def read_to(client, position: int) -> None:
    for event in client.events():
        if int.from_bytes(event[13:17], "little") == position:  # its end
            return


def tshark_agrees(file: pathlib.Path, *names: str) -> None:
    if not shutil.which("tshark"):
        pytest.skip("there is no tshark")
    done = subprocess.run(["tshark", "-r", str(file), "-V"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Malformed" not in done.stdout and "ssembly error" not in done.stdout, \
        [line for line in done.stdout.splitlines() if "Malformed" in line]
    short = subprocess.run(["tshark", "-r", str(file)], capture_output=True, text=True, timeout=60).stdout
    for name in names:
        assert re.search(name, short, re.I) or re.search(name, done.stdout, re.I), (name, short)
    assert all("MySQL" in line or " TCP " in line for line in short.splitlines()), short


@each_family
def test_somebody_who_comes_in_the_middle_gets_whole_packets(sluice, admin, relay, master, tmp_path):
    client = dumping(relay, master)
    write_some(master)
    session = client.greeting.thread_id
    waiting.until("the dump is there", lambda: any(
        one["id"] == session and one["state"] == "streaming" for one in admin.get("/api/v1/status")["sessions"]))
    with Tap(sluice, tmp_path, "--session", str(session), "--pcapng", "-") as tap:
        master.sql("INSERT INTO app.t (v, b) VALUES ('big', REPEAT('x', 300000))")
        write_some(master)
        read_to(client, master.coordinates[1])
        client.close()
        tap.end()
    found = capture.frames(tap.out.read_bytes())
    down = capture.packets(capture.stream(found, True))
    assert any(len(payload) > 300000 for _, payload in down)
    assert capture.packets(capture.stream(found, False))[0][1][0] == 0x12  # made up: what is under way
    tshark_agrees(tap.out)


@each_family
def test_without_leave_no_content_is_shown(scene, relay, master, tmp_path):
    sluice = scene.sluice(scene.relay(master), start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    sluice.start()
    (other,) = sluice.relays
    (tmp_path / "p").mkdir()
    with Tap(sluice, tmp_path, "--json", "--next") as tap, \
            Tap(sluice, tmp_path / "p", "--next", "--pcapng", "-") as raw:
        client = dumping(other, master)
        write_some(master)
        read_to(client, master.coordinates[1])
        tap.until("the last event", table="u", verdict="keep", type="DELETE_ROWS_V1" if master.kind.mariadb else "DELETE_ROWS")
        client.close()
        tap.end(), raw.end()  # with the session, when they have told all of it
    lines = tap.lines
    assert {line["table"] for line in events(lines, "WRITE")} == {"t", "gone", "u"}
    assert any(line.get("statement") == "CREATE USER" for line in lines)
    assert not any("text" in line or "rows" in line for line in lines)
    found = capture.frames(raw.out.read_bytes())
    assert any(frame.size > len(frame.payload) for frame in found)
    for text in (tap.text, raw.out.read_bytes().decode("latin-1")):
        no_secrets(text)
        for content in (KEPT, "INSERT", "checksum", "CREATE USER IF"):
            assert content not in text, content
    tshark_agrees(raw.out)
    with Tap(sluice, tmp_path, "--rows", wait=False) as refused:
        assert 'rows are shown where admin.tap is "full" only' in refused.end(1)


@any_server
def test_lines_can_be_chosen(sluice, relay, master, tmp_path):
    chosen = {"type": ["--type", "write_rows", "--type", "Xid"], "schema": ["--schema", "app"], "dropped": ["--dropped"],
              "packet": ["--type", "packet"]}
    taps = {}
    for name, options in chosen.items():
        (tmp_path / name).mkdir()
        taps[name] = Tap(sluice, tmp_path / name, "--json", "--next", *options)
    (tmp_path / "text").mkdir()
    taps["text"] = Tap(sluice, tmp_path / "text", "--next")
    client = dumping(relay, master)
    write_some(master)
    read_to(client, master.coordinates[1])
    client.close()
    for tap in taps.values():  # they end with the session, when they have told all of it
        tap.end()
    assert any(line.get("note") == "ends" for line in taps["packet"].lines)
    assert " ends: " in taps["text"].text
    shown = {name: taps[name].lines for name in chosen}
    assert {line["type"].split("_V")[0] for line in shown["type"]} == {"WRITE_ROWS", "XID"}
    assert {line.get("schema") or line.get("default_schema") for line in shown["schema"]} == {"app"}
    assert {line["verdict"] for line in shown["dropped"]} == {"drop"}
    assert {line.get("rule") for line in shown["dropped"]} >= {"accounts", "system_schema"}
    assert not any("type" in line for line in shown["packet"])
    text = taps["text"].text
    no_secrets(text)
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3}  #\d+ +<-  +login request +\d+  user replica", text, re.M)
    assert re.search(r"->  binlog\.\d+:\d+ +WRITE_ROWS\w* +\d+  keep  app\.t  \d", text, re.M), text
    assert re.search(r"QUERY +\d+  drop accounts  CREATE USER", text, re.M)
    assert KEPT in text  # of its annotation


@any_server
def test_a_reader_that_stands_still_holds_up_nobody_and_is_told(sluice, relay, master, tmp_path):
    for number in range(14):
        master.sql("INSERT INTO app.t (v) SELECT CONCAT('row ', id) FROM app.t LIMIT 16384" if number > 1
                   else "INSERT INTO app.t (v) VALUES ('a'), ('b')")
    master.sql("INSERT INTO app.t (b) SELECT REPEAT('x', 1000) FROM app.t LIMIT 16384")
    with Tap(sluice, tmp_path, "--json", "--rows") as tap:
        tap.process.send_signal(signal.SIGSTOP)
        with dumping(relay, master, "binlog.000001") as client:
            read_to(client, master.coordinates[1])  # times out if the reader holds it up
        passed = sluice.logged("session ended")["events"]
        tap.process.send_signal(signal.SIGCONT)

        def counted() -> int:
            lines = tap.lines
            ended = sum(line.get("note") == "ends" for line in lines)
            return len(events(lines)) + ended + sum(line["lost"] for line in lines if "lost" in line)

        waiting.until("all of it is shown or told as lost", lambda: counted() > passed)
        assert counted() == passed + 1  # the end
        assert sum(line["lost"] for line in tap.lines if "lost" in line) > 1000


@any_server
def test_wrong_requests_are_answered(sluice, admin, relay, tmp_path):
    def said(*options: str, status: int = 1) -> str:
        with Tap(sluice, tmp_path, *options, wait=False) as tap:
            return tap.end(status)

    assert "there is no session 4000000000" in said("--session", "4000000000")
    assert "no type of event has a name that begins so: 'nothing'" in said("--type", "nothing", status=2)
    assert "either session or next" in said("--session", "1", "--next", status=2)
    assert "pcapng has the packets of whole sessions" in said("--pcapng", "-", "--dropped", status=2)
    assert "is no URL" in said("--admin", "ftp://x", status=2)
    file = tmp_path / "file"
    file.write_text("what it held")
    assert "does Sluice run, with an [admin] section?" in said("--admin", f"127.0.0.1:{free_port()}", "--pcapng", str(file))
    assert "is it one without, http://?" in said("--admin", "https://" + sluice.admin["listen"])
    assert "is it that of [admin] listen" in said("--admin", f"http://127.0.0.1:{relay.port}")
    assert file.read_text() == "what it held"
    file.chmod(0o600)
    assert "over TLS only" in said("--admin", "http://192.0.2.1:9104", "--token-file", str(file), status=2)
    assert admin.ask("/api/v1/tap?session=x")[0] == 426
    for wrong in ("session=x", "format=xml", "rows=2", "nothing=1", "schema=%zz", "type="):
        with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
            admin.open_socket("/api/v1/tap?" + wrong)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_peer_that_says_nothing_is_not_waited_for(scheme):
    """Such as another program's port: it accepts, and waits to be asked something that it knows."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        done = subprocess.run([PROGRAM, "tap", "--admin", f"{scheme}://{address}"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", f"sluice tap: {address} did not answer within 10 s: is that the address of [admin] listen?\n")


@any_server
def test_a_token_that_is_wrong_and_one_that_is_missing(scene, master, tmp_path):
    sluice = scene.sluice(scene.relay(master), start=False)
    own, wrong = (sluice.config.with_name(name) for name in ("admin.token", "wrong.token"))
    for file in (own, wrong):
        file.write_text(file.name * 3)
        file.chmod(0o600)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}", "token_file": own, "tap": "full"}
    sluice.start()
    with Tap(sluice, tmp_path, "--token-file", str(wrong), wait=False) as tap:
        assert "this is not the token" in tap.end(1)
    with Tap(sluice, tmp_path, wait=False) as tap:
        assert "wants its token: --token-file" in tap.end(1)


@each_family
def test_the_masters_error_is_told(sluice, relay, master, tmp_path):
    with Tap(sluice, tmp_path, "--json", "--next") as tap:
        with dumping(relay, master, "binlog.999999") as client, refused(1236) as caught:
            for _ in client.events():
                pass
        tap.end()
    error = f"1236 {caught.value.text}"
    (told,) = [line for line in tap.lines if line.get("packet") == "ERR"]
    assert told["direction"] == "down" and told["detail"] == error
    assert tap.lines[-1]["reason"] == f"the master ended the dump: {error}"
    assert sluice.logged("the master ended the dump")["reason"] == error


@mariadb_servers
def test_values_that_compression_makes_of_little_are_not_held(sluice, relay, master, tmp_path):
    master.sql("CREATE TABLE app.packed (id INT PRIMARY KEY, b LONGTEXT COMPRESSED)")
    before = master.coordinates
    for number in range(20):
        master.sql(f"INSERT INTO app.packed VALUES ({number}, REPEAT('x', 10000000))")
    sluice.reset_peak()
    held = sluice.peak_memory
    with Tap(sluice, tmp_path, "--json", "--rows", "--next") as tap:
        with dumping(relay, master, *before) as client:
            read_to(client, master.coordinates[1])
        tap.end()
    written = events(tap.lines, "WRITE")
    assert len(written) == 20 and {line["rows_problem"] for line in written} == {
        "column 2: a compressed value that is damaged or too large"}
    assert sluice.peak_memory - held < at_most(16 << 10), "KiB"


@each_family
def test_what_announces_a_wide_table_is_not_held_for_each_of_its_row_events(scene, tmp_path):
    """Its TABLE_MAP, with the names of its columns, is a hundred times as large as one of them."""
    master = scene.master("--binlog-row-event-max-size=256", "--binlog-row-metadata=FULL")
    master.sql("CREATE DATABASE app")
    columns = ", ".join(f"{number:064d} TINYINT".replace("0", "c", 1) for number in range(600))
    master.sql(f"CREATE TABLE app.wide (id INT AUTO_INCREMENT PRIMARY KEY, {columns}) ROW_FORMAT=DYNAMIC")
    begin = master.coordinates
    master.sql("INSERT INTO app.wide (id) VALUES (NULL)")
    for _ in range(12):
        master.sql("INSERT INTO app.wide (id) SELECT NULL FROM app.wide")
    relay = scene.relay(master)
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}", "tap": "full"}
    sluice.start()
    with dumping(relay, master, *begin) as client:
        read_to(client, master.coordinates[1])
    sluice.reset_peak()
    held = sluice.peak_memory
    with contextlib.ExitStack() as stack:
        taps = []
        for name in "abcd":
            (tmp_path / name).mkdir()
            taps.append(stack.enter_context(Tap(sluice, tmp_path / name, "--json", "--rows", "--next")))
        with dumping(relay, master, *begin) as client:
            read_to(client, master.coordinates[1])
        for tap in taps:
            tap.end()
    assert events(taps[0].lines, "WRITE")[0]["table"] == "wide"
    assert sluice.peak_memory - held < at_most(28 << 10), "KiB"


@any_server
def test_it_can_be_off(scene, relay, master, tmp_path):
    sluice = scene.sluice(scene.relay(master), start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}", "tap": "off"}
    sluice.start()
    with Tap(sluice, tmp_path, wait=False) as tap:
        assert 'admin.tap is "off"' in tap.end(1)


@any_server
def test_where_the_system_schema_is_kept_no_content_is_shown(scene, master, tmp_path):
    """Accounts and their hashes pass there."""
    relay = scene.relay(master)
    relay.filter = {"system_schema": "keep"}
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}", "tap": "full"}
    sluice.start()
    (tmp_path / "p").mkdir()
    with Tap(sluice, tmp_path, "--json", "--rows", "--next") as tap, \
            Tap(sluice, tmp_path / "p", "--next", "--pcapng", "-") as raw:
        with dumping(relay, master) as client:
            write_some(master)
            read_to(client, master.coordinates[1])
        tap.end(), raw.end()  # with the session, when they have told all of it
    lines = tap.lines
    assert any(line.get("table") == "u" and line["type"] == "DELETE_ROWS_V1" for line in lines)
    assert {(line["schema"], line["table"]) for line in events(lines, "WRITE")} >= {("app", "t"), ("mysql", "gone")}
    assert {line["statement"] for line in lines if "statement" in line} >= {"CREATE USER", "DROP USER"}
    assert not any("text" in line or "rows" in line for line in lines)
    found = capture.frames(raw.out.read_bytes())
    assert any(frame.size > len(frame.payload) for frame in found)
    no_secrets(tap.text + raw.out.read_bytes().decode("latin-1"))
