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
"""How many works that a hash is taken for count, those of the shown that were here first: it bounds a lookup's cost.

Not the nearest: copies that are nearer than the original would take its place, with what their uploaders allow. Nor are
those counted that nothing shows, which are read in vain: a picture is registered a moment before it is shown, and a
crowd of such ones must not hide what is.
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


type _Candidates = dict[str, list[tuple[int, str]]]
"""By hash: distance and id of each work that it is taken for, those that were here first in front."""


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
        known = self._shown(candidates)
        answers = {digits: _registered_as(digits, found) for digits, found in known.items()}
        owners = {each.media.owner_id for each in answers.values() if each.media}
        profiles = self.profiles.get_many(owners) if owners else {}
        asked = (answers[digits] for digits in hashes)
        return [replace(each, profile=profiles.get(each.media.owner_id)) if each.media else each for each in asked]

    def _shown(self, candidates: _Candidates) -> dict[str, list[tuple[int, Media]]]:
        """Return the first shown works of each hash, with their distance; read in rounds, of which one is the rule."""
        known: dict[str, list[tuple[int, Media]]] = {digits: [] for digits in candidates}
        left = {digits: list(found) for digits, found in candidates.items()}
        while True:
            round_ = {
                digits: found[: MOST_CANDIDATES - len(known[digits])]
                for digits, found in left.items()
                if found and len(known[digits]) < MOST_CANDIDATES
            }
            if not round_:
                return known
            media = self.media.get_many({media_id for found in round_.values() for _, media_id in found})
            for digits, found in round_.items():
                shown = [(distance, media[each]) for distance, each in found if each in media]
                known[digits] += [(distance, each) for distance, each in shown if each.exposure != "held"]
                left[digits] = left[digits][len(found) :]

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
    """Return the works that a hash is taken for, with their distance, first come first: ids sort by time."""
    found = {entry for key in _keys(digits) for entry in buckets.get(key, ())}
    if len(digits) == SHA256_DIGITS:
        return [(0, media_id) for media_id in sorted({entry.media_id for entry in found})]
    look = Look.parse(digits)
    seen = ((look.sees(entry.hash, entry.detail), entry.media_id) for entry in found) if look else ()
    nearest: dict[str, int] = {}
    for distance, media_id in seen:
        if distance is not None:
            nearest[media_id] = min(distance, nearest.get(media_id, distance))
    return [(nearest[media_id], media_id) for media_id in sorted(nearest)]


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
