"""What was measured, in a form for people (results.md) and one for programs (results.json)."""

from __future__ import annotations

import json
import pathlib
import statistics


class Results:
    """Values of a contender, one for each round, by the group they belong to and what they are."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], dict[str, list[float]]] = {}
        self.skipped: dict[str, str] = {}  # contender: why
        self.versions: dict[str, str] = {}
        self.machine: dict[str, str] = {}

    def add(self, group: str, what: str, contender: str, value: float) -> None:
        self.values.setdefault((group, what), {}).setdefault(contender, []).append(value)

    def median(self, group: str, what: str, contender: str) -> float | None:
        values = self.values.get((group, what), {}).get(contender)
        return statistics.median(values) if values else None

    def ratio(self, group: str, what: str, other: str) -> float | None:
        """Sluice's over another's, round by round, the median: both have the same weather then."""
        measured = self.values.get((group, what), {})
        ratios = [mine / theirs for mine, theirs in zip(measured.get("Sluice", []), measured.get(other, [])) if theirs]
        return statistics.median(ratios) if ratios else None

    # ------------------------------------------------------------ text

    def markdown(self, goals: list) -> str:
        parts = ["# Benchmark results", "", "Made by `bench/run`. " + "; ".join(
            f"{name}: {value}" for name, value in (self.machine | self.versions).items() if value) + ".", "",
            "Each contender in turn does the same, round after round. A value is the median of the rounds, in brackets the "
            "smallest and the largest; a ratio is the median of those of each round. What is added to a latency may be "
            "nothing in a round, or less: there the goals' ratio is that of the medians. Memory and idle replicas are "
            "measured once. CPU is that of the program between master and reader alone, the user's part and the "
            "system's.", "", *goal_table(goals)]
        for group in dict.fromkeys(group for group, _ in self.values):
            parts += ["", *self._table(group)]
        parts += [f"\nNot here: {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join(parts) + "\n"

    def _table(self, group: str) -> list[str]:
        rows = {what: measured for (of, what), measured in self.values.items() if of == group}
        columns = list(dict.fromkeys(name for measured in rows.values() for name in measured))
        others = [name for name in columns if name != "Sluice"] if "Sluice" in columns else []
        head = [group, *columns, *(f"Sluice / {name}" for name in others)]
        lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        for what, measured in rows.items():
            ratios = [None if "added to" in what else self.ratio(group, what, name) for name in others]
            cells = [spread(measured[name]) if name in measured else "-" for name in columns]
            cells += ["-" if one is None else shown(one) for one in ratios]
            lines.append(f"| {what} | " + " | ".join(cells) + " |")
        return lines

    def write(self, folder: pathlib.Path, goals: list) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.md").write_text(self.markdown(goals))
        (folder / "results.json").write_text(json.dumps({
            "machine": self.machine, "versions": self.versions, "skipped": self.skipped,
            "goals": [{"number": goal.number, "goal": goal.text, "at most" if goal.at_most else "at least": goal.limit,
                       "measured": goal.measured, "holds": goal.holds} for goal in goals],
            "measured": [{"group": group, "what": what, "values": values}
                         for (group, what), values in self.values.items()]}, indent=1, ensure_ascii=False) + "\n")


def goal_table(goals: list) -> list[str]:
    words = {True: "holds", False: "**missed**", None: "not measured"}
    lines = ["| | goal | wanted | measured | |", "|---|---|---|---|---|"]
    for goal in goals:
        wanted = ("at most " if goal.at_most else "at least ") + shown(goal.limit)
        measured = "-" if goal.measured is None else shown(goal.measured)
        lines.append(f"| {goal.number} | {goal.text} | {wanted} | {measured} | {words[goal.holds]} |")
    count = lambda value: sum(goal.holds is value for goal in goals)
    return [*lines, "", f"{count(True)} hold, {count(False)} are missed, {count(None)} were not measured."]


def shown(value: float) -> str:
    """Three digits that say something."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 3
    return f"{value:.{digits}f}"


def spread(values: list[float]) -> str:
    middle = shown(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({shown(min(values))}-{shown(max(values))})"
