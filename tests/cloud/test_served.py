"""What a running platform tells machines of a picture, for each choice of its artist: no form says what another denies.

Everything is fetched as a stranger would, and read by tests/support/readers.py or by other people's programs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import datadiligence
import html5lib
import httpx
import pytest
import requests

from chalicelib.domain.noai import CHOICES, DataMining
from tests.support import readers
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess
from tests.support.readers import Said

AI_CRAWLER = "GPTBot"
SEARCH_ENGINE = "Googlebot"

WANTED: dict[DataMining, Said] = {
    "ai-training": Said(train=False),
    "all": Said(train=False, search=False),
    "all-but-search": Said(train=False, search=True),
    "allowed": Said(train=True, search=True),
}
"""What each choice means. Where it leaves search open, no form may refuse it either."""


@dataclass(frozen=True)
class Served:
    """A published picture as a stranger gets it."""

    choice: DataMining
    url: httpx.URL
    answer: httpx.Response
    record: str
    page: httpx.Response


@pytest.fixture(scope="module")
def served(platform: PlatformProcess) -> dict[DataMining, Served]:
    """A picture of each choice."""
    artist = Artist(platform)
    uploaded = {
        choice: artist.upload(picture(60 + n), data_mining=choice, confirm_ai_training=choice == "allowed")
        for n, choice in enumerate(CHOICES)
    }
    found = {}
    for choice, media_id in uploaded.items():
        post = artist.published(artist.post(media_id)["id"])
        page = httpx.get(f"{platform.base_url}/posts/{post['id']}", trust_env=False)
        assert page.status_code == 200
        record = httpx.get(f"{platform.base_url}/v1/media/{media_id}/protection", trust_env=False).json()
        [file] = [each for each in record["renditions"] if (each["format"], each["width"]) == ("jpeg", 320)]
        answer = httpx.get(file["url"], trust_env=False)
        assert answer.status_code == 200
        found[choice] = Served(choice, httpx.URL(file["url"]), answer, record["data_mining"], page)
    return found


@pytest.fixture(params=CHOICES)
def one(request: pytest.FixtureRequest, served: dict[DataMining, Served]) -> Served:
    """One of them."""
    return served[request.param]


def meta(page: httpx.Response, name: str) -> str | None:
    """Return what a page's head says under a name."""
    head = html5lib.parse(page.text, namespaceHTMLElements=False).find("head")
    return next((each.get("content") for each in head.iter("meta") if each.get("name") == name), None)


def test_a_page_says_in_its_head_what_its_headers_say(one: Served) -> None:
    assert meta(one.page, "robots") == one.page.headers["x-robots-tag"]
    for name in ("tdm-reservation", "tdm-policy"):
        assert meta(one.page, name) == one.page.headers.get(name)
    assert one.page.headers["tdm-reservation"] == one.answer.headers["tdm-reservation"]
    assert one.page.headers["content-usage"] == one.answer.headers["content-usage"]
    assert str(one.url).rpartition("/")[0] in one.page.text, "it shows the very picture"


