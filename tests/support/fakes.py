"""The outside world in memory: stores with the very conditions of the repositories, a clock, files, an imaging.

Everything that a service asks of the world is a numbered step of :class:`Steps`. A test can end the "process" before
any step (:class:`Killed`), make a step fail, or run something else in the middle of it.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.disclosure import names_ai
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError, NotFoundError
from chalicelib.domain.fingerprints import Fingerprint
from chalicelib.domain.handles import RESERVED_DAYS
from chalicelib.domain.ids import new_id
from chalicelib.domain.media import DECLARED_AI, Exposure, Media, UploadRequest
from chalicelib.domain.moderation import Case, CaseKind, LogEntry, Standing
from chalicelib.domain.noai import DEFAULT, PREFIXES, prefix
from chalicelib.domain.posts import Card, Post, PostFields, PostMedia
from chalicelib.domain.profiles import Profile, ProfileFields
from chalicelib.domain.protection import (
    CloakLevel,
    CloakReport,
    EncoderEffect,
    PictureRejectedError,
    ProtectedPicture,
    ProtectionOptions,
    Reason,
    Rendition,
)
from chalicelib.domain.screening import NOTHING, Screening
from chalicelib.domain.signatures import Signer, canonical
from chalicelib.domain.studios import Studio
from chalicelib.domain.works import Entry, Match
from chalicelib.services.addresses import Addresses
from chalicelib.services.appeals import AppealService
from chalicelib.services.decisions import DecisionService
from chalicelib.services.exposure import ExposureService
from chalicelib.services.invalidation import InvalidationService
from chalicelib.services.media import MediaService
from chalicelib.services.moderation import ModerationService
from chalicelib.services.post_reading import PostReader, PostView
from chalicelib.services.posts import PostService
from chalicelib.services.profiles import ProfileService
from chalicelib.services.protection import Arrival, ProtectionService
from chalicelib.services.publication import PublicationService
from chalicelib.services.recall import RecallService
from chalicelib.services.registry import RegistryService
from chalicelib.services.sight import Sight
from chalicelib.services.sweep import SweepReport, SweepService
from chalicelib.services.works import WorkService
from tests.support.fake_counters import FakeCounters
from tests.support.fake_social import FakeRelations

LEASE_SECONDS = 130
ARTIST = "artist-1"


class Killed(BaseException):
    """The process is gone: no ``except Exception`` of the application sees it, as none would see a SIGKILL."""


@dataclass
class Steps:
    """Numbers what is asked of the world, and lets tests interfere.

    Attributes:
        names: what was asked so far, in order.
        before: called with number (from 1) and name before a step takes effect.
        after: called with the name once a step took effect.
    """

    names: list[str] = field(default_factory=list)
    before: Callable[[int, str], None] | None = None
    after: Callable[[str], None] | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Go through one step."""
        self.names.append(name)
        if self.before is not None:
            self.before(len(self.names), name)
        yield
        if self.after is not None:
            self.after(name)

    def forget(self) -> None:
        """Begin counting anew, without interference."""
        self.names.clear()
        self.before = None

    def kill_at(self, number: int) -> None:
        """End the process before step ``number``, counted from now: neither that step nor any after it takes effect."""

        def kill(now: int, name: str) -> None:
            if now >= number:  # what clears up on its way out is dead as well
                raise Killed(f"before step {now}, {name}")

        self.forget()
        self.before = kill

    def fail_at(self, number: int, error: Exception, name: str = "") -> None:
        """Raise ``error`` in place of the ``number``-th step from now whose name begins so."""
        seen = 0

        def fail(_: int, now: str) -> None:
            nonlocal seen
            seen += now.startswith(name)
            if now.startswith(name) and seen == number:
                raise error

        self.forget()
        self.before = fail

    def interrupt_at(self, number: int, work: Callable[[], object], name: str = "") -> None:
        """Run other work, once and from end to end, before the ``number``-th step from now whose name begins so."""
        seen = 0

        def interrupt(_: int, now: str) -> None:
            nonlocal seen
            seen += now.startswith(name)
            if now.startswith(name) and seen == number:
                self.before = None
                work()

        self.forget()
        self.before = interrupt


@dataclass
class FakeClock:
    """A clock that is set by hand; each look at it takes a millisecond, so that no two moments are the same."""

    moment: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


def _due(rows: dict[str, str | None], since: datetime, until: datetime) -> list[str]:
    """Return what the index of due things holds, which is read by whole hours."""
    first = clock.to_text(since.replace(minute=0, second=0, microsecond=0))
    found = [(due_at, key) for key, due_at in rows.items() if due_at and first <= due_at <= clock.to_text(until)]
    return [key for _, key in sorted(found)]


