"""Statements that servers read otherwise than they look, or than the session in their event would read them: none of
those that change the system schema passes, and none is dropped that does not."""

from __future__ import annotations

import dataclasses

import pytest

from clients import knock
from disguised import SETUP, contents, dumped, everywhere
from kinds import every_server

# With backslashes as escapes it is on mysql.zz, without on app.a and app.b.
ESCAPED = rb"UPDATE app.a JOIN app.b ON '1\' <> ' JOIN mysql.zz ON '1' SET zz.b=zz.b+5 -- ' SET a.b=1"
QUOTED = b"UPDATE app.a JOIN app.b ON \"1' <> \" JOIN mysql.zz ON '1' SET zz.b=zz.b+5 -- \" SET a.b=1"
# gbk takes the backtick for the second byte of a character.
SWALLOWED = b"UPDATE app.a `\xe4\xb8\xad` JOIN mysql.zz ON true SET zz.b=zz.b+5 -- ` SET b=1"
MOVED = rb"ALTER TABLE app.c COMMENT '1\', RENAME TO mysql.moved -- '"


def prepared(text: bytes, begin: str, end: str) -> tuple[tuple, bytes]:
    """It is read behind `begin`, and executed behind `end`."""
    return (begin, f"SET @text = X'{text.hex()}'", "PREPARE s FROM @text", end), b"EXECUTE s"


def called(text: bytes, setting: str) -> tuple[tuple, bytes]:
    return (b"CREATE PROCEDURE app.p() BEGIN " + setting.encode() + b"; " + text.replace(b" -- ", b"; END -- "),), b"CALL app.p()"


NO_ESCAPES, ANSI = "SET sql_mode='NO_BACKSLASH_ESCAPES'", "SET sql_mode='ANSI_QUOTES'"
NONE = "SET sql_mode=''"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    before: tuple
    text: bytes
    where: object = everywhere


def case(name: str, made: tuple[tuple, bytes], where=everywhere) -> Case:
    return Case(name, *made, where)


def joined(name: str, text: bytes, where=everywhere) -> Case:
    return Case(name, (), text, where)


def mariadb(kind) -> bool:
    return kind.mariadb


def mysql_8(kind) -> bool:
    return not kind.mariadb and kind.at_least(8)


