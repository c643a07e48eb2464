"""The rooms of the source: protocol/ and filters/ work on bytes alone, and nobody includes upwards."""

from __future__ import annotations

import pathlib
import re

import pytest

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
