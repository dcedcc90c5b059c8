"""What Ctrl-C does while the program loads its parts: it ends the process at once, as the system does by itself.

Python turns the interrupt into an exception, and code that loads a compiled library may swallow it there: the
program would go on as if nothing had been asked. While it loads nothing is half done, so it may simply end.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Within this, SIGINT ends the process without a word (a shell shows 130); afterwards it is what it was before.

    Signals belong to the main thread: in any other this changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
