"""Pages of jobs and studios, as artists, search engines and feed readers read them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import feedparser
import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.ids import new_id
from chalicelib.domain.places import COUNTRIES
from chalicelib.handlers import job_pages as handlers
from chalicelib.pages.markdown import html_of
from tests.support import atom_rules, job_posting_rules, vocabulary
from tests.support.hiring import JOB
from tests.unit.http.api import Account, Api
from tests.unit.http.studios import closing, make_job, make_studio, new_name, open_job, verified_studio
from tests.unit.http.test_job_search import run
from tests.unit.http.test_pages import BASE, HOSTILE, Page, check, elements, page
from tests.unit.http.test_syndication import locations


@pytest.fixture
def studio(api: Api, ada: Account) -> str:
    return verified_studio(api, ada, about="We paint.\n\nSee https://blue.example/", locations=[{"country": "DE"}])


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Have pages look at another clock."""
    service = composition.job_page_service()
    later = replace(service, jobs=replace(service.jobs, now=lambda: moment))
    with mock.patch.object(handlers, "job_page_service", return_value=later):
        yield


def path_of(address: str) -> str:
    return address.removeprefix("/v1")


def job_page(api: Api, job: str) -> Page:
    found = page(api, path_of(job))
    check(found)
    assert vocabulary.faults(found.data) == []
    return found


def facts(found: Page) -> dict[str, str]:
    """Return what the page says of a job, by name."""
    [listed] = found.all("dl")
    return {each.find("dt").text: "".join(each.find("dd").itertext()) for each in listed.iter("div")}


# ---------------------------------------------------------------------- a job's page


def test_a_jobs_page(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio, relocation=True, ai_statement="People read it.")
    found, name = job_page(api, job), studio.rpartition("/")[2]
    headers = found.answer.headers
    assert headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert found.title == f"Painter of skies at {name} · Cara"
    assert found.links("canonical") == [found.meta("og:url")] == [BASE + path_of(job)]
    assert found.links("alternate") == [f"{BASE}/jobs/feed.atom"]
    assert found.meta("og:type") == "website"
    assert str(found.meta("description")).startswith("EUR 42,000.00 to 55,000.00 a year. We need somebody who paints")
    assert found.all("a", href=f"{BASE}/studios/{name}")
    assert "The studio says that AI does nothing with what you send." in found.text
    assert "People read it." in found.text
    assert f"Apply here, by any client of the API: POST {job}/applications" in found.text
    assert not found.all("a", class_="more"), "the client has no view of jobs to lead to"
    assert api.ask("GET", path_of(job), if_none_match=headers["etag"]).status == 304
    assert api.ask("GET", path_of(job), by=ada).text == found.answer.text


def test_what_search_engines_are_told_is_what_the_page_says(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio, relocation=True)
    found = job_page(api, job)
    told, said, name = found.data, facts(found), studio.rpartition("/")[2]
    assert job_posting_rules.faults(told) == []
    assert told["title"] == found.all("h1")[0].text
    [prose] = found.all("div", class_="prose")
    assert told["description"] == html_of(JOB["description"])
    text = " ".join("".join(prose.itertext()).split())
    assert " ".join(re.sub("<[^>]+>", "", told["description"]).split()) == text
    paid = told["baseSalary"]
    numbers = " to ".join(f"{Decimal(str(paid['value'][each])):,.2f}" for each in ("minValue", "maxValue"))
    assert said["Pay"] == f"{paid['currency']} {numbers} a {paid['value']['unitText'].lower()}"
    assert (told["employmentType"], said["Employment"]) == ("FULL_TIME", "Full time")
    [place] = told["jobLocation"]
    address = place["address"]
    assert said["Where"] == f"Hybrid, {address['addressLocality']}, {address['addressCountry']}"
    assert "jobLocationType" not in told
    assert told["skills"] == [*said["Mediums"].split(", "), *said["Software"].split(", ")]
    assert told["jobBenefits"] == [said["The studio offers"]]
    [posted, until] = [each.get("datetime") for each in found.all("time")]
    assert (told["datePosted"], told["validThrough"]) == (posted, until)
    assert told["identifier"]["value"] == job.rpartition("/")[2]
    assert told["hiringOrganization"]["name"] == name
    assert told["hiringOrganization"]["sameAs"] == f"https://{name}.example"
    assert told["directApply"] is True
    assert told["url"] == found.meta("og:url")


