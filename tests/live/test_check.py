"""sluice check: each requirement seen failing and passing on real servers."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

import replication
import waiting
from certificates import Authority, openssl
from checking import against, check, open_dba, run_check
from kinds import any_server, each_family, every_server, mariadb_servers, old_tls_servers
from ports import free_port
from replication import Route
from sluice import PROGRAM, Relay, Sluice

TABLES = ("CREATE DATABASE app", "CREATE TABLE app.good (id INT PRIMARY KEY) ENGINE=InnoDB")


def cloud_of(kind) -> str:
    return "mariadb" if kind.mariadb else "mysql"


class Pair:
    """A master with its relay, which runs, and a server that may become its replica."""

    def __init__(self, stage):
        self.stage, self.kind = stage, stage.kind
        self.master, self.replica = stage.master(), stage.replica()
        for server in (self.master, self.replica):
            open_dba(server)
            for statement in TABLES:
                server.quietly(statement)
        self.relay = stage.relay(self.master)
        self.relay.more["advertise"] = f"127.0.0.1:{self.relay.port}"
        self.sluice = stage.sluice(self.relay)

    def check(self, *arguments, **options):
        return check(self.sluice.config, "--for", cloud_of(self.kind), *arguments, **options)

    def both(self, *arguments, **options):
        return self.check(*against(self.replica), *arguments, **options)

    def variant(self, name: str, change, **options):
        """Another configuration that is not run."""
        relay = Relay(self.master, self.stage.certificates, name=name)
        change(relay)
        sluice = Sluice(self.stage.folder("config"), relay, **options)
        sluice.write_config()
        return sluice.config


@pytest.fixture(scope="module")
def pair(stage):
    return Pair(stage)


@pytest.fixture
def tables(pair):
    """What a test creates in app is gone after it."""
    yield
    for server in (pair.master, pair.replica):
        server.quietly("DROP DATABASE IF EXISTS app", "DROP DATABASE IF EXISTS ndbinfo", *TABLES)


# -------------------------------------------------------------- all is well


@every_server
def test_a_pair_that_is_ready(pair):
    report = pair.both()
    assert not report.summary["FAIL"], report.troubles
    old = pair.kind.old_tls
    expected_warnings = {"certificate chain"} | ({"advice"} if old else set())
    warned = {one["name"] for one in report.requirements if one["state"] == "warn"}
    assert warned <= expected_warnings | {"accounts"}, report.troubles
    for subject, name in (("master", "reachable"), ("master", "TLS"), ("master", "login"), ("master", "version"),
                          ("master", "same version"), ("privileges", "REPLICATION SLAVE"), ("binlog", "log_bin"),
                          ("binlog", "binlog_format"), ("binlog", "server_id"), ("binlog", "binlog retention"),
                          ("settings", "lower_case_table_names"), ("settings", "sql_mode"), ("schemas", "primary keys"),
                          ("schemas", "InnoDB"), ("schemas", "definers"), ("schemas", "events"), ("replica", "login"),
                          ("Sluice", "login through Sluice"), ("Sluice", "a replica's questions"), ("Sluice", "a dump")):
        assert report.state(subject, name) == "ok", report[subject, name]
    assert "binlog.0" in report["Sluice", "a dump"]["reason"]


@every_server
def test_it_changes_nothing(pair):
    before = pair.master.coordinates, pair.replica.coordinates
    pair.both("--accounts")
    assert (pair.master.coordinates, pair.replica.coordinates) == before


@every_server
def test_text_and_json_say_the_same(pair):
    text = run_check(pair.sluice.config, "--for", cloud_of(pair.kind), *against(pair.replica)).stdout
    report = pair.both()
    lines = re.findall(r"^  (ok|warn|FAIL|skip) +(\S.*?)  ", text, re.M)
    assert lines == [(one["state"], one["name"]) for one in report.requirements]
    assert "\x1b" not in text
    assert text.endswith("{ok} ok, {warn} warn, {FAIL} FAIL, {skip} skip\n".format(**report.summary))


# -------------------------------------------------------------- the master


@every_server
def test_a_master_that_is_not_there(pair):
    def nobody(relay):
        relay.master["port"] = free_port()
    report = check(pair.variant("nobody", nobody), dba=False)
    assert report.state("master", "reachable") == "FAIL"
    assert report.state("master", "TLS") == report.state("master", "login") == "skip"
    assert report.done.returncode == 1


@any_server
def test_a_name_that_is_none(pair):
    def nameless(relay):
        relay.master["host"] = "nowhere.invalid"
    report = check(pair.variant("nameless", nameless), dba=False)
    assert report.state("master", "reachable") == "FAIL"
    assert "getent" in report.remedy("master", "reachable")


@every_server
def test_a_certificate_of_a_stranger(pair):
    def distrust(relay):
        relay.master["tls"]["ca"] = pair.stage.certificates.stranger.ca
    report = check(pair.variant("stranger", distrust), dba=False)
    tls = report["master", "TLS"]
    assert tls["state"] == "FAIL"
    assert "127.0.0.1" in tls["reason"] and "Sluice test authority" in tls["reason"]
    assert "ca = " in report.remedy("master", "TLS")
    assert report.state("master", "login") == "skip"


@each_family
def test_certificates_that_do_not_pass(scene):
    """For another host; expired. Each says what would make it pass."""
    tls = scene.certificates
    for pair, word, advice in ((tls.elsewhere, "not for 127.0.0.1", 'host = "db.example.net"'),
                               (tls.expired, "expired", "a new certificate")):
        master = scene.master(f"--ssl-cert={pair.cert}", f"--ssl-key={pair.key}")
        sluice = scene.sluice(scene.relay(master), start=False)
        sluice.write_config()
        report = check(sluice.config, dba=False)
        assert report.state("master", "TLS") == "FAIL"
        assert word in report["master", "TLS"]["reason"]
        assert advice in report.remedy("master", "TLS")


@every_server
def test_a_leg_without_tls_and_one_that_verifies_nothing(pair):
    def plain(relay):
        relay.master["tls"] = {"mode": "disabled"}

    def blind(relay):
        relay.master["tls"]["mode"] = "required"
        del relay.master["tls"]["ca"]
    assert check(pair.variant("plain", plain), dba=False).state("master", "TLS") == "warn"
    report = check(pair.variant("blind", blind), dba=False)
    assert report.state("master", "TLS") == "warn"
    assert report.state("master", "login") == "ok"


@every_server
def test_a_master_without_tls(scene):
    option = "--skip-ssl" if scene.kind.mariadb or not scene.kind.at_least(8) else "--tls-version="
    if scene.kind.name == "mysql-8.0":
        option = "--ssl=OFF"
    sluice = scene.sluice(scene.relay(scene.master(option)), start=False)
    sluice.write_config()
    report = check(sluice.config, dba=False)
    assert report.state("master", "TLS") == "FAIL"
    assert "no TLS" in report["master", "TLS"]["reason"]


@every_server
def test_a_wrong_password(pair):
    def mistyped(relay):
        relay.master["password"] = "mistyped"
    report = check(pair.variant("mistyped", mistyped), dba=False)
    assert report.state("master", "login") == "FAIL"
    # The statements to paste are those of this version.
    statements = report.remedy("master", "login").replace("'relay'", "'fresh'").replace("'...'", "'pasted-1'")
    for statement in statements.split("\n"):
        if not statement.startswith("#"):
            pair.master.quietly(statement.rstrip(";"))

    def fresh(relay):
        relay.master |= {"user": "fresh", "password": "pasted-1"}
    report = check(pair.variant("fresh", fresh), dba=False)
    assert {one["state"] for one in report.requirements if one["subject"] == "privileges"} == {"ok"}
    pair.master.quietly("DROP USER 'fresh'@'%'")


@every_server
def test_an_account_that_demands_more_than_a_password(pair):
    """Which the server says in the words for a wrong password; or that is locked, or whose password has expired."""
    kind, master = pair.kind, pair.master
    modern = kind.at_least(10, 4, 7) if kind.mariadb else kind.at_least(5, 7, 6)
    demands = "ALTER USER {0} REQUIRE {1}" if modern else "GRANT USAGE ON *.* TO {0} REQUIRE {1}"

    def login(account: str, tls: bool) -> str:
        def asked(relay):
            relay.master |= {"user": account, "password": "asked-secret"}
            if not tls:
                relay.master["tls"] = {"mode": "disabled"}
        report = check(pair.variant(account, asked), dba=False)
        assert report.state("master", "login") == "FAIL"
        return report["master", "login"]["reason"] + "\n" + report.remedy("master", "login")

    for demand, tls, words in (("SSL", False, "demands TLS (REQUIRE SSL)"), ("X509", True, "a client certificate (REQUIRE X509)")):
        master.quietly("CREATE USER 'asked'@'%' IDENTIFIED BY 'asked-secret'", demands.format("'asked'@'%'", demand))
        said = login("asked", tls)
        assert "error 1045" in said and words in said, said
        master.quietly("DROP USER 'asked'@'%'")
    if modern:
        for change, words in (("ACCOUNT LOCK", "ALTER USER 'asked'@'%' ACCOUNT UNLOCK;"),
                              ("PASSWORD EXPIRE", "ALTER USER 'asked'@'%' IDENTIFIED BY '...';")):
            master.quietly("CREATE USER 'asked'@'%' IDENTIFIED BY 'asked-secret'", f"ALTER USER 'asked'@'%' {change}")
            said = login("asked", True)
            assert words in said and "check user and password" not in said and "CREATE USER" not in said, said
            master.quietly("DROP USER 'asked'@'%'")


@every_server
def test_privileges(pair):
    accounts = {"few": [], "many": ["GRANT SUPER, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'many'@'%'"],
                "all": ["GRANT ALL ON *.* TO 'all'@'%'"]}
    for user, grants in accounts.items():
        pair.master.quietly(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'x-secret'", *grants)

        def change(relay, user=user):
            relay.master |= {"user": user, "password": "x-secret"}
        report = check(pair.variant(user, change), dba=False)
        if user == "few":
            assert report.state("privileges", "REPLICATION SLAVE") == "FAIL"
            assert report.state("privileges", "REPLICATION CLIENT") == "warn"
            for statement in report["privileges", "REPLICATION SLAVE"]["remedy"]:
                pair.master.quietly(statement.rstrip(";"))
            report = check(pair.variant(user, change), dba=False)
            assert report.state("privileges", "REPLICATION SLAVE") == "ok"
            assert report.state("privileges", "no other privileges") == "ok"
        else:
            assert report.state("privileges", "no other privileges") == "warn"
            for statement in report["privileges", "no other privileges"]["remedy"]:
                pair.master.quietly(statement.rstrip(";"))
            report = check(pair.variant(user, change), dba=False)
            assert report.state("privileges", "no other privileges") == "ok", report["privileges", "no other privileges"]
        pair.master.quietly(f"DROP USER '{user}'@'%'")


@each_family
def test_privileges_through_a_role(pair):
    role, user = "REPLICATION_OF_ALL", "'by_role'@'%'"
    default = f"SET DEFAULT ROLE {role} FOR {user}" if pair.kind.mariadb else f"SET DEFAULT ROLE {role} TO {user}"
    pair.master.quietly(f"CREATE ROLE {role}", f"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {role}",
                        f"CREATE USER {user} IDENTIFIED BY 'x-secret'", f"GRANT {role} TO {user}", default)

    def change(relay):
        relay.master |= {"user": "by_role", "password": "x-secret"}
    config = pair.variant("by_role", change)
    report = check(config, dba=False)
    assert report.state("privileges", "REPLICATION SLAVE") == "ok", report["privileges", "REPLICATION SLAVE"]
    assert report.state("privileges", "no other privileges") == "ok", report["privileges", "no other privileges"]
    # What a role gives is not taken back from the account.
    pair.master.quietly(f"GRANT SELECT ON *.* TO {role}")
    report = check(config, dba=False)
    assert report.state("privileges", "no other privileges") == "warn"
    pair.master.quietly(*(line.rstrip(";") for line in report["privileges", "no other privileges"]["remedy"]
                          if not line.startswith("--")))
    report = check(config, dba=False)
    pair.master.quietly(f"DROP USER {user}", f"DROP ROLE {role}")
    assert report.state("privileges", "REPLICATION SLAVE") == "ok", report["privileges", "REPLICATION SLAVE"]
    assert report.state("privileges", "no other privileges") == "ok", report["privileges", "no other privileges"]


@every_server
def test_versions(pair):
    own = pair.kind.version_text
    assert pair.check("--replica-version", own).state("master", "same version") == "ok"
    older = "5.5.60" if not pair.kind.mariadb else "10.1.48-MariaDB"
    assert pair.check("--replica-version", older).state("master", "same version") == "FAIL"
    newer = "9.99.1" if not pair.kind.mariadb else "99.0.1-MariaDB"
    assert pair.check("--replica-version", newer).state("master", "same version") == "warn"
    takes = {"azure": not pair.kind.mariadb and pair.kind.at_least(5, 7), "cloudsql": not pair.kind.mariadb, "rds": True,
             "mysql": not pair.kind.mariadb, "mariadb": True}
    for cloud, good in takes.items():
        assert (check(pair.sluice.config, "--for", cloud).state("master", "version") != "FAIL") == good, cloud


@old_tls_servers
def test_the_replicas_tls_is_that_of_the_relay_that_is_meant(pair, scene):
    """A replica that speaks an old TLS, and a first relay whose master need not."""
    first, second = scene.relay(pair.master, name="first"), scene.relay(pair.master, name="second")
    del first.master["tls"]["min_version"]
    sluice = scene.sluice(first, second, start=False)
    sluice.write_config()
    assert check(sluice.config, "--relay", "second", *against(pair.replica)).state("replica", "login") == "ok"
    assert check(sluice.config, *against(pair.replica)).state("replica", "login") == "FAIL"


# -------------------------------------------------------------- its settings


@every_server
def test_a_master_with_everything_wrong(scene):
    """Each of these is ok on the pair that is ready."""
    kind = scene.kind
    options = ["--skip-log-bin", "--binlog-format=MIXED", "--binlog-row-image=MINIMAL", "--binlog-checksum=NONE",
               "--sql-mode=", "--default-time-zone=+03:00", "--collation-server=latin1_bin", "--character-set-server=latin1"]
    if not kind.mariadb:
        options.append("--server-id=0")
    if kind.mariadb or not kind.at_least(8):
        options.append("--expire-logs-days=1")
    else:
        options.append("--binlog-expire-logs-seconds=3600")
    if kind.mariadb:
        options.append("--binlog-expire-logs-seconds=3600")
    master = scene.master(*options, gtid=False)
    replica = scene.replica()
    for server in (master, replica):
        open_dba(server)
    sluice = scene.sluice(scene.relay(master), start=False)
    sluice.write_config()
    report = check(sluice.config, "--for", "cloudsql", *against(replica))
    wrong = {"log_bin": "FAIL", "binlog_format": "FAIL", "binlog_row_image": "warn", "binlog_checksum": "warn",
             "binlog retention": "warn"}
    if not kind.mariadb:
        wrong["server_id"] = "FAIL"
    for name, state in wrong.items():
        assert report.state("binlog", name) == state, report["binlog", name]
    assert report.state("settings", "sql_mode") == "warn"
    assert report.state("settings", "character set") == "warn"
    # What it says to do about those that can be changed without a restart is right.
    for name in set(wrong) - {"log_bin", "server_id"}:
        for line in report["binlog", name]["remedy"]:
            if line.startswith("SET "):
                master.sql(line.rstrip(";"))
    report = check(sluice.config, "--for", "cloudsql", *against(replica))
    for name in set(wrong) - {"log_bin", "server_id"}:
        assert report.state("binlog", name) == "ok", report["binlog", name]


@every_server
def test_what_the_binlog_lacks(scene):
    """A master that is a replica itself may not log what it receives, and one may log some schemas only."""
    name = "log_replica_updates" if not scene.kind.mariadb and scene.kind.at_least(8, 0, 26) else "log_slave_updates"
    master = scene.master(f"--{name.replace('_', '-')}=OFF", "--binlog-do-db=app", gtid=False)
    open_dba(master)
    sluice = scene.sluice(scene.relay(master), start=False)
    sluice.write_config()
    report = check(sluice.config)
    assert report.state("binlog", name) == "ok"
    assert "only app" in report["binlog", "schemas in the binlog"]["reason"]
    replication.point(master, Route(free_port(), "nobody", "x"), gtid=False)
    assert check(sluice.config).state("binlog", name) == "FAIL"


@every_server
def test_ids_that_both_have(pair):
    pair.replica.sql(f"SET GLOBAL server_id={pair.master.server_id}")
    assert pair.both().state("binlog", "server_id") == "FAIL"
    pair.replica.sql(f"SET GLOBAL server_id={pair.replica.server_id}")
    assert pair.both().state("binlog", "server_id") == "ok"
    # As a replica the master itself has its own server_uuid.
    report = pair.check(*against(pair.master))
    assert report.state("binlog", "server_id") == "FAIL"
    assert report.state("binlog", "server_uuid") == ("skip" if pair.kind.mariadb else "FAIL")


@every_server
def test_gtid_modes(pair):
    report = pair.both()
    if pair.kind.mariadb:
        assert report.state("binlog", "GTID") == "ok"
        return
    assert report.state("binlog", "gtid_mode") == "ok"
    if not pair.kind.at_least(5, 7):
        return
    # A replica without GTIDs takes none from this master; the remedy's steps bring it there.
    for mode in ("ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"):
        pair.replica.sql(f"SET GLOBAL gtid_mode={mode}")
    report = pair.both()
    assert report.state("binlog", "gtid_mode") == "FAIL"
    for line in report["binlog", "gtid_mode"]["remedy"]:
        if line.startswith("SET "):
            pair.replica.sql(line.rstrip(";").replace("PERSIST", "GLOBAL"))
    assert pair.both()["binlog", "gtid_mode"]["reason"] == "ON, replica ON: by GTID, or by file and position"
    pair.master.sql("SET GLOBAL gtid_mode=ON_PERMISSIVE")
    report = check(pair.sluice.config, "--for", "cloudsql")
    pair.master.sql(report["binlog", "gtid_mode"]["remedy"][0].rstrip(";"))
    assert report.state("binlog", "gtid_mode") == "FAIL"
    assert pair.both().state("binlog", "gtid_mode") == "ok"


@every_server
def test_compressed_transactions(pair):
    if pair.kind.mariadb or not pair.kind.at_least(8, 0, 20):
        assert pair.both().state("binlog", "binlog_transaction_compression") == "skip"
        return
    pair.master.sql("SET GLOBAL binlog_transaction_compression=ON")
    try:
        assert pair.check().state("binlog", "binlog_transaction_compression") == "warn"
        assert pair.both().state("binlog", "binlog_transaction_compression") == "ok"
        report = pair.check("--replica-version", "8.0.15")
        assert report.state("binlog", "binlog_transaction_compression") == "FAIL"
    finally:
        pair.master.sql("SET GLOBAL binlog_transaction_compression=OFF")


@every_server
def test_lower_case_table_names(pair, scene):
    # The tests' servers have 0.
    assert pair.both().state("settings", "lower_case_table_names") == "ok"
    assert check(pair.sluice.config, "--for", "azure").state("settings", "lower_case_table_names") == "warn"
    assert check(pair.sluice.config, "--for", "rds").state("settings", "lower_case_table_names") == "ok"
    if not pair.kind.mariadb and pair.kind.at_least(8):
        return  # a data folder has one for ever
    other = scene.replica("--lower-case-table-names=1")
    open_dba(other)
    assert pair.check(*against(other)).state("settings", "lower_case_table_names") == "FAIL"


@every_server
def test_packets(pair):
    # 512 MiB here, and a replica reads up to 1 GiB unless told otherwise.
    assert pair.both().state("settings", "max_allowed_packet") == "ok"
    name = "replica_max_allowed_packet" if pair.replica.say.new else "slave_max_allowed_packet"
    before = pair.replica.value(f"SELECT @@GLOBAL.{name}")
    pair.replica.sql(f"SET GLOBAL {name}=1048576")
    report = pair.both()
    assert report.state("settings", "max_allowed_packet") == "warn"
    for line in report["settings", "max_allowed_packet"]["remedy"]:
        if line.startswith("SET "):
            pair.replica.sql(line.rstrip(";").replace("PERSIST", "GLOBAL"))
    assert pair.both().state("settings", "max_allowed_packet") == "ok"
    pair.replica.sql(f"SET GLOBAL {name}={before}")


@every_server
def test_time_zones(pair):
    zone = ("INSERT INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (9001, 'N')",
            "INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('Sluice/Test', 9001)",
            "INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, "
            "Abbreviation) VALUES (9001, 0, 3600, 0, 'ST')")
    pair.master.quietly(*zone)
    pair.master.sql("SET GLOBAL time_zone='Sluice/Test'")
    assert pair.check().state("settings", "time zone") == "warn"
    assert pair.both().state("settings", "time zone") == "FAIL"
    pair.replica.quietly(*zone)
    # A server remembers that it has not found one.
    pair.replica.restart()
    assert pair.both().state("settings", "time zone") == "ok"
    pair.master.sql("SET GLOBAL time_zone='SYSTEM'")
    assert pair.both().state("settings", "time zone") == "ok"


# -------------------------------------------------------------- what it holds


@every_server
def test_tables(pair, tables):
    for number in range(22):
        pair.master.quietly(f"CREATE TABLE app.keyless{number:02} (a INT) ENGINE=InnoDB")
    pair.master.quietly("CREATE TABLE app.`old table` (id INT PRIMARY KEY) ENGINE=MyISAM")
    report = pair.both()
    keys = report["schemas", "primary keys"]
    assert keys["state"] == "warn" and keys["reason"].startswith("22 of 24 tables")
    assert "before the dump" in keys["remedy"][0]
    assert len(keys["remedy"]) == 3 + 21 and keys["remedy"][-1] == "-- and 2 more"
    engines = report["schemas", "InnoDB"]
    assert engines["state"] == "warn" and "1 of 24 tables are in MyISAM" in engines["reason"]
    assert check(pair.sluice.config, "--for", "azure").state("schemas", "InnoDB") == "FAIL"
    # Until it is clean.
    while pair.both().state("schemas", "primary keys") != "ok":
        for line in pair.both()["schemas", "primary keys"]["remedy"]:
            if not line.startswith("--"):
                pair.master.quietly(line.rstrip(";"))
    for line in engines["remedy"]:
        pair.master.quietly(line.rstrip(";"))
    assert pair.both().state("schemas", "InnoDB") == "ok"


@every_server
def test_tables_that_the_relay_drops_do_not_count(pair, tables):
    pair.master.quietly("CREATE TABLE app.keyless (a INT) ENGINE=MyISAM")

    def ignore(relay):
        relay.filter = {"ignore": ["app.keyless"]}
    report = check(pair.variant("ignore", ignore), "--for", cloud_of(pair.kind))
    assert report.state("schemas", "primary keys") == report.state("schemas", "InnoDB") == "ok"
    assert report["schemas", "ignore"]["reason"] == "app.keyless names 1 table"


@every_server
def test_a_pattern_that_names_no_table_is_a_slip(pair, tables):
    """Capitals count where the server's names are bytes (lower_case_table_names=0, and MySQL)."""
    def slips(relay):
        relay.filter = {"ignore": ["app.goood"], "only": ["APP.%"]}
    report = check(pair.variant("slips", slips), "--for", cloud_of(pair.kind))
    assert report["schemas", "ignore"]["state"] == "warn"
    assert report["schemas", "ignore"]["reason"] == "app.goood names no table that is there now"
    if pair.kind.mariadb:
        assert re.fullmatch(r"APP\.% names \d+ tables?", report["schemas", "only"]["reason"])
    else:
        assert report.state("schemas", "only") == "warn" and "in other capitals" in report["schemas", "only"]["reason"]


