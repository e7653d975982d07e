"""What a job says of itself in schema.org's words: a JobPosting, by Google's rules for jobs in search.

Source: https://developers.google.com/search/docs/appearance/structured-data/job-posting. It stands on the job's own
page alone, says what that says and nothing more, and goes with the job.
"""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.jobs import HERE, Employment, Job
from chalicelib.domain.money import Period, Salary, amount
from chalicelib.domain.places import COUNTRIES, Location, countries_between
from chalicelib.domain.studios import Studio
from chalicelib.pages.linked_data import CONTEXT
from chalicelib.pages.pictures import Picture
from chalicelib.pages.site import Site

EMPLOYMENT_TYPES: dict[Employment, str] = {
    "full_time": "FULL_TIME",
    "part_time": "PART_TIME",
    "contract": "CONTRACTOR",
    "freelance": "CONTRACTOR",
    "internship": "INTERN",
}
"""Google's words, of which there are no others for these."""

UNITS: dict[Period, str] = {"hour": "HOUR", "day": "DAY", "week": "WEEK", "month": "MONTH", "year": "YEAR"}
"""Google's words for the time that pay is for. What is paid for a project has none, and would be taken for a wage."""

BENEFITS = {"relocation": "Help with moving", "visa": "Help with a visa"}


def job_posting(job: Job, studio: Studio, site: Site, description_html: str, logo: Picture | None) -> dict[str, Any]:
    """Return an open job as a JobPosting; ``description_html`` is the text as its page shows it."""
    given, url = job.fields, site.job(job.job_id)
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "JobPosting",
        "@id": url,
        "url": url,
        "title": given.title,
        "description": description_html,
        "identifier": {"@type": "PropertyValue", "name": studio.fields.name, "value": job.job_id},
        "datePosted": job.published_at,
        "validThrough": job.closes_at,
        "hiringOrganization": organization(studio, site, logo),
        "directApply": given.apply == HERE,
        **_where(job),
    }
    if given.employment:
        found["employmentType"] = EMPLOYMENT_TYPES[given.employment]
    if given.salary and given.salary.period in UNITS:
        found["baseSalary"] = _salary(given.salary)
    if skills := [*given.mediums, *given.software]:
        found["skills"] = skills
    if benefits := [text for name, text in BENEFITS.items() if getattr(given, name)]:
        found["jobBenefits"] = benefits
    return found


def organization(studio: Studio, site: Site, logo: Picture | None) -> dict[str, Any]:
    """Return a studio as an Organization; the domain that moderators saw proof of tells which one it is."""
    url = site.studio(studio.slug)
    found: dict[str, Any] = {"@type": "Organization", "@id": url, "name": studio.fields.name, "url": url}
    if studio.verified and studio.verification:
        found["sameAs"] = f"https://{studio.verification.domain}"
    if logo is not None:
        found["logo"] = logo.preview.url
    return found


def studio_data(studio: Studio, site: Site, logo: Picture | None) -> dict[str, Any]:
    """Return what a studio's own page says of it: no jobs, which are on pages of their own."""
    found = {"@context": CONTEXT, **organization(studio, site, logo)}
    if studio.fields.about:
        found["description"] = studio.fields.about
    if studio.fields.locations:
        found["address"] = [_address(each) for each in studio.fields.locations]
    return found


def _where(job: Job) -> dict[str, Any]:
    """Return where a job is done: at places, or, where it is remote, in which countries people may live.

    A remote job that names no country is done from anywhere, which is every country; one that names time zones, from
    those countries of which a part has such a time, as Google has no word for time zones.
    """
    given = job.fields
    if given.workplace != "remote":
        return {"jobLocation": [{"@type": "Place", "address": _address(each)} for each in given.locations]}
    countries: Iterable[str] = dict.fromkeys(each.country for each in given.locations)
    if not countries:
        countries = countries_between(*given.utc_offsets) if given.utc_offsets else sorted(COUNTRIES)
    return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": _countries(countries)}


def _countries(codes: Iterable[str]) -> list[dict[str, str]]:
    return [{"@type": "Country", "name": code} for code in codes]


def _address(location: Location) -> dict[str, str]:
    found = {"@type": "PostalAddress", "addressCountry": location.country}
    return found | ({"addressLocality": location.city} if location.city else {})


def _salary(salary: Salary) -> dict[str, Any]:
    """Return a salary in the currency's own unit, not in minor ones: ``42000.5``, of yen ``3000``."""
    low, high = (_number(each, salary.currency) for each in (salary.min, salary.max))
    value: dict[str, Any] = {"@type": "QuantitativeValue", "unitText": UNITS[salary.period]}
    value |= {"value": low} if salary.min == salary.max else {"minValue": low, "maxValue": high}
    return {"@type": "MonetaryAmount", "currency": salary.currency, "value": value}


def _number(minor: int, currency: str) -> int | float:
    exact = amount(minor, currency)
    # the largest has 13 digits, which a float of JSON holds exactly
    return int(exact) if exact == exact.to_integral_value() else float(exact)
