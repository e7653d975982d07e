"""The CDN's function: whom it turns away, whom it lets through, and where to."""

import json
import re
from typing import Any, cast

import pytest

from chalicelib.domain.noai import media_headers
from tests.deploy.edge_clients import CRAWLERS, WELCOME
from tests.deploy.edge_run import BASE_URL, PICTURE, Edge, pairs, refused
from tools import edge_agents
from tools.localcloud.messages import problem


@pytest.fixture(scope="module")
def edge() -> Edge:
    return Edge(pairs())


@pytest.mark.parametrize("agent", CRAWLERS)
@pytest.mark.parametrize("uri", [PICTURE, "/", "/v1/latest"])
def test_crawlers_are_turned_away(edge: Edge, agent: str, uri: str) -> None:
    assert refused(edge(uri, agent))


@pytest.mark.parametrize("agent", WELCOME)
@pytest.mark.parametrize("uri", [PICTURE, "/style.css", "/v1/latest"])
def test_everybody_else_is_let_through_unchanged(edge: Edge, agent: str, uri: str) -> None:
    answer = edge(uri, agent)
    assert "statusCode" not in answer
    assert answer["uri"] == uri
    assert answer["headers"]["user-agent"] == {"value": agent}


def test_every_listed_crawler_is_turned_away_and_no_other(edge: Edge) -> None:
    for agent in edge_agents.read_agents():
        assert refused(edge(PICTURE, agent["token"])) is agent["block"], agent["token"]


@pytest.mark.parametrize("agent", [None, ""])
def test_a_client_without_a_name_gets_everything_but_pictures(edge: Edge, agent: str | None) -> None:
    assert refused(edge(PICTURE, agent))
    assert not refused(edge("/v1/health", agent))
    assert not refused(edge("/", agent))


@pytest.mark.parametrize(
    "uri",
    ["/robots.txt", "/.well-known/tdmrep.json", "/.well-known/security.txt", "/license.xml", "/policies/tdm.json"],
)
def test_crawlers_may_read_what_they_are_to_obey(edge: Edge, uri: str) -> None:
    assert edge(uri, "GPTBot/1.2")["uri"] == uri


@pytest.mark.parametrize("uri", ["/robots.txt/x", "/x/robots.txt", "/.well-known/../v1/latest", "/well-known/x"])
def test_the_exemption_is_no_way_around(edge: Edge, uri: str) -> None:
    assert refused(edge(uri, "GPTBot/1.2"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin", "sec_fetch_dest": "empty"},
        {"sec_fetch_site": "same-site", "sec_fetch_dest": "empty"},
        {"sec_fetch_site": "none", "sec_fetch_dest": "document"},
        {"sec_fetch_site": "cross-site", "sec_fetch_dest": "image", "referer": "https://feedly.com/"},
        {"sec_fetch_site": "cross-site", "sec_fetch_dest": "document", "referer": "https://www.google.com/"},
        {"referer": "https://cara.example/@anna"},
        {"referer": "https://blog.example/about-anna"},
        {"referer": "about:blank"},
    ],
)
def test_pictures_may_be_shown_anywhere(edge: Edge, headers: dict[str, Any]) -> None:
    assert not refused(edge(PICTURE, **headers))


@pytest.mark.parametrize("uri", ["/%6dedia/a.webp", "/%6D%45dia/../a", "/medi%61/a.webp"])
def test_an_encoded_letter_is_no_way_around(edge: Edge, uri: str) -> None:
    assert refused(edge(uri, None))
    assert refused(edge(uri, sec_fetch_site="cross-site", sec_fetch_dest="empty"))


@pytest.mark.parametrize("destination", ["empty", "iframe", "frame", "object", "embed", "script", "worker", ""])
def test_other_sites_may_not_collect_pictures_in_a_browser(edge: Edge, destination: str) -> None:
    assert refused(edge(PICTURE, sec_fetch_site="cross-site", sec_fetch_dest=destination))
    assert not refused(edge("/v1/latest", sec_fetch_site="cross-site", sec_fetch_dest=destination))


@pytest.mark.parametrize(
    "referer",
    [
        "https://leech.example/gallery",
        "http://LEECH.example",
        "https://leech.example:8443/?a",
        "https://leech.example#x",
    ],
)
def test_a_site_in_the_store_may_not_show_pictures(referer: str) -> None:
    edge = Edge({**pairs(), "referer:leech.example": "2026-11-22, sold prints"})
    assert refused(edge(PICTURE, referer=referer))
    assert not refused(edge("/", referer=referer))
    assert not refused(edge(PICTURE, referer="https://notleech.example/"))


