"""What artists who look for work are found by: a term for each combination of what verified studios may ask for.

As with jobs (:mod:`chalicelib.domain.job_listing`), whatever is asked for is one list. Lists are rings: an artist's
place is a digest of their account, which nothing moves, and each reader begins somewhere else. Nobody stands before
others for having written last, or for being followed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from chalicelib.domain.people import Person
from chalicelib.domain.profiles import Availability, Profile, ProfileFields, Work

FACETS = ("availability", "country", "medium", "software")
"""In the order in which terms name them."""

LOOKING: frozenset[Availability] = frozenset(("open", "freelance"))
"""Who looks for work; others stand in no list."""

MOST_MEDIUMS = 5
MOST_SOFTWARE = 8
"""How many of each an artist is found by, the first of their profile: 216 terms at most."""

SECTORS = 2
"""Parts of each ring, a partition each."""

PLACE_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Talent:
    """An artist who looks for work, as verified studios find them."""

    person: Person
    availability: Availability
    work: Work
    mediums: tuple[str, ...]
    software: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where on each ring they stand."""
        return place_of(self.person.account_id)


def place_of(account_id: str) -> str:
    """Return where on each ring an account stands."""
    return hashlib.sha256(account_id.encode()).hexdigest()[:PLACE_DIGITS]


def sector_of(place: str) -> int:
    """Return the part of the ring that a place lies in."""
    return int(place[0], 16) * SECTORS // 16


def talent_of(profile: Profile, person: Person, *, suspended: bool) -> Talent | None:
    """Return how studios find an artist; None where they look for no work, approve followers, or may do nothing."""
    fields = profile.fields
    if fields.availability not in LOOKING or fields.protected or suspended:
        return None
    return Talent(
        replace(person, version=0),
        fields.availability,
        fields.work,
        fields.mediums[:MOST_MEDIUMS],
        fields.software[:MOST_SOFTWARE],
    )


def lists_anew(old: ProfileFields, new: ProfileFields) -> bool:
    """Tell whether a change of a profile has lists show somebody otherwise; to leave them, or to narrow who sees it on
    the profile, is none."""
    if new.availability not in LOOKING or new.protected:
        return False
    narrower = replace(new.work, audience=old.work.audience) if new.work.audience == "verified_studios" else new.work
    return _found_by(old) != _found_by(replace(new, work=narrower))


def _found_by(fields: ProfileFields) -> tuple[object, ...]:
    mediums, software = fields.mediums[:MOST_MEDIUMS], fields.software[:MOST_SOFTWARE]
    return fields.availability, fields.work, mediums, software, fields.protected


def term_of(wanted: Mapping[str, str]) -> str:
    """Return the term that stands for some facets' values together."""
    return "&".join(f"{name}={wanted[name]}" for name in FACETS if wanted.get(name))


def terms_of(talent: Talent) -> tuple[str, ...]:
    """Return every term that an artist stands under, in order."""
    country = (talent.work.country,) if talent.work.country else ()
    values = ((talent.availability,), country, talent.mediums, talent.software)
    combined = product(*(("", *each) for each in values))
    return tuple(sorted({term_of(dict(zip(FACETS, each, strict=True))) for each in combined}))
