"""Makes the README's table of servers and modes out of what the tests ran. usage: matrix.py RESULTS README"""

from __future__ import annotations

import json
import pathlib
import re
import sys

from catalogue import KINDS

BEGIN, END = "<!-- made by tests/run --matrix: begin -->", "<!-- made by tests/run --matrix: end -->"


def oracle(result: dict) -> bool:
    return (result["file"], result["test"]) == ("test_oracle", "test_the_whole_workload")


# A column: its head, and which results belong to it.
COLUMNS = [
    ("file + position", lambda r: oracle(r) and r["gtid"] == "False" and r["workers"] == "0"),
    ("file + position, 4 workers", lambda r: oracle(r) and r["gtid"] == "False" and r["workers"] != "0"),
    ("GTID", lambda r: oracle(r) and r["gtid"] == "True" and r["workers"] == "0"),
    ("GTID, 4 workers", lambda r: oracle(r) and r["gtid"] == "True" and r["workers"] != "0"),
    ("TLS", lambda r: oracle(r) and r["tls"] == "True"),
    ("plain", lambda r: oracle(r) and r["tls"] == "False"),
    ("CRC32", lambda r: oracle(r) and r["checksum"] == "CRC32"),
    ("NONE", lambda r: oracle(r) and r["checksum"] == "NONE"),
    ("semi-sync", lambda r: r["test"] == "test_the_master_waits_for_the_replica_and_not_in_vain"),
    ("mysqlbinlog", lambda r: r["file"] == "test_mysqlbinlog"),
    ("all tests", lambda r: True),
]


def cell(results: list[dict]) -> str:
    ran = [r for r in results if r["outcome"] != "skipped"]
    good = sum(r["outcome"] == "passed" for r in ran)
    if not ran:
        return "-"
    return f"{good}" if good == len(ran) else f"**{good} of {len(ran)}**"


def table(results: list[dict]) -> str:
    lines = ["| server | version | " + " | ".join(head for head, _ in COLUMNS) + " |",
             "|" + "---|" * (len(COLUMNS) + 2)]
    missing = []
    for kind in KINDS:
        mine = [r for r in results if r["server"] == kind.name]
        if not mine:
            missing.append(f"{kind.name} ({kind.origin})")
            continue
        cells = [cell([r for r in mine if belongs(r)]) for _, belongs in COLUMNS]
        name = "MariaDB" if kind.mariadb else "MySQL"
        version = mine[0]["version"].split("-")[0]
        lines.append(f"| {name}, {kind.origin} | {version} | " + " | ".join(cells) + " |")
    text = "\n".join(lines) + "\n"
    if missing:
        text += f"Not run: {', '.join(missing)}.\n"
    return text


def main() -> None:
    results = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
    readme = pathlib.Path(sys.argv[2])
    made = table(results)
    text = readme.read_text() if readme.exists() else ""
    if BEGIN not in text or END not in text:
        sys.exit(f"{readme} has no place for the table, between\n{BEGIN}\n{END}\nThe table is:\n{made}")
    pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.S)
    readme.write_text(pattern.sub(lambda _: f"{BEGIN}\n\n{made}\n{END}", text))


if __name__ == "__main__":
    main()
