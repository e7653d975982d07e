"""Profiles, as their owners write them and others read them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.domain import clock
from chalicelib.domain.allowances import LOOKING, NAMES, PROTECTION
from chalicelib.domain.counters import ProfileCounters
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.handles import CHANGE_DAYS, is_handle
from chalicelib.domain.ids import is_id
from chalicelib.domain.media import Media
from chalicelib.domain.moderation import Appeal
from chalicelib.domain.posts import Card
from chalicelib.domain.profiles import Profile, ProfileFields, silent
from chalicelib.domain.relations import NO_BOUNDS
from chalicelib.domain.talent import lists_anew
from chalicelib.services.account_appeals import About, AccountAppeals
from chalicelib.services.exposure import PROFILE, ExposureService
from chalicelib.services.ports import Allow, BoundsStore, Clock, CounterStore, MediaStore, ProfileStore

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile with its pictures by id, who follows, and the pinned posts that its reader may see.

    ``works``: whether its reader may see its availability; ``appeals``: its owner's, against what stands.
    """

    profile: Profile
    media: Mapping[str, Media]
    counters: ProfileCounters
    works: bool = True
    pinned: tuple[Card, ...] = ()
    appeals: Mapping[About, Appeal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileService:
    """Creates, changes and shows profiles.

    ``recruits`` tells who speaks for a verified studio, ``pinned`` returns the pinned posts that somebody may see.
    """

    profiles: ProfileStore
    media: MediaStore
    exposure: ExposureService
    bounds: BoundsStore
    counters: CounterStore
    now: Clock = clock.now
    allow: Allow | None = None
    recruits: Callable[[str], bool] = lambda _: False
    pinned: Callable[[Profile, str | None], tuple[Card, ...]] | None = None
    appeals: AccountAppeals | None = None

    def get_own(self, account_id: str, *, suspended: bool = False) -> ProfileView:
        """Return an account's profile, with what came of appeals against its suspension or a removal.

        Raises:
            NotFoundError: it has none yet (``profile-missing``).
        """
        profile = self.profiles.get(account_id)
        if profile is None:
            raise NotFoundError("You have no profile yet. Create it with PUT /v1/me.", code="profile-missing")
        return self._own(profile, suspended=suspended)

    def _own(self, profile: Profile, *, suspended: bool) -> ProfileView:
        appeals = self.appeals.of(profile, suspended=suspended) if self.appeals else {}
        return replace(self._view(profile, profile.account_id), appeals=appeals)

    def get_by_handle(self, handle: str, account_id: str | None = None) -> ProfileView:
        """Return the profile that a canonical handle names, to a stranger or to an account.

        Raises:
            NotFoundError: there is none; to those whom a block parts there is none either.
        """
        profile = self.profiles.get_by_handle(handle) if is_handle(handle) else None
        bounds = self.bounds.bounds(account_id) if account_id else NO_BOUNDS
        if profile is None or bounds.parted_from(profile.account_id):
            raise NotFoundError(f"There is no artist @{handle}.")
        return replace(self._view(profile, account_id), works=self._shows_work(profile, account_id))

    def _shows_work(self, profile: Profile, account_id: str | None) -> bool:
        if profile.fields.work.audience == "everyone" or profile.account_id == account_id:
            return True
        return account_id is not None and self.recruits(account_id)

    def put(self, account_id: str, fields: ProfileFields, versions: set[int] | None) -> tuple[ProfileView, bool]:
        """Create or replace an account's profile.

        Args:
            account_id: who asks.
            fields: the whole profile.
            versions: versions that the client has seen, None where it does not say; empty means any but none.

        Returns:
            The profile, and whether it was created.

        Raises:
            ConflictError: the handle is taken (``handle-taken``) or was changed too lately (``handle-locked``), or a
                moderator removed what the profile says (``profile-removed``).
            InvalidError: a picture is not the account's own or not ready.
            PreconditionFailedError: the client has not seen the present version.
            TooManyRequestsError: what all lists show of the artist was changed too often today.
        """
        self._check_pictures(account_id, fields)
        touched: set[str] = set()
        try:
            return self._put(account_id, fields, versions, touched)
        finally:
            # at once if that can be; the sweep does the rest, so that a hiccup here is no failure of the request
            with suppress(TemporaryError):
                self.exposure.reconcile_all(sorted(touched))

    def _put(
        self, account_id: str, fields: ProfileFields, versions: set[int] | None, touched: set[str]
    ) -> tuple[ProfileView, bool]:
        counted = looking = False
        for _ in range(_ATTEMPTS):
            old = self.profiles.get(account_id)
            if versions is not None and (old is None or (versions and old.version not in versions)):
                raise PreconditionFailedError("The profile was changed since you read it. Read it again, then retry.")
            if old is not None and not counted and _shown(old.fields) != _shown(fields) and self.allow is not None:
                self.allow(account_id, NAMES)
                if old.fields.protected != fields.protected:
                    self.allow(account_id, PROTECTION)
                counted = True
            if old is not None and not looking and lists_anew(old.fields, fields) and self.allow is not None:
                self.allow(account_id, LOOKING)
                looking = True
            _check_silence(old, fields)
            before = old.fields.pictures if old else frozenset()
            touched |= before | fields.pictures
            self._begin_pictures(account_id, before, fields.pictures)
            try:
                new = self._create(account_id, fields) if old is None else self._replace(old, fields)
            except LostRaceError:
                self._check_handle(account_id, fields.handle)
                continue
            return self._own(new, suspended=False), old is None
        raise TemporaryError("the profile is being changed by others")

    def _create(self, account_id: str, fields: ProfileFields) -> Profile:
        moment = self.now()
        text = clock.to_text(moment)
        profile = Profile(account_id=account_id, fields=fields, version=1, created_at=text, updated_at=text)
        self.profiles.create(profile, moment)
        return profile

    def _replace(self, old: Profile, fields: ProfileFields) -> Profile:
        moment = self.now()
        changed_at = old.handle_changed_at
        if fields.handle != old.fields.handle:
            if changed_at and clock.from_text(changed_at) + timedelta(days=CHANGE_DAYS) > moment:
                raise ConflictError(
                    f"The handle was last changed {changed_at}; it can be changed once in {CHANGE_DAYS} days.",
                    code="handle-locked",
                    title="The handle cannot be changed yet",
                )
            self._check_handle(old.account_id, fields.handle)
            changed_at = clock.to_text(moment)
        new = replace(old, fields=fields, updated_at=clock.to_text(moment), handle_changed_at=changed_at)
        return self.profiles.replace(old, new, moment)

    def _check_handle(self, account_id: str, handle: str) -> None:
        if self.profiles.handle_holder(handle, self.now()) not in {None, account_id}:
            raise ConflictError(
                f"The handle @{handle} is taken.", code="handle-taken", title="Somebody else has this handle"
            )

    def _check_pictures(self, account_id: str, fields: ProfileFields) -> None:
        wanted = {"avatar_media_id": fields.avatar_media_id, "cover_media_id": fields.cover_media_id}
        ids = [media_id for media_id in wanted.values() if media_id and is_id(media_id)]
        found = self.media.get_many(ids) if ids else {}
        wrong = []
        for name, media_id in wanted.items():
            media = found.get(media_id) if media_id else None
            if media_id and (media is None or media.owner_id != account_id):
                wrong.append(FieldError(name, "is no media of yours"))
            elif media is not None and media.state != "ready":
                wrong.append(FieldError(name, "is not ready"))
        if wrong:
            raise InvalidError("Please correct the pictures of the profile.", errors=tuple(wrong))

    def _begin_pictures(self, account_id: str, before: frozenset[str], after: frozenset[str]) -> None:
        """Open the pictures that the profile is about to show, note those that it is to show no longer."""
        for media_id in sorted(after - before):
            self.media.add_use(media_id, account_id, PROFILE)
            self.exposure.begin(media_id, public=True)
        for media_id in sorted(before - after):
            self.exposure.begin(media_id, public=False)

    def _view(self, profile: Profile, account_id: str | None) -> ProfileView:
        ids = profile.fields.pictures
        media = self.media.get_many(ids) if ids else {}
        counters = self.counters.of_profile(profile.account_id)
        return ProfileView(profile, media, counters, pinned=self.pinned(profile, account_id) if self.pinned else ())


def _check_silence(profile: Profile | None, fields: ProfileFields) -> None:
    """Refuse to have a profile say something while a moderator's removal stands; what it does not say can be chosen."""
    if profile is not None and profile.withheld is not None and silent(fields) != fields:
        raise ConflictError(
            "A moderator removed what your profile says, as GET /v1/me tells. Until that is restored it goes by its "
            "handle as display_name, without bio, location, links, avatar and cover.",
            code="profile-removed",
        )


def _shown(fields: ProfileFields) -> tuple[object, ...]:
    """Return what posts, comments and lists show of an artist, and what they are shown by."""
    return fields.handle, fields.display_name, fields.pictures, fields.protected
