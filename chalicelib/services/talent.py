"""Artists who look for work: found by verified studios alone, and listed as they wish."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import ForbiddenError
from chalicelib.domain.profiles import Profile
from chalicelib.domain.talent import (
    LOOKING,
    PLACE_DIGITS,
    SECTORS,
    Talent,
    place_of,
    sector_of,
    talent_of,
    term_of,
    terms_of,
)
from chalicelib.services.hiring_ports import StudioStore, TalentStore
from chalicelib.services.people import People
from chalicelib.services.ports import AccountStore, BoundsStore, ErrandQueue, ProfileStore

KIND = "list-talent"
"""The errand that brings an artist's places in lists up to date; its subject is the account."""

AT_ONCE = 25
"""How many places one piece changes, a transaction of two writes each."""

MOST_READ = 15
_QUERIES = 2
"""What one page looks at: 15 items of 450 bytes in two requests, 1.5 units, beside half a one for the counts."""


@dataclass(frozen=True, slots=True)
class Recruiters:
    """Who speaks for a verified studio."""

    studios: StudioStore

    def verified(self, account_id: str) -> bool:
        """Tell whether an account is a member of a verified studio."""
        slugs = [each.slug for each in self.studios.of_account(account_id) if each.state == "member"]
        found = self.studios.get_many(slugs) if slugs else {}
        return any(studio.verified and not studio.held for studio in found.values())


@dataclass(frozen=True, slots=True)
class FoundTalent:
    """Some artists, and the position after them; None once the ring was gone around. ``total``: how many there are."""

    talents: tuple[Talent, ...]
    position: str | None
    total: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the way around a ring: of a sector, from one place to another; None: its end."""

    sector: int
    above: str | None = None
    below: str | None = None


@dataclass(frozen=True, slots=True)
class TalentSearch:
    """Finds artists for members of verified studios."""

    talents: TalentStore
    recruiters: Recruiters
    relations: BoundsStore

    def find(self, account_id: str, wanted: Mapping[str, str], *, limit: int, position: str | None) -> FoundTalent:
        """Return a page of the ring of some facets' values: a first one begins anywhere, those after it go around.

        A position is ``{where the way began}|{part of the way}|{last place that was read}``. A page may be short.

        Raises:
            ForbiddenError: the account speaks for no verified studio (``verified-studios-only``).
        """
        if not self.recruiters.verified(account_id):
            raise ForbiddenError(
                "Artists say this to verified studios alone: see POST /v1/studios/{slug}/verification.",
                code="verified-studios-only",
            )
        term = term_of(wanted)
        counted = self.talents.count(term)
        start, begun, at = (position or f"{secrets.token_hex(PLACE_DIGITS // 2)}|0|").split("|")
        way = [(number, part) for number, part in enumerate(_around(start)) if counted[part.sector] > 0]
        left = [(number, part) for number, part in way if number >= int(begun)]
        found: list[Talent] = []
        following: str | None = None
        room = min(limit, MOST_READ)
        for asked, (number, part) in enumerate(left):
            if asked == _QUERIES or len(found) == room:
                following = f"{start}|{number}|"
                break
            above = at if at and number == int(begun) else part.above
            page = self.talents.page(term, part.sector, above=above, below=part.below, limit=room - len(found))
            found += page.found
            if page.position:
                following = f"{start}|{number}|{page.position}"
                break
        bounds = self.relations.bounds(account_id)
        shown = tuple(each for each in found if not bounds.hides(each.person.account_id))
        return FoundTalent(shown, following, sum(counted))


def _around(start: str) -> list[_Part]:
    """Return the way around a ring from a place on: the rest of its sector, the others, what is left of the first."""
    first = sector_of(start)
    others = [_Part((first + step) % SECTORS) for step in range(1, SECTORS)]
    return [_Part(first, above=start), *others, _Part(first, below=start)]


@dataclass(frozen=True, slots=True)
class TalentLister:
    """Does the errands as those of jobs are done (:class:`chalicelib.services.job_lister.JobLister`).

    Where somebody may stand is noted before, and a piece that finds another version of the profile begins anew.
    """

    talents: TalentStore
    profiles: ProfileStore
    people: People
    accounts: AccountStore

    def work(self, errand: Errand) -> Errand | None:
        """Bring some places of an artist up to date, and return what follows.

        Raises:
            LostRaceError, TemporaryError: it could not be done this time.
        """
        account_id = errand.subject
        version, talent = self._now(account_id)
        begin = int(errand.cursor or 0) if errand.arguments.get("version") == version else 0
        wanted = terms_of(talent) if talent else ()
        terms = self._terms(account_id, wanted)
        for term in terms[begin : begin + AT_ONCE]:
            self.talents.swap(term, place_of(account_id), talent if term in wanted else None)
        if self._now(account_id)[0] != version:
            return Errand(KIND, account_id)
        if begin + AT_ONCE < len(terms):
            return Errand(KIND, account_id, str(begin + AT_ONCE), {"version": version})
        return None

    def _now(self, account_id: str) -> tuple[str, Talent | None]:
        profile, standing = self.profiles.get(account_id), self.accounts.standing(account_id)
        suspended = standing is not None and standing.suspended
        version = f"{profile.version if profile else 0} {suspended}"
        if profile is None:
            return version, None
        return version, talent_of(profile, self.people.person(profile), suspended=suspended)

    def _terms(self, account_id: str, wanted: Iterable[str]) -> tuple[str, ...]:
        known = self.talents.note(account_id)
        terms = tuple(sorted({*wanted, *known}))
        if terms:
            self.talents.save_note(account_id, terms, ends=not wanted)
        return terms


@dataclass(frozen=True, slots=True)
class TalentListed:
    """Follows the changes of profiles."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have those listed who look for work, or did, and say something else now."""
        for old, new in ((change.old, change.new) for change in changes):
            told = new or old
            looks = any(each is not None and each.fields.availability in LOOKING for each in (old, new))
            if told is not None and looks and (old is None or new is None or old.fields != new.fields):
                order(self.queue, told.account_id)


def order(queue: ErrandQueue, account_id: str) -> None:
    """Have lists follow what became of an account.

    Raises:
        TemporaryError: the queue did not take it this time.
    """
    queue.put(Errand(KIND, account_id))
