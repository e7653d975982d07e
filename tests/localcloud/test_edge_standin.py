"""The stand-in for the CDN, over HTTP: whom it turns away, what its origins get to see, and its headers."""

import json
import logging
import re
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chalicelib.domain.noai import PREFIXES, DataMining, media_headers
from tests.deploy.edge_clients import CRAWLERS, FIREFOX, IMG2DATASET, WELCOME
from tests.deploy.edge_run import BASE_URL
from tools import edge_agents
from tools.localcloud.messages import Answer, Request
from tools.localcloud.server import Server
from tools.localcloud.supervisor import bind
from tools.localcloud.web import edge

PATHS = {"/media/ab/cdef.webp": "derivatives", "/v1/latest": "api", "/style.css": "web", "/docs/docs.js": "web"}
PICTURE = "/media/ab/cdef.webp"
ENDPOINT = "http://127.0.0.1:9"
BROWSER = {"User-Agent": FIREFOX}


@dataclass
class Origins:
    """Answers for all origins, and keeps what they were asked."""

    asked: list[tuple[str, Request]] = field(default_factory=list)
    body: bytes = b""
    status: int = 200

    def __getitem__(self, name: str) -> Any:
        def answer(request: Request) -> Answer:
            self.asked.append((name, request))
            self.body = request.read_body()
            return Answer(self.status, [("Content-Type", "text/plain"), ("Link", "</next>")], request.target.encode())

        return answer


@dataclass
class Standin:
    base_url: str
    origins: Origins
    client: httpx.Client

    def last(self) -> Request:
        return self.origins.asked[-1][1]


@pytest.fixture(scope="module")
def running() -> Iterator[Standin]:
    origins = Origins()
    with bind(0) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        application = edge(
            api=origins["api"],
            derivatives=origins["derivatives"],
            web=origins["web"],
            base_url=base_url,
            endpoint=ENDPOINT,
        )
        serving = Server(listening, application, base_url=base_url, limit=1000)
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with httpx.Client(base_url=base_url, trust_env=False, timeout=10) as client:
            yield Standin(base_url, origins, client)
        serving.shutdown()
        thread.join()


@pytest.fixture
def standin(running: Standin) -> Standin:
    running.origins.asked.clear()
    running.origins.status = 200
    return running


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("agent", CRAWLERS)
def test_crawlers_are_turned_away_before_any_origin(standin: Standin, agent: str, path: str) -> None:
    answer = standin.client.get(path, headers={"User-Agent": agent})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"{standin.base_url}/problems/forbidden"
    assert answer.json()["request_id"] == answer.headers["x-amz-cf-id"]
    for name, value in media_headers(standin.base_url).items():
        assert answer.headers.get_list(name) == [value]
    assert standin.origins.asked == []


@pytest.mark.parametrize(
    "path", ["/robots.txt", "/ai.txt", "/.well-known/tdmrep.json", "/license.xml", "/policies/tdm.json"]
)
@pytest.mark.parametrize("agent", ["GPTBot/1.2", IMG2DATASET, ""])
def test_crawlers_may_read_what_they_are_to_obey(standin: Standin, agent: str, path: str) -> None:
    assert standin.client.get(path, headers={"User-Agent": agent}).text == path
    assert standin.origins.asked[0][0] == "api"


@pytest.mark.parametrize(("prefix", "choice"), list(PREFIXES.items()))
def test_each_path_of_pictures_says_what_their_artists_chose(standin: Standin, prefix: str, choice: DataMining) -> None:
    answer = standin.client.get(f"/{prefix}/ab/cdef.webp", headers=BROWSER)
    assert standin.origins.asked[0][0] == "derivatives"
    wanted = media_headers(standin.base_url, choice)
    for name in media_headers(standin.base_url):
        own = ["</next>"] if name == "Link" else []  # the origin's, which nothing replaces
        assert answer.headers.get_list(name) == ([wanted[name]] if name in wanted else own)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("agent", [*WELCOME, "curl/8.11.0", f"python-httpx/{httpx.__version__}", "Python-urllib/3.13"])
def test_ordinary_clients_reach_the_origin(standin: Standin, agent: str, path: str) -> None:
    assert standin.client.get(path, headers={"User-Agent": agent}).text == path
    assert [name for name, _ in standin.origins.asked] == [PATHS[path]]


def test_the_standard_library_gets_in_as_it_introduces_itself(standin: Standin) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in PATHS:
        with direct.open(standin.base_url + path, timeout=10) as answer:
            assert answer.read().decode() == path


