"""The README says what the benchmark has said."""

from __future__ import annotations

import importlib.util
import json
import pathlib

ROOT = pathlib.Path(__file__).parents[2]


def test_the_readmes_figures_are_those_of_the_benchmark():
    spec = importlib.util.spec_from_file_location("figures", ROOT / "bench" / "figures.py")
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    readme = (ROOT / "README.md").read_text()
    assert figures.filled_in(readme, json.loads((ROOT / "bench" / "results.json").read_text())) == readme
