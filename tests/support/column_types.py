"""A column of every type a server has, with values at its borders, and what SELECT gives for them.

`form` says how SELECT shows a value, and how it is compared with what `sluice inspect --rows` and the
decoder behind it show: see SHOWN.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from catalogue import Kind

# How a column is asked for.
SHOWN = {
    "plain": "{0}",                                    # numbers, dates, times: the same text
    "number": "{0}+0e0",                               # FLOAT and DOUBLE: the same number
    "text": "HEX(CONVERT({0} USING utf8mb4))",         # UTF-8, in hexadecimal digits
    "bytes": "HEX({0})",
    "opaque": "HEX({0})",                              # kept in a form of its own, which the binlog does not name
    "bits": "BIN({0}+0)",
    "member": "CONCAT(CAST({0}+0 AS UNSIGNED), ' ', HEX(CONVERT({0} USING utf8mb4)))",  # ENUM and SET: number and name
    "json": "HEX(CONVERT({0} USING utf8mb4))",
    "floats": "HEX({0})",                              # MySQL's VECTOR
}


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    type: str
    form: str
    values: tuple[str, ...]  # as SQL
    on: Callable[[Kind], bool] = lambda _: True


def mysql(*version: int) -> Callable[[Kind], bool]:
    return lambda kind: not kind.mariadb and kind.at_least(*version)


def mariadb(*version: int) -> Callable[[Kind], bool]:
    return lambda kind: kind.mariadb and kind.at_least(*version)


JSON_1 = """'{"a": 1, "bc": [true, false, null, -3, 40000, -70000, 5000000000, 18446744073709551615, 1.5, -0.25],
 "t": "q\\\\"uote \\\\u20ac \\\\n", "o": {"": {}, "e": []}}'"""
JSON_2 = """JSON_OBJECT('when', CAST('2024-02-29 23:59:59.5' AS DATETIME(1)), 'day', CAST('2024-02-29' AS DATE),
 'time', CAST('-12:34:56' AS TIME), 'price', CAST(-1234.500 AS DECIMAL(10,3)), 'raw', CAST(x'00ff10' AS BINARY(3)),
 'long', CAST(REPEAT('9', 65) AS DECIMAL(65,0)), 'small', CAST(CONCAT('-', REPEAT('8', 34), '.', REPEAT('7', 30)) AS DECIMAL(65,30)))"""