def said(one: Served, http: httpx.Client) -> Iterator[tuple[str, Said]]:
    """Return each form with what it says of a picture."""
    path, headers = one.url.path, one.answer.headers
    robots = http.get("/robots.txt").text
    yield "the file's plus:DataMining", readers.plus(one.answer.content)
    yield "the file's Content Credentials", readers.credentials(one.answer.content)
    yield "X-Robots-Tag", readers.x_robots_tag(headers.get("x-robots-tag"))
    yield "tdm-reservation", readers.tdm("[]", headers, path)[0]
    yield "tdmrep.json", readers.tdm(http.get("/.well-known/tdmrep.json").text, {}, path)[0]
    yield "Content-Usage", readers.content_usage(headers["content-usage"])
    for agent in (AI_CRAWLER, SEARCH_ENGINE):
        yield f"Content-Usage of robots.txt for {agent}", readers.robots_usage(robots, agent, path)
    yield "Content-Signal of robots.txt", readers.content_signal(robots, SEARCH_ENGINE, path)
    yield "robots.txt", Said(readers.may_fetch(robots, AI_CRAWLER, path))
    yield "ai.txt", Said(readers.may_fetch(http.get("/ai.txt").text, AI_CRAWLER, path))
    yield "license.xml", readers.rsl(http.get("/license.xml").text, path)
    yield "the edge", Said(http.get(path, headers={"User-Agent": f"{AI_CRAWLER}/1.2"}).status_code == 200)
    yield "datadiligence", Said(datadiligence.is_allowed(headers=dict(headers)))
    page = one.page.headers
    yield "the page's X-Robots-Tag", readers.x_robots_tag(page.get("x-robots-tag"))
    yield "the page's robots", readers.x_robots_tag(meta(one.page, "robots"))
    yield "the page's tdm-reservation", readers.tdm("[]", page, one.page.url.path)[0]
    yield "the page's Content-Usage", readers.content_usage(page["content-usage"])
    yield "the record", WANTED[one.record]  # type: ignore[index]  # no other is ever said


def test_no_form_contradicts_another(one: Served, http: httpx.Client) -> None:
    wanted = WANTED[one.choice]
    for form, each in said(one, http):
        assert each.train in {wanted.train, None}, form
        assert each.search in {wanted.search is not False, None}, form


def test_every_form_speaks(one: Served, http: httpx.Client) -> None:
    silent = {form for form, each in said(one, http) if each.train is None}
    # It has no word for what is allowed.
    robots = {"X-Robots-Tag", "the page's X-Robots-Tag", "the page's robots"}
    assert silent == (robots if one.choice == "allowed" else set())
    names_search = {form for form, each in said(one, http) if each.search is not None}
    assert {"Content-Signal of robots.txt", "license.xml"} <= names_search


def test_a_reserved_file_leads_to_its_terms(one: Served, http: httpx.Client) -> None:
    reserved, policy = readers.tdm(http.get("/.well-known/tdmrep.json").text, one.answer.headers, one.url.path)
    if one.choice == "allowed":
        assert policy is None
        assert "link" not in one.answer.headers
        return
    assert reserved.train is False
    assert policy is not None
    found = httpx.get(policy, trust_env=False)
    assert found.headers["content-type"] == "application/ld+json"
    assert readers.tdm_policy_faults(found.text, policy) == []
    address, _, relation = one.answer.headers["link"].partition(">")
    assert relation == '; rel="license"; type="application/rsl+xml"'
    licence = httpx.get(address.removeprefix("<"), trust_env=False)
    assert licence.headers["content-type"].startswith("application/rsl+xml")
    assert readers.rsl_faults(licence.text) == []


@pytest.mark.parametrize("agent", ["GPTBot/1.2", "CCBot/2.0", ""])
def test_whoever_is_turned_away_can_read_why(http: httpx.Client, agent: str) -> None:
    for path in ("/robots.txt", "/ai.txt", "/license.xml", "/.well-known/tdmrep.json", "/policies/tdm.json"):
        answer = http.get(path, headers={"User-Agent": agent})
        assert answer.status_code == 200, path
        assert "s-maxage" in answer.headers["cache-control"]
        known = {"User-Agent": agent, "If-None-Match": answer.headers["etag"]}
        assert http.get(path, headers=known).status_code == 304


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it never closes the file
def test_datadiligence_respects_it(one: Served, tmp_path: Path) -> None:
    allowed = one.choice == "allowed"
    url = str(one.url)
    assert datadiligence.is_allowed(url=url) == allowed
    assert datadiligence.is_allowed(response=requests.get(url, timeout=20)) == allowed
    file = tmp_path / "fetched.jpeg"
    file.write_bytes(one.answer.content)
    assert datadiligence.is_allowed(path=str(file)) == allowed
