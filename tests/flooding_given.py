"""A server that answers without end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def flooding(head: bytes) -> Iterator[tuple[int, list[int]]]:
    """Yield the port of a server that answers with this head and then with 64 MB, and what it got rid of, in bytes."""
    sent: list[int] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            here, _ = listener.accept()
            with here:
                here.recv(65536)
                sent.append(here.send(head))
                while sum(sent) < 64 * 1024 * 1024:
                    sent.append(here.send(bytes(65536)))

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1]), sent
    finally:
        listener.close()
        thread.join(5)
