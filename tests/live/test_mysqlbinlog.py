"""mysqlbinlog --read-from-remote-server is a replica too."""

from __future__ import annotations

import re
import subprocess

import pytest

import waiting
import workload
from kinds import servers_with_clients
from mysqlbinlog import command, run


@pytest.fixture(scope="module")
def master(stage):
    master = stage.master()
    workload.play(master, workload.PREPARE)
    workload.play(master, """
INSERT INTO app.t (v) VALUES ('kept');
CREATE USER 'w_gone'@'%' IDENTIFIED BY 'very secret';
INSERT INTO mysql.rt (v) VALUES ('very secret');
FLUSH BINARY LOGS;
INSERT INTO app.t (v) VALUES ('kept too');
""")
    return master


@pytest.fixture(scope="module")
def relay(stage, master):
    relay = stage.relay(master)
    stage.sluice(relay)
    return relay


@servers_with_clients
def test_to_the_end_of_a_file(kind, relay):
    text = run(command(kind, relay, "--verbose", "--base64-output=DECODE-ROWS", "binlog.000001"))
    assert b"'kept'" in text and b"very secret" not in text and b"w_gone" not in text


@servers_with_clients
def test_from_a_position(kind, relay, master):
    rows = master.sql("SHOW BINLOG EVENTS IN 'binlog.000001'")
    position = next(int(row[1]) for row in rows if re.search("Gtid|Anonymous", row[2]) and int(row[1]) > 1000)
    text = run(command(kind, relay, f"--start-position={position}", "--verbose", "binlog.000001"))
    assert f"at {position}\n".encode() in text


@servers_with_clients
def test_to_the_last_log(kind, relay):
    text = run(command(kind, relay, "--to-last-log", "--verbose", "binlog.000001"))
    assert b"'kept'" in text and b"'kept too'" in text


@servers_with_clients
def test_raw_files_of_the_same_size(kind, relay, master, tmp_path):
    sizes = {row[0]: int(row[1]) for row in master.sql("SHOW BINARY LOGS")}
    run(command(kind, relay, "--raw", "--to-last-log", "binlog.000001"), cwd=tmp_path)
    assert (tmp_path / "binlog.000001").stat().st_size == sizes["binlog.000001"]
    assert b"very secret" not in (tmp_path / "binlog.000001").read_bytes()
    text = run([str(kind.folder / "programs" / "mysqlbinlog"), "--no-defaults", "--verify-binlog-checksum",
                str(tmp_path / "binlog.000001")])
    assert b"CREATE DATABASE app2" in text


@servers_with_clients
def test_without_an_end(kind, relay, master, tmp_path):
    with subprocess.Popen(command(kind, relay, "--raw", "--stop-never", "binlog.000001"), cwd=tmp_path,
                          stderr=subprocess.PIPE) as process:
        try:
            target = tmp_path / "binlog.000002"
            waiting.until("the second file is there", lambda: target.exists() and target.stat().st_size > 200)
            master.sql("INSERT INTO app.t (v) VALUES ('comes while it runs')")
            waiting.until("what came since is there", lambda: b"comes while it runs" in target.read_bytes())
        finally:
            process.kill()