@pytest.mark.parametrize(
    ("employment", "words"),
    [
        ("part_time", ("PART_TIME", "Part time")),
        ("contract", ("CONTRACTOR", "Contract")),
        ("freelance", ("CONTRACTOR", "Freelance")),
        ("internship", ("INTERN", "Internship")),
    ],
)
def test_kinds_of_employment(api: Api, ada: Account, studio: str, employment: str, words: tuple[str, str]) -> None:
    found = job_page(api, open_job(api, ada, studio, employment=employment))
    assert job_posting_rules.faults(found.data) == []
    assert (found.data["employmentType"], facts(found)["Employment"]) == words


PLACES: list[tuple[dict[str, Any], set[str], str]] = [
    ({"locations": [{"country": "DE"}, {"country": "FR", "city": "Lyon"}]}, {"DE", "FR"}, "from DE; Lyon, FR"),
    ({"locations": []}, set(COUNTRIES), "from anywhere"),
    (
        {"locations": [], "utc_offsets": {"earliest": 9, "latest": 9}},
        {"ID", "JP", "KP", "KR", "PW", "RU", "TL"},
        "between UTC+9 and UTC+9",
    ),
]


@pytest.mark.parametrize("case", PLACES, ids=[each[2] for each in PLACES])
def test_remote_jobs(api: Api, ada: Account, studio: str, case: tuple[dict[str, Any], set[str], str]) -> None:
    fields, countries, said = case
    found = job_page(api, open_job(api, ada, studio, workplace="remote", **fields))
    told = found.data
    assert facts(found)["Where"] == f"Remote, {said}"
    assert (told["jobLocationType"], "jobLocation" in told) == ("TELECOMMUTE", False)
    assert {each["name"] for each in told["applicantLocationRequirements"]} == countries
    assert job_posting_rules.faults(told) == []


SALARIES: list[tuple[tuple[int, int, str, str], dict[str, Any] | None, str]] = [
    ((3000, 3000, "JPY", "hour"), {"value": 3000, "unitText": "HOUR"}, "JPY 3,000 an hour"),
    (
        (4_000_000, 4_500_000, "KRW", "month"),
        {"minValue": 4_000_000, "maxValue": 4_500_000, "unitText": "MONTH"},
        "KRW 4,000,000 to 4,500,000 a month",
    ),
    ((1500, 2005, "KWD", "day"), {"minValue": 1.5, "maxValue": 2.005, "unitText": "DAY"}, "KWD 1.500 to 2.005 a day"),
    ((42_050, 42_050, "EUR", "week"), {"value": 420.5, "unitText": "WEEK"}, "EUR 420.50 a week"),
    ((300_000, 300_000, "EUR", "project"), None, "EUR 3,000.00 a project"),
]


@pytest.mark.parametrize("case", SALARIES, ids=[each[2] for each in SALARIES])
def test_pay_in_the_currencys_own_unit(
    api: Api, ada: Account, studio: str, case: tuple[tuple[int, int, str, str], dict[str, Any] | None, str]
) -> None:
    paid, told, said = case
    salary = dict(zip(("min", "max", "currency", "period"), paid, strict=True))
    found = job_page(api, open_job(api, ada, studio, salary=salary))
    assert job_posting_rules.faults(found.data) == []
    assert facts(found)["Pay"] == said
    if told is None:
        assert "baseSalary" not in found.data, "nobody takes the price of a project for a wage"
    else:
        [shown] = [found.data["baseSalary"]]
        assert (shown["currency"], {"@type": "QuantitativeValue", **told}) == (paid[2], shown["value"])


# ---------------------------------------------------------------------- its end