@every_server
def test_what_the_relay_refuses_is_a_failure(pair, tables):
    pair.master.quietly("CREATE TABLE app.keyless (a INT) ENGINE=MyISAM")

    def refuse(relay):
        relay.requirements = {"primary_key": "refuse", "innodb": "refuse"}
    report = check(pair.variant("refuse", refuse), "--for", cloud_of(pair.kind))
    assert report.state("schemas", "primary keys") == report.state("schemas", "InnoDB") == "FAIL"


@every_server
def test_generated_keys(pair, tables):
    pair.master.quietly("CREATE TABLE app.keyless (a INT) ENGINE=InnoDB")
    config = pair.sluice.config
    makes_keys = not pair.kind.mariadb and pair.kind.at_least(8, 0, 30)
    assert check(config, "--for", "azure").state("schemas", "generated keys") == ("warn" if makes_keys else "ok")
    assert check(config, "--for", "rds").state("schemas", "generated keys") == "ok"
    pair.master.quietly("CREATE TABLE app.taken (my_row_id INT) ENGINE=InnoDB")
    report = check(config, "--for", "azure")
    assert report.state("schemas", "generated keys") == ("FAIL" if makes_keys else "ok")
    if not makes_keys:
        return
    pair.master.quietly(report["schemas", "generated keys"]["remedy"][0].rstrip(";"),
                        "SET SESSION sql_generate_invisible_primary_key=ON",
                        "CREATE TABLE app.generated (a INT) ENGINE=InnoDB")
    shown = "show_gipk_in_create_table_and_information_schema"
    for value in "OFF", "ON":
        pair.master.sql(f"SET GLOBAL {shown}={value}")
        report = check(config, "--for", "rds")
        assert "1 of " in report["schemas", "generated keys"]["reason"]
    pair.replica.sql("SET GLOBAL sql_require_primary_key=ON")
    assert pair.both().state("schemas", "primary keys") == "FAIL"
    pair.replica.sql("SET GLOBAL sql_require_primary_key=OFF")