CHANGES = [
    case("prepared with escapes", prepared(ESCAPED, NONE, NO_ESCAPES)),
    case("prepared with double quotes", prepared(QUOTED, NONE, ANSI)),
    case("prepared without escapes", prepared(MOVED, NO_ESCAPES, NONE)),
    case("prepared in UTF-8", prepared(SWALLOWED, "SET NAMES utf8", "SET NAMES gbk")),
    case("in a procedure", called(ESCAPED, NO_ESCAPES)),
    joined("SET STATEMENT", rb"SET STATEMENT sql_mode='NO_BACKSLASH_ESCAPES', max_statement_time=LENGTH('\' ) FOR DO 1 # ') "
           rb"FOR CREATE USER secret IDENTIFIED BY 'SECRET'", mariadb),
    joined("a hint", b"UPDATE /*+ SET_VAR(sql_mode='NO_BACKSLASH_ESCAPES') */" + ESCAPED[6:], mysql_8),
    *(joined(f"a number: {number}", f"UPDATE app.a JOIN app.b ON {number}JOIN mysql.zz ON zz.a=1 SET zz.b=zz.b+5".encode())
      for number in ("1.5", "1. ", ".5", "1e1", "1e+1", "1.e1")),
    joined("a number in RENAME", b"RENAME TABLE app.c WAIT 1. TO mysql.moved", lambda kind: kind.mariadb and kind.at_least(10, 3)),
    joined("RIGHT JOIN", b"UPDATE app.a RIGHT JOIN mysql.zz ON app.a.a=zz.a SET zz.b=zz.b+5"),
    joined("RIGHT JOIN with a column of one table", b"UPDATE app.a RIGHT JOIN mysql.yy ON a=y SET z=z+5"),
    joined("a view of two tables", b"UPDATE app.v JOIN mysql.yy ON v.a=y JOIN app.b ON app.b.a=y SET z=z+5"),
    joined("a table that is called as a word of other servers",
           b"UPDATE app.lateral JOIN mysql.zz ON true SET zz.b=zz.b+5", lambda kind: not mysql_8(kind)),
    joined("the same without its schema", b"UPDATE lateral JOIN mysql.zz ON true SET zz.b=zz.b+5", lambda kind: not mysql_8(kind)),
    joined("an alias that is a word of other servers",
           b"DELETE mysql.zz FROM app.a returning JOIN mysql.zz ON zz.a=1", lambda kind: not kind.mariadb),
    joined("a view of two tables of the system schema", b"UPDATE mysql.zzyy JOIN app.b ON va=b.a SET vz=vz+5"),
    joined("the columns of MATCH",
           b"UPDATE app.m JOIN app.b ON MATCH m.x, m.y AGAINST ('word' IN BOOLEAN MODE) JOIN mysql.yy SET z=z+5"),
    joined("a column that is called AGAINST",
           b"UPDATE app.m JOIN app.b ON MATCH against, x AGAINST ('word' IN BOOLEAN MODE) JOIN mysql.yy SET z=z+5"),
    joined("a table that is called HISTORY, behind an option", b"DELETE QUICK history FROM app.a JOIN mysql.zz AS history", mariadb),
    joined("columns behind a query in brackets",
           b"DELETE zz FROM mysql.zz AS zz JOIN ((SELECT a, zz FROM app.c JOIN (SELECT 1 zz) e) ORDER BY 1, zz) d",
           lambda kind: kind.mariadb or not kind.at_least(5, 7)),
    # What servers leave out of a text they write down as a comment that may end elsewhere.
    joined("a comment that is left out", b"/*!99999 /*/ INSERT INTO app.c VALUES (7) # */ */ INSERT INTO mysql.zz VALUES (5, 5)"),
    joined("a comment within it", b"INSERT INTO/*!99999 app.c VALUES (7) # /* n */ app.c VALUES (8) # */ mysql.zz VALUES (6, 6)",
           lambda kind: not kind.mariadb and not kind.at_least(9)),
]

# Not dropped, as they change the application's alone: the stream may stop in front of them.
KEPT = [
    case("prepared in gbk", prepared(SWALLOWED + b"+1", "SET NAMES gbk", "SET NAMES utf8")),
    joined("RIGHT JOIN", b"UPDATE app.a RIGHT JOIN mysql.zz ON app.a.a=zz.a SET app.a.b=app.a.b+5"),
    joined("RIGHT JOIN with a column of one table", b"UPDATE app.a RIGHT JOIN mysql.yy ON a=y SET b=b+5"),
    joined("the columns of MATCH", b"UPDATE app.b JOIN app.m ON true JOIN (SELECT 1) d JOIN mysql.yy ON true "
           b"SET b.b=b.b+5+MATCH m.x, m.y AGAINST ('word' IN BOOLEAN MODE)",
           lambda kind: kind.mariadb or kind.at_least(8)),  # older ones crash of it
    joined("an alias", b"UPDATE app.a returning JOIN app.b ON true SET returning.b=returning.b+5", lambda kind: not kind.mariadb),
    joined("a table that is called HISTORY", b"DELETE IGNORE history FROM mysql.zz JOIN app.a AS history", mariadb),
]

# What applications write, too: the stream goes on.
ORDINARY = [
    joined("dashes in SET STATEMENT", b"SET STATEMENT lock_wait_timeout=1--1 FOR INSERT INTO app.a VALUES (9, 9)", mariadb),
    joined("a query that begins with a bracket",
           b"UPDATE app.a JOIN ((SELECT 1 k, 2 v) UNION SELECT 3, 4) d ON app.a.a=d.k SET app.a.b=app.a.b+d.v", mariadb),
    joined("a query in brackets that is sorted",
           b"UPDATE app.a JOIN ((SELECT a k, b v FROM app.b) UNION ALL (SELECT 5, 6) ORDER BY 1, 2 LIMIT 5) d ON app.a.a=d.k "
           b"SET app.a.b=app.a.b+d.v", lambda kind: kind.mariadb or not kind.at_least(5, 7)),
    joined("a long text of quotes, backslashes and letters", "UPDATE app.a JOIN app.b ON LENGTH('".encode()
           + "Größe \"alt\", 'Straße'\\\\n".replace("'", "\\'").encode() * 110_000 + b"') > app.b.a SET app.a.b=app.a.b+1"),
]