@dataclass
class FakeMedia:
    """As :class:`chalicelib.repositories.media.MediaRepository`."""

    steps: Steps
    rows: dict[str, Media] = field(default_factory=dict)
    due_at: dict[str, str | None] = field(default_factory=dict)

    def create(self, media: Media, moment: datetime) -> None:
        with self.steps.step("media.create"):
            if media.media_id in self.rows:
                raise LostRaceError
            self.rows[media.media_id] = media
            self.due_at[media.media_id] = media.due_at(moment)

    def get(self, media_id: str, *, consistent: bool = False) -> Media | None:
        with self.steps.step("media.get"):
            return self.rows.get(media_id)

    def get_many(self, media_ids: Iterable[str]) -> dict[str, Media]:
        with self.steps.step("media.get_many"):
            return {media_id: self.rows[media_id] for media_id in media_ids if media_id in self.rows}

    def save_state(self, old: Media, new: Media, moment: datetime) -> Media:
        with self.steps.step("media.save_state"):
            return self.change(old, new, moment)

    def change(self, old: Media, new: Media, moment: datetime) -> Media:
        """As :func:`chalicelib.repositories.media.change_media`."""
        stored = self.rows.get(old.media_id)
        if stored is None or (stored.version, stored.state) != (old.version, old.state):
            raise LostRaceError
        saved = replace(
            stored,
            state=new.state,
            version=old.version + 1,
            updated_at=clock.to_text(moment),
            tries=new.tries,
            lease_until=new.lease_until,
            attempt=new.attempt,
            reason=new.reason,
            picture=new.picture,
            cleared=new.cleared,
            appeal=new.appeal,
            recalled=new.recalled,
            refused_version=new.refused_version,
            replaced=new.replaced,
            review=new.review,
            withheld=new.withheld,
            labels=new.labels,
            renewing=new.renewing,
        )
        self.rows[old.media_id] = saved
        self.due_at[old.media_id] = new.due_at(moment)
        return saved

    def save_request(self, old: Media, new: Media, moment: datetime) -> Media:
        with self.steps.step("media.save_request"):
            stored = self.rows.get(old.media_id)
            if stored is None or stored.exposure_version != old.exposure_version:
                raise LostRaceError
            saved = self.change(old, new, moment)
            saved = replace(saved, request=new.request, exposure_version=old.exposure_version + 1)
            self.rows[old.media_id] = saved
            return saved

    def save_exposure(self, media: Media, exposure: Exposure, moment: datetime) -> Media:
        with self.steps.step("media.save_exposure"):
            stored = self.rows.get(media.media_id)
            if stored is None or stored.exposure_version != media.exposure_version:
                raise LostRaceError
            saved = replace(stored, exposure=exposure, exposure_version=media.exposure_version + 1)
            self.rows[media.media_id] = saved
            self.due_at[media.media_id] = replace(media, exposure=exposure).due_at(moment)
            return saved

    def add_use(self, media_id: str, owner_id: str, user: str) -> None:
        with self.steps.step("media.add_use"):
            stored = self.rows.get(media_id)
            if stored is None or stored.owner_id != owner_id:
                raise LostRaceError
            self.rows[media_id] = replace(stored, used_by=stored.used_by | {user})

    def remove_use(self, media_id: str, user: str) -> None:
        with self.steps.step("media.remove_use"):
            if stored := self.rows.get(media_id):
                self.rows[media_id] = replace(stored, used_by=stored.used_by - {user})

    def remains(self, media_ids: Iterable[str]) -> dict[str, Media]:
        with self.steps.step("media.remains"):
            return {media_id: self.rows[media_id] for media_id in media_ids if media_id in self.rows}

    def mark_deleted(self, old: Media, deleted_at: str | None, due_at: str | None) -> None:
        with self.steps.step("media.mark_deleted"):
            if self.rows.get(old.media_id) != old:
                raise LostRaceError
            exposure_version = old.exposure_version + 1
            self.rows[old.media_id] = replace(
                old, version=old.version + 1, exposure_version=exposure_version, deleted_at=deleted_at
            )
            self.due_at[old.media_id] = due_at

    def due(self, since: datetime, until: datetime) -> list[str]:
        with self.steps.step("media.due"):
            return _due(self.due_at, since, until)