@every_server
def test_schema_names(pair, tables):
    assert check(pair.sluice.config, "--for", "rds").state("schemas", "schema names") == "ok"
    pair.master.quietly("CREATE DATABASE tmp")
    try:
        assert check(pair.sluice.config, "--for", "rds").state("schemas", "schema names") == "FAIL"
        assert check(pair.sluice.config, "--for", "azure").state("schemas", "schema names") == "ok"
    finally:
        pair.master.quietly("DROP DATABASE tmp")


@every_server
def test_definers(pair, tables):
    pair.master.quietly("CREATE USER 'owner'@'10.%' IDENTIFIED BY 'x-secret'", "GRANT ALL ON app.* TO 'owner'@'10.%'",
                        "CREATE DEFINER='owner'@'10.%' VIEW app.v AS SELECT id FROM app.good",
                        "CREATE DEFINER='owner'@'10.%' PROCEDURE app.p() SELECT 1",
                        "CREATE DEFINER='owner'@'10.%' TRIGGER app.tr BEFORE INSERT ON app.good FOR EACH ROW SET @x=1",
                        "CREATE DEFINER='owner'@'10.%' EVENT app.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1")
    try:
        report = pair.both()
        assert report.state("schemas", "definers") == "warn"
        assert "owner@10.% (4)" in report["schemas", "definers"]["reason"]
        assert pair.check().state("schemas", "definers") == "warn"
        # What is to be done without: rows, also of mariadb-dump, keep such a text.
        command = check(pair.sluice.config).remedy("schemas", "definers").split("without them: ")[1].removesuffix("DUMP.sql")
        rows = "INSERT INTO t VALUES\n('DEFINER=`a`@`b`'),\n(2,'DEFINER=`a`@`b`');\nREPLACE INTO t VALUES ('DEFINER=`a`@`b`');\n"
        filtered = subprocess.run(command, shell=True, input=rows + "/*!50017 DEFINER=`a`@`b`*/\n", capture_output=True, text=True)
        assert filtered.stdout == rows + "/*!50017 */\n"
        for line in report["schemas", "definers"]["remedy"]:
            if line.startswith("CREATE USER"):
                pair.replica.quietly(line.rstrip(";"))
        assert pair.both().state("schemas", "definers") == "ok"
    finally:
        pair.master.quietly("DROP USER 'owner'@'10.%'")
        pair.replica.quietly("DROP USER IF EXISTS 'owner'@'10.%'" if pair.kind.at_least(5, 7) else "DROP USER 'owner'@'10.%'")


