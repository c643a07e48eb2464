"""Tables of what was measured, the goals it is held against, results.md and results.json."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import statistics


@dataclasses.dataclass
class Run:
    """One reading of a master's binlog."""

    work: str
    leg: str  # "plain" or "TLS"
    contender: str
    round: int
    bytes: int
    seconds: float
    cpu: float

    @property
    def throughput(self) -> float:
        return self.bytes / self.seconds / 1e6  # MB/s

    @property
    def cost(self) -> float:
        return self.cpu / self.bytes * 1e9  # CPU seconds a GB


class Results:
    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.filter: list[dict] = []
        self.skipped: dict[str, str] = {}
        self.machine: dict[str, str] = {}

    def of(self, work: str, leg: str, contender: str) -> list[Run]:
        return [run for run in self.runs if (run.work, run.leg, run.contender) == (work, leg, contender)]

    def ratio(self, work: str, leg: str, other: str, what) -> float | None:
        """Sluice's figure over another's, round by round, the median: both have the same weather then."""
        pairs = [(what(mine), what(theirs)) for mine in self.of(work, leg, "Sluice")
                 for theirs in self.of(work, leg, other) if mine.round == theirs.round]
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None

    # ------------------------------------------------------------ goals

    def goals(self) -> list[tuple[str, str, bool | None]]:
        """(goal, measured, held); nothing where a contender could not be had."""
        lines = []

        def goal(text: str, value: float | None, holds) -> None:
            lines.append((text, "-" if value is None else f"{value:.2f}", None if value is None else holds(value)))

        speed, cost = (lambda run: run.throughput), (lambda run: run.cost)
        goal("wide rows, TLS: at most 0.45 of MySQL Router's CPU s/GB",
             self.ratio("wide rows", "TLS", "MySQL Router", cost), lambda v: v <= 0.45)
        goal("wide rows, TLS: at least 1.5 of MySQL Router's throughput",
             self.ratio("wide rows", "TLS", "MySQL Router", speed), lambda v: v >= 1.5)
        goal("wide rows, TLS: throughput within 10 % of HAProxy passing TLS through",
             self.ratio("wide rows", "TLS", "HAProxy", speed), lambda v: v >= 0.9)
        goal("wide rows, plain: no more CPU s/GB than HAProxy",
             self.ratio("wide rows", "plain", "HAProxy", cost), lambda v: v <= 1.0)
        goal("wide rows, plain: throughput within 5 % of HAProxy's",
             self.ratio("wide rows", "plain", "HAProxy", speed), lambda v: v >= 0.95)
        for leg in ("plain", "TLS"):
            goal(f"small transactions, {leg}: at most 1/30 of MySQL Router's CPU",
                 self.ratio("small transactions", leg, "MySQL Router", cost), lambda v: v <= 1 / 30)
            goal(f"small transactions, {leg}: at most 2.5 times HAProxy's CPU",
                 self.ratio("small transactions", leg, "HAProxy", cost), lambda v: v <= 2.5)
        figures = {one["name"]: one["value"] for one in self.filter}
        goal("the filter alone: at least 8 GB/s of wide rows", figures.get("wide rows, kept"), lambda v: v >= 8)
        goal("the filter alone: at least 15 million small events/s", figures.get("small transactions, kept"),
             lambda v: v >= 15)
        return lines

    # ------------------------------------------------------------ text

    def markdown(self) -> str:
        parts = ["# Benchmark results", "", "Made by `bench/run`. " + ", ".join(self.machine.values()) + ".", "",
                 "Each contender in turn reads the same binlogs, round after round; the median of the rounds counts, in "
                 "brackets the smallest and the largest. CPU is the program's own, user and system.", ""]
        for work, leg in dict.fromkeys((run.work, run.leg) for run in self.runs):
            parts += [f"## {work}, {'TLS on both legs' if leg == 'TLS' else 'plain'}", "",
                      "| | MB/s | CPU s/GB |", "|---|---|---|"]
            for contender in dict.fromkeys(run.contender for run in self.runs):
                runs = self.of(work, leg, contender)
                if runs:
                    cost = spread([run.cost for run in runs], 2) if contender != "direct" else "-"
                    parts.append(f"| {contender} | {spread([run.throughput for run in runs], 0)} | {cost} |")
            parts.append("")
        if self.filter:
            parts += ["## The filter alone, in memory, one core", "", "| | |", "|---|---|"]
            parts += [f"| {one['name']} | {one['value']:.2f} {one['unit']} |" for one in self.filter] + [""]
        parts += ["## Goals", "", "| goal | measured | |", "|---|---|---|"]
        words = {True: "holds", False: "**missed**", None: "not measured"}
        parts += [f"| {text} | {value} | {words[held]} |" for text, value, held in self.goals()]
        parts += [f"\nNot here: {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join(parts) + "\n"

    def write(self, folder: pathlib.Path) -> None:
        (folder / "results.md").write_text(self.markdown())
        (folder / "results.json").write_text(json.dumps({
            "machine": self.machine, "skipped": self.skipped, "filter": self.filter,
            "runs": [dataclasses.asdict(run) for run in self.runs]}, indent=1) + "\n")


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