def test_a_closed_job_is_gone_and_says_nothing_to_machines(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio)
    assert api.ask("POST", f"{job}/close", by=ada).status == 200
    found = page(api, path_of(job), status=410)
    assert found.all("script") == []
    assert "Painter of skies" not in found.text
    assert found.meta("robots") == "noai, noimageai, noindex"
    assert found.answer.headers["cache-control"] == "no-store"
    renewed = api.ask("PATCH", job, {"publish": "now", "closes_at": closing()}, by=ada)
    assert renewed.json["state"] == "open"
    assert job_page(api, job).data["validThrough"] == renewed.json["closes_at"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Europe/Berlin"])
def test_at_the_closing_minute_of_its_own_zone_a_job_is_gone(api: Api, ada: Account, zone: str) -> None:
    day = f"{clock.now() + timedelta(days=20):%Y-%m-%d}"
    job = open_job(api, ada, verified_studio(api, ada, time_zone=zone), closes_at=day)
    found = job_page(api, job)
    assert facts(found)["Closes"] == f"{day}, at the end of the day ({zone})"
    end = clock.from_text(found.data["validThrough"])
    with at(end - timedelta(milliseconds=1)):
        assert page(api, path_of(job)).data == found.data
    for moment in (end, end + timedelta(minutes=1)):
        with at(moment):
            assert page(api, path_of(job), status=410).all("script") == []


def test_a_closing_time_is_told_in_the_studios_zone(api: Api, ada: Account) -> None:
    studio = verified_studio(api, ada, time_zone="Asia/Kathmandu")
    moment = (clock.now() + timedelta(days=9)).replace(hour=18, minute=15, second=0, microsecond=0)
    found = job_page(api, open_job(api, ada, studio, closes_at=clock.to_text(moment)))
    assert facts(found)["Closes"] == f"{moment + timedelta(days=1):%Y-%m-%d} 00:00 (Asia/Kathmandu)"


def test_no_copy_of_a_job_outlives_it(api: Api, ada: Account, studio: str) -> None:
    job = open_job(api, ada, studio, closes_at=clock.later(clock.now(), 40))
    for path in (path_of(job), job):
        caching = api.ask("GET", path).headers["cache-control"]
        assert re.fullmatch(r"public, max-age=0, s-maxage=([12]?[0-9]|3[0-9]|40)", caching)
    assert api.ask("GET", job, by=ada).headers["cache-control"] == "private, no-store"


def test_what_is_not_public_has_no_page(api: Api, ada: Account, studio: str) -> None:
    draft, waiting = make_job(api, ada, studio, publish="draft"), make_job(api, ada, studio)
    refused = [path_of(draft), path_of(waiting), f"/jobs/{new_id()}", "/jobs/none", "/studios/nobody-at-all"]
    refused += [f"/studios/{studio.rpartition('/')[2].upper()}"]
    texts = set()
    for path in refused:
        answer = api.ask("GET", path, by=ada)
        assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8"), path
        texts.add(re.sub(r"request \S+|There is no \w+ \S+\.", "", answer.text))
    assert len(texts) == 1, "what is held back looks like what never was"


# ---------------------------------------------------------------------- hostile texts


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(api: Api, text: str) -> None:
    def made(words: str) -> tuple[Page, Page]:
        account = api.join()
        studio = verified_studio(api, account, about=words, links=[{"label": words[:40], "url": "https://a.example/"}])
        fields = {"title": words, "locations": [{"country": "DE", "city": words[:80]}], "ai_statement": words}
        job = open_job(api, account, studio, description=f"`{words}` " + "and so on. " * 12, **fields)
        return page(api, path_of(job)), page(api, path_of(studio))

    for hostile, plain in zip(made(text), made("harmless"), strict=True):
        check(hostile)
        assert vocabulary.faults(hostile.data) == []
        assert elements(hostile) == elements(plain)
    job, studio = made(text)
    assert job.data["title"] == job.all("h1")[0].text == text
    assert "<script" not in job.data["description"]
    assert studio.data["description"] == text


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("[x](javascript:alert(1))", None),
        ("[x](//evil.example/)", None),
        ("![x](https://a.example/pixel.gif)", "https://a.example/pixel.gif"),
        ("[x](https://a.example/?q=%22%3E)", "https://a.example/?q=%22%3E"),
    ],
)
def test_links_of_descriptions_lead_elsewhere_or_nowhere(
    api: Api, ada: Account, studio: str, written: str, href: str | None
) -> None:
    found = job_page(api, open_job(api, ada, studio, description=f"{written} " + "and so on. " * 12))
    [prose] = found.all("div", class_="prose")
    links = list(prose.iter("a"))
    assert [each.get("href") for each in links if each.get("href")] == ([href] if href else [])
    assert all(each.get("rel") == "nofollow ugc noopener noreferrer" for each in links)
    assert not list(prose.iter("img"))


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "http://a.example/", "//a.example", "https://", "data:x"])
def test_no_job_leads_anywhere_but_to_an_https_address(api: Api, ada: Account, studio: str, wrong: str) -> None:
    body = {**JOB, "studio": studio.rpartition("/")[2], "closes_at": closing(), "apply": wrong}
    assert api.ask("POST", "/v1/jobs", body, by=ada).status == 422


