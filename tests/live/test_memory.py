"""When the system gives no more memory, those sessions end that need some, and nothing else does; and when it gives no
more descriptors, nobody else comes in."""

from __future__ import annotations

import contextlib
import datetime
import json
import pathlib
import resource
import urllib.request

import pytest

import waiting
from clients import knock
from kinds import any_server
from packets import Closed, ServerError
from ports import free_port
from sluice import is_sanitized


def limit(sluice, size: int) -> None:
    resource.prlimit(sluice.process.pid, resource.RLIMIT_DATA, (size, resource.RLIM_INFINITY))


def data_size(sluice) -> int:
    """What RLIMIT_DATA counts, in bytes."""
    with open(f"/proc/{sluice.process.pid}/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmData"))


@any_server
@pytest.mark.parametrize("tls, host", [(False, "127.0.0.1"), (True, "127.0.0.1"), (False, "localhost")],
                         ids=["plain", "TLS", "a name to look up"])
def test_sessions_for_which_there_is_no_memory_end_alone(scene, tls, host):
    if is_sanitized():
        pytest.skip("sanitizers end a program that gets no memory")
    master = scene.master()
    relay = scene.relay(master, tls=tls)
    relay.master["host"] = host
    sluice = scene.sluice(relay, start=False, level="debug")  # of who has not logged in yet there is little else
    sluice.runtime = {"threads": 1}
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    sluice.start()

    def stream(stack, server_id: int):
        client = stack.enter_context(contextlib.closing(knock(sluice.relays[0], timeout=10)))
        client.introduce(server_id, mariadb=scene.kind.mariadb)
        client.request_dump("binlog.000001", server_id=server_id)
        events = client.events()
        next(events)
        return events

    def streaming() -> int:
        with urllib.request.urlopen(f"http://{sluice.admin['listen']}/api/v1/status", timeout=10) as answer:
            return sum(session["state"] == "streaming" for session in json.load(answer)["sessions"])

    failures = 0
    with contextlib.ExitStack() as first, contextlib.ExitStack() as last:
        events = stream(first, 1000)
        for spare in range(0, 512 << 10, 32 << 10):
            limit(sluice, data_size(sluice) + spare)
            with contextlib.ExitStack() as those:
                for number in range(12):
                    try:
                        stream(those, 1001 + number)
                        streaming()
                    except (Closed, OSError, ServerError):
                        failures += 1
            assert sluice.alive
        assert failures
        assert sluice.events("session ended", reason="given up: std::bad_alloc|internal error")
        master.sql("CREATE DATABASE app")
        waiting.until("the first one goes on", lambda: b"CREATE DATABASE" in next(events))
        limit(sluice, resource.RLIM_INFINITY)
        stream(last, 2000)
        waiting.until("it knows of two", lambda: streaming() == 2, tell=streaming)


@any_server
def test_a_configuration_for_which_there_is_no_memory_is_asked_for_again(scene):
    if is_sanitized():
        pytest.skip("sanitizers end a program that gets no memory")
    relay = scene.relay()
    sluice = scene.sluice(relay)
    usual = sluice.config.read_text()
    sluice.config.write_text(usual + "# padding\n" * (1 << 20))
    limit(sluice, data_size(sluice) + (1 << 20))
    sluice.hang_up()
    sluice.logged("configuration", reason="given up before all of it was loaded: std::bad_alloc")
    sluice.logged("the configuration was not loaded, the running one stays")
    limit(sluice, resource.RLIM_INFINITY)
    sluice.config.write_text(usual)
    sluice.hang_up()
    sluice.logged("configuration loaded")
    knock(relay).close()


def seconds(line: dict) -> float:
    return datetime.datetime.fromisoformat(line["time"]).timestamp()


@pytest.mark.skipif(is_sanitized(), reason="UBSan needs descriptors of its own to look at memory")
@any_server
def test_for_whom_there_is_no_descriptor_waits(scene):
    relay = scene.relay()
    sluice = scene.sluice(relay)
    descriptors = pathlib.Path(f"/proc/{sluice.process.pid}/fd")
    with knock(relay) as client, contextlib.ExitStack() as crowd:
        highest = max(int(entry.name) for entry in descriptors.iterdir())
        _, hard = resource.prlimit(sluice.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(sluice.process.pid, resource.RLIMIT_NOFILE, (highest + 8, hard))
        for _ in range(40):
            crowd.enter_context(sluice.connect_raw())
        sluice.logged("cannot accept a connection", reason="(?i)too many open files")
        client.ping()
        # It tries ten times a second, and says so once.
        waiting.until("it is said again", lambda: len(sluice.events("cannot accept a connection")) > 1)
        first, second = sluice.events("cannot accept a connection")[:2]
        assert seconds(second) - seconds(first) > 0.9
        crowd.close()
        knock(relay).close()
        client.ping()
