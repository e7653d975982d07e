"""What services need of the outside, each as small as its users."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from chalicelib.domain.cards import SharedCard
from chalicelib.domain.changes import Change
from chalicelib.domain.counters import PostCounters, ProfileCounters
from chalicelib.domain.errands import Errand
from chalicelib.domain.listings import Listing
from chalicelib.domain.media import Exposure, Media
from chalicelib.domain.moderation import Case, CaseKind, LogEntry, Standing
from chalicelib.domain.noai import DataMining
from chalicelib.domain.posts import Card, Post
from chalicelib.domain.profiles import Profile
from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions, Rendition
from chalicelib.domain.reactions import Reaction, ReactionKey, ReactionKeys, ReactionKind, ReactionPage
from chalicelib.domain.relations import Bounds
from chalicelib.domain.works import Entry, Match

type Clock = Callable[[], datetime]
type Sleep = Callable[[float], None]
"""Have the original at a key, in a version where that is known, protected anew."""
type SignRecord = Callable[[Mapping[str, Any]], str]
type Protect = Callable[[bytes, ProtectionOptions], ProtectedPicture]


class ProfileStore(Protocol):
    """See :class:`chalicelib.repositories.profiles.ProfileRepository`."""

    def get(self, account_id: str) -> Profile | None: ...
    def get_many(self, account_ids: Iterable[str]) -> dict[str, Profile]: ...
    def get_by_handle(self, handle: str) -> Profile | None: ...
    def handle_holder(self, handle: str, moment: datetime) -> str | None: ...
    def create(self, profile: Profile, moment: datetime) -> None: ...
    def replace(self, old: Profile, new: Profile, moment: datetime) -> Profile: ...


class MediaStore(Protocol):
    """See :class:`chalicelib.repositories.media.MediaRepository`."""

    def create(self, media: Media, moment: datetime) -> None: ...
    def get(self, media_id: str, *, consistent: bool = False) -> Media | None: ...
    def get_many(self, media_ids: Iterable[str]) -> dict[str, Media]: ...
    def save_state(self, old: Media, new: Media, moment: datetime) -> Media: ...
    def save_request(self, old: Media, new: Media, moment: datetime) -> Media: ...
    def save_exposure(self, media: Media, exposure: Exposure, moment: datetime) -> Media: ...
    def add_use(self, media_id: str, owner_id: str, user: str) -> None: ...
    def remove_use(self, media_id: str, user: str) -> None: ...
    def due(self, since: datetime, until: datetime) -> list[str]: ...


class CardPage(Protocol):
    """Some cards, newest first, and the position after them; None at the end."""

    @property
    def cards(self) -> tuple[Card, ...]: ...
    @property
    def position(self) -> str | None: ...


class PostStore(Protocol):
    """See :class:`chalicelib.repositories.posts.PostRepository`."""

    def create(self, post: Post, card: Card, moment: datetime) -> None: ...
    def get(self, post_id: str, *, consistent: bool = False) -> Post | None: ...
    def get_with_card(self, post_id: str) -> tuple[Post, Card] | None: ...
    def get_many(self, post_ids: list[str]) -> list[Post]: ...
    def save(self, old: Post, new: Post, card: Card, moment: datetime) -> None: ...
    def delete(self, post: Post) -> None: ...
    def postpone(self, post_id: str, due_at: str) -> None: ...
    def public_cards(
        self, author_id: str, *, portfolio: bool, limit: int, position: str | None, without_ai: bool = False
    ) -> CardPage: ...
    def own_cards(
        self, author_id: str, keep: Callable[[Card], bool], *, limit: int, position: str | None
    ) -> CardPage: ...
    def due(self, since: datetime, until: datetime) -> list[str]: ...


class Choices(Protocol):
    """See :class:`chalicelib.services.media.MediaService`: what posts need of it."""

    def choose_all(self, account_id: str, media_ids: Iterable[str], choice: DataMining) -> None: ...


class OriginalStore(Protocol):
    """See :class:`chalicelib.storage.Originals`."""

    def upload_form(self, key: str, content_type: str, size: int) -> dict[str, Any]: ...
    def arrived(self, key: str) -> bool: ...
    def read(self, key: str, version: str | None) -> bytes: ...


class DerivativeStore(Protocol):
    """See :class:`chalicelib.storage.Derivatives`."""

    def put(self, media_id: str, files: list[tuple[str, Rendition]]) -> None: ...
    def put_record(self, media_id: str, name: str, record: str) -> None: ...
    def read_record(self, media_id: str, name: str) -> str: ...
    def expose(self, prefix: str, media_id: str, names: Iterable[str]) -> None: ...
    def withdraw(self, media_id: str, names: Iterable[str]) -> None: ...
    def files(self, media_id: str) -> list[str]: ...
    def discard(self, keys: Iterable[str]) -> None: ...
    def link(self, media_id: str, name: str, seconds: int) -> str: ...


class UploadQueue(Protocol):
    """See :class:`chalicelib.queues.ProtectQueue`."""

    def announce(self, key: str, version: str | None) -> None: ...


class CaseStore(Protocol):
    """See :class:`chalicelib.repositories.cases.CaseRepository`: what opens a case needs no more."""

    def open(self, case: Case) -> None: ...


class WorkStore(Protocol):
    """See :class:`chalicelib.repositories.works.WorkRepository`."""

    def add(self, entries: list[tuple[str, Entry]]) -> None: ...
    def remove(self, entries: list[tuple[str, Entry]]) -> None: ...
    def find(self, keys: Iterable[str], *, consistent: bool = False) -> dict[str, tuple[Entry, ...]]: ...


class MatchPage(Protocol):
    """Some matches, newest first, and the position after them; None at the end."""

    @property
    def matches(self) -> tuple[Match, ...]: ...
    @property
    def position(self) -> str | None: ...


class QueuedCase(Protocol):
    """An open case as the queue shows it."""

    @property
    def case_id(self) -> str: ...
    @property
    def kind(self) -> CaseKind: ...
    @property
    def target(self) -> str: ...
    @property
    def opened_by(self) -> str | None: ...
    @property
    def opened_at(self) -> str: ...
    @property
    def excerpt(self) -> str: ...


class QueuePage(Protocol):
    """Some open cases, oldest first, and the position after them; None at the end."""

    @property
    def cases(self) -> Sequence[QueuedCase]: ...
    @property
    def position(self) -> str | None: ...


class MatchStore(Protocol):
    """See :class:`chalicelib.repositories.matches.MatchRepository`."""

    def put(self, matches: list[Match]) -> None: ...
    def of_account(self, account_id: str, *, limit: int, position: str | None) -> MatchPage: ...
    def forget(self, account_id: str, media_id: str) -> None: ...


class AllowanceStore(Protocol):
    """See :class:`chalicelib.repositories.allowances.AllowanceRepository`."""

    def use(self, key: str, expires_at: int) -> int: ...


class ModerationStore(CaseStore, Protocol):
    """See :class:`chalicelib.repositories.cases.CaseRepository`: what those need who decide."""

    def get(self, case_id: str) -> Case | None: ...
    def about(self, target: str) -> list[Case]: ...
    def queue(self, kind: CaseKind | None, *, limit: int, position: str | None) -> QueuePage: ...
    def open_appeal(self, case: Case, old: Media, new: Media, moment: datetime) -> None: ...
    def decide(
        self,
        entry: LogEntry,
        cases: Iterable[Case],
        moment: datetime,
        *,
        media: tuple[Media, Media] | None = None,
        standing: tuple[Standing | None, Standing] | None = None,
    ) -> None: ...


class AccountStore(Protocol):
    """See :class:`chalicelib.repositories.accounts.AccountRepository`."""

    def standing(self, account_id: str) -> Standing | None: ...


class LogPage(Protocol):
    """Some entries, newest first, and the position after them; None at the end."""

    @property
    def entries(self) -> Sequence[LogEntry]: ...
    @property
    def position(self) -> str | None: ...


class AuditLog(Protocol):
    """See :class:`chalicelib.repositories.audit.AuditRepository`."""

    def page(self, target: str, *, limit: int, position: str | None) -> LogPage: ...


class BoundsStore(Protocol):
    """See :class:`chalicelib.repositories.relations.RelationRepository`: what those need who show something."""

    def bounds(self, account_id: str) -> Bounds: ...
    def follows(self, account_id: str, other_id: str) -> bool: ...


class CounterStore(Protocol):
    """See :class:`chalicelib.repositories.counters.CounterRepository`."""

    def of_post(self, post_id: str) -> PostCounters: ...
    def of_posts(self, post_ids: Iterable[str]) -> dict[str, PostCounters]: ...
    def of_profile(self, account_id: str) -> ProfileCounters: ...


class ErrandQueue(Protocol):
    """See :class:`chalicelib.queues.ErrandQueue`."""

    def put(self, errand: Errand, delay_seconds: int = 0) -> None: ...


type ErrandWorker = Callable[[Errand], Errand | None]
"""Does one bounded piece of an errand and returns the next piece, None once all is done; raises TemporaryError."""


class ChangeConsumer[Item](Protocol):
    """What follows the changes of one table's items, each batch at least once."""

    def take(self, changes: Sequence[Change[Item]]) -> None: ...