@each_family
def test_roles_are_no_users(pair, tables):
    pair.master.quietly("CREATE ROLE keeper", "CREATE DEFINER=keeper PROCEDURE app.p() SELECT 1")
    try:
        report = pair.both("--accounts")
        assert "keeper" not in report.remedy("schemas", "accounts")
        assert report["schemas", "definers"]["reason"].startswith("1 ")
        if pair.kind.mariadb:
            assert "CREATE ROLE 'keeper';" in report["schemas", "definers"]["remedy"]
        pair.replica.quietly("CREATE ROLE keeper")
        assert pair.both().state("schemas", "definers") == "ok"
        pair.replica.quietly("DROP ROLE keeper")
    finally:
        pair.master.quietly("DROP ROLE keeper")


@every_server
def test_events_that_would_run_twice(pair, tables):
    event = "CREATE DEFINER='root'@'localhost' EVENT app.nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1"
    pair.replica.sql("SET GLOBAL event_scheduler=OFF")
    pair.master.quietly(event)
    assert pair.check().state("schemas", "events") == "warn"
    assert pair.both().state("schemas", "events") == "ok"
    pair.replica.sql("SET GLOBAL event_scheduler=ON")
    assert pair.both().state("schemas", "events") == "ok"  # it has not got there
    pair.replica.quietly(event)
    report = pair.both()
    assert report.state("schemas", "events") == "FAIL"
    pair.replica.quietly(report["schemas", "events"]["remedy"][-1].rstrip(";"))
    assert pair.both().state("schemas", "events") == "ok"
    pair.replica.sql("SET GLOBAL event_scheduler=OFF")


