"""What addresses of pages say beside their path."""

from typing import Literal

from pydantic import ConfigDict, Field

from chalicelib.schemas.base import Schema


class PageAddress(Schema):
    """Parameters of a page. Others that a link carries, such as those that count its readers, mean nothing here."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class ProfileAddress(PageAddress):
    """Which posts of an artist."""

    show: Literal["portfolio", "posts"] | None = Field(None, description="Left out: the portfolio if there is one")
    after: str | None = Field(None, max_length=500, description="Where the page before ended; it goes with `show`")
