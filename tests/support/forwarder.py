"""A TCP forwarder that remembers what went through it, and can be told to stop reading."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time


class Conversation:
    """One forwarded connection: chunks in the order they came, each with its direction."""

    def __init__(self):
        self.chunks: list[tuple[str, bytes]] = []

    def down_after(self, marker) -> bytes:
        """All bytes from the server after the first chunk from the client that `marker` accepts."""
        for index, (direction, data) in enumerate(self.chunks):
            if direction == "up" and marker(data):
                return b"".join(d for way, d in self.chunks[index + 1:] if way == "down")
        raise AssertionError("the marked packet never came")

    def was_said(self, text: bytes) -> bool:
        """Whether the client sent it, within one chunk."""
        return any(direction == "up" and text in data for direction, data in self.chunks)

    def down_before(self, text: bytes) -> bytes:
        """All bytes from the server before the client sent that."""
        before = itertools.takewhile(lambda chunk: not (chunk[0] == "up" and text in chunk[1]), self.chunks)
        return b"".join(data for direction, data in before if direction == "down")


class Forwarder:
    """Listens on a port of its own and forwards to `target` (host, port)."""

    def __init__(self, target: tuple[str, int], record: bool = True, allowances=(), pace: float = 0,
                 swallows: bytes = b"", greets: tuple[bytes, bytes] | None = None):
        """`allowances`: how many bytes the first, second, ... connection gets from the server before it is
        cut; those after the last one get all. `pace`: how many bytes a second each gets at most. `swallows`: what
        the server does not get to see, as if it took its time. `greets`: what the server's greeting says, and what stands
        in its place, of the same length."""
        self.target, self.record, self.pace, self.swallows = target, record, pace, swallows
        self.greets = greets
        self.allowances = list(allowances)
        self.conversations: list[Conversation] = []
        self.admits: int | None = None  # so many connections more; None: any number
        self.down = 0  # bytes from the server, of all connections
        self.flowing = threading.Event()
        self.flowing.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return self.address[1]

    def pause(self) -> None:
        """Stops taking bytes from either side; what is sent piles up in front of it."""
        self.flowing.clear()

    def resume(self) -> None:
        self.flowing.set()

    def cut(self) -> None:
        """Ends every connection, at once and without a goodbye."""
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.resume()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self.admits == 0:
                client.close()
                continue
            if self.admits is not None:
                self.admits -= 1
            try:
                server = socket.create_connection(self.target)
            except OSError:  # nobody there today
                client.close()
                continue
            self._sockets += [client, server]
            conversation = Conversation()
            self.conversations.append(conversation)
            allowance = self.allowances.pop(0) if self.allowances else None
            threading.Thread(target=self._forward, args=(client, server, conversation, allowance), daemon=True).start()

    def _forward(self, client, server, conversation: Conversation, allowance: int | None) -> None:
        up = threading.Thread(target=self._pump, args=(client, server, "up", conversation, None), daemon=True)
        up.start()
        self._pump(server, client, "down", conversation, allowance)
        up.join()
        # A socket that was only shut down keeps a full window: who writes to it waits on, as a master's dump thread for
        # its net_write_timeout, and where that is MariaDB's the next dump of the same replica waits for that thread.
        client.close()
        server.close()

    def _pump(self, source, sink, way: str, conversation: Conversation, limit: int | None) -> None:
        greets = self.greets if way == "down" else None
        with contextlib.suppress(OSError):
            while limit is None or limit > 0:
                self.flowing.wait()
                data = source.recv(1 << 16)
                if not data:
                    break
                if greets:
                    data, greets = data.replace(*greets), None
                if limit is not None:
                    data = data[:limit]
                    limit -= len(data)
                    if limit == 0:  # the end comes along with the last bytes, and not when they have been read
                        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
                if self.pace and way == "down":
                    time.sleep(len(data) / self.pace)
                if way == "down":
                    self.down += len(data)
                if self.record:
                    conversation.chunks.append((way, data))
                if not (self.swallows and way == "up" and self.swallows in data):
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