@mariadb_servers
def test_a_scheduler_that_is_disabled(scene):
    """MariaDB refuses to list events then; all else is judged."""
    master = scene.master("--event-scheduler=DISABLED")
    open_dba(master)
    master.quietly(*TABLES, "CREATE DEFINER='ghost'@'%' PROCEDURE app.p() SELECT 1")
    sluice = scene.sluice(scene.relay(master), start=False)
    sluice.write_config()
    report = check(sluice.config, "--for", "mariadb", *against(master))
    assert report.state("schemas", "primary keys") == report.state("schemas", "events") == "ok"
    assert "ghost@% (1)" in report["schemas", "definers"]["reason"]


@every_server
def test_accounts_as_a_list_of_things_to_do(pair):
    pair.master.quietly("CREATE USER 'app'@'10.%' IDENTIFIED BY 'x-secret'")
    report = pair.both("--accounts")
    assert report.state("schemas", "accounts") == "warn"
    wanted = "CREATE USER 'app'@'10.%' IDENTIFIED BY '...';"
    statements = report["schemas", "accounts"]["remedy"]
    assert wanted in statements and not re.search(r"\$A\$|\*[0-9A-F]{40}", "\n".join(statements))
    assert "--accounts" in pair.both().remedy("schemas", "accounts")
    made = [line.rstrip(";") for line in statements if line.startswith("CREATE USER")]
    pair.replica.quietly(*made)
    try:
        assert pair.both().state("schemas", "accounts") == "ok"
    finally:
        pair.master.quietly("DROP USER 'app'@'10.%'")
        pair.replica.quietly(*(line.split(" IDENTIFIED")[0].replace("CREATE", "DROP") for line in made))


