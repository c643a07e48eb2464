"""The program as a process: its configuration, its log, its end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import time

import pytest

import waiting
from admin import Admin
from binlog import XID
from children import launch
from clients import knock
from kinds import any_server, each_family
from ports import free_port
from sluice import PROGRAM, Relay, Sluice, is_sanitized, section


def run(tmp_path, text: str) -> subprocess.CompletedProcess:
    config = tmp_path / "sluice.toml"
    config.write_text(text)
    config.chmod(0o600)
    return subprocess.run([PROGRAM, "run", config], capture_output=True, text=True, timeout=20)


@pytest.fixture
def good() -> str:
    return Relay(3306, tls=False).text()


WRONG = {
    "an unknown key": ('host = ', 'hots = ', "hots"),
    "a port that is none": ("port = 3306", "port = 99999", "port"),
    "a mode that is none": ('mode = "disabled"', 'mode = "maybe"', "verify-identity"),
    "an address that is none": ('listen = ["127', 'listen = ["localhost.127', "listen"),
    "no TOML at all": ("[relay.master]", "[relay.master", ""),
    "a number where a text belongs": ('user = "relay"', "user = 5", "user"),
    "a text without quotes": ('user = "relay"', "user = relay", "a text stands in quotes"),
    "a text without its second quote": ('user = "relay"', 'user = "relay', "the quote at the end of a text is missing"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_configuration_names_file_and_line(tmp_path, good, what):
    old, new, word = WRONG[what]
    assert old in good
    text = good.replace(old, new, 1)
    done = run(tmp_path, text)
    assert done.returncode == 2
    line = next(n for n, content in enumerate(text.splitlines(), 1) if new.split("\n")[0] in content)
    said = done.stderr + done.stdout
    assert re.search(rf"sluice\.toml:{line}\b", said), said
    assert word in said


def test_a_configuration_that_is_not_there(tmp_path):
    done = subprocess.run([PROGRAM, "run", tmp_path / "none.toml"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "none.toml" in done.stderr + done.stdout


@pytest.mark.parametrize("what", ["no certificate", "a key of another", "the admin interface's"])
def test_a_certificate_that_cannot_be_used_is_a_wrong_configuration(tmp_path, certificates, what):
    """Exit status 2: a service is not started again and again."""
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate")
    of_two = {"cert": certificates.relay.cert, "key": certificates.server.key}
    relay = Relay(free_port(), certificates)
    text = ""
    if what == "the admin interface's":
        text = section("admin", {"listen": f"127.0.0.1:{free_port()}", "tls": of_two})
    else:
        relay.replica_tls |= {"cert": nothing} if what == "no certificate" else of_two
    done = run(tmp_path, text + relay.text())
    assert done.returncode == 2, done.stderr
    assert re.search(r"cannot start.*(nothing.pem|does not belong to certificate)", done.stderr), done.stderr


@pytest.mark.parametrize("key", ["cert", "key"])
def test_an_empty_certificate_or_key_is_named_with_its_line(tmp_path, certificates, key):
    relay, nothing = Relay(free_port(), certificates), tmp_path / "empty.pem"
    nothing.touch()
    relay.replica_tls[key] = nothing
    done = run(tmp_path, relay.text())
    assert done.returncode == 2
    assert re.search(rf"sluice\.toml:\d+:\d+: relay\.replica\.tls\.{key}: '.*empty\.pem' cannot be read: it is empty", done.stderr)


@pytest.mark.parametrize("key", ["password_file", "cert", "key", "the configuration"])
def test_a_fifo_that_nobody_writes_into_is_not_waited_for(tmp_path, certificates, key):
    relay, fifo, config = Relay(free_port(), certificates), tmp_path / "fifo", tmp_path / "sluice.toml"
    os.mkfifo(fifo, 0o600)
    if key == "password_file":
        del relay.master["password"]
        relay.master["password_file"] = fifo
    elif key != "the configuration":
        relay.replica_tls[key] = fifo
    config.write_text(relay.text())
    config.chmod(0o600)
    done = subprocess.run([PROGRAM, "check", "--offline", fifo if key == "the configuration" else config],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done
    assert ("nobody has written into this pipe and closed it within 5 s" if key == "password_file" else
            "cannot be read: it is a FIFO: name a file") in done.stdout


def test_pipes_of_a_shell_are_read_when_something_comes_out_of_them(tmp_path, certificates):
    relay = Relay(free_port(), certificates)
    del relay.master["password"]
    relay.master["password_file"] = "/dev/stdin"
    text = tmp_path / "text"
    text.write_text(relay.text())
    command = '(sleep 1; echo secret) | "$0" check --offline <(sleep 2; cat "$1")'
    done = subprocess.run(["bash", "-c", command, PROGRAM, text], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "0 FAIL" in done.stdout, done


def test_a_file_before_a_command_is_not_passed_over():
    done = subprocess.run([PROGRAM, "one.toml", "run", "other.toml"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "one.toml" in done.stderr
    said = subprocess.run([PROGRAM, "one.toml"], capture_output=True, text=True, timeout=20)
    assert said.returncode == 2 and "one.toml: cannot be read" in said.stderr  # it is that of `run`


def test_help_and_version():
    alone = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=20)
    assert alone.returncode == 2 and not alone.stdout and alone.stderr.startswith("Sluice relays the binlog")
    for arguments in (["--help"], ["help"], ["--version"], ["run", "--help"]):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and done.stdout
    assert subprocess.run([PROGRAM, "fly"], capture_output=True, timeout=20).returncode == 2


WRONG_USAGE = [
    (["chekc", "sluice.toml"], "sluice: there is no command 'chekc', and no such file; did you mean 'check'?\n"),
    (["check"], "sluice check: CONFIG is required; see sluice check --help\n"),
    (["run", "--fast", "sluice.toml"], "sluice run: The following argument was not expected: --fast; see sluice run --help\n"),
    (["one.toml", "two.toml"], "sluice: The following argument was not expected: two.toml; see sluice --help\n"),
    (["check", "CONFIG", "--replica-ca", "ca.pem"], "sluice check: --replica-ca needs --replica\n"),
    (["check", "CONFIG", "--replica-tls", "required"], "sluice check: --replica-tls needs --replica\n"),
    (["check", "CONFIG", "--replica-password-file", "x"], "sluice check: --replica-password-file needs --replica\n"),
    (["check", "CONFIG", "--offline", "--replica", "db"], "sluice check: --replica asks a server, and --offline asks none\n"),
    (["check", "CONFIG", "--offline", "--as", "root"], "sluice check: --as asks a server, and --offline asks none\n"),
    (["check", "CONFIG", "--offline", "--accounts"], "sluice check: --accounts asks a server, and --offline asks none\n"),
    (["check", "CONFIG", "--replica", "db", "--replica-user", "u", "--replica-ca", "none.pem"],
     "sluice check: --replica-ca: none.pem cannot be read: No such file or directory\n"),
    (["version"], "sluice: there is no command 'version', and no such file\n"),
    (["tap", "--pcapng", "/"], "sluice tap: --pcapng: /: Is a directory\n"),
    (["tap", "--ca", "EMPTY"], "sluice tap: --ca: EMPTY cannot be read: it is empty\n"),
    (["tap", "--ca", "CONFIG"], "sluice tap: --ca: CONFIG holds no certificate: no certificate or crl found (x509 certificate routines)\n"),
    (["tap", "--ca", "none.pem"], "sluice tap: --ca: none.pem cannot be read: No such file or directory\n"),
]


@pytest.mark.parametrize("arguments, said", WRONG_USAGE, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_usage_says_what_is_wrong_in_one_line(tmp_path, good, arguments, said):
    config = tmp_path / "sluice.toml"
    config.write_text(good)
    config.chmod(0o600)
    (tmp_path / "EMPTY").touch()
    config.rename(tmp_path / "CONFIG")
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize("arguments", [["link", "sluice.toml", "--for", "mysql", "--gtid="],
                                       ["link", "sluice.toml", "--for", "mysql", "--gtid", ""],
                                       ["link", "sluice.toml", "--for", "mysql", "--from-dump", "", "--now"],
                                       ["passwd", "--check", ""], ["run", ""]], ids=" ".join)
def test_an_empty_value_is_not_taken_for_none(arguments):
    """Such as that of a variable which is not set."""
    done = subprocess.run([PROGRAM, *arguments], input="secret\n", capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and not done.stdout
    before = next(word for word, value in zip(arguments, [*arguments[1:], ""]) if value == "" or word.endswith("="))
    assert f"the value behind {before} is empty" in done.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["passwd"],
                                       ["link", "--for", "mysql", "--position", "binlog.1:4", "--replica-version", "9.7.4"]],
                         ids=lambda arguments: arguments[0])
def test_an_output_that_cannot_be_written(tmp_path, arguments):
    if arguments[0] == "link":
        relay = Relay(3306, tls=False)
        relay.more["advertise"] = "127.0.0.1"
        config = tmp_path / "sluice.toml"
        config.write_text(relay.text())
        config.chmod(0o600)
        arguments = [*arguments, config]
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, *arguments], input="secret\n", stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 1 and done.stderr == "sluice: the standard output cannot be written\n"


@pytest.mark.parametrize("arguments", [["--version"], ["passwd"]], ids=" ".join)
def test_an_output_that_is_closed(arguments):
    """What was to be printed is lost, though something else stands in the descriptor's place."""
    done = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', PROGRAM, *arguments], input="secret\n", capture_output=True,
                          text=True, timeout=20)
    assert (done.returncode, done.stderr) == (1, "sluice: the standard output cannot be written\n")


