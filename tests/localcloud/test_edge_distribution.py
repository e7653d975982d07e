"""How the stand-in for the CDN reads infra/edge.yaml."""

from pathlib import Path

import pytest

from tools.edge_agents import TEMPLATE, EdgeError
from tools.localcloud.edge_distribution import Behaviour, Distribution, PolicyHeader, read_distribution
from tools.localcloud.edge_template import Template
from tools.localcloud.messages import Answer, Request

BASE = "http://cara.test"
ENDPOINT = "http://127.0.0.1:4566"


def read(**parameters: str) -> Distribution:
    return read_distribution(Template({"PublicBaseUrl": BASE, **parameters}), ENDPOINT)


@pytest.fixture(scope="module")
def distribution() -> Distribution:
    return read()


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "*"), ("/style.css", "*"), ("/media", "*"), ("/mediax/y", "*"), ("/v1", "*"), ("/x/media/y", "*"),
        ("/media/", "/media/*"), ("/media/x/y.webp", "/media/*"), ("/%6Ded%69a/x", "/media/*"),
        ("//media///x", "/media/*"), ("/x/../media/y", "/media/*"), ("/media/./x", "/media/*"),
        ("/%2e%2E/media/x", "/media/*"),
        ("/media/../v1/x", "/v1/*"), ("/media/%2e%2e/v1/x", "/v1/*"), ("/media/..", "*"), ("/v1/x/..", "/v1/*"),
        ("/v1/a%2Fb", "/v1/*"), ("/V1/x", "*"), ("/media%2Fx", "*"),
        ("/@ada", "/@*"), ("/@ada/feed.atom", "/@*"), ("/%40ada", "*"), ("/posts/x", "/posts/*"), ("/posts", "*"),
        ("/jobs/x", "/jobs/*"), ("/jobs/feed.atom", "/jobs/*"), ("/jobs", "*"), ("/studios/blue", "/studios/*"),
        ("/docs", "/docs*"), ("/docs/", "/docs*"), ("/docsx", "/docs*"), ("/media\n/x", "*"), ("/v1/a\nb", "/v1/*"),
    ],
)  # fmt: skip
def test_which_behaviour_a_path_has(distribution: Distribution, path: str, pattern: str) -> None:
    assert distribution.behaviour(path).pattern == pattern


def test_the_first_pattern_that_fits_counts() -> None:
    listed = [Behaviour(pattern, "web", frozenset(), ()) for pattern in ("a/?.png", "/a/*", "*.png", "*")]
    distribution = Distribution(listed)
    found = [distribution.behaviour(path).pattern for path in ("/a/1.png", "/a/12.png", "/b.png", "/b+png")]
    assert found == ["a/?.png", "/a/*", "*.png", "*"]


def test_the_policy_names_the_emulated_cloud(distribution: Distribution) -> None:
    for path in ("/", "/docs"):
        headers = {each.name: each.value for each in distribution.behaviour(path).headers}
        assert f"connect-src 'self' {ENDPOINT};" in headers["Content-Security-Policy"]
        assert "amazonaws" not in headers["Content-Security-Policy"]


def test_plain_http_is_not_forbidden_by_a_header(distribution: Distribution) -> None:
    for behaviour in distribution.behaviours:
        assert "Strict-Transport-Security" not in {each.name for each in behaviour.headers}


def decorated(header: PolicyHeader, answered: list[tuple[str, str]], **asked: str) -> list[tuple[str, str]]:
    answer = Answer(200, answered)
    request = Request("GET", "/x", "/x", asked, "192.0.2.7", bytes)
    Behaviour("*", "web", frozenset({"GET"}), (header,)).decorate(request, answer)
    return answer.headers


@pytest.mark.parametrize(
    ("override", "answered", "sent"),
    [
        (True, [("link", "own"), ("A", "1"), ("Link", "too")], [("A", "1"), ("Link", "policy")]),
        (True, [("A", "1")], [("A", "1"), ("Link", "policy")]),
        (False, [("link", "own"), ("A", "1")], [("link", "own"), ("A", "1")]),
        (False, [("A", "1")], [("A", "1"), ("Link", "policy")]),
    ],
)
def test_whose_header_it_is(override: bool, answered: list[tuple[str, str]], sent: list[tuple[str, str]]) -> None:
    assert decorated(PolicyHeader("Link", "policy", override), answered) == sent


def test_cors_headers_are_for_those_who_ask() -> None:
    header = PolicyHeader("Access-Control-Allow-Origin", "*", override=True, cors=True)
    assert decorated(header, []) == []
    assert decorated(header, [], origin="https://blog.example") == [("Access-Control-Allow-Origin", "*")]


def test_conditions_count() -> None:
    assert "/held/*" not in {each.pattern for each in read().behaviours}
    [held] = [each for each in read(SignerKeyB="a key").behaviours if each.pattern == "/held/*"]
    assert held.signers == {"SignerB": "a key"}
    assert all(each.signers is None for each in read(SignerKeyB="a key").behaviours if each.pattern != held.pattern)


@pytest.mark.parametrize(
    ("text", "other", "fault"),
    [
        ("        CorsConfig:", "        ServerTimingHeadersConfig: {}\n        CorsConfig:", "ServerTiming"),
        ("FrameOptions: {FrameOption: DENY", "XSSProtection: {Protection: true", "XSSProtection"),
        ('AllowOrigins: {Items: ["*"]}', "AllowOrigins: {Items: [x.example]}", "everybody"),
        ("EventType: viewer-request", "EventType: viewer-response", "every behaviour"),
        (" AllowedMethods: [GET, HEAD]", " AllowedMethods: [GET, HEAD, OPTIONS]", "preflight"),
        ("  MediaHeaders:\n", "  OtherHeaders:\n", "no resource"),
        ("HasSigner: !Or", "HasSigner: !Contains", "not understood in a condition"),
        ('!Sub "${PublicBaseUrl}/policies/tdm.json"', '!Sub ["${PublicBaseUrl}", {}]', "a text alone"),
    ],
)
def test_what_would_be_done_otherwise_is_refused(tmp_path: Path, text: str, other: str, fault: str) -> None:
    declared = TEMPLATE.read_text(encoding="utf-8")
    assert text in declared
    file = tmp_path / "edge.yaml"
    file.write_text(declared.replace(text, other), encoding="utf-8")
    with pytest.raises(EdgeError, match=fault):
        read_distribution(Template({"PublicBaseUrl": BASE}, file), ENDPOINT)