@dataclass
class FakeProfiles:
    """As :class:`chalicelib.repositories.profiles.ProfileRepository`. Handles are held or reserved until a moment."""

    steps: Steps
    rows: dict[str, Profile] = field(default_factory=dict)
    handles: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)

    def get(self, account_id: str) -> Profile | None:
        with self.steps.step("profiles.get"):
            return self.rows.get(account_id)

    def get_many(self, account_ids: Iterable[str]) -> dict[str, Profile]:
        with self.steps.step("profiles.get_many"):
            return {account_id: self.rows[account_id] for account_id in account_ids if account_id in self.rows}

    def get_by_handle(self, handle: str) -> Profile | None:
        with self.steps.step("profiles.get_by_handle"):
            if not 1 <= len(handle.encode()) <= 2048:
                raise AssertionError("DynamoDB refuses a key that is empty or long")
            owner, _ = self.handles.get(handle, ("", None))
            profile = self.rows.get(owner)
            return profile if profile and profile.fields.handle == handle else None

    def holders(self, handles: Iterable[str]) -> dict[str, str]:
        with self.steps.step("profiles.holders"):
            found = {handle: self.handles[handle] for handle in handles if handle in self.handles}
            return {handle: owner for handle, (owner, until) in found.items() if until is None}

    def bearers(self, handles: Iterable[str]) -> dict[str, str]:
        with self.steps.step("profiles.bearers"):
            return {handle: self.handles[handle][0] for handle in handles if handle in self.handles}

    def handle_holder(self, handle: str, moment: datetime) -> str | None:
        with self.steps.step("profiles.handle_holder"):
            return self._holder(handle, moment)

    def _holder(self, handle: str, moment: datetime) -> str | None:
        owner, until = self.handles.get(handle, (None, None))
        return None if until and until <= moment else owner

    def create(self, profile: Profile, moment: datetime) -> None:
        with self.steps.step("profiles.create"):
            handle = profile.fields.handle
            if profile.account_id in self.rows or self._holder(handle, moment) not in {None, profile.account_id}:
                raise LostRaceError
            self.rows[profile.account_id] = profile
            self.handles[handle] = (profile.account_id, None)

    def replace(self, old: Profile, new: Profile, moment: datetime) -> Profile:
        with self.steps.step("profiles.replace"):
            stored = self.rows.get(old.account_id)
            if stored is None or stored.version != old.version:
                raise LostRaceError
            before, after = old.fields.handle, new.fields.handle
            if before != after:
                held_by_us = self.handles.get(before, ("", None))[0] == old.account_id
                if not held_by_us or self._holder(after, moment) not in {None, old.account_id}:
                    raise LostRaceError
                self.handles[after] = (old.account_id, None)
                self.handles[before] = (old.account_id, moment + timedelta(days=RESERVED_DAYS))
            saved = replace(
                stored,
                fields=new.fields,
                version=old.version + 1,
                updated_at=new.updated_at,
                handle_changed_at=new.handle_changed_at or stored.handle_changed_at,
                renewed=new.renewed,
                pinned=new.pinned,
            )
            self.rows[old.account_id] = saved
            return saved if before == after else replace(new, version=old.version + 1)


@dataclass(frozen=True)
class FakeCardPage:
    """As :class:`chalicelib.repositories.posts.CardPage`."""

    cards: tuple[Card, ...]
    position: str | None


@dataclass
class FakeStudios:
    """As :class:`chalicelib.services.hiring_ports.Studios`."""

    rows: dict[str, Studio] = field(default_factory=dict)

    def get(self, slug: str, *, consistent: bool = False) -> Studio | None:
        return self.rows.get(slug)