@every_server
def test_what_the_relays_account_may_not_see_is_skipped(pair):
    report = pair.check(dba=False)
    assert report.state("schemas", "tables") == "skip"
    assert report.state("schemas", "views, routines, events") == "skip"
    assert report.state("schemas", "accounts") == "skip"
    create, grant = report["schemas", "tables"]["remedy"][:2]
    pair.master.quietly(create.replace("'...'", "'dba-secret'").rstrip(";"), grant.rstrip(";"))
    try:
        report = pair.check("--as", "sluice_check", dba=False)
        for name in ("primary keys", "InnoDB", "definers", "events", "accounts"):
            assert report.state("schemas", name) in ("ok", "warn"), report["schemas", name]
    finally:
        pair.master.quietly("DROP USER 'sluice_check'@'%'")


# -------------------------------------------------------------- Sluice itself


def test_offline_it_asks_nobody(tmp_path, certificates):
    """Neither server is there, nor Sluice; what is on this machine is judged."""
    relay = Relay(free_port(), certificates)
    offline = Sluice(tmp_path / "offline", relay)
    offline.admin = {"listen": f"127.0.0.1:{free_port()}", "tls": {"cert": certificates.server.cert,
                                                                    "key": certificates.server.key}}
    offline.write_config()
    report = check(offline.config, "--offline", dba=False)
    assert {one["subject"] for one in report.requirements} == {"configuration", "admin", "certificates"}
    assert report.state("configuration", "valid") == report.state("certificates", "certificate and key") == "ok"
    assert report.state("admin", "admin.tls.cert") == "ok"
    assert report.done.returncode == 0

    offline.admin["tls"]["key"] = certificates.relay.key
    relay.replica_tls |= {"cert": certificates.expired.cert, "key": certificates.expired.key}
    offline.write_config()
    report = check(offline.config, "--offline", dba=False)
    assert report.state("admin", "admin.tls.cert") == report.state("certificates", "certificate validity") == "FAIL"
    assert report.done.returncode == 1

    offline.config.write_text(offline.config.read_text().replace("user = ", "usre = "))
    report = check(offline.config, "--offline", dba=False)
    assert report.done.returncode == 2 and any("usre" in one["reason"] for one in report.requirements)


