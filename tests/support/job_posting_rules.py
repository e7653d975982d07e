"""Google's rules for jobs in search: what a JobPosting must have, and in which words.

Source: https://developers.google.com/search/docs/appearance/structured-data/job-posting (required and recommended
properties, technical guidelines, content policies).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

REQUIRED = ("title", "description", "datePosted", "hiringOrganization")
EMPLOYMENT_TYPES = {
    *("FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY"),
    *("INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"),
}
UNITS = {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.found.add(tag)


def faults(posting: dict[str, Any]) -> list[str]:
    """Return what is wrong with a JobPosting; nothing where Google would show it."""
    return [*_text(posting), *_times(posting), *_place(posting), *_pay(posting)]


def _text(posting: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name} is required" for name in REQUIRED if not posting.get(name))
    title, description = str(posting.get("title")), str(posting.get("description"))
    if re.search(r"[!*#<>]|\d{4,}", title):
        yield "a title is a title: no codes, dates, pay or ornament"
    tags = _Tags()
    tags.feed(description)
    if not tags.found & {"p", "br", "ul"}:
        yield "a description is HTML with paragraphs"
    if tags.found & {"script", "style", "img", "iframe"}:
        yield "a description holds nothing to run or load"
    if re.sub("<[^>]*>", "", description).strip() == title:
        yield "a description is not the title"
    if not (posting.get("hiringOrganization") or {}).get("name"):
        yield "who hires has a name"
    if not re.fullmatch("https://.+", str((posting.get("hiringOrganization") or {}).get("sameAs", "https://x"))):
        yield "sameAs is an address"
    kinds = posting.get("employmentType", [])
    if not {*([kinds] if isinstance(kinds, str) else kinds)} <= EMPLOYMENT_TYPES:
        yield f"no such employment: {kinds}"
    if not isinstance(posting.get("directApply", True), bool):
        yield "directApply is true or false"
    named = posting.get("identifier", {"name": "x", "value": "x"})
    if not (named.get("name") and named.get("value")):
        yield "an identifier has a name and a value"


def _times(posting: dict[str, Any]) -> Iterator[str]:
    posted, until = (datetime.fromisoformat(str(posting[name])) for name in ("datePosted", "validThrough"))
    if until.tzinfo is None or until <= posted:
        yield "validThrough is a moment, and later"


def _place(posting: dict[str, Any]) -> Iterator[str]:
    places, countries = posting.get("jobLocation", []), posting.get("applicantLocationRequirements", [])
    if not all(each["address"].get("addressCountry") for each in places):
        yield "a place has a country"
    remote = posting.get("jobLocationType")
    if remote not in {None, "TELECOMMUTE"}:
        yield f"no such type of place: {remote}"
    if remote is None and not places:
        yield "a job that is not remote has a place"
    if remote and not places and not countries:
        yield "a remote job names a country that people may live in"
    if not all(each["@type"] == "Country" and each["name"] for each in countries):
        yield "where people may live is a country"


def _pay(posting: dict[str, Any]) -> Iterator[str]:
    if (paid := posting.get("baseSalary")) is None:
        return
    value = paid["value"]
    if not re.fullmatch("[A-Z]{3}", paid["currency"]) or value["unitText"] not in UNITS:
        yield "pay has a currency and a time that it is for"
    numbers = [value.get(name) for name in ("value", "minValue", "maxValue")]
    if not all(isinstance(each, int | float) and each > 0 for each in numbers if each is not None):
        yield "pay is numbers"
    if (numbers[0] is None) == (numbers[1] is None or numbers[2] is None):
        yield "pay is a value, or a least and a most"