def test_pictures_are_for_clients_that_have_a_name(standin: Standin) -> None:
    def status(path: str) -> int:
        request = standin.client.build_request("GET", path)
        del request.headers["user-agent"]
        return standin.client.send(request).status_code

    assert {path: status(path) for path in PATHS} == {path: 403 if path == PICTURE else 200 for path in PATHS}


@pytest.mark.parametrize(
    ("site", "destination", "status"),
    [
        ("cross-site", "empty", 403),
        ("cross-site", "iframe", 403),
        ("cross-site", "image", 200),
        ("same-origin", "empty", 200),
    ],
)
def test_hotlinks(standin: Standin, site: str, destination: str, status: int) -> None:
    headers = {**BROWSER, "Sec-Fetch-Site": site, "Sec-Fetch-Dest": destination}
    assert standin.client.get(PICTURE, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("path", "file"), [("/", "/index.html"), ("/docs", "/docs/index.html"), ("/docs/?a=1&b", "/docs/index.html?a=1&b")]
)
def test_pages_are_found(standin: Standin, path: str, file: str) -> None:
    assert standin.client.get(path).text == file


def test_other_spellings_lead_to_the_canonical_address(standin: Standin) -> None:
    answer = standin.client.get("/@ada//?tag=a%2Fb&tag=c")
    assert (answer.status_code, answer.headers["location"]) == (301, "/@ada?tag=a%2Fb&tag=c")
    assert standin.client.get("/@ada/", follow_redirects=True).text == "/@ada"


@pytest.mark.parametrize(
    ("target", "one", "origin"),
    [
        ("/%6Dedia/ab/cdef.webp", PICTURE, "derivatives"), ("/medi%61/%61b/cdef%2ewebp", PICTURE, "derivatives"),
        ("/%76%31/tags/ac%2fdc?b=%2f&c=%61", "/v1/tags/ac%2Fdc?b=%2f&c=%61", "api"),
        ("/style%2ecss", "/style.css", "web"),
    ],
)  # fmt: skip
def test_an_origin_is_asked_for_one_spelling(standin: Standin, target: str, one: str, origin: str) -> None:
    assert standin.client.get(target).text == one
    assert [(name, asked.path) for name, asked in standin.origins.asked] == [(origin, one.partition("?")[0])]


def test_a_query_goes_on_as_it_was_sent(standin: Standin) -> None:
    target = "/v1/tags/ac%2Fdc?b=%26&a=&b=x&&flag&constructor=1"
    assert standin.client.get(target).text == target


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", PICTURE, 403), ("OPTIONS", PICTURE, 403), ("DELETE", "/style.css", 403), ("PUT", "/docs", 403),
        ("HEAD", PICTURE, 200), ("PUT", "/v1/me", 200), ("OPTIONS", "/v1/me", 200), ("DELETE", "/v1/me", 200),
    ],
)  # fmt: skip
def test_methods(standin: Standin, method: str, path: str, status: int) -> None:
    assert standin.client.request(method, path).status_code == status
    assert bool(standin.origins.asked) is (status == 200)


def test_no_cookie_reaches_an_origin(standin: Standin) -> None:
    for path in [*PATHS, "/robots.txt"]:
        standin.client.get(path, headers={"Cookie": "session=secret; theme=dark", "Authorization": "Bearer x"})
        assert "cookie" not in standin.last().headers
        assert standin.last().headers["authorization"] == "Bearer x"


def test_a_body_reaches_the_api(standin: Standin) -> None:
    standin.client.post("/v1/posts", content=b"hello")
    assert standin.origins.body == b"hello"


def test_each_request_has_an_id_of_its_own(standin: Standin) -> None:
    seen = set()
    for path in PATHS:
        answer = standin.client.get(path, headers={"X-Amz-Cf-Id": "forged", "Via": "forged"})
        given = answer.headers["x-amz-cf-id"]
        assert re.fullmatch(r"[A-Za-z0-9_=-]{56}", given)
        assert standin.last().headers["x-amz-cf-id"] == given
        assert standin.last().id == given
        assert standin.last().headers["via"] == answer.headers["via"] != "forged"
        seen.add(given)
    assert len(seen) == len(PATHS)


