"""Random workloads: units, each a few statements of one session, made from a seed. The kinds of units are
in generator_units.py.

A unit leaves nothing behind that another one trips over: whatever may end up in different states on master
and replica (mixed statements do that, by the servers' own rule) has names of its own. So any part of a
workload is a workload, and one that fails can be made smaller. What makes a direct replica stop is not in
here: it is the workload's fault."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import itertools
import pathlib
import random
import threading

from catalogue import Kind
from packets import Closed, ServerError
from server import Server

CHARSETS = {"utf8": "utf-8", "utf8mb4": "utf-8", "latin1": "latin-1", "gbk": "gbk", "sjis": "shift_jis",
            "big5": "big5"}
# A character whose last byte is a backslash where the set has one, and another one that has not.
AWKWARD = {"gbk": "誠縗", "sjis": "表ソ", "big5": "功許", "latin1": "é\xa0", "utf8": "é表", "utf8mb4": "é😀"}
TABLES = ("app.t", "app.u", "app2.t", "app.m", "mysql.rt", "mysql.r2")
LANES = 3
_folders = itertools.count()


def without_rollback(cut: bool) -> str:
    """An engine that has no rollback, unless connections are cut: a replica in GTID mode asks for a transaction again
    then, of which it has done a part."""
    return "InnoDB" if cut else "MyISAM"


COLUMNS = "(id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200), n INT, b LONGBLOB) CHARSET=utf8mb4 ENGINE="


def set_up(cut: bool = False) -> list[str]:
    lanes = [f"lane{lane}" for lane in range(1, LANES + 1)]
    return ([f"CREATE DATABASE {schema}" for schema in ("app", "app2", *lanes)]
            + [f"CREATE TABLE {table} {COLUMNS}{without_rollback(cut) if table == 'app.m' else 'InnoDB'}"
               for table in (*TABLES, *(f"{lane}.t" for lane in lanes))])


@dataclasses.dataclass
class Unit:
    name: str
    statements: list[str]
    charset: str = "utf8mb4"
    lane: int = 0  # 0: alone; 1..LANES: side by side with the units of the other lanes


@dataclasses.dataclass
class Session:
    """What a unit's session has set; it decides how its statements must be written."""

    format: str
    charset: str
    database: str  # "" for none
    ansi_quotes: bool
    no_escapes: bool
    settings: list[str]

    def name(self, *parts: str) -> str:
        quote = '"' if self.ansi_quotes else "`"
        return ".".join(quote + part + quote for part in parts)