@dataclass
class FakePosts:
    """As :class:`chalicelib.repositories.posts.PostRepository`."""

    steps: Steps
    profiles: FakeProfiles
    rows: dict[str, Post] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    due_at: dict[str, str | None] = field(default_factory=dict)

    def create(self, post: Post, card: Card, moment: datetime) -> None:
        with self.steps.step("posts.create"):
            if post.post_id in self.rows:
                raise LostRaceError
            self._put(post, card, moment)

    def get(self, post_id: str, *, consistent: bool = False) -> Post | None:
        with self.steps.step("posts.get"):
            return self.rows.get(post_id)

    def get_with_card(self, post_id: str) -> tuple[Post, Card] | None:
        with self.steps.step("posts.get_with_card"):
            post = self.rows.get(post_id)
            return (post, self.cards[post_id]) if post else None

    def get_many(self, post_ids: list[str]) -> list[Post]:
        with self.steps.step("posts.get_many"):
            return [self.rows[post_id] for post_id in post_ids if post_id in self.rows]

    def get_many_with_cards(self, post_ids: Iterable[str]) -> list[tuple[Post, Card]]:
        with self.steps.step("posts.get_many_with_cards"):
            return [(self.rows[post_id], self.cards[post_id]) for post_id in post_ids if post_id in self.rows]

    def save(self, old: Post, new: Post, card: Card, moment: datetime) -> None:
        with self.steps.step("posts.save"):
            stored = self.rows.get(new.post_id)
            if stored is None or stored.version != old.version:
                raise LostRaceError
            change = int(new.counted) - int(old.counted)
            if change:
                author = self.profiles.rows.get(new.author_id)
                if author is None:
                    raise LostRaceError
                self.profiles.rows[new.author_id] = replace(author, posts_count=author.posts_count + change)
            self._put(new, card, moment)

    def delete(self, post: Post) -> None:
        with self.steps.step("posts.delete"):
            stored = self.rows.get(post.post_id)
            if stored is None or stored.version != post.version:
                raise LostRaceError
            for table in (self.rows, self.cards, self.due_at):
                table.pop(post.post_id)

    def postpone(self, post_id: str, due_at: str) -> None:
        with self.steps.step("posts.postpone"):
            stored = self.rows.get(post_id)
            waits, known = stored is not None and stored.state in {"processing", "scheduled"}, self.due_at.get(post_id)
            if waits and known is not None and known < due_at:
                self.due_at[post_id] = due_at

    def public_cards(
        self, author_id: str, *, portfolio: bool, limit: int, position: str | None, without_ai: bool = False
    ) -> FakeCardPage:
        def seen(post: Post) -> bool:
            if without_ai and names_ai(post.ai_disclosure):
                return False
            return post.listed and (post.fields.portfolio or not portfolio)

        with self.steps.step("posts.public_cards"):
            return self._page(author_id, seen, limit, position, portfolio=portfolio)

    def own_cards(
        self,
        author_id: str,
        keep: Callable[[Card], bool],
        *,
        limit: int,
        position: str | None,
        most: int | None = None,
    ) -> FakeCardPage:
        def seen(post: Post) -> bool:
            return post.state != "deleted" and keep(self.cards[post.post_id])

        with self.steps.step("posts.own_cards"):
            return self._page(author_id, seen, limit, position)

    def portfolio_cards(
        self, author_id: str, keep: Callable[[Card], bool], *, limit: int, position: str | None
    ) -> FakeCardPage:
        def seen(post: Post) -> bool:
            return post.state == "published" and post.fields.portfolio and keep(self.cards[post.post_id])

        with self.steps.step("posts.portfolio_cards"):
            return self._page(author_id, seen, limit, position, portfolio=True)

    def portfolio_neighbours(self, author_id: str, key: str, *, above: bool) -> list[tuple[str, str]]:
        with self.steps.step("posts.portfolio_neighbours"):
            own = (post for post in self.rows.values() if post.author_id == author_id and post.fields.portfolio)
            keys = sorted((post.portfolio_key, post.post_id) for post in own if post.state == "published")
            return (
                [each for each in keys if each[0] > key][:2]
                if above
                else [each for each in keys if each[0] < key][:-3:-1]
            )

    def due(self, since: datetime, until: datetime) -> list[str]:
        with self.steps.step("posts.due"):
            return _due(self.due_at, since, until)

    def _put(self, post: Post, card: Card, moment: datetime) -> None:
        self.rows[post.post_id] = post
        self.cards[post.post_id] = card
        self.due_at[post.post_id] = post.due_at(moment)

    def _page(
        self,
        author_id: str,
        seen: Callable[[Post], bool],
        limit: int,
        position: str | None,
        *,
        portfolio: bool = False,
    ) -> FakeCardPage:
        def key(post: Post) -> str:
            return post.portfolio_key if portfolio else post.order_key

        own = sorted((p for p in self.rows.values() if p.author_id == author_id), key=key)
        found = [p for p in reversed(own) if seen(p) and (position is None or key(p) < position)]
        shown = found[:limit]
        cards = tuple(self.cards[post.post_id] for post in shown)
        return FakeCardPage(cards, key(shown[-1]) if len(found) > limit else None)


@dataclass(frozen=True)
class FakePage:
    """As the pages of :mod:`chalicelib.repositories.cases` and :mod:`chalicelib.repositories.audit`."""

    cases: tuple[Case, ...] = ()
    entries: tuple[LogEntry, ...] = ()
    position: str | None = None


@dataclass
class FakeCases:
    """As :class:`chalicelib.repositories.cases.CaseRepository`."""

    steps: Steps
    media: FakeMedia
    rows: dict[str, Case] = field(default_factory=dict)
    entries: dict[str, LogEntry] = field(default_factory=dict)
    accounts: dict[str, Standing] = field(default_factory=dict)
    posts: FakePosts | None = None

    def standing(self, account_id: str) -> Standing | None:
        """As :meth:`chalicelib.repositories.accounts.AccountRepository.standing`."""
        with self.steps.step("accounts.standing"):
            return self.accounts.get(account_id)

    def open(self, case: Case) -> None:
        with self.steps.step("cases.open"):
            self.rows.setdefault(case.case_id, case)

    def get(self, case_id: str) -> Case | None:
        with self.steps.step("cases.get"):
            return self.rows.get(case_id)

    def about(self, target: str) -> list[Case]:
        with self.steps.step("cases.about"):
            found = [case for case in self.rows.values() if case.target == target and case.state == "open"]
            return sorted(found, key=lambda case: case.position)

    def queue(self, kind: CaseKind | None, *, limit: int, position: str | None) -> FakePage:
        with self.steps.step("cases.queue"):
            waiting = sorted((case for case in self.rows.values() if case.state == "open"), key=lambda c: c.position)
            found = [c for c in waiting if kind in {None, c.kind} and (position is None or c.position > position)]
            last = found[limit - 1].position if len(found) > limit else None
            return FakePage(cases=tuple(found[:limit]), position=last)

    def open_appeal(self, case: Case, old: Media, new: Media, moment: datetime) -> None:
        with self.steps.step("cases.open_appeal"):
            if case.case_id in self.rows:
                raise LostRaceError
            self.media.change(old, new, moment)
            self.rows[case.case_id] = case

    def decide(
        self,
        entry: LogEntry,
        cases: Iterable[Case],
        moment: datetime,
        *,
        media: tuple[Media, Media] | None = None,
        standing: tuple[Standing | None, Standing] | None = None,
        post: tuple[Post, Post, Card] | None = None,
        profile: tuple[Profile, Profile] | None = None,
    ) -> None:
        del profile  # decided about over HTTP alone
        with self.steps.step("cases.decide"):
            closed = list(cases)
            for case in closed:
                stored = self.rows[case.case_id]
                if (stored.state, stored.decision) != (case.state, case.decision):
                    raise LostRaceError
            if standing is not None and self.accounts.get(standing[1].account_id) != standing[0]:
                raise LostRaceError
            if media is not None:
                self.media.change(*media, moment)
            if post is not None:
                assert self.posts is not None
                self.posts.save(*post, moment)
            if standing is not None:
                self.accounts[standing[1].account_id] = standing[1]
            self.entries[entry.decision.decision_id] = entry
            self.rows |= {c.case_id: replace(c, state="decided", decision=entry.decision) for c in closed}

    def page(self, target: str, *, limit: int, position: str | None) -> FakePage:
        """As :meth:`chalicelib.repositories.audit.AuditRepository.page`."""
        with self.steps.step("log.page"):
            newest = sorted(self.entries.items(), reverse=True)
            found = [
                (key, e) for key, e in newest if e.decision.target == target and (position is None or key < position)
            ]
            last = found[limit - 1][0] if len(found) > limit else None
            return FakePage(entries=tuple(entry for _, entry in found[:limit]), position=last)