def test_a_port_that_is_taken(tmp_path, good):
    port = int(re.search(r"127\.0\.0\.1:(\d+)", good)[1])
    with socket.create_server(("127.0.0.1", port)):
        done = run(tmp_path, good)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use (ss -ltnp tells by whom)" in done.stderr


def test_threads_that_cannot_be_made(tmp_path):
    """Such as where a container may have so many processes."""
    if is_sanitized():
        pytest.skip("sanitizers need more addresses than there are then")
    sluice = Sluice(tmp_path, Relay(3306, tls=False))
    sluice.runtime = {"threads": 1000}  # of 8 MiB
    sluice.write_config()
    addresses = (2 << 30, resource.getrlimit(resource.RLIMIT_AS)[1])
    done = subprocess.run([PROGRAM, "run", sluice.config], capture_output=True, text=True, timeout=60,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, addresses))
    assert done.returncode == 1
    assert re.search(r"^sluice: no more threads can be made than \d+ of the 1000 \(\[runtime\] threads\): "
                     "Resource temporarily unavailable$", done.stderr, re.M), done.stderr


def test_it_may_open_as_many_files_as_the_hard_limit_says(tmp_path):
    """The soft one would do for 500 replicas."""
    sluice = Sluice(tmp_path, Relay(3306, tls=False))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
    try:
        sluice.launch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        waiting.until("the limit is raised",
                      lambda: resource.prlimit(sluice.process.pid, resource.RLIMIT_NOFILE) == (hard, hard))
    finally:
        sluice.stop()


