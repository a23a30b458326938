"""An end to every conversation with a directory, however slowly it answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer


@contextmanager
def cut_off_after(seconds: float, cut: Callable[[], object]) -> Iterator[None]:
    """Call ``cut``, which ends the conversation, when the block is not left by then.

    The timeouts of sockets count each piece anew: who sends a byte now and then would never trip them.
    """
    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