def test_who_applies_elsewhere_is_told_where(api: Api, ada: Account, studio: str) -> None:
    found = job_page(api, open_job(api, ada, studio, apply="https://ats.example/?job=1&x=2"))
    [apply] = found.all("a", href="https://ats.example/?job=1&x=2")
    assert (apply.text, apply.get("rel")) == ("Apply at ats.example", "nofollow ugc noopener noreferrer")
    assert found.data["directApply"] is False


# ---------------------------------------------------------------------- a studio's page, the feed


def test_a_studios_page(api: Api, ada: Account, studio: str) -> None:
    jobs = [open_job(api, ada, studio, title=f"Painter {each}") for each in ("one", "two")]
    make_job(api, ada, studio, title="Not yet")
    found, name = page(api, path_of(studio)), studio.rpartition("/")[2]
    check(found)
    assert vocabulary.faults(found.data) == []
    assert found.data["@type"] == "Organization", "a JobPosting stands on the job's page alone"
    assert found.data["sameAs"] == f"https://{name}.example"
    assert found.links("canonical") == [BASE + path_of(studio)]
    assert f"Verified: it has {name}.example" in found.text
    assert found.meta("robots") == "noai, noimageai"
    [listed] = [each for each in found.all("ul") if any("/jobs/" in link.get("href") for link in each.iter("a"))]
    assert [each.get("href") for each in listed.iter("a")] == [BASE + path_of(job) for job in jobs[::-1]]
    assert "Full time · Mid-level · Hybrid, Köln, DE · EUR 42,000.00 to 55,000.00 a year" in found.text
    api.ask("POST", f"{jobs[0]}/close", by=ada)
    assert "Painter one" not in page(api, path_of(studio)).text


def test_search_engines_are_not_told_of_studios_that_nobody_verified(api: Api, ada: Account) -> None:
    found = page(api, path_of(make_studio(api, ada)))
    assert found.meta("robots") == "noai, noimageai, noindex"
    assert "Not verified" in found.text
    assert "sameAs" not in found.data


def test_who_squats_a_verified_studios_name_has_no_page(api: Api, ada: Account) -> None:
    name = new_name()
    verified_studio(api, ada, name)
    squatter = api.join()
    squatted = make_studio(api, squatter, f"{name[:8]}-{name[8:]}")
    assert api.ask("GET", squatted, by=squatter).json["held"] is True
    assert page(api, path_of(squatted), status=404).all("script") == []
    taken = api.ask("POST", "/v1/studios", {"name": "Another", "slug": name.upper()}, by=squatter)
    assert (taken.status, taken.code) == (409, "slug-taken")


def test_pages_of_a_studios_jobs_without_script(
    api: Api, ada: Account, studio: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "JOBS_A_PAGE", 1)
    jobs = [open_job(api, ada, studio, title=f"Painter {each}") for each in ("one", "two")]
    first = page(api, path_of(studio))
    [more] = first.all("a", rel="next")
    second = page(api, path_of(studio) + more.get("href"))
    assert [BASE + path_of(job) in each.answer.text for each in (first, second) for job in jobs] == [
        *(False, True),
        *(True, False),
    ]
    other = path_of(verified_studio(api, ada))
    assert page(api, other + more.get("href"), status=400).all("script") == []


