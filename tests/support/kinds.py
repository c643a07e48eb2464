"""Which servers a test runs on: decorators that make its `kind` a parameter."""

from __future__ import annotations

import pytest

from catalogue import BY_NAME, KINDS


def _on(names) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", [BY_NAME[name] for name in names], ids=list(names), scope="module")


every_server = _on([kind.name for kind in KINDS])
# One of each family, the newest that a machine with Debian's packages alone can have.
ONE_OF_EACH_FAMILY = ("mariadb", "mysql-9")
each_family = _on(ONE_OF_EACH_FAMILY)
semisync_servers = _on([kind.name for kind in KINDS if kind.semisync])
servers_with_clients = _on([kind.name for kind in KINDS if kind.clients])
# Where it does not matter which server it is.
any_server = _on(["mariadb"])
mariadb_servers = _on([kind.name for kind in KINDS if kind.mariadb])
mysql_servers = _on([kind.name for kind in KINDS if not kind.mariadb])
# Those that speak TLS 1.0 or 1.1 at best.
old_tls_servers = _on([kind.name for kind in KINDS if kind.old_tls])
# Those that write JSON documents in part (binlog_row_value_options).
json_diff_servers = _on(["mysql-9", "mysql-8.0"])
# Those whose replicas go to another source by themselves (since MySQL 8.0.22).
failover_servers = _on(["mysql-9"])
# How a replica finds its place.
positioning = pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"])
