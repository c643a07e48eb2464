"""How to say it to a server: MySQL 8.4 and newer dropped the old words, everything else knows only or
also those. The tests speak the old names (Master_..., slave) and translate here."""

from __future__ import annotations

from catalogue import Kind


class Dialect:
    def __init__(self, kind: Kind):
        self.kind = kind
        self.new = not kind.mariadb and kind.at_least(8, 4)

    def _pick(self, old: str, new: str) -> str:
        return new if self.new else old

    @property
    def start(self) -> str:
        return self._pick("START SLAVE", "START REPLICA")

    @property
    def stop(self) -> str:
        return self._pick("STOP SLAVE", "STOP REPLICA")

    @property
    def reset(self) -> str:
        return self._pick("RESET SLAVE ALL", "RESET REPLICA ALL")

    @property
    def show_status(self) -> str:
        return self._pick("SHOW SLAVE STATUS", "SHOW REPLICA STATUS")

    @property
    def show_master(self) -> str:
        return self._pick("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS")

    @property
    def show_replicas(self) -> str:
        return self._pick("SHOW SLAVE HOSTS", "SHOW REPLICAS")

    @property
    def flush_logs(self) -> str:
        return "FLUSH BINARY LOGS"

    def normal(self, column: str) -> str:
        """A column of the status by its old name."""
        return column.replace("Source", "Master").replace("Replica", "Slave")

    def change_master(self, **options) -> str:
        """CHANGE MASTER TO with MASTER_ options; None values are left out, True and False are 1 and 0."""
        prefix = self._pick("MASTER_", "SOURCE_")
        words = []
        for name, value in options.items():
            if value is None:
                continue
            if isinstance(value, bool):
                value = int(value)
            elif isinstance(value, str) and name != "USE_GTID":
                value = f"'{value}'"
            full = name if name == "GET_PUBLIC_KEY" else prefix + name
            if full == "GET_PUBLIC_KEY":
                full = self._pick("GET_MASTER_PUBLIC_KEY", "GET_SOURCE_PUBLIC_KEY")
            words.append(f"{full}={value}")
        verb = self._pick("CHANGE MASTER TO", "CHANGE REPLICATION SOURCE TO")
        return f"{verb} {', '.join(words)}"

    def set_workers(self, workers: str) -> list[str]:
        """How many workers apply: "0", "4", or "4 by clock" where a logical clock is not the default."""
        count = int(workers.split()[0])
        if self.kind.mariadb:
            return [f"SET GLOBAL slave_parallel_threads={count}"]
        if self.new:
            return [f"SET GLOBAL replica_parallel_workers={count}"]
        said = [f"SET GLOBAL slave_parallel_workers={count}"]
        if self.kind.at_least(5, 7):
            mode = "LOGICAL_CLOCK" if workers.endswith("clock") else "DATABASE"
            said.append(f"SET GLOBAL slave_parallel_type='{mode}'")
        return said

    @property
    def worker_choices(self) -> tuple[str, ...]:
        if not self.kind.mariadb and self.kind.at_least(5, 7) and not self.new:
            return "0", "4", "4 by clock"
        return "0", "4"