def test_the_feed_of_new_jobs(api: Api, ada: Account, studio: str) -> None:
    assert atom_rules.faults(api.ask("GET", "/jobs/feed.atom").text) == []
    jobs = [open_job(api, ada, studio, title=title) for title in ("<b>One</b> & ]]>", "Two")]
    for job in jobs:
        run(job)
    answer = api.ask("GET", "/jobs/feed.atom?utm_source=x")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert atom_rules.faults(answer.text) == []
    found = feedparser.parse(answer.text)
    newest = found.entries[:2]
    assert [entry.link for entry in newest] == [BASE + path_of(job) for job in jobs[::-1]]
    assert newest[0].title == f"Two at {studio.rpartition('/')[2]}"
    assert newest[0].id == f"tag:cara.test,2026:{path_of(jobs[1])[1:]}"
    assert "EUR 42,000.00 to 55,000.00 a year" in newest[0].summary
    api.ask("POST", f"{jobs[1]}/close", by=ada)
    run(jobs[1])
    assert path_of(jobs[1]) not in api.ask("GET", "/jobs/feed.atom").text


def sitemap(api: Api) -> set[str]:
    """Return all pages of the sitemap of jobs."""
    parts = locations(api, "/jobs/sitemap.xml")
    assert all(part.startswith(f"{BASE}/jobs/sitemap.xml?day=") for part in parts)
    return {url for part in parts for url in locations(api, part.removeprefix(BASE))}


def test_the_sitemap_of_jobs_names_those_that_are_open(api: Api, ada: Account, studio: str) -> None:
    job, draft = open_job(api, ada, studio), make_job(api, ada, studio, publish="draft")
    for _ in range(2):
        run(job)
    run(draft)
    found = sitemap(api)
    assert BASE + path_of(job) in found
    assert BASE + path_of(draft) not in found
    api.ask("POST", f"{job}/close", by=ada)
    run(job)
    assert BASE + path_of(job) not in sitemap(api)
    for query in ("day=2020-01-01&shard=0", "day=2026-11-26&shard=9"):
        assert api.ask("GET", f"/jobs/sitemap.xml?{query}").status == 404


def test_days_on_which_no_open_job_can_have_been_opened_are_no_part(api: Api, ada: Account, studio: str) -> None:
    run(open_job(api, ada, studio))
    later = clock.now() + timedelta(days=91)
    aged = replace(composition.job_sitemap(), now=lambda: later)
    assert composition.job_sitemap().parts()
    assert aged.parts() == []


# ---------------------------------------------------------------------- the rules themselves


def test_the_rules_find_faults(api: Api, ada: Account, studio: str) -> None:
    told = job_page(api, open_job(api, ada, studio)).data
    assert vocabulary.faults({**told, "salary": 1}) == ["it: JobPosting has no salary"]
    assert vocabulary.faults({**told, "directApply": "yes"}) == ["it.directApply: is no Boolean"]
    assert vocabulary.faults({**told, "hiringOrganization": {"@type": "Studio"}})
    assert vocabulary.faults({**told, "jobLocation": [{"@type": "Organization", "name": "x"}]})
    assert vocabulary.faults({**told, "validThrough": "soon"})
    broken: list[dict[str, Any]] = [
        {"title": "PAINTER!!! 2026"},
        {"title": ""},
        {"description": "All on one line"},
        {"validThrough": told["datePosted"]},
        {"jobLocation": []},
        {"jobLocationType": "REMOTE"},
        {"employmentType": "full_time"},
        {"baseSalary": {**told["baseSalary"], "value": {"value": 1, "unitText": "PROJECT"}}},
        {"baseSalary": {**told["baseSalary"], "value": {"minValue": 1, "unitText": "YEAR"}}},
        {"hiringOrganization": {"@type": "Organization"}},
    ]
    assert [each for each in broken if not job_posting_rules.faults({**told, **each})] == []
