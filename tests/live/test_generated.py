"""The short form of tests/oracle: random workloads, the same ones each time, on every server."""

from __future__ import annotations

import pytest

from company import Rules
from generator import Generator
from kinds import any_server, each_family, every_server, mysql_servers, positioning
from oracle import Oracle

SIZE = 60  # units a workload


def makes_sense(kind, gtid=True, **_) -> bool:
    """Both positionings on the newest of each family, one on the others."""
    return gtid or kind.name in ("mariadb", "mysql-9")


def passes(oracle: Oracle, *seeds: int) -> None:
    for seed in seeds:
        finding = oracle.round(seed, SIZE)
        assert not finding, f"seed {seed}: {finding}"
    assert oracle.tally.statements > 4 * SIZE * len(seeds)
    assert oracle.tally.refused < oracle.tally.statements / 10
    assert oracle.tally.events > oracle.tally.statements / 2


@every_server
@pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"])
def test_random_workloads(scene, gtid):
    oracle = Oracle(scene, gtid, workers="4" if gtid else "0")
    passes(oracle, 1, 2)


@mysql_servers
def test_random_workloads_with_rules_and_payloads(scene):
    oracle = Oracle(scene, True, Rules(ignore=("app.u", "lane1.%", "mysqld%.%", "app.x\\_%")), "4", compressed=True)
    passes(oracle, 3)


@each_family
@positioning
def test_random_workloads_among_trouble(scene, gtid):
    """Connections that are cut at any byte or stall, a Sluice that is killed, ended, suspended or loads its configuration,
    while they run; by GTID with TLS, so that a cut comes within a record, too."""
    oracle = Oracle(scene, gtid, workers="4" if gtid else "0", tls=gtid, trouble=10)
    passes(oracle, 4, 5)
    assert oracle.trouble.made.total() >= 20


@any_server
def test_the_oracle_sees_what_is_wrong(scene):
    """With a relay that filters nothing it finds an account, and on a stream that is the same a secret."""
    oracle = Oracle(scene, True)
    oracle.company.sluice.stop()
    for relay in oracle.company.relays.values():
        relay.filter = {"system_schema": "keep"}
    oracle.company.sluice.start()
    finding = oracle.round(1, SIZE)
    assert finding and finding.whose == "relay" and "SECRET" in finding.what
    smaller = oracle.shrink(finding, tries=3)
    assert smaller.whose == "relay" and len(smaller.units) < len(finding.units)


def test_workloads_are_made_of_their_seeds(ready_kind):
    def texts(seed: int) -> list[list[str]]:
        return [unit.statements for unit in Generator(ready_kind, True, seed).workload(SIZE)]

    assert texts(1) == texts(1) != texts(2)


@pytest.fixture
def ready_kind():
    from catalogue import KINDS
    kind = next((kind for kind in KINDS if kind.ready), None)
    if kind is None:
        pytest.skip("no server is here, so no version is known")
    return kind
