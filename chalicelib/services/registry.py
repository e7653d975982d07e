"""The registry of works: whether a hash is that of a published picture, and what its artist allows."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.allowances import Allowance, TooManyRequestsError, client_key
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.fingerprints import Look, bucket_keys
from chalicelib.domain.media import Media
from chalicelib.domain.noai import STRICTEST_FIRST, DataMining
from chalicelib.domain.profiles import Profile
from chalicelib.domain.works import Entry, digest_key, seniority
from chalicelib.services.ports import AllowanceStore, Clock, MediaStore, ProfileStore, WorkStore

LOOKUPS, WINDOW_SECONDS = 60, 60
"""How many lookups, of up to a hundred hashes each, a client may make in how many seconds."""

MOST_CANDIDATES = 20
"""How many works that a hash is taken for are looked at, those that were here first: it bounds what a lookup costs.

Not the nearest: copies that are nearer than the original would take its place, with what their uploaders allow.
"""

SHA256_DIGITS = 64
_SHA256 = re.compile(rf"[0-9a-f]{{{SHA256_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registry knows of a hash; all but the hash is None where it knows nothing.

    Attributes:
        hash: as it was asked for.
        by: whether it is the digest of a ``file`` or a ``look``.
        distance: bits of 64 in which it differs from the registered one.
        data_mining: the strictest choice of the artists of all works it is taken for, of the first 20.
        media: the work that was here first.
        profile: its artist.
    """

    hash: str
    by: Literal["file", "look"] | None = None
    distance: int | None = None
    data_mining: DataMining | None = None
    media: Media | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class RegistryService:
    """Answers those who build data sets."""

    works: WorkStore
    media: MediaStore
    profiles: ProfileStore
    allowances: AllowanceStore
    now: Clock = clock.now

    def lookup(self, hashes: list[str], account_id: str | None, address: str) -> tuple[list[Registered], Allowance]:
        """Return what the registry knows of each hash, and what the client may still ask for.

        Raises:
            TooManyRequestsError: it has asked for too much.
            InvalidError: one is no hash.
        """
        allowance = self._use(client_key(account_id, address))
        return self.find(hashes), allowance

    def find(self, hashes: list[str]) -> list[Registered]:
        """Return what the registry knows of each hash: SHA-256 of a file, or a perceptual hash, short or long.

        Raises:
            InvalidError: one is none of these.
        """
        keys = {digits: _keys(digits) for digits in hashes}
        buckets = self.works.find([key for each in keys.values() for key in each])
        candidates = {digits: _candidates(digits, buckets) for digits in keys}
        media = self._shown({media_id for each in candidates.values() for _, media_id in each})
        known = {
            digits: [(distance, media[each]) for distance, each in found if each in media]
            for digits, found in candidates.items()
        }
        answers = {digits: _registered_as(digits, found) for digits, found in known.items()}
        owners = {each.media.owner_id for each in answers.values() if each.media}
        profiles = self.profiles.get_many(owners) if owners else {}
        asked = (answers[digits] for digits in hashes)
        return [replace(each, profile=profiles.get(each.media.owner_id)) if each.media else each for each in asked]

    def _shown(self, media_ids: set[str]) -> dict[str, Media]:
        found = self.media.get_many(media_ids) if media_ids else {}
        return {media_id: each for media_id, each in found.items() if each.exposure != "held"}

    def _use(self, client: str) -> Allowance:
        moment = int(self.now().timestamp())
        window = moment // WINDOW_SECONDS
        ends = (window + 1) * WINDOW_SECONDS
        used = self.allowances.use(f"registry#{client}#{window}", ends + WINDOW_SECONDS)
        allowance = Allowance(LOOKUPS, used, WINDOW_SECONDS, ends - moment)
        if used > LOOKUPS:
            raise TooManyRequestsError(allowance)
        return allowance


def _keys(digits: str) -> list[str]:
    if _SHA256.fullmatch(digits):
        return [digest_key(digits)]
    look = Look.parse(digits)
    if look is None:
        raise InvalidError.of("hash", "must be 64 hex digits of a SHA-256, or 16 or 80 of a perceptual hash")
    return bucket_keys(look.hash)


def _candidates(digits: str, buckets: dict[str, tuple[Entry, ...]]) -> list[tuple[int, str]]:
    """Return the first works that a hash is taken for, with their distance: ids sort by the time of the upload."""
    found = {entry for key in _keys(digits) for entry in buckets.get(key, ())}
    if len(digits) == SHA256_DIGITS:
        return [(0, media_id) for media_id in sorted({entry.media_id for entry in found})[:MOST_CANDIDATES]]
    look = Look.parse(digits)
    seen = ((look.sees(entry.hash, entry.detail), entry.media_id) for entry in found) if look else ()
    nearest: dict[str, int] = {}
    for distance, media_id in seen:
        if distance is not None:
            nearest[media_id] = min(distance, nearest.get(media_id, distance))
    return [(nearest[media_id], media_id) for media_id in sorted(nearest)[:MOST_CANDIDATES]]


def _registered_as(digits: str, found: list[tuple[int, Media]]) -> Registered:
    if not found:
        return Registered(digits)
    choices = {each.data_mining for _, each in found}
    return Registered(
        hash=digits,
        by="file" if len(digits) == SHA256_DIGITS else "look",
        distance=min(distance for distance, _ in found),
        data_mining=next(choice for choice in STRICTEST_FIRST if choice in choices),
        media=min((each for _, each in found), key=seniority),
    )
