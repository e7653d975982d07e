"""What all schemas share."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chalicelib.domain.taxonomy import slugs


class Schema(BaseModel):
    """A request or an answer. What a request holds beyond its fields is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_controls(text: str) -> str:
    """Normalise to NFC and refuse control characters but line breaks and tabs."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in normal):
        raise ValueError("must not contain control characters")
    return normal


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must be a single line")
    return text


Clean = AfterValidator(_without_controls)
"""Text that may have several lines. Stands behind the bounds of its length, so that those are in the description."""

OneLine = AfterValidator(_one_line)
"""Text on a single line, as well as ``Clean``."""

AsSlugs = AfterValidator(slugs)
"""Words of a taxonomy or the artist's own: kept as slugs, in order, each once."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), Clean, OneLine]
"""One of them, as it is written."""


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
