"""The rooms of the source: protocol/ and filters/ work on bytes alone, nobody includes upwards, and the README
says what the benchmark has said."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import pathlib
import re
import subprocess

import pytest

from sluice import PROGRAM

ROOT = pathlib.Path(__file__).parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
# Sockets, files, clocks, threads, logging: the world outside belongs to proxy/.
OUTSIDE = re.compile(r"boost/(asio|beast|json|process|filesystem)|openssl/ssl|spdlog|fmt/|toml|CLI/|sys/|netinet/|"
                     r"(unistd|fcntl|netdb|poll|pthread|signal|csignal|thread|mutex|shared_mutex|condition_variable|"
                     r"future|semaphore|stop_token|atomic|chrono|ctime|time|fstream|iostream|cstdio|stdio|"
                     r"filesystem|print)(\.h)?$")
UPWARDS = {"protocol": ("filters/", "proxy/"), "filters": ("proxy/",),
           "filters/rules": ("filters/sql/", "filters/stream/", "filters/requirements/"),
           "filters/sql": ("filters/stream/", "filters/requirements/"),
           "filters/stream": ("filters/requirements/",)}
# The folders of proxy/, from the lowest to the highest. The files beside them are the program: main() and its command line.
STOREYS = ("base", "log", "event_loop", "config", "tls", "network", "metrics", "master", "events", "cli", "tap", "replica",
           "admin", "check", "inspect", "link", "server")


def sources(room: str):
    return sorted(path for path in (ROOT / room).rglob("*") if path.suffix in (".hpp", ".cpp", ".ipp"))


@pytest.mark.parametrize("room", UPWARDS)
def test_a_room_includes_neither_upwards_nor_outside(room):
    assert sources(room)
    wrong = []
    for path in sources(room):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if found and (OUTSIDE.match(found[1]) or found[1].startswith(UPWARDS[room])):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {found[1]}")
    assert not wrong


def test_a_folder_of_proxy_includes_none_above_it():
    assert {path.parent.name for path in sources("proxy")} == {*STOREYS, "proxy", "manual"}
    wrong = []
    for height, storey in enumerate(STOREYS):
        for path in sources(f"proxy/{storey}"):
            for included in re.findall(r'^#include "proxy/([^"]+)"', path.read_text(), re.M):
                if included.partition("/")[0] not in STOREYS[:height + 1]:
                    wrong.append(f"{path.relative_to(ROOT)}: {included}")
    assert not wrong


@pytest.mark.parametrize("room", ["protocol", "filters", "proxy"])
def test_headers_begin_with_pragma_once(room):
    for path in sources(room):
        if path.suffix == ".hpp":
            code = [line for line in path.read_text().splitlines() if line and not line.startswith("//")]
            assert code[0] == "#pragma once", path


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


def test_the_readmes_figures_are_those_of_the_benchmark():
    spec = importlib.util.spec_from_file_location("figures", ROOT / "bench" / "figures.py")
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    readme = (ROOT / "README.md").read_text()
    assert figures.filled_in(readme, json.loads((ROOT / "bench" / "results.json").read_text())) == readme
