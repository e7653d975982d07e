"""People in lists, and what accounts are to each other."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.people import Person
from chalicelib.domain.relations import FollowState, Relation
from chalicelib.domain.taxonomy import slug
from chalicelib.schemas.base import Clean, Moment, OneLine, Schema
from chalicelib.schemas.media import media_url
from chalicelib.schemas.posts import ThumbnailAnswer


class FollowAnswer(Schema):
    """What came of a follow: a protected profile has to answer first."""

    state: FollowState


class PersonAnswer(Schema):
    """An account as lists name it."""

    handle: str
    display_name: str
    avatar: ThumbnailAnswer | None


class RelatedAnswer(PersonAnswer):
    """The same, with the time since when it is so."""

    since: str


class PersonList(Schema):
    """A page of people, newest first; at most 30 whatever was asked for."""

    items: list[PersonAnswer]
    next_cursor: str | None


class RelatedList(Schema):
    """The same, with times."""

    items: list[RelatedAnswer]
    next_cursor: str | None


class MuteQuery(Schema):
    """How long something is to be muted."""

    until: Moment | None = Field(None, description="RFC 3339 time; left out: for good")


class MutedText(Schema):
    """A muted tag or word."""

    text: str
    until: str | None


class MutedTextList(Schema):
    """All that are muted, in alphabetical order; there is no further page."""

    items: list[MutedText]
    next_cursor: None = None


def _folded(text: str) -> str:
    return text.casefold()


_Tag = Annotated[str, StringConstraints(min_length=1, max_length=50), Clean, OneLine, AfterValidator(slug)]
_Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=50),
    Clean,
    OneLine,
    AfterValidator(_folded),
]


def muted_tag(text: str) -> str:
    """Return the canonical form of a tag in an address.

    Raises:
        InvalidError: it is none.
    """
    return _read(TypeAdapter(_Tag), "tag", text)


def muted_word(text: str) -> str:
    """Return a word or phrase in an address as it is compared: case folded.

    Raises:
        InvalidError: it is none.
    """
    return _read(TypeAdapter(_Word), "word", text)


def _read(adapter: TypeAdapter[str], field: str, text: str) -> str:
    try:
        found = adapter.validate_python(text)
    except ValueError as error:
        raise InvalidError.of(field, "must be a word or phrase of 1 to 50 characters") from error
    if not found:
        raise InvalidError.of(field, "needs a letter, a digit or a symbol")
    return found


def person_answer(person: Person, media_base_url: str) -> PersonAnswer:
    """Return somebody as clients see them."""
    return PersonAnswer.model_validate(_person(person, media_base_url))


def related_answer(relation: Relation, person: Person, media_base_url: str) -> RelatedAnswer:
    """Return somebody as clients see them, with the time since when they are what they are to the account."""
    return RelatedAnswer.model_validate(_person(person, media_base_url) | {"since": relation.made_at})


def _person(person: Person, media_base_url: str) -> dict[str, object]:
    seen = person.portrait
    return {
        "handle": person.handle,
        "display_name": person.display_name,
        "avatar": {
            "url": media_url(media_base_url, seen.data_mining, seen.media_id, seen.name),
            "width": seen.width,
            "height": seen.height,
            "format": seen.format,
        }
        if seen
        else None,
    }
