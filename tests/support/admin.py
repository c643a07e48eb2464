"""The admin interface as a client sees it."""

from __future__ import annotations

import http.client
import json
import re
import ssl

import websocket


class Admin:
    def __init__(self, port: int, token: str = "", ca=None, host: str = "127.0.0.1"):
        self.port, self.token, self.host = port, token, host
        self.tls = ssl.create_default_context(cafile=ca) if ca else None

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers, body. Names of headers with '_' for '-'."""
        make = (lambda: http.client.HTTPSConnection(self.host, self.port, timeout=20, context=self.tls)) if self.tls \
            else (lambda: http.client.HTTPConnection(self.host, self.port, timeout=20))
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in said:
            said["Authorization"] = f"Bearer {self.token}"
        connection = make()
        try:
            connection.request(method, path, headers=said)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def open_socket(self, path: str, **options) -> websocket.WebSocket:
        """A WebSocket. Options as websocket.create_connection has them."""
        scheme = "wss" if self.tls else "ws"
        if self.tls:
            options["sslopt"] = {"context": self.tls}
        if self.token and "header" not in options and "subprotocols" not in options:
            options["header"] = [f"Authorization: Bearer {self.token}"]
        options.setdefault("suppress_origin", True)
        return websocket.create_connection(f"{scheme}://{self.host}:{self.port}{path}", timeout=20, **options)

    def get(self, path: str) -> dict:
        status, headers, body = self.ask(path)
        assert status == 200, (status, body)
        assert headers["Content-Type"] == "application/json"
        return json.loads(body)

    def metrics(self) -> dict[str, float]:
        """Each series by its name with its labels in the order they come."""
        status, headers, body = self.ask("/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), body
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                for line in body.decode().splitlines() if line and not line.startswith("#")}

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the series with these labels."""
        found = [value for series, value in self.metrics().items()
                 if re.split(r"\{", series)[0] == name
                 and all(f'{label}="{wanted}"' in series for label, wanted in labels.items())]
        assert found, f"no series {name} {labels}"
        return sum(found)
