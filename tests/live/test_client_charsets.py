"""Texts that only their client's character set makes clear: servers read another statement out of them than one
who takes their bytes for ASCII. None of those that change the system schema passes."""

from __future__ import annotations

import dataclasses

import pytest

from clients import knock
from disguised import SETUP, contents, dumped, everywhere
from kinds import every_server
from packets import ServerError


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    charset: str
    text: bytes
    where: object = everywhere


REFUSED = [
    Case("-- and a control character in UPDATE", "cp1250",
         b"update app.a --\x81 set b=1\n right join mysql.zz z on true set z.b=z.b+5"),
    Case("-- and a control character in CREATE INDEX", "latin7",
         b"create index SECRET1 using btree --\xa5 on app.a\n on mysql.zz (b)"),
    Case("-- and another control character in UPDATE", "hp8",
         b"update app.a --\x90 set b=1\n, mysql.zz set zz.b=zz.b+5"),
    Case("-- and a control character in SET STATEMENT", "cp1250",
         b"set statement max_statement_time=10 --\x81 for select 1\n for create user secret identified by 'SECRET'",
         lambda kind: kind.mariadb),
    Case("a letter of swe7 in an index", "swe7", b"create index SECRET{ON on mysql.zz (b)"),
    Case("a letter of swe7 in a variable", "swe7",
         b"update app.a join app.b on @a` is null join mysql.zz z on true set z.b=z.b+5 -- ` set a.b=1"),
    Case("half a character in a variable", "gbk",
         b"update app.a join (select @\xb0` x `) d join mysql.zz z on true set z.b=z.b+5 -- ` ) d set a.b=1",
         lambda kind: kind.mariadb or not kind.at_least(8)),  # others refuse such a name
    Case("half a character behind a digit", "gbk",
         b"update app.a join (select 1\xb0` x ` from (select 1 as 1\xb0 ) y) d join mysql.zz z on true set z.b=z.b+5 -- ` ) d "
         b"set a.b=1", lambda kind: not kind.mariadb),
    Case("the character set of file names", "filename", b"insert into `m@0079sql`.zz values (5, 5)",
         lambda kind: not kind.mariadb and not kind.at_least(5, 7)),
]


def run(master, charset: str, *texts: bytes) -> None:
    with master.connect() as session:
        session.query("USE app")
        session.query("SET SESSION binlog_format=STATEMENT")
        session.query(f"SET NAMES {charset}")
        for text in texts:
            session.query(text)


@every_server
def test_no_statement_on_the_system_schema_passes(scene, kind):
    master = scene.master(gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    for statement in SETUP:
        master.sql(statement)
    leaked = []
    for case in REFUSED:
        if not case.where(kind):
            continue
        before, start = contents(master), master.coordinates
        run(master, case.charset, case.text)
        # Else the text is not what its name says.
        assert contents(master) != before, case.name
        passed, error = dumped(knock(relay), start)
        if error != 1236 or case.text in passed:
            leaked.append(case.name)
    assert not leaked


def lower_cases(kind) -> bool:
    """From 8.0 on a data folder has one lower_case_table_names for ever; the tests' are made with 0."""
    return kind.mariadb or not kind.at_least(8)


@every_server
def test_the_system_schema_under_the_name_of_its_directory(scene, kind):
    if not lower_cases(kind):
        pytest.skip("its data folder was made with another lower_case_table_names")
    master = scene.master("--lower-case-table-names=1", gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    for statement in SETUP:
        master.sql(statement)
    start = master.coordinates
    tried = 0
    for spelt in ("#mysql50#mysql", "#MYSQL50#mysql", "#MySQL50#MySQL"):
        try:
            run(master, "utf8", f"INSERT INTO `{spelt}`.zz VALUES ({100 + tried}, 5)".encode())
            tried += 1
        except ServerError:
            pass
    passed, error = dumped(knock(relay), start)
    assert error == 0 and b"INSERT" not in passed
    assert kind.mariadb or tried  # MySQL takes it


@every_server
def test_a_statement_with_a_nul_behind_it_passes(scene):
    """Clients that send a C string with its NUL: the server takes it for the end, and logs it."""
    master = scene.master(gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    for statement in SETUP:
        master.sql(statement)
    start = master.coordinates
    run(master, "utf8", b"ALTER TABLE app.a ADD c INT\0", b"DROP TABLE app.b\0", b"ALTER TABLE mysql.zz ADD c INT\0")
    passed, error = dumped(knock(relay), start)
    assert error == 0
    assert b"ADD c INT\0" in passed and b"DROP TABLE" in passed and b"mysql.zz" not in passed


@every_server
def test_names_in_other_letters_pass(scene):
    """Their last bytes would take the quote behind them by other sets, with which a statement may have been prepared."""
    master = scene.master(gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    start = master.coordinates
    texts = ["CREATE DATABASE `库`", "CREATE DATABASE `zł`", "CREATE TABLE `库`.`t` (a INT PRIMARY KEY)",
             "CREATE TABLE `zł`.`表` (a INT PRIMARY KEY, b VARCHAR(400))", "INSERT INTO `库`.`t` VALUES (1)",
             f"INSERT INTO `zł`.`表` VALUES (1, '{'x' * 300}'), (2, '`code`')",
             f"DELETE FROM `zł`.`表` WHERE `b` LIKE '{'x' * 300}' AND `a`=1",
             "CREATE PROCEDURE `库`.`p`() SELECT 1", "CREATE FUNCTION `zł`.`f`() RETURNS INT DETERMINISTIC RETURN 1",
             "DROP FUNCTION `zł`.`f`", "DROP TABLE `zł`.`表`"]
    with master.connect() as session:
        session.query("SET SESSION binlog_format=STATEMENT")
        session.query("SET NAMES utf8")
        for text in texts:
            session.query(text)
    passed, error = dumped(knock(relay), start)
    assert error == 0
    # Servers write some of them anew.
    names = ["t` (a INT", "表` (a INT", "INSERT INTO `库`", "'`code`'", "`a`=1", "`p`", "`f`", "DROP FUNCTION", "DROP TABLE"]
    assert all(name.encode() in passed for name in names)