class Generator:
    """Makes workloads for one kind of server; the same ones for the same seed."""

    def __init__(self, kind: Kind, gtid: bool, seed: int, compressed: bool = False, large: bool = False,
                 has_app2: bool = True, mixed: bool = True, source: str = "app.t", cut: bool = False):
        """`large`: events of more than 16 MiB now and then; `has_app2`: the replicas have that schema; `mixed`:
        statements with tables of both sorts. With a rule that names what is replicated a server runs all of
        such a statement, and stops, as it has only some of the tables. `source`: a table that the replicas have, too,
        from which others are made. `cut`: connections of the replica are cut meanwhile."""
        self.kind, self.gtid, self.seed, self.compressed, self.large = kind, gtid, seed, compressed, large
        self.mixed, self.source = mixed, source
        self.cut, self.without_rollback = cut, without_rollback(cut)
        # No server asks its rules about programs. Where their schema is not there, they stop it.
        self.schema_for_programs = "app2" if has_app2 else "app"
        self.random = random.Random(f"{seed} {kind.name} {gtid}")
        self._number = 0

    def workload(self, size: int) -> list[Unit]:
        import generator_units  # it needs the names above
        makers = [(maker, weight) for maker, weight, where in generator_units.MAKERS
                  if where(self.kind) and (self.large or maker not in generator_units.LARGE)
                  and (self.mixed or maker not in generator_units.MIXED)
                  and not (self.cut and generator_units.IN_ONE_GO.get(maker, lambda *_: False)(self.kind, self.gtid))]
        units = []
        for _ in range(size):
            maker = self.random.choices([m for m, _ in makers], [w for _, w in makers])[0]
            lane = self.random.randint(1, LANES) if maker in generator_units.SIDE_BY_SIDE else 0
            session = self.session(row_only=maker in generator_units.ROW_ONLY,
                                   plain=maker in generator_units.PLAIN)
            body = maker(self, session, lane)
            units.append(Unit(maker.__name__, session.settings + body, session.charset, lane))
        return units

    # -------------------------------------------------------------- what units are made of

    def number(self) -> int:
        self._number += 1
        return self._number

    def secret(self) -> str:
        """Must not be seen behind the relay, wherever it is put."""
        return f"SECRET{self.seed:x}x{self.random.getrandbits(40):010x}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *choices):
        return self.random.choice(choices)

    def session(self, row_only: bool, plain: bool) -> Session:
        pick = self.pick
        binlog_format = "ROW" if row_only else pick("ROW", "ROW", "MIXED", "STATEMENT")
        charset = "utf8mb4" if plain else pick("utf8mb4", "utf8", "latin1", "gbk", "sjis", "big5")
        session = Session(binlog_format, charset, "" if plain else pick("app", "app2", "mysql", ""),
                          not plain and self.chance(0.15), not plain and self.chance(0.15), [])
        modes = [word for word, on in (("ANSI_QUOTES", session.ansi_quotes), ("STRICT_TRANS_TABLES", self.chance(0.5)),
                                       ("NO_BACKSLASH_ESCAPES", session.no_escapes)) if on]
        said = [f"SET SESSION binlog_format={binlog_format}, sql_mode='{','.join(modes)}'", f"SET NAMES {charset}"]
        if session.database:
            said.append(f"USE {session.name(session.database)}")
        if self.kind.mariadb:
            said.append(f"SET SESSION binlog_annotate_row_events={pick('ON', 'OFF')}")
        else:
            said.append(f"SET SESSION binlog_rows_query_log_events={pick('ON', 'OFF')}")
        if self.chance(0.4):
            said.append(f"SET SESSION binlog_row_image={pick('FULL', 'MINIMAL', 'NOBLOB')}")
        if not self.kind.mariadb and self.kind.at_least(8, 0, 20) and self.compressed:
            said.append(f"SET SESSION binlog_transaction_compression={pick('ON', 'ON', 'OFF')}")
        session.settings = said
        return session

    def text(self, session: Session) -> str:
        """A string literal in single quotes, awkward for whoever looks for its end."""
        pieces = ["plain", "mysql.rt", "drop user x", "/* no comment */", "`", '"mysql"."rt"', "-- none", "#", ";",
                  "''", AWKWARD[session.charset]]
        pieces += ["\\"] if session.no_escapes else ["\\\\", "\\'", "\\\""]
        return "'" + " ".join(self.random.choices(pieces, k=self.random.randint(1, 4))) + "'"

    def spelling(self, statement: str) -> str:
        """The same, with other blanks, comments and letters. Blanks within quotes stay."""
        if self.chance(0.6):
            return statement
        blanks = [" ", "\n", "\t", "  ", " /* it's mysql.`user */ ", " -- don't\n", " # `\n", "/**/", " /*! */ "]
        out, quote = [], ""
        for character in statement:
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"`":
                quote = character
            elif character == " ":
                character = self.random.choice(blanks)
            elif character.isalpha() and character.isascii() and self.chance(0.1) and character.isupper():
                character = character.lower()
            out.append(character)
        return self.pick("", "", " ", "/* first */ ", "-- first\n", "# first\n") + "".join(out)


@dataclasses.dataclass
class Played:
    """What became of the statements of a workload."""

    ran: int = 0
    refused: collections.Counter = dataclasses.field(default_factory=collections.Counter)


def play(server: Server, units: list[Unit], cut: bool = False) -> Played:
    """Runs the units: those of lane 0 one after the other, runs of others side by side. `cut`: as for set_up()."""
    played = Played()
    folder = server.folder / f"files-{next(_folders)}"
    folder.mkdir()
    folder.chmod(0o777)
    with server.connect() as session:
        for statement in set_up(cut):
            session.query(statement)
    at = 0
    while at < len(units):
        end = at
        while end < len(units) and units[end].lane:
            end += 1
        if end == at:
            run(server, [units[at]], played, folder)
            at += 1
            continue
        lanes = [[unit for unit in units[at:end] if unit.lane == lane] for lane in range(1, LANES + 1)]
        threads = [threading.Thread(target=run, args=(server, lane, played, folder)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        at = end
    return played


def run(server: Server, units: list[Unit], played: Played, folder: pathlib.Path) -> None:
    for unit in units:
        with contextlib.suppress(Closed), server.connect() as session:
            for statement in unit.statements:
                try:
                    session.query(encoded(statement.replace("{folder}", str(folder)), unit.charset))
                    played.ran += 1
                except ServerError as error:
                    # A transaction may go on without it; what it was to make, others must do without.
                    played.refused[f"{error.code} {unit.name}"] += 1


def encoded(statement: str, charset: str) -> bytes:
    return statement.encode(CHARSETS[charset], "replace")
