"""``/studios/{slug}``: who offers jobs, and which are open."""

from collections.abc import Sequence
from urllib.parse import urlencode

from chalicelib.domain.answering import RULE, AnsweredShare
from chalicelib.domain.jobs import JobCard
from chalicelib.domain.media import Media
from chalicelib.domain.noai import DEFAULT
from chalicelib.domain.studios import Studio
from chalicelib.pages.document import Document
from chalicelib.pages.html import page
from chalicelib.pages.job import card_facts, logo_of
from chalicelib.pages.job_posting import studio_data
from chalicelib.pages.prose import excerpt, html_of
from chalicelib.pages.site import Site


def studio_page(
    site: Site,
    studio: Studio,
    logo: Media | None,
    cards: Sequence[JobCard],
    cursor: str | None,
    *,
    share: AnsweredShare | None,
) -> Document:
    """Return a studio's page with some of its open jobs; ``cursor`` is of what follows, None at the end.

    ``share`` is how many applications it answered in time, None where there are too few.

    Search engines are told of verified studios alone: anybody can make one that is called like another.
    """
    fields, shown = studio.fields, logo_of(site, studio, logo)
    return page(
        "studio.html",
        site,
        choice=DEFAULT,
        listed=studio.verified,
        pictures=[shown],
        studio=studio,
        logo=shown,
        domain=studio.verification.domain if studio.verified and studio.verification else None,
        places="; ".join(f"{each.city}, {each.country}" if each.city else each.country for each in fields.locations),
        summary=excerpt(fields.about) or f"Jobs for artists at {fields.name}.",
        about=html_of(fields.about, site),
        share=share,
        rule=RULE,
        jobs=[(card, card_facts(card)) for card in cards],
        following="?" + urlencode({"after": cursor}) if cursor else None,
        linked_data=studio_data(studio, site, shown),
    )