# What would tell that any of it has passed. Not shorter: there are numbers in an event, too.
TRACES = (b"mysql.", b"SECRET")


def play(scene, kind, cases):
    """Yields each case with what of it passes, and the error that ends the stream."""
    master = scene.master(gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    for statement in (*SETUP, "CREATE TABLE app.c (a INT PRIMARY KEY)", "CREATE TABLE app.lateral (l INT)",
                      "CREATE TABLE mysql.yy (y INT PRIMARY KEY, z INT)", "CREATE VIEW app.v AS SELECT a.a, b.b FROM app.a JOIN app.b",
                      "CREATE VIEW mysql.zzyy AS SELECT zz.a AS va, zz.b AS vb, yy.z AS vz FROM mysql.zz JOIN mysql.yy ON zz.a=yy.y",
                      "CREATE TABLE app.m (x VARCHAR(9), y VARCHAR(9), against VARCHAR(9)) ENGINE=MyISAM",
                      "INSERT INTO app.m VALUES ('word', '', '')",
                      "INSERT INTO mysql.yy VALUES (1, 1)", "INSERT INTO app.lateral VALUES (1)"):
        master.sql(statement)
    for one in cases:
        if not one.where(kind):
            continue
        for statement in ("REPLACE INTO mysql.zz VALUES (1, 1)", "DROP TABLE IF EXISTS mysql.moved", "DROP PROCEDURE IF EXISTS app.p",
                          "CREATE TABLE IF NOT EXISTS app.c (a INT PRIMARY KEY)", "REPLACE INTO app.a VALUES (1, 1)",
                          "REPLACE INTO app.c VALUES (1)"):
            master.sql(statement)
        before = everything(master)
        with master.connect() as session:
            for text in ("USE app", "SET SESSION binlog_format=STATEMENT", *one.before):
                session.query(text)
            start = master.coordinates
            session.query(one.text)
        assert everything(master) != before, one.name  # else the text is not what its name says
        yield one, *dumped(knock(relay), start)


def everything(master) -> list:
    return [contents(master), master.sql("CHECKSUM TABLE mysql.yy, app.a, app.b"), master.sql("SHOW TABLES FROM mysql")]


@every_server
def test_what_changes_the_system_schema_does_not_pass(scene, kind):
    leaked = [(one.name, error, [trace for trace in TRACES if trace in passed]) for one, passed, error in play(scene, kind, CHANGES)
              if error not in (0, 1236) or any(trace in passed for trace in TRACES)]
    assert not leaked


@every_server
def test_what_changes_the_applications_tables_is_not_dropped(scene, kind):
    lost = [one.name for one, passed, error in play(scene, kind, KEPT) if error != 1236 and one.text not in passed]
    assert not lost


@every_server
def test_what_applications_write_goes_on(scene, kind):
    stopped = [(one.name, error) for one, passed, error in play(scene, kind, ORDINARY) if error or one.text not in passed]
    assert not stopped


@every_server
@pytest.mark.parametrize("mode", ["", "ANSI_QUOTES"])
@pytest.mark.parametrize("schema", ["app", "mysql"])
def test_a_call_goes_the_way_of_its_function(scene, schema, mode):
    master = scene.master("--log-bin-trust-function-creators=1", gtid=False)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)
    for statement in SETUP:
        master.sql(statement)
    start = master.coordinates
    master.sql(f"CREATE FUNCTION {schema}.f(x CHAR(9)) RETURNS INT BEGIN UPDATE app.a SET b=b+1; RETURN 1; END")
    with master.connect() as session:
        session.query(f"SET SESSION binlog_format=STATEMENT, sql_mode='{mode}'")
        session.query(f"SELECT {schema}.f('ARGUMENT')")
    passed, error = dumped(knock(relay), start)
    assert error == 0
    assert (b"ARGUMENT" in passed) == (b"FUNCTION" in passed) == (schema == "app")
