"""What a server holds, in a form that can be compared: application objects and accounts."""

from __future__ import annotations

import re

from packets import ServerError
from server import Server

OURS = ("mysql", "information_schema", "performance_schema", "sys")
# Tables of the mysql schema that say who may do what. What a version lacks is left out.
ACCOUNT_TABLES = ("user", "global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv",
                  "roles_mapping", "role_edges", "default_roles", "global_grants", "password_history", "func",
                  "servers", "plugin")


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def schemas(server: Server) -> list[str]:
    return sorted(row[0] for row in server.sql("SHOW DATABASES") if row[0] not in OURS)


def application(server: Server) -> dict[str, str]:
    """Every table of the application with its checksum, and every other object with its definition."""
    found: dict[str, str] = {}
    for schema in schemas(server):
        for name, kind in server.sql(f"SHOW FULL TABLES FROM {quoted(schema)}"):
            path = f"{quoted(schema)}.{quoted(name)}"
            if kind == "BASE TABLE":
                found[path] = f"checksum {server.sql(f'CHECKSUM TABLE {path} EXTENDED')[0][1]}"
                definition = server.sql(f"SHOW CREATE TABLE {path}")[0][1]
                found[f"{path} definition"] = re.sub(r" AUTO_INCREMENT=\d+", "", definition)
            else:
                found[path] = server.sql(f"SHOW CREATE TABLE {path}")[0][1]
        for what, columns in (("ROUTINES", "routine_name, routine_type, routine_definition, definer"),
                              ("EVENTS", "event_name, 'EVENT', event_definition, definer"),
                              ("TRIGGERS", "trigger_name, 'TRIGGER', action_statement, definer")):
            owner = {"ROUTINES": "routine_schema", "EVENTS": "event_schema", "TRIGGERS": "trigger_schema"}[what]
            for row in server.sql(f"SELECT {columns} FROM information_schema.{what} WHERE {owner}='{schema}'"):
                found[f"{schema}.{row[0]} {row[1]}"] = f"{row[2]} by {row[3]}"
    return found


def accounts(server: Server) -> dict[str, object]:
    """What is in the mysql schema as far as accounts and own tables go."""
    found: dict[str, object] = {"tables": sorted(row[0] for row in server.sql("SHOW TABLES FROM mysql"))}
    for table in ACCOUNT_TABLES:
        try:
            found[table] = sorted(map(str, server.sql(f"SELECT * FROM mysql.`{table}`")))
        except ServerError as error:
            if error.code not in (1146, 1356):
                raise
    return found


def differences(one: dict, other: dict) -> list[str]:
    """What is not the same in both, for people."""
    return [f"{key}: {one.get(key, '(not there)')} / {other.get(key, '(not there)')}"
            for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
