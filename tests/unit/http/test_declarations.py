"""What the origin says of itself to machines, as other people's readers and the specifications understand it."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.domain.noai import CHOICES, DEFAULT, PREFIXES, RESERVATIONS, prefix
from chalicelib.pages.robots import crawlers
from tests.support import readers
from tests.unit.http.api import Api
from tools.edge_agents import read_agents
from tools.localcloud.config import ROOT

BASE = "https://cara.test"
POLICY = f"{BASE}/policies/tdm.json"

TYPES = {
    "/robots.txt": "text/plain; charset=utf-8",
    "/ai.txt": "text/plain; charset=utf-8",
    "/license.xml": "application/rsl+xml; charset=utf-8",
    "/.well-known/tdmrep.json": "application/json",
    "/policies/tdm.json": "application/ld+json",
}


@pytest.mark.parametrize(("path", "kind"), list(TYPES.items()))
def test_each_is_public_and_kept_by_caches(api: Api, path: str, kind: str) -> None:
    answer = api.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == "public, max-age=3600, s-maxage=3600"
    again = api.ask("GET", path, if_none_match=answer.headers["etag"])
    assert (again.status, again.text) == (304, "")
    assert ".test/" in answer.text or "@cara.test" in answer.text


# ---------------------------------------------------------------------- robots.txt

PATHS = ("/", "/media/a/b.webp", "/unindexed/a/b.webp", "/open/a/b.webp", "/opening", "/posts/1", "/v1/posts/1", *TYPES)
SEARCH_AND_PREVIEWS = (
    "Applebot", "archive.org_bot", "bingbot", "Bravebot", "curl", "DuckDuckBot", "facebookexternalhit", "Feedly",
    "Googlebot", "Googlebot-Image", "kagibot", "Mastodon", "Mozilla", "PetalBot", "Slackbot-LinkExpanding",
    "Twitterbot", "WhatsApp",
)  # fmt: skip


@pytest.fixture
def robots(api: Api) -> str:
    return api.ask("GET", "/robots.txt").text


def test_crawlers_for_ai_may_fetch_the_terms_and_what_is_allowed_them(robots: str) -> None:
    allowed = {"/open/a/b.webp", *TYPES}
    for agent in crawlers():
        assert {path for path in PATHS if readers.may_fetch(robots, agent, path)} == allowed, agent


@pytest.mark.parametrize("agent", SEARCH_AND_PREVIEWS)
def test_others_may_fetch_everything(robots: str, agent: str) -> None:
    assert all(readers.may_fetch(robots, agent, path) for path in PATHS)


def test_the_edge_turns_away_whom_robots_txt_does(robots: str) -> None:
    for agent in read_agents():
        if agent["match"] == "word":
            named = agent["block"] or agent["purpose"] == "robots-only"
            assert readers.may_fetch(robots, agent["token"], "/media/a/b.webp") != named, agent["token"]


def test_robots_txt_says_how_what_is_fetched_may_be_used(robots: str) -> None:
    assert "Content-Signal: search=yes, ai-input=no, ai-train=no" in robots.splitlines()
    assert "Content-Usage: train-ai=n" in robots.splitlines()
    assert f"License: {BASE}/license.xml" in robots.splitlines()
    for path in ("/sitemap.xml", "/jobs/sitemap.xml"):
        assert f"Sitemap: {BASE}{path}" in robots.splitlines()


# ---------------------------------------------------------------------- TDM, RSL


def test_the_tdm_file_and_its_policy(api: Api) -> None:
    entries = api.ask("GET", "/.well-known/tdmrep.json").json
    assert entries == [
        {"location": "/open/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": 1, "tdm-policy": POLICY},
    ]
    policy = api.ask("GET", "/policies/tdm.json").text
    assert readers.tdm_policy_faults(policy, POLICY) == []
    assert json.loads(policy)["assigner"]["vcard:hasEmail"] == "mailto:rights@cara.test"


def test_the_policy_reader_finds_faults(api: Api) -> None:
    policy = api.ask("GET", "/policies/tdm.json").json
    assert readers.tdm_policy_faults(json.dumps(policy | {"profile": "x"}), POLICY) == ["profile"]
    assert readers.tdm_policy_faults(json.dumps(policy | {"assigner": {}}), POLICY) == ["assigner", "contact"]


def test_the_licence_has_the_specifications_structure(api: Api) -> None:
    text = api.ask("GET", "/license.xml").text
    assert readers.rsl_faults(text) == []
    assert readers.rsl_faults(text.replace("ai-all", "everything")) == ["everything is no usage"]
    assert readers.rsl_faults(text.replace('url="/open/"', 'url="/"')) == ["urls must be there, each of its own"]


# ---------------------------------------------------------------------- one truth


def test_every_choice_has_its_path() -> None:
    assert {choice: prefix(choice) for choice in CHOICES} == {
        "ai-training": "media",
        "all": "unindexed",
        "all-but-search": "media",
        "allowed": "open",
    }
    assert all(prefix(choice) == name for name, choice in PREFIXES.items())


class Metas(HTMLParser):
    """Collects a page's meta tags."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name"):
            self.found[str(given["name"])] = str(given.get("content"))


def pages() -> list[Path]:
    return sorted((ROOT / "web").rglob("*.html"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.parent.name)
def test_pages_say_it_too(page: Path) -> None:
    metas = Metas(page).found
    assert metas["robots"] == RESERVATIONS[DEFAULT].robots
    assert metas["tdm-reservation"] == RESERVATIONS[DEFAULT].tdm_reservation
    assert metas["tdm-policy"] == "/policies/tdm.json"
