"""The CDN's function: whom it turns away, whom it lets through, and where to."""

import json
import random
import re
from typing import Any, cast
from urllib.parse import unquote

import pytest

from chalicelib.domain.noai import PREFIXES, media_headers
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
    [
        "/robots.txt", "/ai.txt", "/.well-known/tdmrep.json", "/.well-known/security.txt", "/license.xml",
        "/policies/tdm.json",
    ],
)  # fmt: skip
def test_crawlers_may_read_what_they_are_to_obey(edge: Edge, uri: str) -> None:
    assert edge(uri, "GPTBot/1.2")["uri"] == uri


@pytest.mark.parametrize(
    "uri",
    ["/robots.txt/x", "/ai.txtx", "/x/robots.txt", "/.well-known/../v1/latest", "/open", "/open/../media/a/b.webp"],
)
def test_the_exemption_is_no_way_around(edge: Edge, uri: str) -> None:
    assert refused(edge(uri, "GPTBot/1.2"))


def test_crawlers_may_fetch_pictures_whose_artists_allow_it(edge: Edge) -> None:
    for prefix in PREFIXES:
        picture = PICTURE.replace("/media/", f"/{prefix}/")
        assert refused(edge(picture, "GPTBot/1.2")) == (prefix != "open"), prefix
        assert refused(edge(picture, None)), prefix
        assert refused(edge(picture, sec_fetch_site="cross-site", sec_fetch_dest="empty")), prefix


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
        "/media/a\\b", "/media//a.webp", "/media/..", "/v1/../held/x", "/a/%2e%2e", "/media/%2e%2E%2fheld/x",
    ],
)  # fmt: skip
def test_addresses_that_no_file_has_are_refused(edge: Edge, uri: str) -> None:
    assert refused(edge(uri))


@pytest.mark.parametrize(
    "uri",
    ["/v1/posts/..%2F..%2Fx", "/v1/%2e%2E%2fx", "/v1/a%2f..%2Fb", "/v1/a%2F.", "/v1/a/..%2fb", "/v1/a%2f%2e%2e/b"],
)
def test_an_encoded_slash_hides_no_api_call_from_the_firewall(edge: Edge, uri: str) -> None:
    # The rate rule of infra/edge.yaml decodes all of it, and would look for /v1/ in what is left.
    assert refused(edge(uri))


@pytest.mark.parametrize(
    "uri", ["/media/%", "/media/a%2", "/media/%%36D", "/media/%g1", "/v1/%u002e", "/v1/100%", "/%zz", "/robots.txt%"]
)
def test_what_is_encoded_wrongly_is_refused(edge: Edge, uri: str) -> None:
    # Decoding a part of %%36D would make %6D of it, which the next one decodes again.
    assert refused(edge(uri))


@pytest.mark.parametrize(
    "uri",
    [
        "/v1/tags/ac%2Fdc/posts", "/v1//x", "/v1/x/", "/media/a..b/c.webp", "/.well-known/x", "/v1/a%2F..b",
        "/v1/..a%2Fb", "/v1/%256D%252F%2525", "/v1/%C3%A4~%20!$&'()*+,;=:@",
    ],
)  # fmt: skip
def test_odd_but_good_addresses_are_left_alone(edge: Edge, uri: str) -> None:
    assert edge(uri)["uri"] == uri


@pytest.mark.parametrize(
    ("uri", "one"),
    [
        ("/%6Dedia/01/a.webp", "/media/01/a.webp"), ("/medi%61/0%31/%61%2Ewebp", "/media/01/a.webp"),
        ("/held/%7e%5F%2d%5a", "/held/~_-Z"), ("/v%31/l%61test", "/v1/latest"), ("/v1/x%2Fy%c3%a4", "/v1/x%2Fy%C3%A4"),
        ("/v1/ac%2fdc", "/v1/ac%2Fdc"), ("/v1/a%2fb%41", "/v1/a%2FbA"), ("/v1/%25%36%44", "/v1/%256D"),
        ("/v1/%2536%2544", "/v1/%2536%2544"), ("/style%2Ecss", "/style.css"), ("/robots%2etxt", "/robots.txt"),
        ("/%64ocs", "/docs/index.html"), ("/a%40anna%2Db", "/a%40anna-b"),
    ],
)  # fmt: skip
def test_what_need_not_be_encoded_is_decoded_once(edge: Edge, uri: str, one: str) -> None:
    assert edge(uri)["uri"] == one


def seen_by_the_firewall(uri: str) -> str:
    """Return the path as URL_DECODE and NORMALIZE_PATH leave it.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html
    """
    parts: list[str] = []
    for part in re.split("/+", unquote(uri, "latin-1").lstrip("/")):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/" + "/".join(parts)


def test_what_the_api_and_the_pictures_are_asked_for_is_counted(edge: Edge) -> None:
    chance = random.Random(11)
    pieces = ["/", "/", "%2f", ".", "..", "%2e", "%2E%2e", "\\", "%5C", "%25", "2f", "%00", "+", "a", "%61", "%"]
    starts = ["/v1/", "/media/", "/open/", "/%76%31/", "/medi%61/", "//v1/", "/x/../media/", "/v1%2F", "/./v1/"]
    reached = 0
    for _ in range(5000):
        uri = chance.choice(starts) + "".join(chance.choices(pieces, k=chance.randint(0, 7)))
        goes_on = edge(uri).get("uri", "")
        for prefix in ("/v1/", "/media/", "/open/"):
            if goes_on.startswith(prefix):
                reached += 1
                assert seen_by_the_firewall(uri).startswith(prefix), uri
    assert reached > 500


def spelling(path: str, chance: random.Random) -> str:
    """Return another spelling of a canonical path: anything but slashes may come encoded, in capitals or not."""

    def written(found: re.Match[str]) -> str:
        text = found[0]
        if len(text) == 1 and chance.random() < 0.5:
            return text
        code = text if len(text) == 3 else f"%{ord(text):02X}"
        return "".join(chance.choice([each.upper(), each.lower()]) for each in code)

    return re.sub(r"%[0-9A-F]{2}|[A-Za-z0-9._~-]", written, path)


@pytest.mark.parametrize(
    "path",
    [
        PICTURE, "/held/01JABCDEFGHJKMNPQRSTVWXYZ0/master_1-2~3.avif", "/v1/latest", "/v1/tags/ac%2Fdc%20%C3%A4/posts",
        "/v1/%256D%2525%252F/x", "/license.xml", "/style.css", "/@anna",
    ],
)  # fmt: skip
def test_all_spellings_of_an_address_are_one(edge: Edge, path: str) -> None:
    chance = random.Random(path)
    spellings = {spelling(path, chance) for _ in range(200)}
    assert len(spellings) > 100 or len(path) < 12
    assert {edge(each).get("uri") for each in spellings} == {path} == {edge(path)["uri"]}


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
        ("/%40anna%2Db", "/@anna-b"), ("//%40anna/feed.atom", "/@anna/feed.atom"),
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
