"""Fixtures of the tests against real servers."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import workload  # noqa: E402
from admin import Admin  # noqa: E402
from catalogue import BY_NAME  # noqa: E402
from certificates import Certificates  # noqa: E402
from company import Company  # noqa: E402
from sluice import PROGRAM  # noqa: E402
from stage import Stage, log_tails  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--servers", default="", help="only these servers (names with commas between them)")
    parser.addoption("--results", default="", help="append what ran, as JSON lines, to this file")
    parser.addoption("--keep", action="store_true", help="keep the servers' folders")


@pytest.hookimpl(tryfirst=True)  # before xdist's own, which reads the groups
def pytest_collection_modifyitems(config, items):
    wanted = set(filter(None, config.getoption("--servers").split(",")))
    unknown = wanted - set(BY_NAME)
    if unknown:
        raise pytest.UsageError(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}")
    kept, dropped = [], []
    for item in items:
        (kept if makes_sense(item, wanted) else dropped).append(item)
        kind = kind_of(item)
        # A worker takes all tests of a file on a server: they share what they started.
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{kind.name if kind else ''}"))
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def kind_of(item):
    return item.callspec.params.get("kind") if hasattr(item, "callspec") else None


def makes_sense(item, wanted: set[str]) -> bool:
    """Leaves out servers nobody asked for, and combinations a file of tests says do not exist. A server
    that is not here is named once, by test_servers.py, and not by every test that it misses."""
    kind = kind_of(item)
    if kind is None:
        return True
    if wanted and kind.name not in wanted:
        return False
    if item.path.stem == "test_servers":
        return True
    return kind.ready and getattr(item.module, "makes_sense", lambda **_: True)(**item.callspec.params)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    item.stash.setdefault(REPORTS, {})[report.when] = report
    if report.failed:
        report.sections += [(f"log of {file}", tail) for file, tail in log_tails()]
    if report.when == "teardown" and hasattr(item, "callspec"):
        record(item)


REPORTS = pytest.StashKey()


def record(item) -> None:
    """One line of the results for every test on a server, out of which the README's table is made. What fails
    before or after the test itself counts too."""
    target, kind = item.config.getoption("--results"), item.callspec.params.get("kind")
    if not target or kind is None or not kind.ready:
        return
    outcomes = {report.outcome for report in item.stash[REPORTS].values()}
    outcome = next(one for one in ("failed", "skipped", "passed") if one in outcomes)
    parameters = {k: str(v) for k, v in item.callspec.params.items() if k != "kind"}
    with open(target, "a") as file:
        file.write(json.dumps({"test": item.originalname, "file": item.path.stem, "server": kind.name, "version": kind.version_text,
                               "outcome": outcome, **parameters}) + "\n")


def pytest_report_header():
    return f"program: {PROGRAM}"


GIB = 1 << 30


def in_memory() -> str | None:
    """A folder of a file system in memory, where there is plenty: the tests take less time there. They need
    some 6 GiB for files, and as much for servers."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
        available = int(next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))) << 10
        if "TMPDIR" not in os.environ and available >= 16 * GIB and shutil.disk_usage("/dev/shm").free >= 10 * GIB:
            return "/dev/shm"
    return None


@pytest.fixture(scope="session")
def workplace(request):
    """A folder for everything this run starts. Short: a Unix socket's path has little room."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-", dir=in_memory()))
    yield folder
    if request.config.getoption("--keep"):
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def certificates(workplace):
    return Certificates(workplace / "tls")


@pytest.fixture(scope="module")
def stage(workplace, certificates, kind):
    """What a file of tests starts on one kind of server; all of it is stopped after the file."""
    if not kind.ready:
        pytest.skip(f"{kind.name}: {kind.why_not}")
    with contextlib.ExitStack() as stack:
        yield Stage(stack, workplace, certificates, kind)


@pytest.fixture
def scene(workplace, certificates, kind):
    """The same for one test alone."""
    if not kind.ready:
        pytest.skip(f"{kind.name}: {kind.why_not}")
    with contextlib.ExitStack() as stack:
        yield Stage(stack, workplace, certificates, kind)


@pytest.fixture(scope="module")
def companies(stage):
    return {}


@pytest.fixture
def company(stage, companies, gtid):
    """The company of this positioning, with new replicas when the last test left wreckage."""
    if gtid not in companies:
        companies[gtid] = Company(stage, gtid)
    if not companies[gtid].healthy:
        workload.wipe(companies[gtid].master)
        companies[gtid].new_replicas()
    yield companies[gtid]


# One master and one Sluice for all tests of a file; a file may have its own instead of any of these.


@pytest.fixture(scope="module")
def master(stage):
    return stage.master()


@pytest.fixture(scope="module")
def relay(stage, master):
    return stage.relay(master)


@pytest.fixture(scope="module")
def running(stage, relay):
    # debug: connections_made() needs it
    return stage.sluice(relay, level="debug")


@pytest.fixture
def sluice(running):
    running.mark()
    return running


@pytest.fixture
def admin(sluice):
    """Of a Sluice whose configuration has one."""
    return Admin(int(sluice.admin["listen"].rpartition(":")[2]))
