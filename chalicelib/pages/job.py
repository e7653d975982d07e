"""``/jobs/{id}``: an open job, as artists and search engines read it."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from chalicelib.domain import clock
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.jobs import HERE, AiPolicy, Employment, Job, JobCard, JobFields, Level, Workplace, closing_moment
from chalicelib.domain.media import Media
from chalicelib.domain.money import salary_text
from chalicelib.domain.noai import DEFAULT
from chalicelib.domain.places import Location
from chalicelib.domain.studios import Studio
from chalicelib.pages.document import Document
from chalicelib.pages.html import page
from chalicelib.pages.job_posting import BENEFITS, job_posting
from chalicelib.pages.markdown import html_of
from chalicelib.pages.pictures import Picture, of_media
from chalicelib.pages.prose import excerpt
from chalicelib.pages.site import Site

EMPLOYMENTS: dict[Employment, str] = {
    "full_time": "Full time",
    "part_time": "Part time",
    "contract": "Contract",
    "freelance": "Freelance",
    "internship": "Internship",
}
LEVELS: dict[Level, str] = {
    "junior": "Junior",
    "mid": "Mid-level",
    "senior": "Senior",
    "lead": "Lead",
    "director": "Director",
}
WORKPLACES: dict[Workplace, str] = {"on_site": "On site", "hybrid": "Hybrid", "remote": "Remote"}
AI_POLICIES: dict[AiPolicy, str] = {
    "no_ai": "The studio says that AI does nothing with what you send.",
    "ai_screening": "The studio says that a program sorts what you send.",
    "ai_training": "The studio says that AI may learn from what you send.",
}


def job_page(site: Site, job: Job, studio: Studio, logo: Media | None) -> Document:
    """Return the page of an open job."""
    from markupsafe import Markup

    given, text = job.fields, html_of(job.fields.description)
    shown = logo_of(site, studio, logo)
    paid = salary_text(given.salary) if given.salary else ""
    # of html_of alone, which lets nothing through that runs
    description = Markup(text)  # noqa: S704
    return page(
        "job.html",
        site,
        choice=DEFAULT,
        pictures=[shown],
        job=job,
        given=given,
        studio=studio,
        logo=shown,
        title=f"{given.title} at {studio.fields.name}",
        summary=excerpt(f"{paid}. {Markup(text).striptags()}"),  # noqa: S704
        facts=_facts(given, paid),
        closing=closing_text(job, studio.fields.time_zone),
        description=description,
        ai_policy=AI_POLICIES.get(given.ai_policy) if given.ai_policy else None,
        apply_host=None if given.apply == HERE else urlsplit(given.apply).hostname,
        linked_data=job_posting(job, studio, site, text, shown),
    )


def logo_of(site: Site, studio: Studio, logo: Media | None) -> Picture | None:
    """Return a studio's logo as pages show it."""
    return of_media(site, logo, f"{studio.fields.name}, logo")


def closing_text(job: Job, zone: str) -> str:
    """Return when a job closes, in the studio's time zone: a day where it is that day's end, else a day and a time."""
    moment = clock.from_text(str(job.closes_at))
    day = job.fields.closes or ""
    if len(day) == 10 and _moment(day, zone) == moment:
        return f"{day}, at the end of the day ({zone})"
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def _moment(day: str, zone: str) -> datetime | None:
    try:
        return closing_moment(day, zone)
    except InvalidError:
        return None


def card_facts(card: JobCard) -> str:
    """Return what a list says of a job, on one line."""
    parts = [
        EMPLOYMENTS[card.employment] if card.employment else "",
        LEVELS[card.level] if card.level else "",
        _where(card.workplace, card.locations),
        salary_text(card.salary) if card.salary else "",
    ]
    return " · ".join(part for part in parts if part)


def _facts(given: JobFields, paid: str) -> list[tuple[str, str]]:
    found = [
        ("Pay", paid),
        ("Employment", EMPLOYMENTS[given.employment] if given.employment else ""),
        ("Level", LEVELS[given.level] if given.level else ""),
        ("Where", _where(given.workplace, given.locations, given.utc_offsets)),
        ("Mediums", ", ".join(given.mediums)),
        ("Software", ", ".join(given.software)),
        ("The studio offers", ", ".join(text for name, text in BENEFITS.items() if getattr(given, name))),
    ]
    return [(name, value) for name, value in found if value]


def _where(workplace: Workplace | None, locations: Iterable[Location], offsets: tuple[int, int] | None = None) -> str:
    places = "; ".join(f"{each.city}, {each.country}" if each.city else each.country for each in locations)
    kind = WORKPLACES[workplace] if workplace else ""
    if workplace == "remote":
        places = f"from {places}" if places else "" if offsets else "from anywhere"
    zones = f"between UTC{offsets[0]:+d} and UTC{offsets[1]:+d}" if offsets else ""
    return ", ".join(part for part in (kind, places, zones) if part)
