"""Feeds, hubs and follows in memory, as the repositories have them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from chalicelib.domain.feeds import FeedEntry, FeedPage, FeedState, Hub, HubPost, HubPosts, with_hub
from chalicelib.domain.relations import NO_BOUNDS, Between, Bounds, Relation


@dataclass
class FakeFeeds:
    """As :class:`chalicelib.repositories.feeds.FeedRepository`.

    Attributes:
        rows: entries by reader and position.
        known: readers.
        writes: entries that were put.
        before: called before entries are put: what another process does meanwhile.
    """

    rows: dict[str, dict[str, FeedEntry]] = field(default_factory=dict)
    known: dict[str, FeedState] = field(default_factory=dict)
    writes: int = 0
    before: Callable[[], object] | None = None

    def page(self, reader_id: str, *, limit: int, below: str | None) -> FeedPage:
        rows = self.rows.get(reader_id, {})
        found = [rows[at] for at in sorted(rows, reverse=True) if below is None or at < below]
        state = self.known.get(reader_id) if below is None else None
        return FeedPage(tuple(found[:limit]), len(found) >= limit, state)  # as DynamoDB, it may promise too much

    def push(self, reader_ids: Iterable[str], entry: FeedEntry) -> None:
        before, self.before = self.before, None
        if before is not None:
            before()
        for reader in reader_ids:
            self.writes += 1
            self.rows.setdefault(reader, {})[entry.position] = entry

    def push_all(self, reader_id: str, entries: Iterable[FeedEntry]) -> None:
        for entry in entries:
            self.push([reader_id], entry)

    def withdraw(self, reader_ids: Iterable[str], position: str) -> None:
        for reader in reader_ids:
            self.rows.get(reader, {}).pop(position, None)

    def withdraw_author(self, reader_id: str, author_id: str, below: str | None) -> str | None:
        page = self.page(reader_id, limit=7, below=below)
        for entry in page.entries:
            if entry.author_id == author_id:
                del self.rows[reader_id][entry.position]
        return page.entries[-1].position if page.more and page.entries else None

    def states(self, reader_ids: Iterable[str]) -> dict[str, FeedState]:
        return {reader: self.known[reader] for reader in reader_ids if reader in self.known}

    def touch(self, reader_id: str, day: str, *, again: bool) -> None:
        state = self.known.get(reader_id, FeedState(day))
        self.known[reader_id] = replace(state, read_on=day, complete=state.complete and not again)

    def completed(self, reader_id: str) -> None:
        self.known[reader_id] = replace(self.known[reader_id], complete=True)

    def forget(self, reader_id: str) -> bool:
        self.rows.pop(reader_id, None)
        self.known.pop(reader_id, None)
        return False

    def set_hub(self, reader_id: str, number: int, *, followed: bool) -> None:
        if state := self.known.get(reader_id):
            self.known[reader_id] = replace(state, hubs=with_hub(state.hubs, number, followed=followed))


@dataclass
class FakeHubs:
    """As :class:`chalicelib.repositories.hubs.HubRepository`.

    Attributes:
        loads: how often all of a day was read.
        looks: how often its last moments were.
    """

    hubs: dict[str, Hub] = field(default_factory=dict)
    days: dict[str, dict[str, HubPost]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    loads: int = 0
    looks: int = 0
    _numbers: Any = field(default_factory=count)

    def get(self, author_id: str) -> Hub | None:
        return self.hubs.get(author_id)

    def get_many(self, author_ids: Iterable[str]) -> dict[str, Hub]:
        return {author: self.hubs[author] for author in author_ids if author in self.hubs}

    def make(self, author_id: str) -> Hub:
        return self.hubs.setdefault(author_id, Hub(next(self._numbers), settled=False))

    def settle(self, author_id: str) -> None:
        self.hubs[author_id] = replace(self.hubs[author_id], settled=True)

    def forget(self, author_id: str) -> None:
        self.hubs.pop(author_id, None)

    def put(self, hub: Hub, entries: Iterable[FeedEntry], moment: datetime) -> None:
        for entry in entries:
            day = entry.position[:10]
            if entry.position in self.days.get(day, {}):
                self._mark(day)
            self.days.setdefault(day, {})[entry.position] = HubPost(hub.number, entry)

    def remove(self, position: str) -> None:
        self.days.get(position[:10], {}).pop(position, None)
        self._mark(position[:10])

    def of_day(self, day: str, above: str | None = None) -> HubPosts:
        self.loads += above is None
        self.looks += above is not None
        posts = [each for at, each in self.days.get(day, {}).items() if above is None or at > above]
        return HubPosts(tuple(posts), self.marks.get(day, ""))

    def _mark(self, day: str) -> None:
        self.marks[day] = f"{self.marks.get(day, '')}x"


@dataclass(frozen=True)
class FakeRelationPage:
    """As :class:`chalicelib.repositories.relation_lists.RelationPage`."""

    relations: tuple[Relation, ...]
    position: str | None


@dataclass
class FakeFollows:
    """As :class:`chalicelib.repositories.relations.RelationRepository`, as far as feeds need it."""

    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    held: dict[str, Bounds] = field(default_factory=dict)
    _order: Any = field(default_factory=count)

    def follow(self, reader: str, author: str) -> Relation:
        """Have a reader follow an author."""
        self.pairs[reader, author] = next(self._order)
        return self._relation(reader, author)

    def unfollow(self, reader: str, author: str) -> Relation:
        """Have a reader follow an author no more."""
        del self.pairs[reader, author]
        return self._relation(reader, author)

    def bounds(self, account_id: str) -> Bounds:
        return self.held.get(account_id, NO_BOUNDS)

    def follows(self, account_id: str, other_id: str) -> bool:
        return (account_id, other_id) in self.pairs

    def between(self, account_id: str, other_id: str) -> Between:
        kinds = {"follow"} if self.follows(account_id, other_id) else set()
        return Between(frozenset(kinds), parted=False, follows=0)  # type: ignore[arg-type]  # they are kinds

    def page(
        self, side: str, account_id: str, kind: str, *, limit: int, position: str | None = None, **_: Any
    ) -> FakeRelationPage:
        mine = 0 if side == "account" else 1
        found = [(order, pair) for pair, order in self.pairs.items() if pair[mine] == account_id]
        below = [each for each in sorted(found, reverse=True) if position is None or each[0] < int(position)]
        more = len(below) > limit
        relations = tuple(self._relation(*pair) for _, pair in below[:limit])
        return FakeRelationPage(relations, str(below[limit - 1][0]) if more else None)

    def _relation(self, reader: str, author: str) -> Relation:
        return Relation("follow", reader, author, "")
