"""People as items keep them: as small as JSON can be, since lists must cost two read units a page at most."""

from chalicelib.domain.noai import DataMining
from chalicelib.domain.people import Person, Portrait

type Card = tuple[str, str, int, tuple[str, str, int, int, str, DataMining] | None]
"""A person without the account, which keys say."""

type NamedCard = tuple[str, str, str, int, tuple[str, str, int, int, str, DataMining] | None]
"""The same with the account first."""


def to_card(person: Person) -> Card:
    """Return a person as an item keeps them."""
    seen = person.portrait
    small = (seen.media_id, seen.name, seen.width, seen.height, seen.format, seen.data_mining) if seen else None
    return (person.handle, person.display_name, person.version, small)


def to_person(account_id: str, card: Card) -> Person:
    """Return the person of a card."""
    handle, name, version, small = card
    return Person(account_id, handle, name, Portrait(*small) if small else None, version)


def to_named_card(person: Person, *, face: bool = True) -> NamedCard:
    """Return a person with their account, without the portrait where that is not shown."""
    handle, name, version, small = to_card(person)
    return (person.account_id, handle, name, version, small if face else None)


def named_person(card: NamedCard) -> Person:
    """Return the person of a card with an account."""
    account_id, handle, name, version, small = card
    return to_person(account_id, (handle, name, version, small))
