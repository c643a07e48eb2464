"""Semi-synchronous replication of a server: to switch it on, and what it has counted."""

from __future__ import annotations


def switch_on(server, role: str) -> None:
    """role: master or slave, in the old words."""
    if server.kind.mariadb:
        server.sql(f"SET GLOBAL rpl_semi_sync_{role}_enabled=1")
        return
    new = {"master": "source", "slave": "replica"}[role]
    server.sql(f"INSTALL PLUGIN rpl_semi_sync_{new} SONAME 'semisync_{new}.so'")
    server.sql(f"SET GLOBAL rpl_semi_sync_{new}_enabled=1")


def counter(master, name: str) -> int:
    role = "master" if master.kind.mariadb else "source"
    ((_, value),) = master.sql(f"SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_{role}_{name}'")
    return int(value)