@dataclass
class FakeQueue:
    """As :class:`chalicelib.queues.ProtectQueue`."""

    steps: Steps
    sent: list[tuple[str, str | None]] = field(default_factory=list)

    def announce(self, key: str, version: str | None) -> None:
        with self.steps.step("queue.announce"):
            self.sent.append((key, version))


@dataclass
class FakeWorks:
    """As :class:`chalicelib.repositories.works.WorkRepository`; done in two steps."""

    steps: Steps
    rows: dict[str, frozenset[Entry]] = field(default_factory=dict)

    def add(self, entries: list[tuple[str, Entry]]) -> None:
        for half in (entries[::2], entries[1::2]):
            with self.steps.step("works.add"):
                for key, entry in half:
                    self.rows[key] = self.rows.get(key, frozenset()) | {entry}

    def remove(self, entries: list[tuple[str, Entry]]) -> None:
        for half in (entries[::2], entries[1::2]):
            with self.steps.step("works.remove"):
                for key, entry in half:
                    left = self.rows.pop(key, frozenset()) - {entry}
                    self.rows |= {key: left} if left else {}

    def find(self, keys: Iterable[str], *, consistent: bool = False) -> dict[str, tuple[Entry, ...]]:
        with self.steps.step("works.find"):
            found = {key: self.rows[key] for key in keys if key in self.rows}
            return {key: tuple(sorted(works, key=lambda each: each.media_id)) for key, works in found.items()}


@dataclass(frozen=True)
class FakeMatchPage:
    """As :class:`chalicelib.repositories.matches.MatchPage`."""

    matches: tuple[Match, ...]
    position: str | None


@dataclass
class FakeMatches:
    """As :class:`chalicelib.repositories.matches.MatchRepository`."""

    steps: Steps
    rows: dict[tuple[str, str], Match] = field(default_factory=dict)

    def put(self, matches: list[Match]) -> None:
        for match in matches:
            with self.steps.step("matches.put"):
                self.rows[match.account_id, match.position] = match

    def of_account(self, account_id: str, *, limit: int, position: str | None) -> FakeMatchPage:
        with self.steps.step("matches.of_account"):
            own = sorted((m for m in self.rows.values() if m.account_id == account_id), key=lambda m: m.position)
            found = [match for match in reversed(own) if position is None or match.position < position]
            shown = tuple(found[:limit])
            return FakeMatchPage(shown, shown[-1].position if len(found) > limit else None)

    def forget(self, account_id: str, media_id: str) -> None:
        with self.steps.step("matches.forget"):
            pairs = [m for m in self.rows.values() if m.account_id == account_id and m.media_id == media_id]
            for match in pairs:
                del self.rows[account_id, match.position]
                self.rows.pop((match.other_owner_id, f"{match.found_at}#{match.other_id}#{media_id}"), None)


@dataclass
class FakeAllowances:
    """As :class:`chalicelib.repositories.allowances.AllowanceRepository`."""

    used: dict[str, int] = field(default_factory=dict)

    def use(self, key: str, expires_at: int, number: int = 1) -> int:
        self.used[key] = self.used.get(key, 0) + number
        return self.used[key]


