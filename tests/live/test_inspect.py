"""sluice inspect on the binlog files of real servers: it sees the events that the server sees, says what the
relay does, writes what the relay sends, and shows rows as SELECT does."""

from __future__ import annotations

import filecmp
import gzip
import json
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

import column_types
import replication
import waiting
import workload
from binlog import Event
from clients import knock, refused
from kinds import any_server, each_family, every_server, json_diff_servers, servers_with_clients
from sluice import PROGRAM, at_most

SECRET = "very secret"


def inspect(*arguments, status: int = 0, **options) -> subprocess.CompletedProcess:
    done = subprocess.run([PROGRAM, "inspect", *map(str, arguments)], capture_output=True, timeout=120, **options)
    assert done.returncode == status, (done.returncode, done.stderr.decode(errors="replace"))
    return done


def records(*arguments, **options) -> list[dict]:
    return [json.loads(line) for line in inspect("--json", *arguments, **options).stdout.splitlines()]


def file_of(server, name: str):
    return server.folder / "data" / name


def finished_files(server) -> list[str]:
    """Names of the binlog files that nobody writes to any more."""
    server.sql(server.say.flush_logs)
    return [row[0] for row in server.sql("SHOW BINARY LOGS")][:-1]


def events_in(path) -> list[Event]:
    data, at, events = path.read_bytes(), 4, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 9)
        events.append(Event.parse(data[at:at + size]))
        at += size
    return events


@pytest.fixture(scope="module")
def worked(stage, master):
    """A master behind the whole workload, and the finished files with it: other tests may have been before."""
    first, _ = master.coordinates
    workload.all_steps(master, gtid=True)
    play_compressed(master)
    files = finished_files(master)
    return files[files.index(first):]


def play_compressed(server) -> None:
    """The same again in compressed events or transactions, where the server has such a thing."""
    if not server.kind.mariadb and not server.kind.at_least(8, 0, 20):
        return
    on = "log_bin_compress" if server.kind.mariadb else "binlog_transaction_compression"
    server.sql(f"SET GLOBAL {on}=ON")
    workload.play(server, f"""
INSERT INTO app.t (v, b) VALUES ('packed', REPEAT('kept ', 5000));
BEGIN;
UPDATE app.t SET n=7 WHERE v='packed';
INSERT INTO mysql.rt (v, b) VALUES ('packed', REPEAT('{SECRET} ', 300));
DELETE FROM app.t WHERE v='packed';
COMMIT;
""")
    server.sql(f"SET GLOBAL {on}=OFF")


# -------------------------------------------------------------- events


@every_server
def test_the_events_are_those_that_the_server_sees(master, worked):
    for name in worked:
        shown = [record for record in records(file_of(master, name)) if not record.get("in_payload")]
        wanted = [(int(row[1]), row[2]) for row in master.sql(f"SHOW BINLOG EVENTS IN '{name}'")]
        outer = sorted(set(position for position, _ in wanted))
        assert [record["position"] for record in shown] == outer
        for record in shown:
            assert record["size"] == (outer + [file_of(master, name).stat().st_size])[outer.index(record["position"]) + 1] \
                - record["position"]
        # The events of a payload are shown where it ends.
        for record in shown:
            there = [kind for position, kind in wanted if position == record["position"]]
            assert any(same_type(record["type"], kind) for kind in there), (record, there)


def same_type(ours: str, theirs: str) -> bool:
    """TABLE_MAP and Table_map; the servers have some short names of their own."""
    names = {"FORMAT_DESCRIPTION": "format_desc", "TRANSACTION_PAYLOAD": "transaction_payload",
             "ANONYMOUS_GTID": "anonymous_gtid", "GTID (MARIADB)": "gtid", "GTID_TAGGED": "gtid_tagged",
             "BINLOG_CHECKPOINT": "binlog_checkpoint", "PARTIAL_UPDATE_ROWS": "update_rows_partial"}
    ours = names.get(ours.upper(), ours).lower()
    theirs = theirs.lower()
    return ours.replace("_", " ") == theirs.replace("_", " ")


