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


class StudioAddress(PageAddress):
    """Which of a studio's jobs."""

    after: str | None = Field(None, max_length=500, description="Where the page before ended")


class EmbedAddress(PageAddress):
    """What to embed, and how (https://oembed.com, 2.2)."""

    url: str = Field(max_length=1000, description="Address of a page: an artist's or a post's")
    format: str = Field("json", max_length=20, description="json or xml")
    maxwidth: int | None = Field(None, ge=1, description="Room for it, in pixels")
    maxheight: int | None = Field(None, ge=1, description="Room for it, in pixels")


class SitemapAddress(PageAddress):
    """Which part of the sitemap; the index of all parts where both are left out."""

    day: str | None = Field(None, pattern=r"^\d{4}-\d\d-\d\d$")
    shard: int | None = Field(None, ge=0, le=999)
