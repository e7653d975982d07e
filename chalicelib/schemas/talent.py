"""Artists who look for work."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.domain.profiles import Availability
from chalicelib.domain.talent import Talent
from chalicelib.domain.taxonomy import slug
from chalicelib.schemas.base import Clean, OneLine, PageQuery, Schema
from chalicelib.schemas.people import PersonAnswer, person_answer
from chalicelib.schemas.places import Country
from chalicelib.schemas.profiles import WorkAnswer, work_answer

_Facet = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), Clean, OneLine]


class TalentQuery(PageQuery):
    """Which artists: those who are all of this."""

    medium: _Facet = Field("", description="One of the first five of their profile")
    software: _Facet = Field("", description="One of the first eight of their profile")
    availability: Literal["open", "freelance"] | None = None
    country: Country | None = None

    def wanted(self) -> dict[str, str]:
        """Return the facets' values by name."""
        values = {
            "availability": self.availability,
            "country": self.country,
            "medium": slug(self.medium),
            "software": slug(self.software),
        }
        return {name: value for name, value in values.items() if value}


class TalentAnswer(PersonAnswer):
    """An artist who looks for work."""

    availability: Availability
    work: WorkAnswer
    mediums: list[str]
    software: list[str]


class TalentList(Schema):
    """A page of artists, from anywhere on around the whole ring; it may be short, and still have a next one."""

    items: list[TalentAnswer]
    next_cursor: str | None
    total: int = Field(description="Artists with these facets")


def talent_answer(talent: Talent, media_base_url: str) -> TalentAnswer:
    """Return an artist as verified studios find them."""
    return TalentAnswer(
        **dict(person_answer(talent.person, media_base_url)),
        availability=talent.availability,
        work=work_answer(talent.work),
        mediums=list(talent.mediums),
        software=list(talent.software),
    )
