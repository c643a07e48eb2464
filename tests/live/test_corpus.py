"""The classifier's corpus against real servers: what a statement has changed must be what its verdict says.

The statements are run until no more of them can be: what one needs, others make. What a server refuses is
counted by its reason."""

from __future__ import annotations

import codecs
import collections
import pathlib
import re

import snapshot
from kinds import every_server
from packets import ServerError

CORPUS = pathlib.Path(__file__).parents[1] / "unit" / "filters" / "sql" / "statement_corpus.hpp"
LITERAL = r'"(?:[^"\\]|\\.)*"'
ROW = re.compile(rf'\{{Verdict::(\w+), {LITERAL}, ({LITERAL}), ([^,]+), (\d+), (true|false),\s*((?:{LITERAL}(?:sv)?\s*)+)\}}')
CHARSETS = {1: "big5", 8: "latin1", 13: "sjis", 28: "gbk", 33: "utf8", 45: "utf8mb4"}
NEVER = re.compile(rb"(?is)drop\s+(database|schema)\s+(if\s+exists\s+)?.?mysql\b|root|^\s*(xa|lock|binlog)\b")


def decoded(literals: str) -> bytes:
    return b"".join(codecs.escape_decode(text[1:-1])[0] for text in re.findall(LITERAL, literals))


def corpus(mariadb: bool) -> list[tuple]:
    """Verdict, default schema, SQL mode, character set, text; without what only MariaDB knows on MySQL."""
    rows = []
    for verdict, schema, mode, charset, flavour, text in ROW.findall(CORPUS.read_text(encoding="utf-8")):
        if mariadb or flavour == "false":
            modes = [word for name, word in (("ansi_quotes", "ANSI_QUOTES"), ("no_escapes", "NO_BACKSLASH_ESCAPES"))
                     if name in mode]
            rows.append((verdict, decoded(schema).decode(), ",".join(modes), CHARSETS.get(int(charset)), decoded(text)))
    return rows


def states(server) -> tuple[dict, dict]:
    """The application's side and the system schema's."""
    system = snapshot.accounts(server)
    for name, sort in server.sql("SHOW FULL TABLES FROM mysql"):
        if re.fullmatch(r"[a-z]{1,3}\d{0,2}m?|def\d|mm?|t\d?m", name):
            system[f"mysql.{name}"] = server.sql(f"CHECKSUM TABLE mysql.`{name}`") if sort == "BASE TABLE" else sort
            system[f"mysql.{name} definition"] = server.sql(f"SHOW CREATE TABLE mysql.`{name}`")[0][1]
    for what, columns in (("ROUTINES", "routine_schema='mysql'"), ("EVENTS", "event_schema='mysql'")):
        system[what] = server.sql(f"SELECT * FROM information_schema.{what} WHERE {columns}")
    system["mysql"] = server.sql("SHOW CREATE DATABASE mysql")
    application = snapshot.application(server)
    for schema in snapshot.schemas(server):
        application[f"database {schema}"] = str(server.sql(f"SHOW CREATE DATABASE {snapshot.quoted(schema)}"))
    return application, system


@every_server
def test_what_a_statement_changes_is_what_its_verdict_says(scene, kind):
    master = scene.master(gtid=False)
    for schema in ("app", "app2"):
        master.sql(f"CREATE DATABASE {schema}")
    left = [row for row in corpus(kind.mariadb) if row[3] and not NEVER.search(row[4])]
    total, ran, seen, wrong = len(left), 0, collections.Counter(), []
    refused: collections.Counter = collections.Counter()
    before = states(master)
    for _ in range(3):
        again, left, refused = left, [], collections.Counter()
        for row in again:
            verdict, schema, mode, charset, text = row
            try:
                with master.connect() as session:
                    session.query(f"SET NAMES {charset}")
                    session.query(f"SET SESSION sql_mode='{mode}'")
                    if schema:
                        session.query(f"USE `{schema.replace('`', '``')}`" if "ANSI" not in mode else f'USE "{schema}"')
                    session.query(text)
            except ServerError as error:
                refused[error.code] += 1
                left.append(row)
                continue
            ran += 1
            after = states(master)
            ours, system = after[0] != before[0], after[1] != before[1]
            changed = "both" if ours and system else "application" if ours else "system" if system else "nothing"
            seen[verdict, changed] += 1
            if (verdict, changed) in (("keep", "system"), ("keep", "both"), ("drop", "application")):
                wrong.append(f"{verdict}, but it changes {changed}: {text!r}: "
                             f"{(snapshot.differences(before[0], after[0]) + snapshot.differences(before[1], after[1]))[:3]}")
            before = after
    print(f"{kind.name}: {ran} of {total} ran: {dict(seen)}; refused: {refused.most_common()}")
    assert not wrong, "\n".join(wrong)
    assert ran > total / 2, f"{ran} of {total}; {refused.most_common()}"
    assert seen["keep", "application"] > 30 and seen["drop", "system"] > 15


@every_server
def test_how_many_digits_the_version_of_a_comment_has(scene):
    """As the lexer has it: MySQL before 8.1 takes five and goes on with the sixth, later a blank makes it part of it."""
    kind, ask = scene.kind, scene.master().sql
    six = kind.mariadb or kind.at_least(8, 1)
    assert ask("SELECT /*!100100 +1,*/ 5") == ([("5",)] if six and not kind.mariadb else [("1", "5")])
    assert ask("SELECT /*!500001,*/ 5") == ([("5",)] if kind.mariadb else [("1", "5")])
