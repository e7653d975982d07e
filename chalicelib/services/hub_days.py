"""The posts of hubs, known to each process for some seconds: what is read once serves all who follow them."""

from dataclasses import dataclass, field

from chalicelib.domain import clock
from chalicelib.domain.feeds import FRESH_SECONDS, KEPT_DAYS, FeedEntry, HubPost, has_hub
from chalicelib.domain.listings import day_before
from chalicelib.services.ports import Clock, HubStore

REFRESH_SECONDS = 10
"""How old what is known of a day may be."""

_AHEAD_SECONDS = 60
"""Clocks differ: posts may come from the next minute, and so from the next day."""

MOST_LOADED = 3
"""Days that one page may have read as a whole; where that is not enough, the page ends."""


@dataclass(slots=True)
class _Day:
    known_at: float
    mark: str
    posts: dict[str, HubPost]


@dataclass(slots=True)
class HubDays:
    """The days of the last weeks, those that somebody asked for."""

    hubs: HubStore
    now: Clock = clock.now
    _days: dict[str, _Day] = field(default_factory=dict)

    def between(self, bits: bytes, below: str, floor: str, limit: int) -> tuple[list[FeedEntry], str]:
        """Return posts of some hubs below a position and not below a floor, newest first.

        Returns:
            Up to ``limit`` of them, and down to where none is missing: the floor, if the search came so far.
        """
        found: list[FeedEntry] = []
        day, loaded = clock.later(self.now(), _AHEAD_SECONDS)[:10], 0
        while bits and day >= floor[:10]:
            if day > below[:10]:
                day = day_before(day)
                continue
            loaded += day not in self._days
            if loaded > MOST_LOADED:
                return found, f"{day}~"
            posts = self._day(day).posts
            for position in sorted(posts, reverse=True):
                if floor <= position < below and has_hub(bits, posts[position].number):
                    found.append(posts[position].entry)
                    if len(found) == limit:
                        return found, position
            day = day_before(day)
        return found, floor

    def _day(self, day: str) -> _Day:
        moment = self.now()
        known = self._days.get(day)
        if known is not None and moment.timestamp() - known.known_at < REFRESH_SECONDS:
            return known
        if known is not None:
            since = clock.later(moment, known.known_at - moment.timestamp() - FRESH_SECONDS)
            told = self.hubs.of_day(day, min(since, f"{day}~"))  # of a day that is over the mark alone
            if told.mark == known.mark:
                known.posts |= {post.entry.position: post for post in told.posts}
                known.known_at = moment.timestamp()
                return known
        told = self.hubs.of_day(day)
        read = _Day(moment.timestamp(), told.mark, {post.entry.position: post for post in told.posts})
        self._days[day] = read
        self._forget()
        return read

    def _forget(self) -> None:
        while len(self._days) > KEPT_DAYS + 3:  # both ends, and a day ahead
            del self._days[min(self._days)]