def test_each_request_has_a_line_in_the_log(standin: Standin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cases = [
        ("GET", "/v1/latest", FIREFOX, 200, "Miss"),
        ("GET", PICTURE, "GPTBot/1.2", 403, "FunctionGeneratedResponse"),
        ("POST", PICTURE, FIREFOX, 403, "InvalidRequestMethod"),
    ]
    answers = [
        standin.client.request(method, f"{path}?tag=secret", headers={"User-Agent": agent, "Authorization": "secret"})
        for method, path, agent, *_ in cases
    ]
    told = [record.getMessage() for record in caplog.records if record.name == "tools.localcloud.cdn"]
    lines = [json.loads(each) for each in told]
    for case, line, answer in zip(cases, lines, answers, strict=True):
        names = ("cs-method", "cs-uri-stem", "cs(User-Agent)", "sc-status", "x-edge-detailed-result-type")
        assert tuple(line[name] for name in names) == case
        assert line["x-edge-request-id"] == answer.headers["x-amz-cf-id"]
    assert "secret" not in "".join(told)


def declared_headers(standin: Standin, path: str) -> dict[str, str]:
    """Return what infra/edge.yaml declares for `path`, read independently of the stand-in."""
    from tests.deploy import edge_declared

    behaviours = edge_declared.behaviours(edge_declared.distribution())
    pattern = next(pattern for pattern in behaviours if path.startswith(pattern.rstrip("*")))
    template = edge_declared.template()
    policy = behaviours[pattern]["ResponseHeadersPolicyId"]["Ref"]
    security: Mapping[str, Any] = edge_declared.headers_of(template, policy)["SecurityHeadersConfig"]
    headers = edge_declared.custom(template, policy) | {"X-Content-Type-Options": "nosniff"}
    if "FrameOptions" in security:
        headers["X-Frame-Options"] = security["FrameOptions"]["FrameOption"]
        headers["Referrer-Policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
        text = edge_declared.filled(security["ContentSecurityPolicy"]["ContentSecurityPolicy"])
        headers["Content-Security-Policy"] = re.sub(r"https://\S+\.aws(?: https://\S+\.aws)*", ENDPOINT, text)
    return {name.lower(): value.replace(BASE_URL, standin.base_url) for name, value in headers.items()}


@pytest.mark.parametrize("status", [200, 304, 404, 500])
@pytest.mark.parametrize("path", PATHS)
def test_headers_are_those_that_are_declared(standin: Standin, path: str, status: int) -> None:
    standin.origins.status = status
    declared = declared_headers(standin, path)
    answer = standin.client.get(path)
    assert answer.status_code == status
    if path.startswith("/v1/"):
        # The API's own leads to a list's next page.
        declared["link"] = "</next>"
    made_here = {"server", "date", "content-type", "content-length", "via", "x-amz-cf-id"}
    assert {name: answer.headers.get_list(name) for name in set(answer.headers) - made_here} == {
        name: [value] for name, value in declared.items()
    }


def test_cors_headers_are_for_those_who_ask(standin: Standin) -> None:
    def allowed(path: str, **headers: str) -> list[str]:
        return standin.client.get(path, headers={**BROWSER, **headers}).headers.get_list("access-control-allow-origin")

    assert allowed(PICTURE, Origin="https://blog.example") == ["*"]
    assert allowed(PICTURE) == []
    assert allowed("/v1/latest", Origin="https://blog.example") == []


def test_the_store_is_the_one_that_is_deployed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.localcloud import web

    held: list[Mapping[str, str]] = []
    monkeypatch.setattr(web, "EdgeFunction", held.append)
    origins = Origins()
    edge(
        api=origins["api"], derivatives=origins["derivatives"], web=origins["web"], base_url="http://cara.test",
        endpoint=ENDPOINT,
    )  # fmt: skip
    assert edge_agents.main(["--base-url", "http://cara.test"]) == 0
    deployed = {each["key"]: each["value"] for each in json.loads(capsys.readouterr().out)["data"]}
    assert held == [deployed]


def test_many_threads_at_the_same_time(standin: Standin) -> None:
    cases = [(FIREFOX, 200), ("GPTBot/1.2", 403), ("curl/8.11.0", 200), ("CCBot/2.0", 403)]

    def ask(number: int) -> None:
        limits = httpx.Limits(max_keepalive_connections=number % 2)
        with httpx.Client(base_url=standin.base_url, trust_env=False, timeout=30, limits=limits) as client:
            for turn in range(40):
                agent, status = cases[(number + turn) % len(cases)]
                path = f"/v1/{number}/{turn}"
                answer = client.get(path, headers={"User-Agent": agent})
                assert answer.status_code == status
                assert status == 403 or answer.text == path

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(standin.origins.asked) == 160