@dataclass
class FakeOriginals:
    """As :class:`chalicelib.storage.Originals`."""

    steps: Steps
    files: dict[str, bytes] = field(default_factory=dict)

    def upload_form(self, key: str, content_type: str, size: int) -> dict[str, Any]:
        return {"url": "https://upload.test", "fields": {"key": key, "Content-Type": content_type}}

    def arrived(self, key: str) -> bool:
        with self.steps.step("originals.arrived"):
            return key in self.files

    def read(self, key: str, version: str | None) -> bytes:
        with self.steps.step("originals.read"):
            if key not in self.files:
                raise NotFoundError
            return self.files[key]


@dataclass
class FakeDerivatives:
    """As :class:`chalicelib.storage.Derivatives`; each file is a step of its own."""

    steps: Steps
    held: dict[str, set[str]] = field(default_factory=dict)
    public: dict[str, set[str]] = field(default_factory=dict)
    records: dict[tuple[str, str], str] = field(default_factory=dict)

    def put_record(self, media_id: str, name: str, record: str) -> None:
        with self.steps.step("derivatives.put_record"):
            self.records[media_id, name] = record

    def read_record(self, media_id: str, name: str) -> str:
        with self.steps.step("derivatives.read_record"):
            try:
                return self.records[media_id, name]
            except KeyError:
                raise NotFoundError from None

    def put(self, media_id: str, files: list[tuple[str, Rendition]]) -> None:
        for name, _ in files:
            with self.steps.step("derivatives.put"):
                self.held.setdefault(media_id, set()).add(name)

    def expose(self, prefix: str, media_id: str, names: Iterable[str]) -> None:
        for name in names:
            with self.steps.step("derivatives.expose"):
                if name not in self.held.get(media_id, set()):
                    raise NotFoundError
                self.public.setdefault(media_id, set()).add(f"{prefix}/{name}")

    def withdraw(self, media_id: str, names: Iterable[str]) -> None:
        for name in names:
            with self.steps.step("derivatives.withdraw"):
                self.public.get(media_id, set()).difference_update(f"{prefix}/{name}" for prefix in PREFIXES)

    def files(self, media_id: str) -> list[str]:
        with self.steps.step("derivatives.files"):
            held = [f"held/{media_id}/{name}" for name in self.held.get(media_id, ())]
            held += [f"held/{media_id}/{name}" for owner, name in self.records if owner == media_id]
            shown = (each.partition("/") for each in self.public.get(media_id, ()))
            return held + [f"{prefix}/{media_id}/{name}" for prefix, _, name in shown]

    def discard(self, keys: Iterable[str]) -> None:
        for key in keys:
            with self.steps.step("derivatives.discard"):
                prefix, media_id, name = key.split("/")
                if prefix != "held":
                    self.public.get(media_id, set()).discard(f"{prefix}/{name}")
                    continue
                self.held.get(media_id, set()).discard(name)
                self.records.pop((media_id, name), None)


def cloak_report(level: CloakLevel) -> CloakReport:
    """Return what a cloak could say of itself."""
    effects = (EncoderEffect("lite0", served=1.1, jpeg75=1.0, jpeg75_half=0.75),)
    return CloakReport(level, applied=True, psnr_db=33.33333, floor=0.55, floor_reached=True, encoders=effects)


def look_of(data: bytes) -> Fingerprint:
    """Return how a picture of some bytes could look: unlike that of any others."""
    digits = hashlib.sha512(data).hexdigest()
    weakest = bytes(band + 3 * place for band in range(3) for place in range(6))
    return Fingerprint(digits[:16], digits[16:80], weakest.hex())


