"""People as lists name them, and keeping the lists' copies up to date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.media import Media
from chalicelib.domain.people import Person, Portrait
from chalicelib.domain.profiles import Profile
from chalicelib.services.ports import ErrandQueue, MediaStore, ProfileStore, RelationStore

REFRESH = "refresh-people"
"""The errand that brings a person's cards in lists up to date; its subject is the account."""

_SIDE = 320
_FORMAT = "webp"


def make_person(profile: Profile, media: Mapping[str, Media]) -> Person:
    """Return an account as lists name it; its portrait is the smallest file of the avatar, where that is ready."""
    fields = profile.fields
    avatar = media.get(fields.avatar_media_id) if fields.avatar_media_id else None
    return Person(profile.account_id, fields.handle, fields.display_name, _portrait(avatar), profile.version)


def _portrait(avatar: Media | None) -> Portrait | None:
    if avatar is None or avatar.picture is None:
        return None
    files = [each for each in avatar.picture.renditions if each.format == _FORMAT] or list(avatar.picture.renditions)
    small = min(files, key=lambda each: abs(max(each.width, each.height) - _SIDE))
    return Portrait(avatar.media_id, small.name, small.width, small.height, small.format, avatar.picture.data_mining)


@dataclass(frozen=True, slots=True)
class People:
    """Finds people."""

    profiles: ProfileStore
    media: MediaStore

    def person(self, profile: Profile) -> Person:
        """Return a profile's owner as lists name them."""
        avatar = profile.fields.avatar_media_id
        return make_person(profile, self.media.get_many([avatar]) if avatar else {})

    def find_many(self, account_ids: Iterable[str]) -> dict[str, Person]:
        """Return those of some accounts that have a profile, by account."""
        profiles = self.profiles.get_many(account_ids)
        avatars = sorted({each.fields.avatar_media_id for each in profiles.values() if each.fields.avatar_media_id})
        media = self.media.get_many(avatars) if avatars else {}
        return {account_id: make_person(each, media) for account_id, each in profiles.items()}

    def find(self, account_id: str) -> Person | None:
        """Return an account as lists name it, None where it has no profile."""
        profile = self.profiles.get(account_id)
        return self.person(profile) if profile else None


@dataclass(frozen=True, slots=True)
class CardKeeper:
    """Follows changes of profiles, and has people's cards in lists refreshed where one shows something else now."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Put an errand for each profile whose name, handle or avatar is another now."""
        for change in changes:
            if change.old is not None and change.new is not None and _shown(change.old) != _shown(change.new):
                self.errands.put(Errand(REFRESH, change.new.account_id))


def _shown(profile: Profile) -> tuple[str, str, str | None, int]:
    return profile.fields.handle, profile.fields.display_name, profile.fields.avatar_media_id, profile.renewed


@dataclass(frozen=True, slots=True)
class CardRefresher:
    """The worker of :data:`REFRESH`."""

    people: People
    relations: RelationStore

    def work(self, errand: Errand) -> Errand | None:
        """Refresh a piece of the lists that show a person, as they are now: an older copy never replaces a newer."""
        person = self.people.find(errand.subject)
        if person is None:
            return None
        cursor = self.relations.refresh(person, errand.cursor)
        return Errand(REFRESH, errand.subject, cursor) if cursor else None