@every_server
def test_what_it_writes_is_what_the_relay_sends(master, relay, sluice, worked, tmp_path):
    name = next(reversed(worked))
    inspect("--write", tmp_path / "out", file_of(master, name))
    written = events_in(tmp_path / "out")
    with knock(relay) as client:
        client.introduce(55, mariadb=master.kind.mariadb)
        client.request_dump(name, 4, server_id=55, blocking=False, annotations=master.kind.mariadb)
        sent = []
        for data in client.events():
            event = Event.parse(data)
            if event.artificial and event.type == 4 and sent:
                break
            sent.append(event)
    sent = [event for event in sent if not event.artificial]
    assert [(event.type, event.size, event.data) for event in sent] == \
           [(event.type, event.size, event.data) for event in written]
    before, after = file_of(master, name).read_bytes(), (tmp_path / "out").read_bytes()
    assert len(before) == len(after)


@servers_with_clients
def test_mysqlbinlog_reads_what_it_writes(kind, master, worked, tmp_path):
    for name in worked:
        inspect("--write", tmp_path / name, file_of(master, name))
        done = subprocess.run([str(kind.folder / "programs" / "mysqlbinlog"), "--no-defaults", "--verify-binlog-checksum",
                               "--verbose", f"--local-load={tmp_path}", str(tmp_path / name)], capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode(errors="replace")
        assert not re.search(r"^### .*`mysql`\.`|^create user|^grant ", text, re.I | re.M)
        assert not records("--only-dropped", tmp_path / name)


@every_server
def test_its_verdicts_leave_no_secret_and_no_account(master, worked):
    everything = [record for name in worked for record in records("--rows", "--statements", file_of(master, name))]
    secrets = [record for record in everything if record.get("schema") == "mysql" and "rows" in record]
    accounts = [record for record in everything
                if record.get("statement") in ("CREATE USER", "GRANT", "DROP USER", "SET PASSWORD")]
    assert secrets and accounts
    for record in secrets:
        assert record["verdict"] == "drop" and record["rule"] == "system_schema", record
    for record in accounts:
        assert record["verdict"] == "drop" and "text" not in record, record


# -------------------------------------------------------------- rows


def row_records(path) -> list[dict]:
    return [record for record in records("--rows", path) if "rows" in record or "rows_problem" in record]


def assert_shown(value, form: str, wanted: str | None) -> None:
    """A value of `--json --rows` with all metadata against what SELECT gave; see column_types.SHOWN."""
    if wanted is None:
        assert value is None
    elif form == "plain":
        assert str(value) == wanted
    elif form == "number":
        # Of a FLOAT the shortest text is shown, SELECT gives the number that it is.
        assert value == float(wanted) or struct.pack("<f", value) == struct.pack("<f", float(wanted))
    elif form == "text":
        assert value == bytes.fromhex(wanted).decode()
    elif form == "bytes":
        assert value["hex"] == wanted.lower()
    elif form == "opaque":
        assert set(value) == {"hex"}
    elif form == "bits":
        assert int(value, 2) == int(wanted, 2)
    elif form == "member":
        number, name = wanted.split(" ")
        assert value in (bytes.fromhex(name).decode(), int(number))
    elif form == "json":
        assert value == {"json": json.loads(bytes.fromhex(wanted))}
    elif form == "floats":
        assert struct.pack(f"<{len(value)}f", *value).hex() == wanted.lower()
    else:
        raise AssertionError(form)


@every_server
def test_rows_as_select_gives_them(stage, kind, master):
    full = kind.mariadb or kind.at_least(8, 0, 1)
    with master.connect() as session:
        for statement in (*column_types.SESSION, *(["SET GLOBAL binlog_row_metadata=FULL"] if full else []),
                          "CREATE DATABASE kinds", column_types.create(kind, "kinds.t")):
            session.query(statement)
        master.sql(master.say.flush_logs)
        name = master.coordinates[0]
        for statement in column_types.inserts(kind, "kinds.t"):
            session.query(statement)
        inserted = column_types.shown(session, kind, "kinds.t")
        session.query("UPDATE kinds.t SET id=id+10, zz=77")
        updated = column_types.shown(session, kind, "kinds.t")
        session.query("DELETE FROM kinds.t ORDER BY id")
        session.query("DROP DATABASE kinds")
        if full:
            session.query("SET GLOBAL binlog_row_metadata=DEFAULT")
    finished_files(master)
    rows = [(record["type"], row) for record in row_records(file_of(master, name)) for row in record["rows"]]
    assert len(rows) == 9
    for number in range(3):
        compare(rows[number][1]["after"], inserted[number], full)
        compare(rows[3 + number][1]["before"], inserted[number], full)
        compare(rows[3 + number][1]["after"], updated[number], full)
        compare(rows[6 + number][1]["before"], updated[number], full)


def compare(image: dict, wanted, full: bool) -> None:
    assert len(image) == len(wanted)
    for (shown, value), (name, form, expected) in zip(image.items(), wanted):
        if full:
            assert shown == name
        elif form in ("plain", "text", "bytes") and expected is not None:
            # Without metadata unsigned numbers and binary strings cannot be told from their likes.
            continue
        assert_shown(value, form, expected)


@json_diff_servers
def test_json_documents_large_and_in_part(stage, kind, master):
    with master.connect() as session:
        session.query("CREATE DATABASE docs")
        session.query("CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON, k JSON)")
        master.sql(master.say.flush_logs)
        name = master.coordinates[0]
        session.query("INSERT INTO docs.d VALUES (1, JSON_OBJECT('long', REPEAT('x', 100000), 'n', 123456, 'a', JSON_ARRAY(1,2)), '{\"a\": 1, \"b\": [1,2,3]}')")
        session.query("SET SESSION binlog_row_value_options=PARTIAL_JSON")
        session.query("SET SESSION binlog_row_image=MINIMAL")
        session.query("UPDATE docs.d SET j=JSON_SET(j, '$.n', 5), k=JSON_REMOVE(k, '$.b[0]') WHERE id=1")
        session.query("DROP DATABASE docs")
    finished_files(master)
    inserted, changed = [record["rows"][0] for record in row_records(file_of(master, name))]
    document = list(inserted["after"].values())[1]
    assert document == {"json": {"long": "x" * 100000, "n": 123456, "a": [1, 2]}}
    assert list(changed["before"].values()) == [1]
    assert list(changed["after"].values()) == [
        {"changes": [{"op": "replace", "path": "$.n", "value": 5}]},
        {"changes": [{"op": "remove", "path": "$.b[0]"}]}]


# -------------------------------------------------------------- files


@any_server
def test_compressed_files_and_the_standard_input(master, worked, tmp_path):
    path = file_of(master, worked[0])
    plain = inspect("--json", path).stdout.replace(path.name.encode(), b"NAME")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert inspect("--json", tmp_path / "packed.gz").stdout.replace(b"packed.gz", b"NAME") == plain
    assert inspect("--json", "-", input=path.read_bytes()).stdout.replace(b"standard input", b"NAME") == plain
    assert inspect("--json", "-", input=gzip.compress(path.read_bytes())).stdout.replace(b"standard input", b"NAME") == plain
    both = inspect(path, path).stdout.decode()
    assert both.count("FORMAT_DESCRIPTION") == 2 and both.count(f"# {path}") == 2


@any_server
def test_it_ends_when_nobody_reads(master, worked, tmp_path):
    """As in `sluice inspect ... | head`, also while it writes a file."""
    many = [file_of(master, name) for name in worked] * 50
    with subprocess.Popen([PROGRAM, "inspect", "--rows", *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == -13  # SIGPIPE
        assert process.stderr.read() == b""
    large = tmp_path / "large"
    with open(large, "wb") as file:
        data = file_of(master, worked[0]).read_bytes()
        file.write(data + data[4:] * 50)
    with subprocess.Popen([PROGRAM, "inspect", "--write", tmp_path / "out", large], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == -13
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large"]


@any_server
def test_memory_does_not_grow_with_events(master, tmp_path):
    """Nor with files: what is held is never more than an event, and of a large one a part."""
    with master.connect() as session:
        session.query("CREATE DATABASE large")
        session.query("CREATE TABLE large.t (id INT PRIMARY KEY, b LONGBLOB)")
        finished_files(master)
        name = master.coordinates[0]
        session.query("INSERT INTO large.t VALUES (1, REPEAT('x', 80 * 1024 * 1024))")
        session.query("DROP DATABASE large")
    finished_files(master)
    path = file_of(master, name)
    with subprocess.Popen([PROGRAM, "inspect", "--rows", "--write", tmp_path / "out", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        with open(path, "rb") as file:
            shutil.copyfileobj(file, process.stdin)
        process.stdin.flush()
        # All of it is there but the end, for which the program waits.
        with open(f"/proc/{process.pid}/status") as told:
            peak = next(int(line.split()[1]) for line in told if line.startswith("VmHWM"))
        text, _ = process.communicate()
    assert process.returncode == 0
    assert b"rows that cannot be read: the event is too large" in text
    assert peak < at_most(40 << 10), f"{peak} KiB"
    assert filecmp.cmp(tmp_path / "out", path, shallow=False)


@each_family
def test_a_damaged_file(master, worked, tmp_path):
    data = file_of(master, worked[0]).read_bytes()
    good = records(file_of(master, worked[0]))
    place = good[len(good) // 2]["position"]
    damaged = bytearray(data)
    damaged[place + 20] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    done = inspect("--json", tmp_path / "damaged", status=1)
    assert f"position {place}: a wrong checksum".encode() in done.stderr
    shown = [json.loads(line)["position"] for line in done.stdout.splitlines()]
    assert shown and max(shown) < place
    (tmp_path / "cut").write_bytes(data[:place + 10])
    done = inspect(tmp_path / "cut", status=1)
    assert f"position {place}: the file ends in the middle of an event".encode() in done.stderr
    (tmp_path / "other").write_bytes(b"PK\x03\x04 no binlog")
    assert b"no binlog file" in inspect(tmp_path / "other", status=1).stderr


@any_server
def test_a_file_that_mariadb_encrypted(stage, kind, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("1;" + "0123456789abcdef" * 4 + "\n")
    server = stage.server("encrypted", "--plugin-load-add=file_key_management", f"--file-key-management-filename={keys}",
                          "--encrypt-binlog=ON")
    workload.play(server, workload.PREPARE)
    done = inspect(file_of(server, finished_files(server)[0]), status=1)
    assert b"encrypted by MariaDB" in done.stderr and b"FORMAT_DESCRIPTION" in done.stdout


@each_family
def test_a_relay_log(stage, master):
    """It begins with the replica's own events, and its positions are not the master's."""
    replica = stage.replica()
    replication.point(replica, replication.Route.straight(master, tls=True), gtid=False,
                      start=(master.coordinates[0], 4))
    replica.sql(replica.say.start)
    replication.caught_up(replica, master)
    replica.sql(replica.say.stop)
    logs = sorted(path for path in (replica.folder / "data").glob("*relay-bin.0*"))
    shown = [record for path in logs for record in records(path)]
    assert sum(record["type"] == "FORMAT_DESCRIPTION" for record in shown) > len(logs) - 1
    assert [record["position"] for record in records(logs[-1])][0] == 4
    for path in logs:
        at = 4
        for record in records(path):
            if not record.get("in_payload"):
                assert record["position"] == at
                at += record["size"]
        assert at == path.stat().st_size


@every_server
def test_relay_logs_that_end_anywhere(stage, kind, master):
    """Those of MariaDB and MySQL 5.6 end within transactions and statements: they are read one behind the other."""
    finished_files(master)
    name, _ = master.coordinates
    rows = ", ".join(f"({number}, REPEAT('x', 5000))" for number in range(4))
    workload.play(master, f"""
CREATE DATABASE torn;
CREATE TABLE torn.t (id INT PRIMARY KEY, b BLOB) ENGINE=InnoDB;
BEGIN;
INSERT INTO torn.t VALUES {rows};
UPDATE torn.t SET b='y';
COMMIT;
DROP DATABASE torn;
""")
    replica = stage.replica("--max-relay-log-size=4096", name="torn")
    replication.point(replica, replication.Route.straight(master, tls=True), gtid=False, start=(name, 4))
    replica.sql(f"{replica.say.start} IO_THREAD")
    waiting.until("all is in the relay logs", lambda: replication.read_position(replica) == master.coordinates)
    logs = sorted(path for path in (replica.folder / "data").glob("*relay-bin.0*"))
    assert len(logs) > 2
    assert of_transactions(records("--rows", *logs)) == of_transactions(records("--rows", file_of(master, name)))
    (numbers,) = records("--summary", *logs)
    (wanted,) = records("--summary", file_of(master, name))
    assert numbers["transactions"] == wanted["transactions"] and numbers["first_time"] == wanted["first_time"]
    alone = [subprocess.run([PROGRAM, "inspect", path], capture_output=True).stderr for path in logs]
    torn = kind.mariadb or not kind.at_least(5, 7)
    assert any(b"give that one first" in complaint for complaint in alone) == torn, alone
    assert torn or not any(alone)


def of_transactions(shown: list[dict]) -> list[tuple]:
    of_files = ("FORMAT_DESCRIPTION", "ROTATE", "STOP", "PREVIOUS_GTIDS", "GTID_LIST", "BINLOG_CHECKPOINT")
    return [(record["type"], record["verdict"], record.get("gtid"), record.get("table"), record.get("rows"))
            for record in shown if record["type"] not in of_files]


# -------------------------------------------------------------- options


@each_family
def test_a_summary(master, worked):
    text = inspect("--summary", *[file_of(master, name) for name in worked]).stdout.decode()
    (numbers,) = records("--summary", *[file_of(master, name) for name in worked])
    lines = [record for name in worked for record in records(file_of(master, name))]
    assert numbers["events"] == len(lines) and f"{len(lines)} events" in text
    assert numbers["files"] == len(worked)
    assert numbers["bytes"] == sum(file_of(master, name).stat().st_size - 4 for name in worked)
    for rule in ("accounts", "system_schema"):
        dropped = [line for line in lines if line.get("rule") == rule]
        assert numbers["dropped"][rule] == {
            "events": len(dropped), "bytes": sum(line["size"] for line in dropped if not line.get("in_payload"))}
    largest = numbers["largest_transactions"]
    assert [one["bytes"] for one in largest] == sorted((one["bytes"] for one in largest), reverse=True)
    assert SECRET not in text


@every_server
def test_a_summary_names_tables_that_managed_replicas_do_not_take(master):
    finished_files(master)
    name = master.coordinates[0]
    workload.play(master, """
CREATE DATABASE watched;
CREATE TABLE watched.keyless (v INT) ENGINE=InnoDB;
CREATE TABLE watched.old (id INT PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE watched.good (id INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO watched.keyless VALUES (1);
INSERT INTO watched.old VALUES (1);
INSERT INTO watched.good VALUES (1);
DROP DATABASE watched;
""")
    finished_files(master)
    (numbers,) = records("--summary", file_of(master, name))
    assert numbers["tables_without_primary_key"] == ["watched.keyless"]
    assert numbers["tables_of_other_engines"] == {"watched.old": "MyISAM"}


@any_server
def test_the_rules_of_a_configuration(stage, master, worked, tmp_path):
    relays = [stage.relay(master, name="all"), stage.relay(master, name="some")]
    relays[0].filter = {"system_schema": "keep"}
    relays[1].filter = {"ignore": ["app.%"]}
    config = tmp_path / "sluice.toml"
    config.write_text("\n".join(relay.text() for relay in relays))
    config.chmod(0o600)
    path = file_of(master, worked[0])
    assert b"--relay: all, some" in inspect("--config", config, path, status=2).stderr
    assert b"all, some" in inspect("--config", config, "--relay", "none", path, status=2).stderr
    assert not records("--only-dropped", "--config", config, "--relay", "all", path)
    rules = {record.get("rule") for record in records("--only-dropped", "--config", config, "--relay", "some", path)}
    assert {"ignore", "system_schema", "accounts"} <= rules


@any_server
def test_nothing_but_complaints_on_the_error_output(master, worked):
    assert inspect("--summary", file_of(master, worked[0])).stderr == b""


@any_server
def test_wrong_usage(master, worked, tmp_path):
    path = file_of(master, worked[0])
    inspect(status=2)
    inspect("--write", tmp_path / "out", path, path, status=2)
    inspect("--relay", "one", path, status=2)
    inspect("--statements=some", path, status=2)
    inspect("--config", tmp_path / "none.toml", path, status=2)
    inspect("-", "-", status=2)
    assert b"No such file" in inspect(tmp_path / "none", status=1).stderr
    shutil.copy(path, tmp_path / "there")
    assert b"File exists" in inspect("--write", tmp_path / "there", path, status=1).stderr


def configured(relay, folder):
    """A configuration with that relay."""
    config = folder / "sluice.toml"
    config.write_text(relay.text())
    config.chmod(0o600)
    return config


@any_server
def test_names_of_a_mysql_file_compare_as_its_option_says(stage, master, tmp_path):
    """Those of a MariaDB file never mind case, whatever the option says."""
    relay = stage.relay(master, name="shouting")
    relay.filter = {"ignore": ["APP.%"]}
    config = configured(relay, tmp_path)
    rows = pathlib.Path(__file__).resolve().parent.parent / "data" / "rows"

    def drops(name: str, *option) -> bool:
        return any(record.get("rule") == "ignore"
                   for record in records("--only-dropped", "--config", config, *option, rows / f"{name}.binlog"))
    assert drops("mariadb-10.11") and drops("mariadb-10.11", "--lower-case-table-names", 0)
    assert not drops("mysql-9.7") and not drops("mysql-9.7", "--lower-case-table-names=0")
    assert drops("mysql-9.7", "--lower-case-table-names=1") and drops("mysql-9.7", "--lower-case-table-names", 2)
    file = rows / "mysql-9.7.binlog"
    assert b"0, 1 or 2" in inspect("--config", config, "--lower-case-table-names", 3, file, status=2).stderr
    assert b"--lower-case-table-names" in inspect("--config", config, "--lower-case-table-names", "x", file, status=2).stderr
    assert b"needs --config" in inspect("--lower-case-table-names", 1, file, status=2).stderr


@each_family
@pytest.mark.parametrize("requirement, table, why", [
    ("primary_key", "CREATE TABLE bound.t (v INT) ENGINE=InnoDB", "table bound.t has no primary key"),
    ("innodb", "CREATE TABLE bound.t (v INT PRIMARY KEY) ENGINE=MyISAM", "table bound.t gets the engine MyISAM")],
    ids=["primary-key", "innodb"])
def test_it_stops_where_requirements_stop_a_relay(scene, stage, kind, master, tmp_path, requirement, table, why):
    finished_files(master)
    name = master.coordinates[0]
    for statement in ("CREATE DATABASE bound", table, "INSERT INTO bound.t VALUES (1)", "DROP DATABASE bound"):
        master.sql(statement)
    finished_files(master)
    relay = scene.relay(master)
    relay.requirements |= {"primary_key": "warn", "innodb": "warn"}
    path = file_of(master, name)
    warned = inspect("--config", configured(relay, tmp_path), path).stdout
    assert warned == inspect(path).stdout
    relay.requirements[requirement] = "refuse"
    done = inspect("--config", configured(relay, tmp_path), path, status=1)
    told = re.search(rf"position (\d+): a relay would stop here: (\w+): ({re.escape(why)}.*)\n", done.stderr.decode())
    *before, stop = done.stdout.splitlines(keepends=True)
    assert told and warned.startswith(b"".join(before)) and stop.split()[0].decode() == told[1] and b" stop " in stop
    scene.sluice(relay)
    with knock(relay) as client, refused(1236) as caught:
        client.introduce(55, mariadb=kind.mariadb)
        client.request_dump(name, 4, server_id=55, blocking=False, annotations=kind.mariadb)
        list(client.events())
    assert caught.value.text == f"Sluice stops before {name}:{told[1]} ({told[2]}): {told[3]}"