@any_server
def test_certificates_of_sluice(pair):
    tls = pair.stage.certificates

    def own(pair, advertise=None, **more):
        def change(relay):
            relay.replica_tls |= {"cert": pair.cert, "key": pair.key} | more
            relay.more |= {"advertise": advertise} if advertise else {}
        return change

    def judged(change):
        return check(pair.variant("tls", change), dba=False)

    good = judged(own(tls.relay, "127.0.0.1:3306"))
    assert good.state("certificates", "certificate and key") == "ok"
    assert good.state("certificates", "certificate validity") == "ok"
    assert good.state("certificates", "certificate names") == "ok"
    assert good.state("certificates", "certificate chain") == "warn"
    chain = pair.stage.folder("chain")
    chain.mkdir()
    with open(chain / "full.pem", "wb") as full:
        full.write(tls.relay.cert.read_bytes() + tls.ca.read_bytes())
    whole = judged(lambda relay: relay.replica_tls.update(cert=chain / "full.pem", key=tls.relay.key))
    assert whole.state("certificates", "certificate chain") == "ok"
    assert whole.state("certificates", "certificate names") == "skip"
    # An authority of the same name with another key.
    namesake = Authority(pair.stage.folder("namesake"), tls.authority.name)
    (chain / "namesake.pem").write_bytes(tls.relay.cert.read_bytes() + namesake.ca.read_bytes())
    forged = judged(lambda relay: relay.replica_tls.update(cert=chain / "namesake.pem", key=tls.relay.key))
    assert "has not signed it" in forged["certificates", "certificate chain"]["reason"]
    assert judged(own(tls.client)).state("certificates", "certificate and key") == "FAIL"
    assert judged(own(tls.elsewhere, "localhost")).state("certificates", "certificate names") == "FAIL"
    assert judged(own(tls.expired)).state("certificates", "certificate validity") == "FAIL"
    soon = tls.authority.sign("soon", "subjectAltName=DNS:localhost", "-days", "10")
    assert judged(own(soon)).state("certificates", "certificate validity") == "warn"
    mixed = judged(lambda relay: relay.replica_tls.update(cert=tls.relay.cert, key=tls.server.key))
    assert mixed.state("certificates", "certificate and key") == "FAIL"
    assert "must be the same" in mixed["certificates", "certificate and key"]["remedy"][0]
    (chain / "turned.pem").write_bytes(tls.ca.read_bytes() + tls.relay.cert.read_bytes())
    turned = judged(lambda relay: relay.replica_tls.update(cert=chain / "turned.pem", key=tls.relay.key))
    assert "are in the wrong order" in turned["certificates", "certificate and key"]["reason"]
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=small", "-keyout", chain / "small.key", "-out", chain / "small.pem")
    small = judged(lambda relay: relay.replica_tls.update(cert=chain / "small.pem", key=chain / "small.key"))
    assert "too small" in small["certificates", "certificate and key"]["reason"]
    assert "rsa_keygen_bits:2048" in small["certificates", "certificate and key"]["remedy"][1]
    nameless = judged(own(tls.authority.sign("nameless", "basicConstraints=CA:false"), "127.0.0.1:3306"))
    assert nameless.state("certificates", "certificate names") == "FAIL"
    assert "it has no subjectAltName" in nameless["certificates", "certificate names"]["reason"]


@any_server
def test_file_modes(pair):
    config = pair.variant("open", lambda relay: None)
    assert check(config, dba=False).state("configuration", "file modes") == "ok"
    config.chmod(0o644)
    report = check(config, dba=False)
    modes = [one for one in report.requirements if one["name"] == "file modes"]
    assert {one["state"] for one in modes} == {"warn"}
    subprocess.run(modes[0]["remedy"][0], shell=True, check=True)
    assert check(config, dba=False).state("configuration", "file modes") == "ok"


@any_server
def test_the_network(pair):
    def change(advertise, allow=None):
        def apply(relay):
            if advertise:
                relay.more["advertise"] = advertise
            relay.allow = allow or ["127.0.0.1"]
        return apply

    def judged(*arguments, cloud="azure"):
        return check(pair.variant("net", change(*arguments)), "--for", cloud, dba=False)

    assert judged("8.8.8.8:3306").state("network", "advertise") == "ok"
    assert judged("8.8.8.8:3306").state("network", "port") == "ok"
    assert judged("8.8.8.8:3307").state("network", "port") == "warn"
    assert judged("8.8.8.8:3307", cloud="rds").state("network", "port") == "ok"
    assert judged("10.0.0.5").state("network", "advertise") == "warn"
    assert judged("nowhere.invalid").state("network", "advertise") == "FAIL"
    assert judged(None).state("network", "advertise") == "skip"
    assert judged(None).state("network", "allow") == "ok"
    assert judged(None, ["0.0.0.0/0"]).state("network", "allow") == "ok"  # it listens on loopback
    def everywhere(relay):
        change(None, ["0.0.0.0/0"])(relay)
        relay.more["listen"] = [f"0.0.0.0:{relay.port}"]
    assert check(pair.variant("net", everywhere), dba=False).state("network", "allow") == "warn"
    assert judged(None).state("network", "listen") == "ok"


@any_server
def test_ports_of_others_and_ours(pair, scene):
    assert pair.check(dba=False)["network", "listen"]["reason"].endswith("Sluice listens there")

    def taken(relay):
        relay.port = pair.master.port
    report = check(pair.variant("taken", taken), dba=False)
    assert report.state("network", "listen") == "FAIL"

    def elsewhere(relay):
        relay.more["listen"] = ["192.0.2.1:3306"]
    report = check(pair.variant("elsewhere", elsewhere), dba=False)
    assert report.state("network", "listen") == "FAIL"
    assert report.remedy("network", "listen") == "ip address"

    # Sluice itself, which has no room for another login.
    crowded = scene.relay(pair.master, name="crowded")
    crowded.replica["max_logins"] = 1
    running = scene.sluice(crowded)

    def has_no_room() -> bool:
        """For as long as the one that says nothing may keep the only place."""
        with running.connect_raw() as one:
            return bool(one.recv(1)) and check(running.config, dba=False).state("network", "listen") == "skip"

    waiting.until("Sluice has no room for another login", has_no_room)

    # And Sluice before it has reached its master, whose version it would greet with.
    alone = scene.relay(pair.master, name="alone")
    alone.master["port"] = free_port()
    report = check(scene.sluice(alone).config, dba=False)
    assert report.state("network", "listen") == "skip"
    assert report["network", "listen"]["reason"].endswith("by Sluice, which has not reached its master yet")
    assert report["Sluice", "login through Sluice"]["reason"] == "it has not reached its master yet"
    assert report.state("master", "reachable") == "FAIL"

    # Behind a new certificate that has not been loaded.
    def renewed(relay):
        relay.port = pair.relay.port
        relay.replica_tls |= {"cert": pair.stage.certificates.server.cert, "key": pair.stage.certificates.server.key}
    assert check(pair.variant("renewed", renewed), dba=False).state("network", "listen") == "FAIL"