@pytest.mark.parametrize(
    "uri",
    [
        "/media/../held/x.webp", "/media/./x", "/media/%2e%2e/held/x", "/media/%2E./x", "/media/a%2fb", "/media/a%5Cb",
        "/media/a\\b", "/media//a.webp", "/media/..", "/v1/../held/x", "/a/%2e%2e",
    ],
)  # fmt: skip
def test_addresses_that_no_file_has_are_refused(edge: Edge, uri: str) -> None:
    assert refused(edge(uri))


@pytest.mark.parametrize(
    "uri",
    [
        "/v1/tags/ac%2Fdc/posts", "/v1//x", "/v1/x/", "/media/a..b/c.webp", "/.well-known/x", "/v%31/x/",
        "/%40anna%2Db",
    ],
)  # fmt: skip
def test_odd_but_good_addresses_are_left_alone(edge: Edge, uri: str) -> None:
    assert edge(uri)["uri"] == uri


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("/", "/index.html"), ("/docs", "/docs/index.html"), ("/docs/", "/docs/index.html"),
        ("/docs/docs.js", "/docs/docs.js"), ("/index.html", "/index.html"), ("/@anna", "/@anna"), ("/media", "/media"),
    ],
)  # fmt: skip
def test_pages_are_found(edge: Edge, uri: str, file: str) -> None:
    assert edge(uri)["uri"] == file


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("/@anna/", "/@anna"), ("//", "/"), ("//evil.example", "/evil.example"), ("//evil.example//", "/evil.example"),
        ("/docs//", "/docs/"), ("/posts//x", "/posts/x"), ("//media/x", "/media/x"),
    ],
)  # fmt: skip
def test_other_spellings_lead_to_the_canonical_address(edge: Edge, uri: str, canonical: str) -> None:
    answer = edge(uri)
    assert (answer["statusCode"], answer["headers"]["location"]["value"]) == (301, canonical)
    assert not re.match("//|https?:", canonical)


def test_a_redirect_keeps_the_query(edge: Edge) -> None:
    assert edge("/x/", query="a=1&flag&a=%262")["headers"]["location"]["value"] == "/x?a=1&a=%262&flag"


@pytest.mark.parametrize("uri", [PICTURE, "/v1/me", "/", "/robots.txt"])
def test_cookies_reach_no_origin(edge: Edge, uri: str) -> None:
    assert edge(uri, cookie="session=secret; theme=dark")["cookies"] == {}


def test_a_refusal_carries_the_headers_of_the_media_files(edge: Edge) -> None:
    answer = edge(PICTURE, "GPTBot/1.2")
    headers = {name: each["value"] for name, each in answer["headers"].items()}
    wanted = {name.lower(): value for name, value in media_headers(BASE_URL).items()}
    assert {name: headers.get(name) for name in wanted} == wanted
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    local = problem(BASE_URL, 403, "forbidden")
    told = json.loads(answer["body"]["data"])
    same = json.loads(cast("bytes", local.body))
    assert told.keys() == same.keys()
    assert [told[name] for name in ("type", "title", "status")] == [same[name] for name in ("type", "title", "status")]
    assert told["request_id"] == "request-1"
    assert headers["content-type"] == dict(local.headers)["Content-Type"]


def test_a_store_that_does_not_answer_lets_everybody_in() -> None:
    edge = Edge(None)
    assert not refused(edge(PICTURE, "GPTBot/1.2"))
    headers = edge("/media/a//b")["headers"]
    assert headers["tdm-policy"]["value"] == "https://cara.example/policies/tdm.json"


def test_an_ordinary_visit_costs_few_reads(edge: Edge) -> None:
    for agent in WELCOME[:9]:
        edge(PICTURE, agent)
        assert edge.reads <= 3, agent
    edge(PICTURE, " ".join(f"word{number}" for number in range(500)))
    assert edge.reads <= 17


@pytest.mark.parametrize("agent", ["(" * 5000, "a" * 8000, "é" * 300, "constructor", "__proto__ x"])
def test_strange_names_do_no_harm(edge: Edge, agent: str) -> None:
    assert not refused(edge(PICTURE, agent))
