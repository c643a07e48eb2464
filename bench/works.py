"""What the master's binlog holds: wide rows, or many small transactions."""

from __future__ import annotations

import dataclasses

import texts


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    text: str  # for people
    statements: tuple[str, ...]


def wide_rows(megabytes: int) -> Work:
    """Rows of a kilobyte, ten megabytes in a transaction."""
    return Work("wide rows", f"{megabytes} MB of rows of 1 KB", (
        "CREATE TABLE app.wide (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(1000)) ENGINE=InnoDB CHARSET=latin1",
        f"""CREATE PROCEDURE app.fill() BEGIN
          DECLARE i INT DEFAULT 0;
          WHILE i < {megabytes // 10} DO
            INSERT INTO app.wide (v) WITH RECURSIVE n AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM n WHERE k < 10000)
              SELECT RPAD(k, 1000, 'wide rows ') FROM n;
            SET i = i + 1;
          END WHILE; END""",
        "SET SESSION cte_max_recursion_depth = 20000", "CALL app.fill()"))


def text_rows(megabytes: int) -> Work:
    """Rows of a kilobyte of words and numbers, one megabyte in a transaction."""
    rows = texts.text_rows(megabytes * 1000)
    inserts = (f"INSERT INTO app.orders (doc) VALUES {','.join(f'({chr(39)}{row}{chr(39)})' for row in rows[at:at + 1000])}"
               for at in range(0, len(rows), 1000))
    return Work("rows of text", f"{megabytes} MB of rows of text", (
        "CREATE TABLE app.orders (id INT AUTO_INCREMENT PRIMARY KEY, doc TEXT) ENGINE=InnoDB", *inserts))


def small_transactions(count: int) -> Work:
    """One short row in each."""
    return Work("small transactions", f"{count} transactions of one small row", (
        "CREATE TABLE app.small (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB CHARSET=latin1",
        f"""CREATE PROCEDURE app.fill() BEGIN
          DECLARE i INT DEFAULT 0;
          WHILE i < {count} DO
            INSERT INTO app.small (v) VALUES ('a small row');
            SET i = i + 1;
          END WHILE; END""",
        "CALL app.fill()"))