def protected_picture(
    data: bytes, options: ProtectionOptions | None = None, cloak: object = None, signer: Signer | None = None
) -> ProtectedPicture:
    """Return what imaging could make of some bytes, whatever cloaks them: two files. A signer is asked."""
    del cloak
    if signer is not None:
        signer.sign(data)
    level = options.cloak if options else "default"
    said = options.data_mining if options and options.data_mining != DEFAULT else ""

    def rendition(width: int, format_: Any) -> Rendition:
        content = b"%s %d %s%s" % (format_.encode(), width, data, said.encode())
        return Rendition(width, width // 2, format_, content, hashlib.sha256(content).hexdigest())

    return ProtectedPicture(
        source_format="png",
        width=640,
        height=320,
        frames=1,
        blurhash="LEHV6nWB2yk8",
        dominant_colors=("#102030",),
        perceptual_hash="0123456789abcdef",
        renditions=(rendition(320, "webp"), rendition(640, "jpeg")),
        cloak=CloakReport(level, applied=False) if level == "off" else cloak_report(level),
        signals=("xmp:plus:DataMining",),
        fingerprints=(look_of(data),),
    )


def preview_of(data: bytes, options: ProtectionOptions) -> Rendition:
    """Return what moderators could be shown of some bytes that were refused."""
    content = b"seen by moderators: " + data
    return Rendition(640, 320, "webp", content, hashlib.sha256(content).hexdigest())


@dataclass
class FakeImaging:
    """As :func:`chalicelib.imaging.protect.protect`.

    Attributes:
        error: raised in place of an answer.
        screening: what every picture declares.
        options: what each call asked for.
    """

    steps: Steps
    error: Exception | None = None
    screening: Screening = NOTHING
    options: list[ProtectionOptions] = field(default_factory=list)

    def __call__(self, data: bytes, options: ProtectionOptions) -> ProtectedPicture:
        with self.steps.step("imaging.protect"):
            self.options.append(options)
            if self.error is not None:
                raise self.error
            return replace(protected_picture(data, options), screening=self.screening)


@dataclass
class FakeErrands:
    """As :class:`chalicelib.queues.ErrandQueue`."""

    steps: Steps
    sent: list[Errand] = field(default_factory=list)

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        with self.steps.step("errands.put"):
            self.sent.append(errand)

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        with self.steps.step("errands.put_all"):
            self.sent.extend(errands)


@dataclass
class FakeEdge:
    """As :class:`chalicelib.links.Edge`."""

    steps: Steps
    forgotten: dict[str, list[str]] = field(default_factory=dict)

    def forget(self, paths: Sequence[str], reference: str) -> None:
        with self.steps.step("edge.forget"):
            assert self.forgotten.setdefault(reference, list(paths)) == list(paths), "another batch by the same name"


class World:
    """Everything outside, and every service wired to it."""

    def __init__(self) -> None:
        """Make an empty world."""
        self.steps = steps = Steps()
        self.now = FakeClock()
        self.media = FakeMedia(steps)
        self.profiles = FakeProfiles(steps)
        self.bounds = FakeRelations()
        self.counters = FakeCounters()
        self.posts = FakePosts(steps, self.profiles)
        self.cases = FakeCases(steps, self.media, posts=self.posts)
        self.queue = FakeQueue(steps)
        self.originals = FakeOriginals(steps)
        self.derivatives = FakeDerivatives(steps)
        self.imaging = FakeImaging(steps)
        self.registered = FakeWorks(steps)
        self.matches = FakeMatches(steps)
        self.addresses = Addresses(
            "https://media.test", lambda what, until: f"until={clock.to_text(until)}&of={what}", self.now
        )
        self.works = WorkService(self.registered, self.matches, self.cases, self.media, self.profiles)
        self.registry = RegistryService(self.registered, self.media, self.profiles, FakeAllowances(), self.now)
        self.errands = FakeErrands(steps)
        self.edge = FakeEdge(steps)
        self.copies = InvalidationService(self.errands, self.edge)
        self.pauses: list[float] = []
        self.studios = FakeStudios()
        self.exposure = ExposureService(
            *(self.media, self.posts, self.profiles, self.derivatives, self.works, self.copies, self.studios),
            now=self.now,
            sleep=self.pauses.append,
        )
        self.publication = PublicationService(self.posts, self.media, self.exposure, self.cases, self.now)
        self.recall = RecallService(self.media, self.queue, self.publication, self.now)
        self.allowances = FakeAllowances()
        self.profile_service = ProfileService(
            self.profiles, self.media, self.exposure, self.bounds, self.counters, self.now
        )
        self.media_service = MediaService(
            self.media, self.originals, self.derivatives, self.recall, self.allowances, self.now, self.now.advance
        )
        self.post_reader = PostReader(
            self.posts, self.media, self.profiles, self.counters, Sight(self.posts, self.profiles, self.bounds)
        )
        self.post_service = PostService(
            self.posts, self.media, self.profiles, self.publication, self.media_service, self.post_reader, self.now
        )
        self.sweep_service = SweepService(
            self.media, self.posts, self.originals, self.exposure, self.publication, self.recall, self.now
        )
        self.appeal_service = AppealService(self.media, self.cases, self.originals, self.now)
        self.moderation = ModerationService(self.media, self.cases, self.cases, self.addresses)
        self.decisions = DecisionService(
            media=self.media,
            profiles=self.profiles,
            accounts=self.cases,
            cases=self.cases,
            log=self.cases,
            originals=self.originals,
            recall=self.recall,
            now=self.now,
        )
        self.protection = ProtectionService(
            media=self.media,
            profiles=self.profiles,
            originals=self.originals,
            derivatives=self.derivatives,
            publication=self.publication,
            works=self.works,
            cases=self.cases,
            protect=self.imaging,
            preview=preview_of,
            sign_record=self.sign_record,
            lease_seconds=LEASE_SECONDS,
            public_base_url="https://cara.test",
            web_statement="https://cara.test/policies/tdm.json",
            now=self.now,
        )

    def sign_record(self, record: Mapping[str, Any]) -> str:
        """Sign a record as something that is far away does."""
        with self.steps.step("sign_record"):
            return f"signed.{canonical(record).hex()}"

    def remember(self) -> Callable[[], None]:
        """Return what brings everything back to how it is now; values are frozen, so that copying tables will do."""
        files = self.derivatives
        tables: list[dict[Any, Any]] = [
            *(self.media.rows, self.media.due_at, self.profiles.rows, self.profiles.handles, self.originals.files),
            *(self.posts.rows, self.posts.cards, self.posts.due_at),
            *(self.cases.rows, self.cases.entries, self.cases.accounts),
            *(self.registered.rows, self.matches.rows, files.records, self.allowances.used),
        ]
        kept = [dict(table) for table in tables]
        moment, error = self.now.moment, self.imaging.error
        sent, errands = list(self.queue.sent), list(self.errands.sent)
        held, public = ({key: set(names) for key, names in each.items()} for each in (files.held, files.public))

        def bring_back() -> None:
            for table, rows in zip(tables, kept, strict=True):
                table.clear()
                table.update(rows)
            self.now.moment = moment
            files.held = {key: set(names) for key, names in held.items()}
            files.public = {key: set(names) for key, names in public.items()}
            self.imaging.error = error
            self.queue.sent, self.errands.sent = list(sent), list(errands)
            self.imaging.options.clear()
            self.steps.forget()
            self.steps.after = None

        return bring_back

    def join(self, account_id: str = ARTIST, handle: str = "", **fields: Any) -> Profile:
        """Make or replace a profile."""
        name = handle or account_id.replace("-", "_")
        view, _ = self.profile_service.put(account_id, ProfileFields(name, name.title(), **fields), None)
        return view.profile

    def announce(self, account_id: str = ARTIST, **said: Any) -> Media:
        """Start an upload."""
        return self.media_service.start_upload(account_id, UploadRequest("a.png", "image/png", 4, **said)).media

    def upload(self, account_id: str = ARTIST, **said: Any) -> Media:
        """Start an upload and have its file arrive; the event is still to come."""
        media = self.announce(account_id, **said)
        self.originals.files[media.original_key] = media.media_id.encode()
        return media

    def ready(self, account_id: str = ARTIST, **said: Any) -> str:
        """Upload a picture, have it protected, and return its id."""
        media = self.upload(account_id, **said)
        self.handle(media.media_id)
        return media.media_id

    def handle(self, media_id: str, *, last_try: bool = False) -> None:
        """Bring the event of an upload."""
        self.protection.handle(Arrival(self.media.rows[media_id].original_key, "v1"), last_try=last_try)

    def refused(self, code: str = DECLARED_AI, account_id: str = ARTIST) -> str:
        """Upload a picture that is refused for what it declares, and return its id."""
        media = self.upload(account_id)
        earlier, self.imaging.error = (
            self.imaging.error,
            PictureRejectedError("refused", Reason(code, "Why.", ("xmp",))),
        )
        self.protection.handle(Arrival(media.original_key, "v1"), last_try=False)
        self.imaging.error = earlier
        return media.media_id

    def post(self, *media_ids: str, publish: Any = "now", account_id: str = ARTIST, **fields: Any) -> str:
        """Make a post that shows some media and return its id."""
        return self.make_post(*media_ids, publish=publish, account_id=account_id, **fields).post.post_id

    def make_post(self, *media_ids: str, publish: Any = "now", account_id: str = ARTIST, **fields: Any) -> PostView:
        """Make a post that shows some media."""
        shown = tuple(PostMedia(media_id) for media_id in media_ids)
        return self.post_service.create(account_id, PostFields(title="A post", media=shown, **fields), publish)

    def change(self, post_id: str, publish: Any = None, **changes: Any) -> PostView:
        """Change a post of the artist; ``media`` are ids."""
        if "media" in changes:
            changes["media"] = tuple(PostMedia(media_id) for media_id in changes["media"])
        return self.post_service.change(post_id, ARTIST, changes, publish, set())

    def deliver(self) -> None:
        """Bring the messages that the API or the sweep sent."""
        sent, self.queue.sent = self.queue.sent, []
        for key, version in sent:
            self.protection.handle(Arrival(key, version, self.now()), last_try=False)

    def sweep(self, after_seconds: float = 0) -> SweepReport:
        """Let time pass and sweep as a process does that has just started."""
        self.now.advance(after_seconds)
        return self.sweep_service.run(self.now() - timedelta(days=7))

    def state(self, post_id: str) -> str:
        """Return a post's state, ``gone`` for none."""
        post = self.posts.rows.get(post_id)
        return post.state if post else "gone"

    def is_public(self, media_id: str) -> bool:
        """Tell whether all files of a picture can be fetched, where its choice is said. Some but not all is an error.

        Others that can be fetched are those that were made anew just now, or are being made.
        """
        media = self.media.rows[media_id]
        where = prefix(media.data_mining)
        names = {f"{where}/{item.name}" for item in media.picture.renditions} if media.picture else set()
        public = self.derivatives.public.get(media_id, set())
        assert names & public in (set(), names), f"only some files of {media_id} are public"
        assert public <= names or media.replaced or not media.final, f"files of {media_id} were left behind"
        return bool(names & public)


def unknown_id() -> str:
    """Return an id that nothing has."""
    return new_id()
