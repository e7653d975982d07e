"""Lists of public posts by many artists, and search."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.schemas.base import Clean, OneLine, PageQuery, Schema, Word
from chalicelib.schemas.people import PersonAnswer
from chalicelib.schemas.posts import CardAnswer, CardList
from chalicelib.services.directory import Wishes


class FoundQuery(PageQuery):
    """Which page, and what to leave out of it."""

    ai: Literal["include", "exclude"] = Field(
        default="include", description="exclude leaves out posts that say AI had a part in them; pages may be short"
    )
    content_warnings: Literal["include", "exclude"] = Field(
        default="include", description="exclude leaves out posts with a content warning; pages may be short"
    )

    @property
    def wishes(self) -> Wishes:
        """What to leave out, as services know it."""
        return Wishes(without_ai=self.ai == "exclude", without_warnings=self.content_warnings == "exclude")


class FeedQuery(FoundQuery):
    """Which page of the home feed, and what to leave out of it."""

    cursor: str | None = Field(None, max_length=2000, description="`next_cursor` of the page before")


class FeedList(CardList):
    """A page of the home feed."""

    complete: bool = Field(
        description="false while the feed is being filled, as it was never read, or not for long: ask again in a moment"
    )


class SearchQuery(FoundQuery):
    """What to search for; all of it must hold. Profiles are found by names, medium and software."""

    type: Literal["posts", "profiles"] = "posts"
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Clean, OneLine] = Field(
        default="", description="Words, `#tag` and `@handle`; each must be found"
    )
    tag: Word | None = None
    medium: Word | None = None
    software: Word | None = None
    category: Word | None = None


class FoundList(Schema):
    """A page of what was found: posts, or people."""

    items: list[CardAnswer] | list[PersonAnswer]
    next_cursor: str | None