def test_descriptors_that_are_closed_do_not_come_to_be_something_else(tmp_path):
    """Or the log would be written into a socket, or to what wakes a thread."""
    sluice = Sluice(tmp_path, Relay(3306, tls=False))
    sluice.write_config()
    sluice.process = launch(["sh", "-c", 'exec "$0" run "$1" <&- >&- 2>&-', PROGRAM, sluice.config], sluice.log_file)
    descriptors = pathlib.Path(f"/proc/{sluice.process.pid}/fd")
    try:
        waiting.until("it listens", lambda: sluice.listens(sluice.relays[0]))
        assert {(descriptors / number).readlink() for number in "012"} == {pathlib.Path("/dev/null")}
    finally:
        assert sluice.stop() == 0


@any_server
def test_a_log_that_nobody_reads_holds_nothing_up(scene):
    """It holds up the one thread that writes it, until the end and a little longer."""
    master = scene.master()
    master.sql("CREATE DATABASE app")
    relay = scene.relay(master)
    sluice = scene.sluice(relay, start=False)
    sluice.runtime = {"threads": 1}
    sluice.write_config()
    reader, writer = os.pipe()
    scene.stack.callback(os.close, reader)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    sluice.process = launch([PROGRAM, "run", sluice.config], sluice.log_file, stderr=writer)
    os.close(writer)
    waiting.until("it listens", lambda: sluice.listens(relay))
    waiting.until("it knows its master", lambda: b"master reached" in os.read(reader, 4096))
    with knock(relay) as client:
        client.introduce(7, mariadb=master.kind.mariadb)
        client.request_dump(*master.coordinates, 7)
        for _ in range(100):
            with sluice.connect_raw() as stranger:
                assert stranger.recv(4)
        master.sql("CREATE TABLE app.t (id INT PRIMARY KEY)")
        assert any(b"CREATE TABLE app.t" in event for event in client.events())
    assert sluice.stop() == 0


@each_family
def test_the_start_in_the_log(scene):
    """An address as the configuration has it, and a version as people know it, without MariaDB's 5.5.5- in front."""
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    assert [event["address"] for event in sluice.events("listening")] == [f"127.0.0.1:{relay.port}"]
    (reached,) = sluice.events("master reached")
    assert reached["version"].startswith(scene.kind.version_text)


@any_server
def test_no_tls_is_said_at_start(scene):
    sluice = scene.sluice(scene.relay(scene.master(), tls=False))
    said = "\n".join(sluice.log)
    assert "no TLS towards the master" in said and "no TLS towards the replicas" in said


