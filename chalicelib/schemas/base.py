"""What all schemas share."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from chalicelib.domain.taxonomy import slugs


class Schema(BaseModel):
    """A request or an answer. What a request holds beyond its fields is an error, not ignored."""

    # validators are built when a schema is first used: a cold start that needs one does not pay for all
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


_BREAKS = "\n\t\u2028\u2029"
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _clean(value: Any) -> Any:
    """Normalise a text to NFC, before its length is measured, and refuse what is no text for people."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
        raise ValueError("must not contain control characters")
    if text.strip() and not any(_visible(char) for char in text):
        raise ValueError("must not be invisible")
    return text


def _visible(char: str) -> bool:
    # what this Python does not know yet (Cn) may be an emoji of a newer Unicode
    category = unicodedata.category(char)
    return (category[0] in "LNPS" or category == "Cn") and char not in _BLANK_LETTERS


def _one_line(value: Any) -> Any:
    """Refuse line breaks, and signs that reorder the text around them: names stand beside other texts."""
    if isinstance(value, str) and any(char in _BREAKS for char in value):
        raise ValueError("must be a single line")
    if isinstance(value, str) and any(char in _REORDERING for char in value):
        raise ValueError("must not reorder the text around it")
    return value


Clean = BeforeValidator(_clean)
"""Text that may have several lines."""

OneLine = BeforeValidator(_one_line)
"""Text on a single line, as well as ``Clean``."""

AsSlugs = AfterValidator(slugs)
"""Words of a taxonomy or the artist's own: kept as slugs, in order, each once."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), Clean, OneLine]
"""One of them, as it is written."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie between the years 1 and 9999, in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time with its offset, in UTC."""


class Empty(Schema):
    """No query parameters."""


class PageQuery(Schema):
    """Which page of a list."""

    limit: int = Field(20, ge=1, le=50, description="How many items at most")
    cursor: str | None = Field(None, max_length=500, description="`next_cursor` of the page before")


class FieldProblem(Schema):
    """One thing wrong with one field."""

    field: str
    message: str


class Problem(Schema):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: tuple[FieldProblem, ...] = ()


class ReasonAnswer(Schema):
    """Why something was refused or failed, in words for people."""

    code: str
    message: str
    evidence: list[str]
