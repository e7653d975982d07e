"""Finding people by their names, and keeping that true."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.people import FoundPerson
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import NO_BOUNDS
from chalicelib.domain.search import names_of
from chalicelib.services.directory import BOUNDS_COST
from chalicelib.services.people import People
from chalicelib.services.ports import BoundsStore, ErrandQueue, FoundPage, PeopleIndex, ProfileStore

LIST_PERSON = "list-person"


@dataclass(frozen=True, slots=True)
class FindingService:
    """Finds people, and lists them to be found."""

    index: PeopleIndex
    profiles: ProfileStore
    people: People
    relations: BoundsStore

    def find(
        self,
        words: Sequence[str],
        account_id: str | None,
        *,
        medium: str | None,
        software: str | None,
        limit: int,
        position: str | None,
    ) -> FoundPage:
        """List people whose names begin so (:func:`chalicelib.domain.search.named`), as far as the asker may see them.

        ``medium`` and ``software`` are slugs that they must name in their profiles.
        """
        bounds = self.relations.bounds(account_id) if account_id else NO_BOUNDS

        def keep(found: FoundPerson) -> bool:
            if bounds.hides(found.person.account_id, text=found.person.display_name):
                return False
            return (medium is None or medium in found.mediums) and (software is None or software in found.software)

        spent = BOUNDS_COST if account_id else 0
        return self.index.find(words, keep, limit=limit, position=position, spent=spent)

    def list_person(self, errand: Errand) -> Errand | None:
        """List somebody, the errand's subject, as their profile is; once more, if it was changed meanwhile."""
        profile = self.profiles.get(errand.subject)
        if profile is None:
            self.index.remove(errand.subject)
        else:
            fields = profile.fields
            names = names_of(fields.handle, fields.display_name)
            self.index.put(FoundPerson(self.people.person(profile), names, fields.mediums, fields.software))
        now = self.profiles.get(errand.subject)
        return None if (now and now.version) == (profile and profile.version) else errand


@dataclass(frozen=True, slots=True)
class PeopleListed:
    """Follows the changes of profiles."""

    queue: ErrandQueue

    def take(self, changes: Sequence[Change[Profile]]) -> None:
        """Have those listed whose profiles say something else; counts of posts say nothing."""
        for old, new in ((change.old, change.new) for change in changes):
            told = new or old
            if told is not None and (old is None or new is None or _said(old) != _said(new)):
                self.queue.put(Errand(LIST_PERSON, told.account_id))


def _said(profile: Profile) -> tuple[object, ...]:
    return profile.fields, profile.renewed