@any_server
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_session_in_the_log(scene, log_format):
    """One line for each stage: authenticated, dump started, ended."""
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay, log_format=log_format)
    with knock(relay) as client:
        client.introduce(55, mariadb=True)
        client.request_dump("binlog.000001", server_id=55, blocking=False)
        for _ in client.events():
            pass
    assert sluice.stop() == 0
    said = "\n".join(sluice.log)
    stages = ["session authenticated", "dump started", "session ended"]
    places = [said.index(stage) for stage in stages]
    assert places == sorted(places)
    last = next(line for line in sluice.log if "session ended" in line)
    for field in ("reason", "bytes", "events", "dropped"):
        assert field in last
    started = next(line for line in sluice.log if "dump started" in line)
    assert "binlog.000001" in started
    assert "replica-secret" not in said and "relay-secret" not in said
    if log_format == "text":
        assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z info ", last)


@any_server
def test_who_hangs_up_without_a_word_is_not_in_the_log(scene):
    """Anybody can do that, thousands of times a second."""
    relay, port = scene.relay(), free_port()
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    for _ in range(20):
        sluice.connect_raw().close()
    refused = lambda: Admin(port).metric("sluice_logins_refused_total", relay=relay.name, reason="broken")
    waiting.until("they have gone", lambda: refused() == 20, tell=refused)
    knock(relay).close()
    sluice.logged("session ended", reason="quit")
    said = [line for line in sluice.log if "session" in line]
    assert len(said) == 2 and "session authenticated" in said[0], said


@any_server
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to(scene, how):
    relay = scene.relay()
    sluice = scene.sluice(relay)
    client = knock(relay)
    sluice.signal(how)
    assert sluice.process.wait(15) == 0
    sluice.logged("session ended")
    client.wire.connection.close()


