"""The registry of works, and matches."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib.domain.media import Media
from chalicelib.domain.noai import DataMining
from chalicelib.domain.profiles import Profile
from chalicelib.schemas.base import Schema
from chalicelib.services.registry import Registered
from chalicelib.services.works import MatchView, MatchViews

KEPT_SECONDS = 3600
"""How long an answer of the registry may be kept, by the CDN and by those who asked."""


def _lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


Hash = Annotated[
    str,
    Field(
        pattern=r"^([0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{80})$",
        description="SHA-256 of a file (64 hex digits), or a perceptual hash (16), better with its detail (80)",
    ),
    BeforeValidator(_lowered),  # last, or the description loses the pattern
]


class LookupRequest(Schema):
    """Hashes to ask for."""

    hashes: Annotated[list[Hash], Field(min_length=1, max_length=100)]


class WorkAnswer(Schema):
    """A registered work, by what is public of it."""

    media_id: str
    handle: str | None = Field(description="Of the artist's profile")
    protection_url: str = Field(description="Its protection record")


class RegisteredAnswer(Schema):
    """What the registry knows of a hash."""

    hash: str
    registered: bool = Field(description="Whether it is that of a published picture")
    opted_out: bool = Field(description="Whether its artist refuses any kind of data mining or AI training")
    data_mining: DataMining | None = Field(description="What the artist refuses; null where nothing is known")
    by: Literal["file", "look"] | None = Field(description="Whether the very file is known, or the look of the picture")
    distance: int | None = Field(description="Bits of 64 in which the perceptual hashes differ; 0 for a file")
    work: WorkAnswer | None


class LookupAnswer(Schema):
    """What the registry knows of each hash, in the order they were asked for."""

    items: list[RegisteredAnswer]
    max_age: int = Field(description="Seconds for which the items may be kept instead of asking again")


class MatchAnswer(Schema):
    """A picture of yours that is near another artist's."""

    media_id: str = Field(description="Your picture")
    role: Literal["uploader", "original"] = Field(description="`original` if yours was here first")
    distance: int = Field(description="Bits of 64 in which the perceptual hashes differ")
    mirrored: bool
    found_at: str = Field(description="When the later of the two was announced")
    other_media_id: str | None = Field(description="The other picture; null unless it is public")
    other_handle: str | None = Field(description="Its artist's profile; null unless the picture is public")


class MatchList(Schema):
    """A page of matches."""

    items: list[MatchAnswer]
    next_cursor: str | None


def registered_answer(found: Registered, public_base_url: str) -> RegisteredAnswer:
    """Return what the registry knows of a hash as everybody sees it."""
    return RegisteredAnswer(
        hash=found.hash,
        registered=found.media is not None,
        opted_out=found.data_mining not in {None, "allowed"},
        data_mining=found.data_mining,
        by=found.by,
        distance=found.distance,
        work=_work(found.media, found.profile, public_base_url) if found.media else None,
    )


def _work(media: Media, profile: Profile | None, public_base_url: str) -> WorkAnswer:
    return WorkAnswer(
        media_id=media.media_id,
        handle=profile.fields.handle if profile else None,
        protection_url=f"{public_base_url}/v1/media/{media.media_id}/protection",
    )


def match_list(views: MatchViews, cursor: str | None) -> MatchList:
    """Return a page of matches as their artist sees it."""
    return MatchList(items=[_match(each) for each in views.matches], next_cursor=cursor)


def _match(view: MatchView) -> MatchAnswer:
    return MatchAnswer(
        media_id=view.match.media_id,
        role=view.match.role,
        distance=view.match.distance,
        mirrored=view.match.mirrored,
        found_at=view.match.found_at,
        other_media_id=view.other.media_id if view.other else None,
        other_handle=view.profile.fields.handle if view.profile else None,
    )
