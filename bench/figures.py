#!/usr/bin/python3
"""The README's figures, made out of bench/results.json.

    bench/figures.py

`bench/run` does the same when it writes its results."""

from __future__ import annotations

import json
import pathlib
import re
import statistics
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
README, RESULTS = HERE.parent / "README.md", HERE / "results.json"
BEGIN, END = "<!-- made by bench/run: begin -->", "<!-- made by bench/run: end -->"

HEADS = {"direct": "direct", "Sluice": "Sluice", "HAProxy": "HAProxy{}, which judges nothing and passes TLS through",
         "MySQL Router": "MySQL Router{}"}
MEMORY, IDLE = "memory (RSS), TLS on both legs", "idle replicas, TLS on both legs"
STREAMING, ALONE = "replicas that stream at once, TLS on both legs", "the filter alone"
TEXT, RECORDS = "rows of text, compressed for the replica, TLS on both legs", "TLS records alone, sealed and opened"

# A row: what it is called, and what of the results it shows: group, name, and the words behind the number.
ROWS = [
    *((f"{name}, {leg}", [(group, f"{leg}, MB/s", "{} MB/s"), (group, f"{leg}, CPU s/GB", "{} CPU s/GB")])
      for name, group in (("rows of 1 KB", "wide rows"), ("commits of one small row", "small transactions"))
      for leg in ("plain", "TLS")),
    ("200 replicas at once, rows of 1 KB, TLS", [(STREAMING, "200 sessions, MB/s together", "{} MB/s"),
                                                 (STREAMING, "200 sessions, CPU s/GB", "{} CPU s/GB")]),
    *((f"from a commit to the reader, {leg}, median", [("latency of one commit", f"{leg}, median µs", "{} µs")])
      for leg in ("plain", "TLS")),
    *((f"semi-synchronous commits a second, TLS, {sessions}",
       [("semi-synchronous commits", f"TLS, {sessions}, commits/s", "{}")]) for sessions in ("1 session", "8 sessions")),
    ("memory of 51 sessions that stream, TLS", [(MEMORY, "51 sessions stream, MB", "{} MB")]),
    ("memory with an event of 1 GiB, TLS", [(MEMORY, "one session with an event of 1 GiB, MB", "{} MB")]),
    ("1,000 idle replicas, TLS", [(IDLE, "1000 replicas, MB", "{} MB"), (IDLE, "1000 replicas, % of a core", "{} % of a core")]),
    ("logins a second of CPU time, TLS on both legs", [("logins, TLS on both legs", "logins/s of CPU time", "{}")]),
]


class Figures:
    def __init__(self, results: dict):
        self.versions = results["versions"]
        self.goals = [goal for goal in results["goals"] if goal["holds"] is not None]
        self.measured = {(one["group"], one["what"]): one["values"] for one in results["measured"]}

    def median(self, group: str, what: str, contender: str = "Sluice") -> float | None:
        values = self.measured[group, what].get(contender)
        return statistics.median(values) if values else None

    def cell(self, parts: list, contender: str) -> str:
        words = [form.format(shown(value)) for group, what, form in parts
                 if (value := self.median(group, what, contender)) is not None]
        return ", ".join(words) or "-"

    def about_goals(self) -> list[str]:
        missed = [goal for goal in self.goals if not goal["holds"]]
        if not missed:
            return [f"All of the {len(self.goals)} goals that were set hold in this run."]
        return [f"Of the {len(self.goals)} goals that were set, {len(missed)} are missed in this run:", "",
                *(f"- {goal['goal']}: {goal['measured']:.2f} ({self.limit(goal)})" for goal in missed)]

    @staticmethod
    def limit(goal: dict) -> str:
        word = "at most" if "at most" in goal else "at least"
        return f"{word} {goal[word]:.2f}"

    def text(self) -> str:
        version = {name: " " + re.search(r"\d+\.\d+", text)[0] for name, text in self.versions.items() if re.search(r"\d", text)}
        heads = [head.format(version.get(name, "")) for name, head in HEADS.items()]
        lines = ["| | " + " | ".join(heads) + " |", "|" + "---|" * (1 + len(heads))]
        lines += [f"| {name} | " + " | ".join(self.cell(parts, contender) for contender in HEADS) + " |"
                  for name, parts in ROWS]
        alone = lambda what: shown(self.median(ALONE, what))
        packed = lambda algorithm, what: shown(self.median(TEXT, f"{algorithm}, {what}"))
        times, cost = "times smaller", "MB of binlog for a second of CPU"
        text = (f"The filter alone judges {alone('small transactions, kept, million events/s')} million small events a second "
                f"on one core. Rows of text become {packed('zlib', times)} times smaller with zlib "
                f"({packed('zlib', cost)} MB of binlog for a second of CPU), {packed('zstd', times)} times with zstd "
                f"({packed('zstd', cost)} MB). Of the CPU that a GB of rows of 1 KB takes with TLS on both legs, "
                f"{shown(self.median('wide rows', 'TLS, CPU s/GB'))} s, its records take "
                f"{shown(self.median(RECORDS, 'AES-256-GCM, full records, CPU s/GB'))}: opened once, sealed once. Most of the "
                "rest is the kernel's (a profile, `bench/NOTES.md`).")
        lines += ["", *textwrap.wrap(text, 120), "", *self.about_goals()]
        return "\n".join(lines)


def shown(value: float) -> str:
    """No more digits than say something."""
    return f"{value:.{0 if value >= 10 else 1 if value >= 4 else 2}f}"


def filled_in(readme: str, results: dict) -> str:
    """The README with the figures of these results in their place."""
    if BEGIN not in readme or END not in readme:
        raise SystemExit(f"README.md has no place for the figures, between\n{BEGIN}\n{END}")
    pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.S)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{Figures(results).text()}\n\n{END}", readme)


def main() -> None:
    README.write_text(filled_in(README.read_text(), json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
