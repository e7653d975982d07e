"""The CDN edge: its function run by a JavaScript engine, its store of crawlers, and what its template promises."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import quickjs
from cfnlint.decode.cfn_yaml import loads

from chalicelib.domain.noai import media_headers
from tools import edge_agents
from tools.localcloud.environment import Credentials
from tools.localcloud.media import MediaCdn
from tools.localcloud.messages import Request, problem

ROOT = Path(__file__).resolve().parent.parent.parent
BASE_URL = "https://cara.example"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IMG2DATASET = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:72.0) Gecko/20100101 Firefox/72.0"
PICTURE = "/media/01JABCDEFGHJKMNPQRSTVWXYZ0/0123456789abcdef0123456789abcdef.webp"

# ---------------------------------------------------------------- the function

_HARNESS = """
var failing = false, reads = 0, out;
const cf = {kvs: function () { return {
    exists: async function (key) {
        reads++;
        if (failing) { throw new Error('InternalError'); }
        if (key.length > 512) { throw new Error('KeyTooLong'); }
        return Object.prototype.hasOwnProperty.call(pairs, key);
    },
    get: async function (key) {
        reads++;
        if (failing || !Object.prototype.hasOwnProperty.call(pairs, key)) { throw new Error('KeyNotFound'); }
        return pairs[key];
    },
}; }};
function start(event) {
    reads = 0;
    out = undefined;
    handler(JSON.parse(event)).then(
        answer => { out = JSON.stringify({answer: answer, reads: reads}); },
        error => { out = JSON.stringify({error: String(error)}); });
}
"""


class EdgeFunction:
    """The function as CloudFront would run it, with a store of its own."""

    def __init__(self, pairs: Mapping[str, str], *, failing: bool = False) -> None:
        first, rest = edge_agents.FUNCTION.read_text(encoding="utf-8").split("\n", 1)
        assert first == "import cf from 'cloudfront';"
        self._context = quickjs.Context()
        self._context.eval(f"const pairs = {json.dumps(pairs)};{_HARNESS}failing = {json.dumps(failing)};{rest}")
        self._start = self._context.get("start")
        self.reads = 0

    def __call__(
        self,
        uri: str = PICTURE,
        agent: str | None = FIREFOX,
        *,
        query: Mapping[str, Any] | None = None,
        cookies: Mapping[str, str] | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """Return what it makes of a request; `headers` are named with _ for -."""
        sent = {"host": "cara.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if agent is not None:
            sent["user-agent"] = agent
        event = {
            "version": "1.0",
            "context": {"eventType": "viewer-request", "requestId": "request-1"},
            "viewer": {"ip": "192.0.2.1"},
            "request": {
                "method": "GET",
                "uri": uri,
                "querystring": query or {},
                "headers": {name: {"value": value} for name, value in sent.items()},
                "cookies": {name: {"value": value} for name, value in (cookies or {}).items()},
            },
        }
        self._start(json.dumps(event))
        while self._context.execute_pending_job():
            pass
        out = json.loads(cast("str", self._context.get("out")))
        assert "error" not in out, out
        self.reads = out["reads"]
        return cast("dict[str, Any]", out["answer"])


def pairs() -> dict[str, str]:
    return edge_agents.store(edge_agents.read_agents(), BASE_URL)


@pytest.fixture(scope="module")
def edge() -> EdgeFunction:
    return EdgeFunction(pairs())


def refused(answer: Mapping[str, Any]) -> bool:
    return answer.get("statusCode") == 403


CRAWLERS = [
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
    "anthropic-ai",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    (
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 "
        "(compatible; Bytespider; spider-feedback@bytedance.com)"
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; "
        "+https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36"
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; "
        "+https://perplexity.ai/perplexitybot)"
    ),
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "meta-externalfetcher/1.1",
    "Mozilla/5.0 (compatible; FacebookBot/1.0; +https://developers.facebook.com/docs/sharing/webmasters/facebookbot/)",
    "Mozilla/5.0 (compatible; GoogleOther)",
    "GoogleOther-Image/1.0",
    "DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)",
    "Mozilla/5.0 (compatible; Diffbot/0.1; +http://www.diffbot.com)",
    "Mozilla/5.0 (compatible; ImagesiftBot; +imagesift.com)",
    "omgili/0.5 +http://omgili.com",
    "Mozilla/5.0 (compatible; AI2Bot/1.0; +https://allenai.org/crawler)",
    "Mozilla/5.0 (compatible; Ai2Bot-Dolma; +https://www.allenai.org/crawler)",
    "cohere-ai",
    "Timpibot/0.8 (+http://www.timpi.io)",
    "Mozilla/5.0 (compatible; YouBot/1.0; +https://about.you.com/youbot/)",
    "Scrapy/2.11.2 (+https://scrapy.org)",
    "LAIONDownloader/0.1",
    IMG2DATASET,
    f"{IMG2DATASET} (compatible; my-project; +https://github.com/rom1504/img2dataset)",
    "GPTBOT",
    "gptbot",
    "CLAUDEBOT/1.0",
    IMG2DATASET.upper(),
]

WELCOME = [
    FIREFOX,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:72.0) Gecko/20100101 Firefox/72.0",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:73.0) Gecko/20100101 Firefox/73.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
        "Safari/537.36 Edg/142.0.0.0"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
        "Safari/605.1.15"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
        "Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
        "Safari/537.36"
    ),
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Opera/9.80 (Windows NT 6.0) Presto/2.12.388 Version/12.14",
    "Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.8.6",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.105.1 "
        "Chrome/138.0.0.0 Electron/37.2.3 Safari/537.36"
    ),
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot-Image/1.0",
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) "
        "Chrome/116.0.1938.76 Safari/537.36"
    ),
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 "
        "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"
    ),
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
        "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
    ),
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mastodon/4.5.0 (http.rb/5.3.1; +https://mastodon.social/) Bot",
    "http.rb/5.1.1 (Mastodon/4.2.10; +https://mastodon.art/)",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Pinterestbot/1.0; (+http://www.pinterest.com/bot.html)",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; like FeedFetcher-Google)",
    "Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)",
    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "Tiny Tiny RSS/24.06 (https://tt-rss.org/)",
    "curl/8.11.0",
    "Wget/1.25.0",
    "python-requests/2.32.3",
]


@pytest.mark.parametrize("agent", CRAWLERS)
@pytest.mark.parametrize("uri", [PICTURE, "/", "/v1/latest"])
def test_crawlers_are_turned_away(edge: EdgeFunction, agent: str, uri: str) -> None:
    assert refused(edge(uri, agent))


@pytest.mark.parametrize("agent", WELCOME)
@pytest.mark.parametrize("uri", [PICTURE, "/style.css", "/v1/latest"])
def test_everybody_else_is_let_through_unchanged(edge: EdgeFunction, agent: str, uri: str) -> None:
    answer = edge(uri, agent)
    assert "statusCode" not in answer
    assert answer["uri"] == uri
    assert answer["headers"]["user-agent"] == {"value": agent}


def test_every_listed_crawler_is_turned_away_and_no_other(edge: EdgeFunction) -> None:
    for agent in edge_agents.read_agents():
        assert refused(edge(PICTURE, agent["token"])) is agent["block"], agent["token"]


@pytest.mark.parametrize("agent", [None, ""])
def test_a_client_without_a_name_gets_everything_but_pictures(edge: EdgeFunction, agent: str | None) -> None:
    assert refused(edge(PICTURE, agent))
    assert not refused(edge("/v1/health", agent))
    assert not refused(edge("/", agent))


@pytest.mark.parametrize(
    "uri",
    ["/robots.txt", "/.well-known/tdmrep.json", "/.well-known/security.txt", "/license.xml", "/policies/tdm.json"],
)
def test_crawlers_may_read_what_they_are_to_obey(edge: EdgeFunction, uri: str) -> None:
    assert edge(uri, "GPTBot/1.2")["uri"] == uri


@pytest.mark.parametrize("uri", ["/robots.txt/x", "/x/robots.txt", "/.well-known/../v1/latest", "/well-known/x"])
def test_the_exemption_is_no_way_around(edge: EdgeFunction, uri: str) -> None:
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
def test_pictures_may_be_shown_anywhere(edge: EdgeFunction, headers: dict[str, Any]) -> None:
    assert not refused(edge(PICTURE, **headers))


@pytest.mark.parametrize("destination", ["empty", "iframe", "frame", "object", "embed", "script", "worker", ""])
def test_other_sites_may_not_collect_pictures_in_a_browser(edge: EdgeFunction, destination: str) -> None:
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
    edge = EdgeFunction({**pairs(), "referer:leech.example": "2026-11-22, sold prints"})
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
def test_addresses_that_no_file_has_are_refused(edge: EdgeFunction, uri: str) -> None:
    assert refused(edge(uri))


@pytest.mark.parametrize("uri", ["/v1/tags/ac%2Fdc/posts", "/v1//x", "/v1/x/", "/media/a..b/c.webp", "/.well-known/x"])
def test_odd_but_good_addresses_are_left_alone(edge: EdgeFunction, uri: str) -> None:
    assert edge(uri)["uri"] == uri


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("/", "/index.html"), ("/docs", "/docs/index.html"), ("/docs/", "/docs/index.html"),
        ("/docs/docs.js", "/docs/docs.js"), ("/index.html", "/index.html"), ("/@anna", "/@anna"), ("/media", "/media"),
    ],
)  # fmt: skip
def test_pages_are_found(edge: EdgeFunction, uri: str, file: str) -> None:
    assert edge(uri)["uri"] == file


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("/@anna/", "/@anna"), ("//", "/"), ("//evil.example", "/evil.example"), ("//evil.example//", "/evil.example"),
        ("/docs//", "/docs/"), ("/posts//x", "/posts/x"), ("//media/x", "/media/x"),
    ],
)  # fmt: skip
def test_other_spellings_lead_to_the_canonical_address(edge: EdgeFunction, uri: str, canonical: str) -> None:
    answer = edge(uri)
    assert (answer["statusCode"], answer["headers"]["location"]["value"]) == (301, canonical)
    assert not re.match("//|https?:", canonical)


def test_a_redirect_keeps_the_query(edge: EdgeFunction) -> None:
    query = {
        "a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "%262"}]},
        "flag": {"value": ""},
    }
    assert edge("/x/", query=query)["headers"]["location"]["value"] == "/x?a=1&a=%262&flag"


@pytest.mark.parametrize("uri", [PICTURE, "/v1/me", "/", "/robots.txt"])
def test_cookies_reach_no_origin(edge: EdgeFunction, uri: str) -> None:
    assert edge(uri, cookies={"session": "secret"})["cookies"] == {}


def test_a_refusal_carries_the_headers_of_the_media_files(edge: EdgeFunction) -> None:
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
    edge = EdgeFunction({}, failing=True)
    assert not refused(edge(PICTURE, "GPTBot/1.2"))
    headers = edge("/media/a//b")["headers"]
    assert headers["tdm-policy"]["value"] == "https://cara.example/policies/tdm.json"


def test_an_ordinary_visit_costs_few_reads(edge: EdgeFunction) -> None:
    for agent in WELCOME[:9]:
        edge(PICTURE, agent)
        assert edge.reads <= 3, agent
    edge(PICTURE, " ".join(f"word{number}" for number in range(500)))
    assert edge.reads <= 17


@pytest.mark.parametrize("agent", ["(" * 5000, "a" * 8000, "é" * 300, "constructor", "__proto__ x"])
def test_strange_names_do_no_harm(edge: EdgeFunction, agent: str) -> None:
    assert not refused(edge(PICTURE, agent))


# ---------------------------------------------------------------- what cloudfront-js-2.0 runs


def code_alone() -> str:
    """Return the function without comments and the inside of its strings."""
    text = re.sub(r"^\s*//.*$", "", edge_agents.FUNCTION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.sub(r"'(?:[^'\\\n]|\\.)*'", "''", text)


def test_the_function_is_within_the_quota() -> None:
    assert edge_agents.FUNCTION.stat().st_size <= 10 * 1024


@pytest.mark.parametrize(
    "construct",
    [
        r"\beval\b", r"\bnew Function\b", r"\bset(?:Timeout|Interval|Immediate)\b", r"\bclearTimeout\b", r"\bfetch\b",
        r"\bXMLHttpRequest\b", r"\bWebSocket\b", r"\brequire\b", r"\bimport\s*\(", r"\bprocess\b", r"\bexport\b",
        # Known to ES 2015 and later, not to this runtime.
        r"\bclass\b", r"\bof\b", r"\byield\b", r"function\s*\*", r"\.\.\.", r"\?\.", r"\?\?",
        r"\b(?:const|let|var)\s*[\[{]",
        r"\basync\s*\(", r"\basync\s+\w+\s*=>", r"=\s*async\b", r"\bSet\b", r"\bProxy\b",
        # They take more memory than there may be, says the documentation of the store.
        r"\bPromise\b", r"\.then\b",
        # Takes longer than the function may.
        r"\.split\(/",
    ],
)  # fmt: skip
def test_the_function_uses_what_the_runtime_has(construct: str) -> None:
    assert not re.search(construct, code_alone())


def test_the_only_import_is_the_first_line() -> None:
    assert re.findall(r"\bimport\b.*", code_alone()) == ["import cf from '';"]
    assert edge_agents.FUNCTION.read_text(encoding="utf-8").startswith("import cf from 'cloudfront';\n")


def test_no_blocked_word_is_one_the_function_skips() -> None:
    text = edge_agents.FUNCTION.read_text(encoding="utf-8")
    skipped = set(re.sub("[^a-z0-9_ ]", "", text.split("BROWSER_WORDS = {};", 1)[1].split(".split(", 1)[0]).split())
    assert {"mozilla", "https"} <= skipped
    blocked = {each["token"].lower() for each in edge_agents.read_agents() if each["block"]}
    assert not blocked & (skipped | edge_agents.TOO_COMMON)


# ---------------------------------------------------------------- the store


def test_the_store_holds_the_blocked_crawlers_and_nothing_else() -> None:
    expected = {
        {"word": "agent:", "exact": "exact:"}[each["match"]] + each["token"].lower(): each["purpose"]
        for each in json.loads(edge_agents.AGENTS.read_text(encoding="utf-8"))
        if each["block"]
    }
    assert pairs() == {**expected, "config:base-url": BASE_URL}
    assert f"exact:{IMG2DATASET.lower()}" in expected


def test_the_store_has_the_form_and_the_size_that_cloudfront_imports(capsys: pytest.CaptureFixture[str]) -> None:
    assert edge_agents.main(["--base-url", f"{BASE_URL}/"]) == 0
    printed = capsys.readouterr().out
    imported = json.loads(printed)
    assert list(imported) == ["data"]
    assert {each["key"]: each["value"] for each in imported["data"]} == pairs()
    assert all(list(each) == ["key", "value"] for each in imported["data"])
    assert all(len(each["key"].encode()) <= 512 and len(each["value"].encode()) <= 1024 for each in imported["data"])
    assert len(printed.encode()) <= 5 * 1024 * 1024


def test_the_list_has_its_form() -> None:
    assert edge_agents.main(["--check"]) == 0


GOOD = {
    "token": "SomeBot", "match": "word", "operator": "Some", "purpose": "training", "does": "Trains.", "block": True,
    "source": "https://some.example",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"token": "Code"}, "ordinary clients"),
        ({"token": "Spider"}, "ordinary clients"),
        ({"token": "Operator"}, "ordinary clients"),
        ({"token": "facebookexternalhit"}, "ordinary clients"),
        ({"token": "Kangaroo Bot"}, "no single word"),
        ({"token": "x" * 65}, "no single word"),
        ({"match": "prefix"}, "word or exact"),
        ({"purpose": "fun"}, "purpose must be"),
        ({"purpose": "search"}, "what is blocked"),
        ({"block": False}, "what is blocked"),
        ({"block": "yes"}, "must have"),
        ({"note": "x"}, "must have"),
        ({"source": "hearsay"}, "https address"),
        ({"does": " "}, "what it does"),
    ],
)
def test_a_fault_in_the_list_is_named(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    file = tmp_path / "agents.json"
    file.write_text(json.dumps([GOOD | change]), encoding="utf-8")
    with pytest.raises(edge_agents.EdgeError, match=fault):
        edge_agents.read_agents(file)


@pytest.mark.parametrize(
    ("text", "fault"), [("[", "not JSON"), ("{}", "not a list"), (json.dumps([GOOD, GOOD]), "stands twice")]
)
def test_a_broken_list_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "agents.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(edge_agents.EdgeError, match=fault):
        edge_agents.read_agents(file)


def test_what_the_store_cannot_hold_is_refused() -> None:
    with pytest.raises(edge_agents.EdgeError, match="too long"):
        edge_agents.store([GOOD | {"match": "exact", "token": "x" * 510}], BASE_URL)


# ---------------------------------------------------------------- the template


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return cast("dict[str, Any]", loads(edge_agents.template()))


@pytest.fixture(scope="module")
def distribution(template: dict[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", template["Resources"]["Distribution"]["Properties"]["DistributionConfig"])


def behaviours(distribution: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    listed = [each["Fn::If"][1] if "Fn::If" in each else each for each in distribution["CacheBehaviors"]]
    return {each["PathPattern"]: each for each in listed} | {"*": distribution["DefaultCacheBehavior"]}


def filled(value: Any) -> str:
    """Return a string of the template for the stage of the tests."""
    text = value["Fn::Sub"] if isinstance(value, dict) else value
    for name, replacement in {
        "PublicBaseUrl": BASE_URL, "BaseRegion": "eu-central-1", "OriginalsBucket": "originals",
        "AWS::URLSuffix": "aws",
    }.items():  # fmt: skip
        text = text.replace(f"${{{name}}}", replacement)
    assert "${" not in text
    return cast("str", text)


def headers_of(template: Mapping[str, Any], policy: str) -> dict[str, Any]:
    return cast("dict[str, Any]", template["Resources"][policy]["Properties"]["ResponseHeadersPolicyConfig"])


def custom(template: Mapping[str, Any], policy: str) -> dict[str, str]:
    return {
        each["Header"]: filled(each["Value"]) for each in headers_of(template, policy)["CustomHeadersConfig"]["Items"]
    }


def policies(template: Mapping[str, Any], kind: str) -> Iterator[str]:
    return (name for name, each in template["Resources"].items() if each["Type"] == f"AWS::CloudFront::{kind}")


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    rendered = tmp_path / "edge.yaml"
    rendered.write_text(edge_agents.template(), encoding="utf-8")
    # CloudFormation takes this much without a detour through S3.
    assert rendered.stat().st_size <= 51_200
    found = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), str(edge_agents.TEMPLATE), str(rendered)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (0, "")


def test_the_function_is_the_file(template: dict[str, Any]) -> None:
    function = template["Resources"]["ViewerRequest"]["Properties"]
    assert function["FunctionCode"] == edge_agents.FUNCTION.read_text(encoding="utf-8")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_every_parameter_and_output_is_described(template: dict[str, Any]) -> None:
    for name, each in {**template["Parameters"], **template["Outputs"]}.items():
        assert len(each.get("Description", "")) > 20, name


def test_every_name_is_the_stages(template: dict[str, Any]) -> None:
    names = re.findall(r'"(?:Name|BucketName)": \{"Fn::Sub": "([^"]+)"\}', json.dumps(template))
    assert len(names) >= 15
    assert all(name.startswith("cara-${Stage}") for name in names)


def test_paths_go_to_their_origins(distribution: dict[str, Any]) -> None:
    targets = {path: each["TargetOriginId"] for path, each in behaviours(distribution).items()}
    assert targets == {
        "/media/*": "derivatives", "/v1/*": "api", "/docs*": "web", "/held/*": "derivatives", "*": "web",
    }  # fmt: skip
    assert {each["Id"] for each in distribution["Origins"]} == set(targets.values())


def test_every_behaviour_has_the_function_the_headers_and_tls(distribution: dict[str, Any]) -> None:
    for path, each in behaviours(distribution).items():
        [function] = each["FunctionAssociations"]
        assert function["EventType"] == "viewer-request", path
        assert function["FunctionARN"] == {"Fn::GetAtt": ["ViewerRequest", "FunctionMetadata.FunctionARN"]}, path
        assert "Ref" in each["ResponseHeadersPolicyId"], path
        assert each["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}, path


def test_no_cookie_gets_into_a_cache_key_or_to_an_origin(
    template: dict[str, Any], distribution: dict[str, Any]
) -> None:
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    declared = set(policies(template, "CachePolicy"))
    for each in behaviours(distribution).values():
        assert each["CachePolicyId"] == caching_disabled or each["CachePolicyId"]["Ref"] in declared
    for name in declared:
        key = template["Resources"][name]["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["CookiesConfig"] == {"CookieBehavior": "none"}, name
    for name in policies(template, "OriginRequestPolicy"):
        config = template["Resources"][name]["Properties"]["OriginRequestPolicyConfig"]
        assert config["CookiesConfig"] == {"CookieBehavior": "none"}, name


def test_caches_are_keyed_as_they_must_be(template: dict[str, Any]) -> None:
    def config(name: str) -> dict[str, Any]:
        return cast("dict[str, Any]", template["Resources"][name]["Properties"]["CachePolicyConfig"])

    api = config("ApiCache")
    # With any other minimum CloudFront would keep what says no-store.
    assert (api["MinTTL"], api["DefaultTTL"]) == (0, 0)
    key = api["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Authorization"]}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    for name in ("MediaCache", "StaticCache"):
        key = config(name)["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
        assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_a_picture_shows_as_soon_as_it_is_public(distribution: dict[str, Any]) -> None:
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution["CustomErrorResponses"]}
    assert kept[403] == kept[404] == 0
    assert max(kept.values()) <= 1
    # Those that CloudFront would otherwise keep ten seconds.
    assert set(kept) == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert not [each for each in distribution["CustomErrorResponses"] if "ResponsePagePath" in each]


def test_every_policy_carries_the_refusal(template: dict[str, Any]) -> None:
    for policy in policies(template, "ResponseHeadersPolicy"):
        found = custom(template, policy)
        assert list(found.items())[:5] == list(media_headers(BASE_URL).items()), policy
        kept = {
            each["Header"]
            for each in headers_of(template, policy)["CustomHeadersConfig"]["Items"]
            if not each["Override"]
        }
        # The API's own Link leads to the next page of a list.
        assert kept == ({"Link"} if policy == "ApiHeaders" else set())


def test_media_carry_what_the_local_stand_in_sends(template: dict[str, Any]) -> None:
    policy = headers_of(template, "MediaHeaders")
    assert policy["SecurityHeadersConfig"]["ContentTypeOptions"] == {"Override": True}
    assert policy["CorsConfig"]["AccessControlAllowOrigins"]["Items"] == ["*"]
    assert policy["CorsConfig"]["AccessControlAllowMethods"]["Items"] == ["GET", "HEAD"]
    edge = custom(template, "MediaHeaders") | {"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
    stand_in = MediaCdn(
        bucket="none", endpoint="http://127.0.0.1:9", base_url=BASE_URL, credentials=Credentials("none", "none")
    )
    refusal = stand_in.answer(Request("PUT", PICTURE, PICTURE, {}, "192.0.2.1", lambda: b""))
    sent = dict(refusal.headers)
    for of_the_answer in ("Content-Type", "Cache-Control", "X-Request-Id", "Allow"):
        del sent[of_the_answer]
    assert {name: value for name, value in edge.items() if name != "Cross-Origin-Resource-Policy"} == sent


def test_security_headers(template: dict[str, Any]) -> None:
    for policy in policies(template, "ResponseHeadersPolicy"):
        security = headers_of(template, policy)["SecurityHeadersConfig"]
        assert security["ContentTypeOptions"]["Override"], policy
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000, policy
        if policy not in {"MediaHeaders", "HeldHeaders"}:
            assert security["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin", policy
            assert "frame-ancestors 'none'" in filled(security["ContentSecurityPolicy"]["ContentSecurityPolicy"]), (
                policy
            )


def directives(policy: str) -> dict[str, str]:
    return {
        name: value.strip() for name, _, value in (part.strip().partition(" ") for part in policy.split(";")) if name
    }


class MetaPolicy(HTMLParser):
    """Finds the content security policy that a page states itself."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.found = given["content"] or ""


