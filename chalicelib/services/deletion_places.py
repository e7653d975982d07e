"""Where something of an account may be, and how it is removed there.

A place removes some of what there is and tells whether there may be more: nothing is noted of how far it came, as what
is removed is not found again. Each may be done twice, by two workers at once, or be cut short anywhere. What follows
from a removal elsewhere (counts, lists, feeds, notifications, the sitemap) the streams bring about.

A new place: if its items are the account's alone and lie under its own key, a line in ``repositories/remains.py``;
else a class here or beside it, and a line in ``composition/deleting.py``. ``tests/unit/http/test_deletion.py`` looks
for the account's id in every item, index and object that there is: have the test write something there.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain import clock
from chalicelib.domain.counters import profile_key
from chalicelib.domain.deletion import FILES_AGAIN_SECONDS
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.media import Media
from chalicelib.domain.relations import RelationKind, Side
from chalicelib.domain.remains import RemainsName
from chalicelib.services import deletion_ports as stores
from chalicelib.services.alert_ports import JobAlertStore
from chalicelib.services.appeals import media_target
from chalicelib.services.invalidation import InvalidationService
from chalicelib.services.ports import Clock, CountKeeper, ErrandQueue, ErrandWorker, HubStore
from chalicelib.services.talent import KIND as LIST_TALENT
from chalicelib.services.works import WorkService

FORGET_FILES = "forget-files"
"""The errand that looks once more for files of a picture that is gone, its subject."""

_POSTS, _MEDIA, _COMMENTS, _MATCHES = 25, 5, 25, 50

_KINDS: tuple[RelationKind, ...] = ("follow", "request", "block", "mute")
_SIDES: tuple[Side, ...] = ("account", "other")


class Place(Protocol):
    """Somewhere."""

    @property
    def name(self) -> str:
        """What it is called when it is told how far a deletion is."""

    def remove(self, account_id: str) -> bool:
        """Remove some of what there is of an account, and tell whether there may be more.

        Raises:
            TemporaryError, LostRaceError: it could not be ended this time; once more.
        """


@dataclass(frozen=True, slots=True)
class Own:
    """Items under the account's own key, of which nothing but the streams must know."""

    store: stores.RemainsStore
    name: RemainsName

    def remove(self, account_id: str) -> bool:
        """Remove a hundred."""
        return self.store.remove(self.name, account_id)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The user by whom somebody signs in."""

    users: stores.SignInStore
    name: str = "sign_in"

    def remove(self, account_id: str) -> bool:
        """Have nobody sign in any more."""
        self.users.remove(account_id)
        return False


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile: with it goes every page and list of the account, as they look for it."""

    profiles: stores.ForgettingProfiles
    now: Clock = clock.now
    name: str = "profile"

    def remove(self, account_id: str) -> bool:
        """Remove it, and have its handles stay reserved for nobody."""
        self.profiles.forget(account_id, self.now())
        return False


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts in every state; what stands on them goes after them by the streams."""

    posts: stores.ForgettingPosts
    hubs: HubStore
    cases: stores.ForgettingCases
    name: str = "posts"

    def remove(self, account_id: str) -> bool:
        """Remove some."""
        found = self.posts.of_author(account_id, _POSTS)
        hub = self.hubs.get(account_id) if found else None
        for post in self.posts.get_many(found) if found else ():
            if hub is not None:
                self.hubs.remove(post.order_key)
            _forget_cases(self.cases, f"posts/{post.post_id}")
            self.posts.forget(post.post_id)
        return len(found) == _POSTS


@dataclass(frozen=True, slots=True)
class Pictures:
    """Uploads: originals, all that was made of them, what the registry knows of them."""

    media: stores.ForgettingMedia
    files: stores.ForgettingFiles
    works: WorkService
    copies: InvalidationService
    cases: stores.ForgettingCases
    errands: ErrandQueue
    name: str = "media"

    def remove(self, account_id: str) -> bool:
        """Remove some, first what everyone can fetch. The item goes last: by it the rest is found."""
        found = self.media.of_owner(account_id, _MEDIA)
        media = list(self.media.remains(found).values()) if found else []
        self.forget(media)
        # whoever is just working on one of them finds out by its item, and leaves files behind
        again = [Errand(FORGET_FILES, each.media_id) for each in media]
        self.errands.put_all(again, FILES_AGAIN_SECONDS)
        for each in media:
            self.media.forget(each.media_id)
        more = self.files.forget_originals(account_id)
        return more or len(found) == _MEDIA

    def forget(self, media: Sequence[Media]) -> None:
        """Remove whatever there is of some pictures but originals and items, first what everyone can fetch."""
        for each in media:
            self.files.forget_derived(each.media_id)
            if each.made is not None:
                self.works.forget(each)
            _forget_cases(self.cases, media_target(each.media_id))
        self.copies.order([each for each in media if each.made is not None], everywhere=True)

    def forget_files(self, errand: Errand) -> None:
        """Do :data:`FORGET_FILES`."""
        if not self.media.remains([errand.subject]):
            self.files.forget_derived(errand.subject)


@dataclass(frozen=True, slots=True)
class Matches:
    """What was told of pictures near each other, as both artists see it."""

    matches: stores.ForgettingMatches
    name: str = "matches"

    def remove(self, account_id: str) -> bool:
        """Remove some."""
        return self.matches.forget_all(account_id, _MATCHES)


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments and answers below others' posts. One that was answered stays as the place of its answers."""

    comments: stores.ForgettingComments
    cases: stores.ForgettingCases
    name: str = "comments"

    def remove(self, account_id: str) -> bool:
        """Remove some."""
        found = self.comments.by_author(account_id, limit=_COMMENTS, position=None)
        for comment_id in found:
            comment = self.comments.get(comment_id, consistent=True)
            if comment is not None:
                _forget_cases(self.cases, f"comments/{comment_id}")
                self.comments.remove(comment)
        return len(found) == _COMMENTS


