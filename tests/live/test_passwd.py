"""sluice passwd: hashes that let replicas in, and nobody else."""

from __future__ import annotations

import os
import pty
import re
import subprocess

import pytest

import replication
from clients import knock, refused
from kinds import any_server, each_family, every_server
from mysql_client import Client, trusting
from replication import Route
from sluice import PROGRAM

PASSWORD = "a word of 25 characters \\$"


def passwd(*arguments, given: str = "", status: int = 0) -> str:
    done = subprocess.run([PROGRAM, "passwd", *arguments], input=given, capture_output=True, text=True, timeout=30)
    assert done.returncode == status, done
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout + (done.stderr if status else "")


def hash_of(password: str, *arguments) -> str:
    return re.fullmatch(r'password_hash = "([^"\\]+)"\n', passwd(*arguments, given=password + "\n"))[1]


def on_a_terminal(*arguments, typed: list[str]) -> tuple[int, str]:
    """Runs it on a terminal of its own and types a line at each prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PROGRAM, [str(PROGRAM), "passwd", *arguments])
    shown = ""
    for line in typed:
        while not re.search(r": $", shown):
            shown += os.read(terminal, 1000).decode()
        os.write(terminal, line.encode())
        shown += "\0"
    try:
        while piece := os.read(terminal, 1000):
            shown += piece.decode()
    except OSError:
        pass  # how Linux says that the other side has closed it
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.replace("\0", "")


@pytest.mark.parametrize("option, form", [((), r"\$A\$005\$[./0-9A-Za-z]{63}"), (("--native",), r"\*[0-9A-F]{40}")])
def test_a_hash_and_whether_a_password_is_its_own(option, form):
    hashed = hash_of(PASSWORD, *option)
    assert re.fullmatch(form, hashed)
    assert passwd("--check", hashed, given=PASSWORD) == "right\n"
    assert passwd("--check", hashed, given=PASSWORD + "\r\n") == "right\n"
    assert passwd("--check", hashed, given="another", status=1) == "wrong\n"
    assert (hash_of(PASSWORD, *option) == hashed) == (option == ("--native",)), "a salt is new each time"


def test_wrong_usage():
    assert "no password" in passwd(status=2)
    assert "empty" in passwd(given="\n", status=2)
    assert "no password_hash" in passwd("--check", "x", given="x", status=2)
    assert "--native" in passwd("--check", "*" + "0" * 40, "--native", given="x", status=2)
    done = subprocess.run([PROGRAM, "passwd"], input="x" * 33, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "replicas of MySQL take passwords of up to 32 characters" in done.stderr
    done = subprocess.run([PROGRAM, "passwd", "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "Examples:" in done.stdout


@pytest.mark.parametrize("given, why", [
    ("one\ntwo\n", "has several lines"), ("one\r\n\r\n", "has several lines"), ("\ufeffone\n", "byte order mark"),
    ("o\0ne\n", "a NUL or another control character"), ("o\tne\n", "control character"), ("x" * 1001, "is too long"),
    ("x" * 5000, "is too long")], ids=["lines", "empty line", "BOM", "NUL", "tab", "long", "much longer"])
def test_what_a_password_file_may_not_hold_comes_through_no_pipe(tmp_path, given, why):
    """Or its hash would be that of a password which the replica is never given."""
    assert why in passwd(given=given, status=2)
    file = tmp_path / "password"
    file.write_text(given)
    done = subprocess.run([PROGRAM, "tap", "--token-file", file], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and why in done.stderr


def test_without_random_numbers_it_fails(tmp_path):
    """The usage is right, and there is nothing that it could print."""
    nothing_random = tmp_path / "openssl.cnf"
    nothing_random.write_text("openssl_conf = all\n[all]\nrandom = one\n[one]\nrandom = NO-SUCH-GENERATOR\n")
    done = subprocess.run([PROGRAM, "passwd"], input=PASSWORD, capture_output=True, text=True, timeout=30,
                          env={"OPENSSL_CONF": str(nothing_random)})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "sluice passwd: the system has no random numbers\n")


def test_on_a_terminal_it_asks_twice_and_shows_nothing():
    status, shown = on_a_terminal(typed=["secret-1\n", "secret-1\n"])
    assert status == 0 and "secret-1" not in shown
    hashed = re.search(r'password_hash = "([^"]+)"', shown)[1]
    assert passwd("--check", hashed, given="secret-1") == "right\n"
    status, shown = on_a_terminal(typed=["secret-1\n", "secret-2\n"])
    assert status == 2 and "differ" in shown and "secret" not in shown and "password_hash" not in shown
    status, shown = on_a_terminal("--check", hashed, typed=["secret-1\n"])
    assert status == 0 and "right" in shown and "secret" not in shown
    for interrupt in ("\x03", "\x1c"):  # SIGINT, SIGQUIT: it must live to switch the echo on again
        status, shown = on_a_terminal(typed=[interrupt])
        assert status == 2 and "no password" in shown


@each_family
def test_a_server_takes_the_hash_for_its_own(master, kind):
    """The forms are those of mysql.user."""
    native, sha2 = hash_of(PASSWORD, "--native"), hash_of(PASSWORD)
    if kind.mariadb:
        master.quietly(f"CREATE USER 'hashed'@'%' IDENTIFIED BY PASSWORD '{native}'")
    else:
        master.quietly(f"CREATE USER 'hashed'@'%' IDENTIFIED WITH caching_sha2_password AS '{sha2}'")
    Client(("127.0.0.1", master.port), "hashed", PASSWORD, tls=trusting(master.certificates.ca)).close()
    master.quietly("DROP USER 'hashed'@'%'")


@any_server
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_a_login_with_each_hash(scene, protection):
    relay = scene.relay()
    relay.replica_tls["mode"] = "optional"
    options = {"tls": None} if protection == "plain" else {}
    relay.users = [{"name": "sha2", "password_hash": hash_of(PASSWORD)},
                   {"name": "native", "password_hash": hash_of(PASSWORD, "--native")}]
    scene.sluice(relay)
    for user, plugin in (("sha2", "caching_sha2_password"), ("native", "mysql_native_password")):
        if (user, protection) == ("sha2", "plain"):
            with refused(1045):  # the password itself must be seen once, and only TLS hides it
                knock(relay, user, PASSWORD, plugin=plugin, **options)
            continue
        for _ in range(2):  # the second time is the fast path
            knock(relay, user, PASSWORD, plugin=plugin, **options).close()
        with refused(1045):
            knock(relay, user, "another", plugin=plugin, **options)


@every_server
def test_a_replica_logs_in_with_a_hash(scene):
    """Of the longest password that it takes."""
    kind = scene.kind
    native = kind.mariadb or not kind.at_least(8)
    password = "x-secret".ljust(96 if kind.mariadb else 32, "x")
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.users = [{"name": "hashed", "password_hash": hash_of(password, *(["--native"] if native else []))}]
    sluice = scene.sluice(relay)
    replication.point(replica, Route(relay.port, "hashed", password, relay.ca), gtid=True)
    replication.start(replica)
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)
    assert replica.sql("SHOW DATABASES LIKE 'app'")
    assert not re.search(r"x-secret|\$A\$|\*[0-9A-F]{40}", "\n".join(sluice.log))