@pytest.mark.parametrize(("page", "policy"), [("index.html", "PageHeaders"), ("docs/index.html", "DocsHeaders")])
def test_the_header_says_what_the_page_says(template: dict[str, Any], page: str, policy: str) -> None:
    parser = MetaPolicy()
    parser.feed((ROOT / "web" / page).read_text(encoding="utf-8"))
    own = directives(parser.found)
    security = headers_of(template, policy)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    sent = directives(filled(security["ContentSecurityPolicy"]))
    assert sent.pop("frame-ancestors") == "'none'"
    # A page knows no stage; the header names its hosts.
    assert own.pop("connect-src").startswith("'self' https://*.amazonaws.com")
    assert sent.pop("connect-src") == (
        "'self' https://cognito-idp.eu-central-1.aws https://originals.s3.aws https://originals.s3.eu-central-1.aws"
    )
    assert sent == own


def test_what_is_held_back_needs_a_signature(template: dict[str, Any], distribution: dict[str, Any]) -> None:
    held = [each for each in distribution["CacheBehaviors"] if "Fn::If" in each]
    assert [each["Fn::If"][0] for each in held] == ["HasSigner"]
    assert held[0]["Fn::If"][1]["TrustedKeyGroups"] == [{"Ref": "Signers"}]
    assert template["Resources"]["Signers"]["Condition"] == "HasSigner"
    assert custom(template, "HeldHeaders")["Cache-Control"] == "private, no-store"


