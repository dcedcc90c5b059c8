"""Feeds as their consumers see them: pages in order, and how far each consumer has come."""

from __future__ import annotations

from gateway.errors import NotFound
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.views import FeedPage
from gateway.ports import UnitOfWork


class Feeds:
    """Reads feeds and keeps the positions of their consumers.

    Args:
        around: the ports.
        kept: name of the feed that accepted messages go to; it is there before its first entry.
        page_limit: most entries of one page.
    """

    def __init__(self, around: Surroundings, *, kept: str, page_limit: int) -> None:
        self._store = around.store
        self._clock = around.clock
        self._kept = kept
        self._page_limit = page_limit

    def page(self, name: str, *, after: int = 0, limit: int = 500) -> FeedPage:
        """A page of a feed, after a position; raises `NotFound` for a feed that is not kept."""
        with self._store.reading() as look:
            self._require_feed(look, name)
            entries = tuple(look.feed.read(name, after=after, limit=min(limit, self._page_limit)))
            last = look.feed.last_position(name)
        return FeedPage(
            feed=name, entries=entries, next_after=entries[-1].position if entries else after, last_position=last
        )

    def names(self) -> list[str]:
        """The feeds that have entries."""
        with self._store.reading() as look:
            return look.feed.names()

    def ack(self, name: str, consumer: str, position: int) -> int:
        """Store how far a consumer has come; never goes back, never beyond the feed. Returns what is stored.

        Raises:
            NotFound: no such feed.
        """
        with self._store.writing() as work:
            self._require_feed(work, name)
            reached = min(position, work.feed.last_position(name))
            return work.feed.acknowledge(name, consumer, reached, at=self._clock.now())

    def acknowledged(self, name: str, consumer: str) -> int:
        """How far a consumer has come; 0 at the beginning."""
        with self._store.reading() as look:
            return look.feed.acknowledged(name, consumer)

    def _require_feed(self, look: UnitOfWork, name: str) -> None:
        if name != self._kept and name not in look.feed.names():
            raise NotFound("there is no feed of this name", remedy="the setting feed names the one that is kept")
