"""A relay between a client and a door: it keeps what the client said, and may change it on the way."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Change = Callable[[bytes], bytes]


class Relay:
    """Listens on a port of loopback, and passes on whatever comes.

    Attributes:
        said: What each connection's client sent, the first connection first.
    """

    def __init__(self, target: tuple[str, int], change: Change = bytes) -> None:
        self._target, self._change = target, change
        self._server = socket.create_server(("127.0.0.1", 0))
        self.said: list[bytearray] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.getsockname()[1])

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                door = socket.create_connection(self._target)
                said = bytearray()
                self.said.append(said)
                threading.Thread(target=self._stand_between, args=(client, door, said), daemon=True).start()

    def _stand_between(self, client: socket.socket, door: socket.socket, said: bytearray) -> None:
        with client, door:
            back = threading.Thread(target=self._pass_on, args=(door, client, None), daemon=True)
            back.start()
            self._pass_on(client, door, said)
            back.join()

    def _pass_on(self, source: socket.socket, sink: socket.socket, said: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 20):
                if said is not None:
                    said += chunk
                    chunk = self._change(chunk)
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Take no more connections."""
        self._server.close()


@contextmanager
def relayed(target: tuple[str, int], change: Change = bytes) -> Iterator[Relay]:
    """Stand between a client and a door while the block runs."""
    relay = Relay(target, change)
    try:
        yield relay
    finally:
        relay.close()
