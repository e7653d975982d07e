"""Works: published pictures as they are registered, to be found again by their bytes or by their look."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.fingerprints import registered_keys
from chalicelib.domain.media import Media, Picture

Role = Literal["uploader", "original"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a bucket of a work: which media it is, and how it looks where that is what the bucket is about."""

    media_id: str
    hash: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A picture that is near another artist's, as one of the two sees it.

    Attributes:
        account_id: who sees it.
        media_id: their picture.
        other_id: the other one.
        other_owner_id: account of its artist.
        role: ``original`` for the picture that was there first, ``uploader`` for the one that came later.
        distance: bits of 64 in which their hashes differ.
        mirrored: whether one is near the other's mirror image.
        found_at: when the later one was announced, as RFC 3339 text: the same however often it is looked for.
    """

    account_id: str
    media_id: str
    other_id: str
    other_owner_id: str
    role: Role
    distance: int
    mirrored: bool
    found_at: str

    @property
    def position(self) -> str:
        """What an artist's matches are ordered by, newest last; the same match stands there once."""
        return f"{self.found_at}#{self.media_id}#{self.other_id}"


def digest_key(sha256: str) -> str:
    """Return the bucket of a file, by its SHA-256 in lower-case hex digits."""
    return f"sha256#{sha256}"


def digests(picture: Picture) -> list[str]:
    """Return the digests of all files of a picture: the upload, and what is served."""
    every = (picture.original_sha256, *(rendition.sha256 for rendition in picture.renditions))
    return list(dict.fromkeys(filter(None, every)))


def replaced_entries(media: Media) -> list[tuple[str, Entry]]:
    """Return what stands in the registry for files that were made anew, and for no file that is served now."""
    served = set(digests(media.made)) if media.made else set()
    gone = [each for each in media.replaced.digests if each not in served] if media.replaced else []
    return [(digest_key(each), Entry(media.media_id)) for each in gone]


def entries(media: Media) -> list[tuple[str, Entry]]:
    """Return each bucket that a work belongs in, with what stands for it there; nothing for what is not ready.

    At most 43: one for each of 13 files, and 15 for each of two looks.
    """
    if media.made is None:
        return []
    named = [(digest_key(each), Entry(media.media_id)) for each in digests(media.made)]
    looks = [
        (key, Entry(media.media_id, look.hash, look.detail))
        for look in media.made.fingerprints
        for key in registered_keys(look)
    ]
    return named + looks


def matches(one: Media, other: Media, distance: int, *, mirrored: bool) -> tuple[Match, Match]:
    """Return a match of two pictures as each of their artists sees it, the later one's first.

    Who was first is who announced the upload first: that time is ours, and nothing that is done later moves it.
    """
    later, earlier = sorted((one, other), key=seniority, reverse=True)
    found_at = later.created_at

    def seen(mine: Media, its: Media, role: Role) -> Match:
        return Match(mine.owner_id, mine.media_id, its.media_id, its.owner_id, role, distance, mirrored, found_at)

    return seen(later, earlier, "uploader"), seen(earlier, later, "original")


def seniority(media: Media) -> tuple[str, str]:
    """Return what is less for whoever was first."""
    return media.created_at, media.media_id