COLUMNS = (
    Column("ti", "TINYINT", "plain", ("-128", "127")),
    Column("tu", "TINYINT UNSIGNED", "plain", ("0", "255")),
    Column("si", "SMALLINT", "plain", ("-32768", "32767")),
    Column("su", "SMALLINT UNSIGNED", "plain", ("0", "65535")),
    Column("yr", "YEAR", "plain", ("0", "2155")),
    Column("mi", "MEDIUMINT", "plain", ("-8388608", "8388607")),
    Column("mu", "MEDIUMINT UNSIGNED", "plain", ("0", "16777215")),
    Column("ii", "INT", "plain", ("-2147483648", "2147483647")),
    Column("iu", "INT UNSIGNED", "plain", ("0", "4294967295")),
    Column("bi", "BIGINT", "plain", ("-9223372036854775808", "9223372036854775807")),
    Column("bu", "BIGINT UNSIGNED", "plain", ("0", "18446744073709551615")),
    Column("fl", "FLOAT", "number", ("-1.25e-20", "3.14159")),
    Column("db", "DOUBLE", "number", ("-1.7976931348623157e308", "0.1")),
    Column("d1", "DECIMAL(65,30)", "plain", ("-12345678901234567890123456789012345.123456789012345678901234567890", "0.5")),
    Column("d2", "DECIMAL(10,0)", "plain", ("-9999999999", "1")),
    Column("d3", "DECIMAL(5,5)", "plain", ("-0.00001", "0.99999")),
    Column("d4", "DECIMAL(20,3) UNSIGNED", "plain", ("0", "10000000000000000.125")),
    Column("b1", "BIT(1)", "bits", ("b'0'", "b'1'")),
    Column("b9", "BIT(9)", "bits", ("b'100000001'", "b'10'")),
    Column("b64", "BIT(64)", "bits", ("x'8000000000000001'", "b'101'")),
    Column("da", "DATE", "plain", ("'0000-00-00'", "'9999-12-31'")),
    Column("t0", "TIME", "plain", ("'-838:59:59'", "'23:59:59'")),
    Column("t1", "TIME(1)", "plain", ("'-00:00:00.1'", "'12:34:56.7'")),
    Column("t3", "TIME(3)", "plain", ("'-12:00:01.001'", "'12:34:56.789'")),
    Column("t6", "TIME(6)", "plain", ("'-00:00:00.000001'", "'838:59:58.999999'")),
    Column("dt0", "DATETIME", "plain", ("'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'")),
    Column("dt2", "DATETIME(2)", "plain", ("'1000-01-01 00:00:00.01'", "'2024-02-29 12:34:56.78'")),
    Column("dt4", "DATETIME(4)", "plain", ("'1970-01-01 00:00:00.0001'", "'2024-02-29 12:34:56.789'")),
    Column("dt6", "DATETIME(6)", "plain", ("'2024-00-00 00:00:00.000001'", "'2024-02-29 12:34:56.789012'")),
    Column("ts0", "TIMESTAMP NULL", "plain", ("'0000-00-00 00:00:00'", "'2038-01-19 03:14:07'")),
    Column("ts5", "TIMESTAMP(5) NULL", "plain", ("'1970-01-01 00:00:01.00001'", "'2024-02-29 12:34:56.78901'")),
    Column("c0", "CHAR(10) CHARACTER SET utf8mb4", "text", ("''", "'täst €😀'")),
    Column("c1", "CHAR(255) CHARACTER SET utf8mb4", "text", ("'long'", "REPEAT('€', 255)")),
    Column("c2", "CHAR(5) CHARACTER SET latin1", "text", ("'a'", "'äö€'")),
    Column("v1", "VARCHAR(63) CHARACTER SET utf8mb4", "text", ("''", "'it''s \\n \\\\ \"quoted\"'")),
    Column("v2", "VARCHAR(300) CHARACTER SET latin1", "text", ("'é'", "REPEAT('ab', 150)")),
    Column("v3", "VARCHAR(20) CHARACTER SET ucs2", "text", ("'wide €'", "''")),
    Column("v4", "VARCHAR(20) CHARACTER SET utf16", "text", ("'wide 😀'", "''")),
    Column("v5", "VARCHAR(20) CHARACTER SET utf32", "text", ("'wide 😀'", "''")),
    Column("bn", "BINARY(4)", "bytes", ("x'00ff00ff'", "x'80818283'")),
    Column("bz", "BINARY(4)", "bytes", ("x'00ff0000'", "x''")),
    Column("vb", "VARBINARY(400)", "bytes", ("x'00'", "REPEAT(x'fe', 400)")),
    Column("x1", "TINYTEXT CHARACTER SET utf8mb4", "text", ("''", "'tiny'")),
    Column("x2", "TEXT CHARACTER SET utf8mb4", "text", ("'text'", "REPEAT('x', 300)")),
    Column("x3", "MEDIUMTEXT CHARACTER SET utf8mb4", "text", ("'medium'", "''")),
    Column("x4", "LONGTEXT CHARACTER SET utf8mb4", "text", ("'longtext'", "''")),
    Column("l1", "TINYBLOB", "bytes", ("x'00'", "x'80'")),
    Column("l2", "BLOB", "bytes", ("x'0001'", "REPEAT(x'ff', 300)")),
    Column("l3", "MEDIUMBLOB", "bytes", ("x'000102'", "x'ff'")),
    Column("l4", "LONGBLOB", "bytes", ("x'00010203'", "x'ff'")),
    Column("en", "ENUM('one','zwei','drëi') CHARACTER SET utf8mb4", "member", ("'one'", "'drëi'")),
    Column("em", "ENUM(" + ",".join(f"'e{i}'" for i in range(300)) + ")", "member", ("'e0'", "'e299'")),
    Column("se", "SET('red','green','blue')", "member", ("''", "'red,blue'")),
    Column("sl", "SET(" + ",".join(f"'s{i}'" for i in range(64)) + ")", "member", ("'s63'", "'s0,s31,s32'")),
    Column("ge", "GEOMETRY", "bytes", ("ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0,1 1,2.5 -3)')")),
    Column("po", "POINT", "bytes", ("ST_GeomFromText('POINT(1.5 -2)', 4326)",
                                    "ST_GeomFromText('POINT(0 0)')")),
    Column("js", "JSON", "json", (JSON_1, JSON_2), mysql(5, 7)),
    Column("jm", "JSON", "text", (JSON_1, "'[]'"), mariadb(10)),
    Column("ve", "VECTOR(3)", "floats", ("TO_VECTOR('[1,2.5,-3e10]')", "TO_VECTOR('[0,0,0]')"), mysql(9)),
    Column("vm", "VECTOR(3) NULL", "bytes", ("VEC_FromText('[1,2.5,-3]')", "VEC_FromText('[0,0,0]')"), mariadb(11, 7)),
    Column("vc", "VARCHAR(500) COMPRESSED CHARACTER SET utf8mb4", "text", ("REPEAT('squeeze ', 50)", "'short'"), mariadb(10, 3)),
    Column("bc", "BLOB COMPRESSED", "bytes", ("REPEAT(x'00', 1000)", "''"), mariadb(10, 3)),
    Column("i6", "INET6", "bytes", ("'::1'", "'2001:db8::'"), mariadb(10, 5)),
    Column("uu", "UUID", "opaque", ("'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"),
           mariadb(10, 7)),
    Column("dm", "DECIMAL(65,38)", "plain", ("-123456789012345678901234567.12345678901234567890123456789012345678", "0.5"),
           mariadb(10, 3)),
    Column("zz", "INT UNSIGNED", "plain", ("4294967295", "7")),  # the last one: everything before has its right length
)

SESSION = ("SET SESSION time_zone='+00:00'", "SET SESSION sql_mode=''", "SET NAMES utf8mb4")


def columns_of(kind: Kind) -> list[Column]:
    return [column for column in COLUMNS if column.on(kind)]


def create(kind: Kind, table: str) -> str:
    columns = ", ".join(f"`{column.name}` {column.type}" for column in columns_of(kind))
    return f"CREATE TABLE {table} (id INT PRIMARY KEY, {columns}) ENGINE=InnoDB DEFAULT CHARSET=latin1"


def inserts(kind: Kind, table: str) -> list[str]:
    """Two rows with the values, one of NULLs."""
    columns = columns_of(kind)
    rows = [", ".join(column.values[row] for column in columns) for row in (0, 1)]
    rows.append(", ".join(["NULL"] * len(columns)))
    return [f"INSERT INTO {table} VALUES ({number}, {values})" for number, values in enumerate(rows, 1)]


def shown(session, kind: Kind, table: str) -> list[list[tuple[str, str, str | None]]]:
    """What SELECT gives, row by row in the order of the key: name, form and value of each column."""
    columns = [Column("id", "INT", "plain", ()), *columns_of(kind)]
    parts = [SHOWN[column.form].format(f"`{column.name}`") for column in columns]
    rows = session.query(f"SELECT {', '.join(parts)} FROM {table} ORDER BY id")
    return [[(column.name, column.form, value) for column, value in zip(columns, row)] for row in rows]
