"""Rules that the source keeps to, and that no compiler asks for."""

from __future__ import annotations

import fnmatch
import pathlib
import re
import subprocess

import pytest

from sluice import PROGRAM

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("room", ["protocol", "filters", "proxy"])
def test_headers_begin_with_pragma_once(room):
    for path in sorted((ROOT / room).rglob("*.hpp")):
        code = [line for line in path.read_text().splitlines() if line and not line.startswith("//")]
        assert code[0] == "#pragma once", path


@pytest.mark.parametrize("program", ["tests/oracle", "tests/servers", "tests/lint", "tests/run", "tests/fuzz/run", "bench/run",
                                     "bench/compare", "bench/watched", "conf/demo"])
def test_what_is_run_by_hand_finds_what_it_needs(program):
    done = subprocess.run([ROOT / program, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "sage:" in done.stdout, done.stdout + done.stderr


def test_the_code_that_lies_together_is_there():
    """Each name of the linker's list is that of a function in the section."""
    sections = subprocess.run(["readelf", "-SW", PROGRAM], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\.text\.stream +PROGBITS +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+)", sections)
    if not found:
        pytest.skip("it was not linked with proxy/stream.ld")
    begin, size = (int(number, 16) for number in found.groups())
    symbols = subprocess.run(["nm", PROGRAM], capture_output=True, text=True, check=True).stdout.splitlines()
    inside = [f".text.{symbol.split()[2]}" for symbol in symbols
              if len(symbol.split()) == 3 and begin <= int(symbol.split()[0], 16) < begin + size]
    wanted = re.findall(r"\.text\._Z[^ )]+", (ROOT / "proxy" / "stream.ld").read_text())
    assert len(wanted) > 50
    assert not [name for name in wanted if not fnmatch.filter(inside, name)]


BESIDE = re.compile(r"&&|\|\|| \? |\w\([^()]*co_await")  # another operand, or an argument


def test_a_co_await_stands_alone():
    """GCC 12 miscompiles one beside &&, || or ?:, or within an argument; see proxy/event_loop/task.hpp."""
    found = []
    for file in sorted((ROOT / "proxy").rglob("*.?pp")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            code = line.split("//")[0]
            if "co_await" in code and BESIDE.search(code):
                found.append(f"{file.name}:{number}: {line.strip()}")
    assert not found, "\n".join(found)
