"""Gathering a stretch of known length from pieces of any size, in one buffer that is used again."""

from __future__ import annotations


class Gathering:
    """Waits until a stretch of bytes is whole; bytes that come whole in one piece are not copied.

    Args:
        wanted: bytes of the first stretch; no later one is longer.
        begun: what has come of it already.
    """

    def __init__(self, wanted: int, begun: bytes = b"") -> None:
        self._room = memoryview(bytearray(wanted))
        self._wanted = wanted
        self._filled = len(begun)
        self._room[: len(begun)] = begun

    def want(self, wanted: int) -> None:
        """Begin with the next stretch, which may not be longer than the first was."""
        assert wanted <= len(self._room)
        self._wanted, self._filled = wanted, 0

    def take(self, data: memoryview) -> tuple[memoryview | None, memoryview]:
        """Take what is missing from the front of ``data``.

        Returns:
            The stretch when it is whole, valid until the next call of a method, else None; and what is left.
        """
        missing = self._wanted - self._filled
        taken, rest = data[:missing], data[missing:]
        if self._filled == 0 and len(taken) == self._wanted:
            return taken, rest
        end = self._filled + len(taken)
        self._room[self._filled : end] = taken
        self._filled = end
        return (self._room[:end] if end == self._wanted else None), rest