@dataclass(frozen=True, slots=True)
class Relations:
    """Who follows, asks to follow, blocks and mutes whom, from both sides, and what others' bounds say of it."""

    relations: stores.ForgettingRelations
    name: str = "relations"

    def remove(self, account_id: str) -> bool:
        """Remove some of each kind."""
        more = False
        for kind in _KINDS:
            for side in _SIDES:
                page = self.relations.page(side, account_id, kind, limit=30)
                ended = [self._end(kind, each.account_id, each.other_id) for each in page.relations]
                more = more or (page.position is not None and any(ended))
        return more

    def _end(self, kind: RelationKind, one: str, two: str) -> bool:
        """End what one is to the other; lists may name what has ended already."""
        try:
            match kind:
                case "follow" | "request":
                    self.relations.unfollow(kind, one, two)
                case "block":
                    self.relations.unblock(one, two)
                case "mute":
                    self.relations.unmute(one, two)
        except LostRaceError:
            if kind != "block":
                return False
            with suppress(LostRaceError):  # a block that came after its mark in the account's bounds was removed
                self.relations.forget_block(one, two)
        return True


@dataclass(frozen=True, slots=True)
class Talents:
    """Lists of those who look for work. Where somebody stands is noted, and forgotten once they stand nowhere."""

    lister: ErrandWorker
    remains: stores.RemainsStore
    name: str = "talents"

    def remove(self, account_id: str) -> bool:
        """Have the account stand nowhere: it has no profile any more."""
        errand: Errand | None = Errand(LIST_TALENT, account_id)
        while errand is not None:
            errand = self.lister(errand)
        return self.remains.remove("talent", account_id)


@dataclass(frozen=True, slots=True)
class JobAlerts:
    """Alerts, which are counted by the terms under which they wait. What is known beside them goes after them."""

    alerts: JobAlertStore
    name: str = "alerts"

    def remove(self, account_id: str) -> bool:
        """Remove all of them, and their counts."""
        for alert in self.alerts.of_account(account_id)[0]:
            self.alerts.remove(alert)
        return False


@dataclass(frozen=True, slots=True)
class Directory:
    """By what the account itself is found, drawn and counted."""

    people: stores.ForgettingPeople
    tickets: stores.ForgettingTickets
    hubs: HubStore
    counters: CountKeeper
    name: str = "directory"

    def remove(self, account_id: str) -> bool:
        """Remove all of it."""
        self.people.remove(account_id)
        self.tickets.forget(account_id)
        self.hubs.forget(account_id)
        self.counters.remove(profile_key(account_id))
        return False


@dataclass(frozen=True, slots=True)
class Exports:
    """Archives, finished and begun. What they are told by is removed before them."""

    files: stores.ForgettingFiles
    name: str = "exports"

    def remove(self, account_id: str) -> bool:
        """Remove some."""
        return self.files.forget_exports(account_id)


def _forget_cases(cases: stores.ForgettingCases, target: str) -> None:
    """Have nobody decide about what is gone."""
    for case in cases.about(target):
        cases.forget(case.case_id)