def test_the_firewall(template: dict[str, Any], distribution: dict[str, Any]) -> None:
    acl = template["Resources"]["WebAcl"]
    assert (acl["Condition"], acl["Properties"]["Scope"]) == ("HasWaf", "CLOUDFRONT")
    assert distribution["WebACLId"]["Fn::If"][0] == "HasWaf"
    rules = [each["Fn::If"][1] if "Fn::If" in each else each for each in acl["Properties"]["Rules"]]
    assert all(first["Priority"] < second["Priority"] for first, second in pairwise(rules))
    groups = [
        each["Statement"]["ManagedRuleGroupStatement"]["Name"]
        for each in rules
        if "ManagedRuleGroupStatement" in each["Statement"]
    ]
    assert groups == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesBotControlRuleSet",
    ]
    limits = [each for each in rules if "RateBasedStatement" in each["Statement"]]
    assert len(limits) == 2
    for each in limits:
        response = each["Action"]["Block"]["CustomResponse"]
        sent = {header["Name"]: header["Value"] for header in response["ResponseHeaders"]}
        assert response["ResponseCode"] == 429
        assert sent["X-Robots-Tag"] == media_headers(BASE_URL)["X-Robots-Tag"]


def test_buckets_are_private_and_read_by_this_distribution_alone(template: dict[str, Any]) -> None:
    for name, each in template["Resources"].items():
        if each["Type"] == "AWS::S3::Bucket":
            assert set(each["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}, name
    statements = template["Resources"]["WebPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert {each["Action"] for each in allowed} == {"s3:GetObject", "s3:ListBucket"}
    for each in allowed:
        assert each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert "${Distribution}" in each["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]


def test_logs_hold_no_secret(template: dict[str, Any]) -> None:
    fields = template["Resources"]["LogDelivery"]["Properties"]["RecordFields"]
    assert not {"cs(Cookie)", "cs-uri-query"} & set(fields)
