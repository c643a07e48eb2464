#!/usr/bin/env python3
"""Records anew the binlog files beside it: rows with every type of column that a server has, and what
SELECT gives for them, as the servers of tests/servers that this machine has write them.

<server>.binlog is the file, <server>.rows tells of each row event in it: a line with the table, then for each
row and image `column TAB form TAB value`, the images with a line `before` or `after` in front.

usage: record.py [SERVER...]
"""

from __future__ import annotations

import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))

import catalogue  # noqa: E402
import column_types  # noqa: E402
from server import Server  # noqa: E402


def modes(kind: catalogue.Kind) -> list[tuple[str, list[str]]]:
    """A table each: how much metadata the master writes, and what else changes the events."""
    if kind.mariadb:
        compressed = ["SET GLOBAL log_bin_compress=ON", "SET GLOBAL log_bin_compress_min_len=10"]
        return [(level, [f"SET GLOBAL binlog_row_metadata={level}"]) for level in ("NO_LOG", "MINIMAL", "FULL")] + [
            ("COMPRESSED", compressed)]
    if kind.at_least(8, 0, 1):
        return [(level, [f"SET GLOBAL binlog_row_metadata={level}"]) for level in ("MINIMAL", "FULL")]
    return [("NO_LOG", [])]


def record(kind: catalogue.Kind, folder: pathlib.Path) -> None:
    server = Server(kind, folder / kind.name, "--character-set-server=latin1").start()
    lines: list[str] = []

    def say(which: str, row) -> None:
        lines.append(which)
        lines.extend(f"{name}\t{form}\t{'NULL' if value is None else '=' + value}" for name, form, value in row)

    try:
        with server.connect() as session:
            for statement in (*column_types.SESSION, "SET SESSION sql_log_bin=0", "CREATE DATABASE app",
                              "SET SESSION sql_log_bin=1"):
                session.query(statement)
            for mode, settings in modes(kind):
                table = f"app.types_{mode.lower()}"
                for statement in (*settings, "SET SESSION sql_log_bin=0", column_types.create(kind, table),
                                  "SET SESSION sql_log_bin=1", *column_types.inserts(kind, table)):
                    session.query(statement)
                inserted = column_types.shown(session, kind, table)
                for row in inserted:
                    lines.append(f"table\t{table}")
                    say("after", row)
                session.query(f"UPDATE {table} SET id=id+10 WHERE id=2")
                session.query(f"DELETE FROM {table} WHERE id=12")
                updated = [("id", "plain", "12"), *inserted[1][1:]]
                lines.append(f"table\t{table}")
                say("before", inserted[1])
                say("after", updated)
                lines.append(f"table\t{table}")
                say("before", updated)
    finally:
        server.stop()
    name = f"{kind.family}-{kind.version[0]}.{kind.version[1]}"
    shutil.copy(server.folder / "data" / "binlog.000001", HERE / f"{name}.binlog")
    (HERE / f"{name}.rows").write_text("\n".join(lines) + "\n")
    print(name, (HERE / f"{name}.binlog").stat().st_size)


def main(names: list[str]) -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-rows-"))
    try:
        for kind in catalogue.KINDS:
            if kind.ready and (not names or kind.name in names):
                record(kind, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