class ReactionStore(Protocol):
    """See :class:`chalicelib.repositories.reactions.ReactionRepository`."""

    def put(self, reaction: Reaction) -> None: ...
    def remove(self, kind: ReactionKind, account_id: str, post_id: str) -> None: ...
    def of_account(self, account_id: str, kind: ReactionKind, *, limit: int, position: str | None) -> ReactionPage: ...
    def of_posts(self, account_id: str, post_ids: Iterable[str]) -> dict[str, frozenset[ReactionKind]]: ...
    def walk(self, post_id: str, shard: int, *, limit: int, position: str | None) -> ReactionKeys: ...
    def refresh(self, keys: Iterable[ReactionKey], card: SharedCard, version: int) -> None: ...
    def delete(self, keys: Iterable[ReactionKey]) -> None: ...


class Directory(Protocol):
    """See :class:`chalicelib.repositories.directory.DirectoryRepository`."""

    def put(self, post_id: str, listing: Listing) -> None: ...
    def remove(self, post_id: str) -> None: ...
    def latest(
        self, keep: Callable[[SharedCard], bool], *, limit: int, position: str | None, today: str
    ) -> "SharedCardPage": ...


class SearchIndex(Protocol):
    """Finds posts by terms: over inverted items in DynamoDB, until OpenSearch must take over."""

    def posts(
        self,
        terms: Sequence[str],
        keep: Callable[[SharedCard], bool],
        *,
        limit: int,
        position: str | None,
        year: int,
    ) -> "SharedCardPage": ...


class SharedCardPage(Protocol):
    """Some cards of several artists' posts and the position after them; None at the end."""

    @property
    def cards(self) -> Sequence[SharedCard]: ...
    @property
    def position(self) -> str | None: ...