@any_server
@pytest.mark.parametrize("beside", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_well_however_often_it_is_told(scene, beside):
    """Also in the moment when it does not listen to signals any more."""
    sluice = scene.sluice(scene.relay(), start=False)

    def ended() -> bool:
        if sluice.process.poll() is None:
            sluice.process.send_signal(beside)
        return sluice.process.returncode is not None

    for _ in range(20):
        sluice.start()
        sluice.signal(signal.SIGTERM)
        waiting.until("it has ended", ended, every=0)
        assert sluice.process.returncode == 0


@any_server
def test_a_connection_that_comes_as_it_ends_does_not_hold_it_up(scene):
    """It has been accepted when nobody listens any more, and is not served."""
    relay = scene.relay()
    relay.replica["login_timeout"] = "1m"
    sluice = scene.sluice(relay, start=False)
    sluice.shutdown = {"grace": "5s"}
    for _ in range(5):
        sluice.start()
        sluice.signal(signal.SIGSTOP)
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                stack.enter_context(sluice.connect_raw())
            sluice.signal(signal.SIGTERM)
            sluice.signal(signal.SIGCONT)
            assert sluice.process.wait(30) == 0
        assert not sluice.events("the time to drain is over")


def test_a_reload_that_is_asked_for_at_once_waits_for_the_start(tmp_path, good):
    """As a service manager may, which takes the program for started when it is there."""
    password, config = tmp_path / "password", tmp_path / "sluice.toml"
    os.mkfifo(password)  # whoever opens it waits for the other side
    config.write_text(good.replace('password = "relay-secret"', f'password_file = "{password}"'))
    config.chmod(0o600)
    with subprocess.Popen([PROGRAM, "run", config], stderr=subprocess.PIPE, text=True) as process:
        try:
            with open(password, "w") as first:
                process.send_signal(signal.SIGHUP)
                first.write("relay-secret")
            next(line for line in process.stderr if "SIGHUP" in line)
            with open(password, "w") as second:
                second.write("relay-secret")
            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
        finally:
            process.kill()
    assert process.returncode == 0 and "configuration loaded" in said, said


@pytest.fixture
def stuck(scene):
    """Makes a Sluice with a session whose replica has read a part of a transaction, and reads no further."""
    with contextlib.ExitStack() as stack:
        def start(**shutdown) -> Sluice:
            master = scene.master()
            master.sql("CREATE DATABASE app")
            master.sql("CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)")
            with master.connect() as session:
                session.query("BEGIN")
                for _ in range(8):
                    session.query("INSERT INTO app.big (b) VALUES (REPEAT('x', 5000000))")
                session.query("COMMIT")
            sluice = scene.sluice(scene.relay(master), start=False)
            sluice.shutdown = shutdown
            sluice.start()
            client = stack.enter_context(contextlib.closing(knock(sluice.relays[0])))
            client.introduce(6, mariadb=master.kind.mariadb)
            client.request_dump("binlog.000001", blocking=False)
            next(event for event in client.events() if len(event) > 1_000_000)
            return sluice
        yield start


@pytest.mark.parametrize("form", ["a path", "a name"])
def test_a_service_manager_is_told_what_it_does(tmp_path, monkeypatch, form):
    """As systemd does it: a datagram socket, which may have no file (sd_notify(3))."""
    name = str(tmp_path / "notify") if form == "a path" else f"@sluice-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", name)

        def told() -> dict:
            return dict(line.split("=", 1) for line in manager.recv(4096).decode().splitlines())

        relay = Relay(free_port(), tls=False)
        sluice = Sluice(tmp_path / "sluice", relay)
        sluice.launch()
        assert told() == {"READY": "1", "STATUS": "serves 1 relay"}
        sluice.connect_raw(relay).close()  # it listens

        sluice.relays = (relay, Relay(free_port(), tls=False, name="other"))
        sluice.write_config()
        sluice.hang_up()
        began = told()
        assert began["RELOADING"] == "1" and 0 < int(began["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert told() == {"READY": "1", "STATUS": "serves 2 relays"}

        sluice.config.write_text(sluice.config.read_text().replace("port = ", "prot = "))
        sluice.hang_up()
        assert "RELOADING" in told()
        status = told()["STATUS"]
        assert status.startswith("serves 2 relays; the configuration was not loaded anew") and "prot" in status
        sluice.write_config()
        sluice.hang_up()
        assert "RELOADING" in told() and told()["STATUS"] == "serves 2 relays"

        sluice.signal(signal.SIGTERM)
        assert told()["STOPPING"] == "1"
        assert sluice.process.wait(20) == 0


@pytest.mark.parametrize("place", ["", "@", "nowhere/at/all", "x" * 200])
def test_a_service_manager_that_is_not_there_does_not_matter(tmp_path, monkeypatch, place):
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    sluice = Sluice(tmp_path / "sluice", Relay(free_port(), tls=False))
    sluice.launch()
    sluice.logged("listening")
    assert sluice.stop() == 0


@any_server
def test_sessions_that_do_not_end_in_time_are_ended(stuck):
    sluice = stuck(grace="1s")
    sluice.signal(signal.SIGTERM)
    assert sluice.process.wait(20) == 0
    assert sluice.logged("the time to drain is over")["sessions"] == 1
    sluice.logged("session ended", reason="not drained in time")


@any_server
def test_a_session_ends_with_its_transaction_when_nothing_follows(scene):
    master = scene.master()
    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.big (id INT PRIMARY KEY, b LONGBLOB)")
    file, position = master.coordinates
    master.sql("INSERT INTO app.big VALUES (1, REPEAT('x', 12000000))")
    size = master.coordinates[1] - position
    sluice = scene.sluice(scene.relay(master))
    with knock(sluice.relays[0]) as client:
        client.introduce(6, mariadb=master.kind.mariadb)
        client.request_dump(file, position, annotations=master.kind.mariadb)
        client.wire.exactly(1_000_000)
        sluice.signal(signal.SIGTERM)
        sluice.logged("no longer listening")
        client.wire.exactly(size - 1_000_000)  # somewhere behind the row
        rest = b""
        while more := client.wire.connection.recv(4096):
            rest += more
        # The transaction is whole, and nothing is behind it: no error, which only servers would come back on.
        xid = rest[-(19 + 8 + 4):]
        assert xid[4] == XID and int.from_bytes(xid[13:17], "little") == master.coordinates[1]
    assert sluice.process.wait(20) == 0
    assert not sluice.events("the time to drain is over")


@any_server
def test_a_second_signal_ends_sessions_at_once(stuck):
    sluice = stuck(grace="10m")
    sluice.signal(signal.SIGTERM)
    sluice.logged("no longer listening")
    sluice.signal(signal.SIGTERM)
    assert sluice.process.wait(20) == 0
    sluice.logged("session ended", reason="ended by a second signal")


@any_server
def test_several_relays_in_one_process(scene):
    masters = [scene.master(), scene.master()]
    relays = [scene.relay(master, name=f"relay{number}") for number, master in enumerate(masters)]
    scene.sluice(*relays)
    for relay, master in zip(relays, masters):
        with knock(relay) as client:
            assert client.query("SELECT @@GLOBAL.server_id") == [(str(master.server_id),)]
