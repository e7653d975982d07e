"""Following, asking to follow, blocking and muting."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.handles import is_handle
from chalicelib.domain.people import Person
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import (
    MAX_BLOCKS,
    MAX_FOLLOWS,
    MAX_MUTES,
    NO_BOUNDS,
    FollowState,
    Relation,
    RelationKind,
)
from chalicelib.services.people import People
from chalicelib.services.ports import Clock, ProfileStore, RelationPage, RelationStore

_ATTEMPTS = 5

OwnList = Literal["blocks", "mutes", "follow_requests"]
PublicList = Literal["followers", "following"]


@dataclass(frozen=True, slots=True)
class RelationService:
    """What accounts are to each other. Whom a block parts, each finds nothing where the other's profile is."""

    relations: RelationStore
    profiles: ProfileStore
    people: People
    now: Clock = clock.now

    def follow(self, account_id: str, handle: str) -> FollowState:
        """Follow an artist, or ask to follow a protected one.

        Raises:
            ConflictError: it is oneself (``self-relation``), the account follows as many as it may
                (``too-many-follows``), or has no profile yet (``profile-needed``).
            NotFoundError: there is no such artist.
        """
        profile = self._other(account_id, handle)
        me = self.people.find(account_id)
        if me is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        for _ in range(_ATTEMPTS):
            between = self.relations.between(account_id, profile.account_id)
            if between.parted:
                raise _nobody(handle)
            if "follow" in between.kinds:
                return "following"
            if "request" in between.kinds and profile.fields.protected:
                return "requested"
            with suppress(LostRaceError):
                return self._begin(me, profile, asked="request" in between.kinds, follows=between.follows)
        raise TemporaryError("what the two are to each other is being changed by others")

    def _begin(self, me: Person, profile: Profile, *, asked: bool, follows: int) -> FollowState:
        other = self.people.person(profile)
        if asked:  # and the profile is protected no longer
            self.relations.accept(me, other, self.now(), by_owner=False)
            return "following"
        if follows >= MAX_FOLLOWS:
            raise ConflictError(
                f"You follow {MAX_FOLLOWS} artists already. Unfollow some first.", code="too-many-follows"
            )
        self.relations.follow(me, other, self.now(), ask=profile.fields.protected)
        return "requested" if profile.fields.protected else "following"

    def unfollow(self, account_id: str, handle: str) -> None:
        """Follow an artist no longer, or ask no longer to."""
        self._end_follow(account_id, self._other(account_id, handle).account_id, ("follow", "request"))

    def remove_follower(self, account_id: str, handle: str) -> None:
        """Have somebody follow the account no longer; they are not told."""
        self._end_follow(self._other(account_id, handle).account_id, account_id, ("follow",))

    def refuse(self, account_id: str, handle: str) -> None:
        """Refuse a request to follow the account; who asked is not told, and may ask again."""
        self._end_follow(self._other(account_id, handle).account_id, account_id, ("request",))

    def accept(self, account_id: str, handle: str) -> None:
        """Let somebody follow who asked to.

        Raises:
            NotFoundError: they did not.
        """
        asker = self._other(account_id, handle)
        me = self.people.find(account_id)
        for _ in range(_ATTEMPTS):
            kinds = self.relations.between(asker.account_id, account_id).kinds
            if "follow" in kinds:
                return
            if me is None or "request" not in kinds:
                raise NotFoundError(f"@{handle} has not asked to follow you.", code="no-request")
            with suppress(LostRaceError):
                self.relations.accept(self.people.person(asker), me, self.now(), by_owner=True)
                return
        raise TemporaryError("what the two are to each other is being changed by others")

    def block(self, account_id: str, handle: str) -> None:
        """Part the account and another: neither finds the other anywhere, and follows both ways end.

        Who was blocked may block back, as whoever looks without a token sees that there is somebody to block.

        Raises:
            ConflictError: it is oneself, or the account has blocked as many as it may (``too-many-blocks``).
            NotFoundError: there is no such artist.
        """
        profile = self._somebody(account_id, handle)
        other = self.people.person(profile)
        self._settle(
            account_id, profile, "block", lambda: self.relations.block(account_id, other, self.now()), MAX_BLOCKS
        )

    def mute(self, account_id: str, handle: str) -> None:
        """Leave somebody out of the account's lists; they are not told, and nothing else changes."""
        profile = self._other(account_id, handle)
        other = self.people.person(profile)
        self._settle(account_id, profile, "mute", lambda: self.relations.mute(account_id, other, self.now()), MAX_MUTES)

    def unblock(self, account_id: str, handle: str) -> None:
        """Take a block back; follows do not come back with it."""
        other = self._other(account_id, handle, blocked_too=True)
        for _ in range(_ATTEMPTS):
            if "block" not in self.relations.between(account_id, other.account_id).kinds:
                return
            with suppress(LostRaceError):
                self.relations.unblock(account_id, other.account_id)
                return
        raise TemporaryError("what the two are to each other is being changed by others")

    def unmute(self, account_id: str, handle: str) -> None:
        """Take a mute back."""
        other = self._other(account_id, handle)
        with suppress(LostRaceError):
            self.relations.unmute(account_id, other.account_id)

    def public_list(
        self, handle: str, which: PublicList, account_id: str | None, *, limit: int, position: str | None
    ) -> RelationPage:
        """List who follows an artist, or whom the artist follows, newest first, without those parted from the asker."""
        bounds = self.relations.bounds(account_id) if account_id else NO_BOUNDS
        profile = self._profile(handle)
        if profile is None or bounds.parted_from(profile.account_id):
            raise _nobody(handle)

        def keep(relation: Relation) -> bool:
            return not bounds.parted_from(relation.account_id if which == "followers" else relation.other_id)

        side: Literal["account", "other"] = "other" if which == "followers" else "account"
        return self.relations.page(side, profile.account_id, "follow", limit=limit, position=position, keep=keep)

    def own_list(self, account_id: str, which: OwnList, *, limit: int, position: str | None) -> RelationPage:
        """List whom the account blocked or muted, or who asks to follow it, newest first."""
        if which == "blocks":
            return self.relations.page("account", account_id, "block", limit=limit, position=position)
        bounds = self.relations.bounds(account_id)
        if which == "mutes":
            return self.relations.page(
                "account",
                account_id,
                "mute",
                limit=limit,
                position=position,
                keep=lambda relation: not bounds.parted_from(relation.other_id),
            )
        return self.relations.page("other", account_id, "request", limit=limit, position=position)

    def _end_follow(self, account_id: str, other_id: str, kinds: tuple[RelationKind, ...]) -> None:
        for _ in range(_ATTEMPTS):
            present = self.relations.between(account_id, other_id).kinds.intersection(kinds)
            if not present:
                return
            with suppress(LostRaceError):
                self.relations.unfollow(next(iter(present)), account_id, other_id)
                return
        raise TemporaryError("what the two are to each other is being changed by others")

    def _settle(
        self, account_id: str, other: Profile, kind: RelationKind, action: Callable[[], None], most: int
    ) -> None:
        for _ in range(_ATTEMPTS):
            if kind in self.relations.between(account_id, other.account_id).kinds:
                return
            with suppress(LostRaceError):
                action()
                return
        bounds = self.relations.bounds(account_id)
        if len(bounds.blocked if kind == "block" else bounds.muted) >= most:
            raise ConflictError(f"No more than {most} are possible.", code=f"too-many-{kind}s")
        raise TemporaryError("what the two are to each other is being changed by others")

    def _profile(self, handle: str) -> Profile | None:
        return self.profiles.get_by_handle(handle) if is_handle(handle) else None

    def _somebody(self, account_id: str, handle: str) -> Profile:
        """Return the profile of somebody else, whoever blocked whom."""
        profile = self._profile(handle)
        if profile is None:
            raise _nobody(handle)
        if profile.account_id == account_id:
            raise ConflictError("That is you.", code="self-relation", title="Nobody does this to themselves")
        return profile

    def _other(self, account_id: str, handle: str, *, blocked_too: bool = False) -> Profile:
        """Return the profile of somebody else whom the account may know of."""
        profile = self._somebody(account_id, handle)
        bounds = self.relations.bounds(account_id)
        known = profile.account_id in bounds.blocked if blocked_too else False
        if bounds.parted_from(profile.account_id) and not known:
            raise _nobody(handle)
        return profile


def _nobody(handle: str) -> NotFoundError:
    return NotFoundError(f"There is no artist @{handle}.")