@any_server
def test_a_login_through_sluice_is_not_tried_where_it_cannot_be(pair, scene):
    assert check(pair.variant("idle", lambda relay: None), dba=False)["Sluice", "login through Sluice"]["reason"] == \
        "it is not running"
    relay = scene.relay(pair.master, name="far")
    relay.allow = ["192.0.2.0/24"]
    report = check(scene.sluice(relay).config, dba=False)
    assert "allow" in report["Sluice", "login through Sluice"]["reason"]
    assert report.state("network", "listen") == "skip"
    balanced = scene.relay(pair.master, name="balanced")
    balanced.replica["proxy_protocol"] = ["127.0.0.0/8"]
    report = check(scene.sluice(balanced).config, dba=False)
    assert "proxy_protocol" in report["Sluice", "login through Sluice"]["reason"]
    assert report.state("network", "listen") == "skip"
    hashed = scene.relay(pair.master, name="hashed")
    hashed.users = [{"name": "replica", "password_hash": "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"}]
    report = check(scene.sluice(hashed).config, dba=False)
    assert "password_hash" in report["Sluice", "login through Sluice"]["reason"]
    exact = scene.relay(pair.master, name="exact")
    exact.requirements["same_version"] = "refuse"
    report = check(scene.sluice(exact).config, dba=False)
    assert report.state("Sluice", "login through Sluice") == "ok"  # what is no server's client may be of any version
    strict = scene.relay(pair.master, name="strict")
    strict.replica_tls["client_ca"] = scene.certificates.ca
    report = check(scene.sluice(strict).config, dba=False)
    assert "client_ca" in report["Sluice", "login through Sluice"]["reason"]


@every_server
def test_sluice_that_cannot_do_its_work(pair, scene):
    """It runs, but its master has gone, or lets it do nothing."""
    plain = scene.relay(pair.master, name="plain", tls=False)
    plain.more["advertise"] = "127.0.0.1"
    running = scene.sluice(plain)
    report = check(running.config, dba=False)
    assert report.state("Sluice", "login through Sluice") == report.state("Sluice", "a dump") == "ok"
    assert report.state("certificates", "certificate") == "warn"
    pair.master.quietly("CREATE USER 'weak'@'%' IDENTIFIED BY 'x-secret'")
    weak = scene.relay(pair.master, name="weak")
    weak.master |= {"user": "weak", "password": "x-secret"}
    report = check(scene.sluice(weak).config, dba=False)
    pair.master.quietly("DROP USER 'weak'@'%'")
    assert report.state("Sluice", "login through Sluice") == "ok"
    assert report.state("Sluice", "a dump") == "FAIL"
    # Another password in the file than Sluice has loaded.
    plain.users[0]["password"] = "changed-secret"
    running.write_config()
    report = check(running.config, dba=False)
    assert report.state("Sluice", "login through Sluice") == "FAIL"


# -------------------------------------------------------------- the command


@any_server
def test_a_wrong_configuration_is_reported_with_its_lines(pair, tmp_path):
    text = pair.sluice.config.read_text().replace("host = ", "hots = ", 1)
    config = tmp_path / "sluice.toml"
    config.write_text(text)
    report = check(config, dba=False)
    assert report.done.returncode == 2
    line = next(number for number, content in enumerate(text.splitlines(), 1) if content.startswith("hots"))
    assert any(re.search(rf"sluice\.toml:{line}:\d+: relay\.master\.hots", one["reason"]) for one in report.requirements)
    assert check(tmp_path / "none.toml", dba=False).state("configuration", "valid") == "FAIL"


@any_server
@pytest.mark.parametrize("arguments, words", [
    (["--for", "elsewhere"], "azure, rds, cloudsql, mysql, mariadb"), (["--relay", "none"], "there is no 'none'"),
    (["--replica", "a:b:c", "--replica-user", "x"], "--replica"), (["--replica", "db"], "--replica-user"),
    (["--replica-user", "x"], "--replica"), (["--replica-version", "new"], "no version"),
    (["--password-file", "x"], "--as"), (["--as", "x", "--password-file", "/nonexistent"], "cannot be read"),
    (["--replica", "db", "--replica-user", "x", "--replica-tls", "maybe"], "verify-identity")])
def test_wrong_usage(pair, arguments, words):
    done = run_check(pair.sluice.config, *arguments, dba=False)
    assert done.returncode == 2 and words in done.stderr and not done.stdout


@any_server
def test_passwords_from_files_and_nowhere(pair, tmp_path):
    file = tmp_path / "dba.password"
    file.write_text("dba-secret\n")
    config = pair.sluice.config
    report = check(config, "--as", "dba", "--password-file", file, dba=False)
    assert report.state("login as dba", "login") == "ok"
    wrong = check(config, env={"SLUICE_CHECK_PASSWORD": "mistyped"})
    assert wrong.state("login as dba", "login") == "FAIL"
    # Of a variable, too, the end of the line is no part of it.
    assert check(config, env={"SLUICE_CHECK_PASSWORD": "dba-secret\n"}).state("login as dba", "login") == "ok"
    two_lines = run_check(config, env={"SLUICE_CHECK_PASSWORD": "dba-\nsecret"})
    assert two_lines.returncode == 2 and "SLUICE_CHECK_PASSWORD" in two_lines.stderr and "secret" not in two_lines.stderr
    # No terminal, no file, no variable: setsid takes the terminal away.
    done = subprocess.run(["setsid", PROGRAM, "check", config, "--as", "dba"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 2 and "no terminal" in done.stderr


@any_server
def test_colour_on_a_terminal_only(pair):
    assert shutil.which("script"), "util-linux"
    command = f"{PROGRAM} check {pair.sluice.config}"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, timeout=60)
    assert "\x1b[32mok\x1b[0m" in done.stdout


@any_server
def test_a_report_that_cannot_be_written(pair):
    with open("/dev/full", "w") as full:
        command = [PROGRAM, "check", pair.sluice.config, "--for", cloud_of(pair.kind)]
        assert subprocess.run(command, stdout=full, timeout=60).returncode == 1


def test_help():
    done = subprocess.run([PROGRAM, "check", "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "Examples:" in done.stdout and "--replica-user" in done.stdout
