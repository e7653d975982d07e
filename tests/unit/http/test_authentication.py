"""Access tokens, on routes that need one and on routes that take one."""

import time
import urllib.error
from typing import Any

import jwt
import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.reactions import REACTION_KINDS
from chalicelib.http import authentication
from tests.unit.http.api import UPLOAD, Api
from tests.unit.http.tokens import bad_tokens, token

KINDS = list(bad_tokens("x"))

REQUIRED: list[tuple[str, str, Any]] = [
    ("GET", "/v1/me", None),
    ("PUT", "/v1/me", {"handle": "ada_l", "display_name": "Ada"}),
    ("POST", "/v1/uploads", UPLOAD),
    ("PUT", "/v1/media/01KB0000000000000000000000/data_mining", {"data_mining": "all"}),
    ("DELETE", "/v1/media/01KB0000000000000000000000", None),
    ("POST", "/v1/posts", {"title": "x"}),
    ("PATCH", "/v1/posts/01KB0000000000000000000000", {"title": "x"}),
    ("DELETE", "/v1/posts/01KB0000000000000000000000", None),
    ("GET", "/v1/me/posts", None),
    ("PUT", "/v1/me/portfolio/order", {"posts": []}),
    ("PUT", "/v1/posts/01KB0000000000000000000000/portfolio_place", {"before": "x"}),
    *((method, "/v1/posts/01KB0000000000000000000000/pin", None) for method in ("PUT", "DELETE")),
    ("GET", "/v1/feed", None),
    *(
        (method, f"/v1/posts/01KB0000000000000000000000/{kind}", None)
        for method in ("PUT", "DELETE")
        for kind in REACTION_KINDS
    ),
    ("POST", "/v1/posts/01KB0000000000000000000000/comments", {"text": "x"}),
    ("DELETE", "/v1/comments/01KB0000000000000000000000", None),
    ("PUT", "/v1/posts/01KB0000000000000000000000/pinned_comment", {"comment_id": "x"}),
    ("DELETE", "/v1/posts/01KB0000000000000000000000/pinned_comment", None),
    ("POST", "/v1/viewer_state", {}),
    ("GET", "/v1/me/likes", None),
    ("GET", "/v1/me/bookmarks", None),
    ("GET", "/v1/me/matches", None),
    ("POST", "/v1/me/exports", {}),
    ("GET", "/v1/me/exports/01KB0000000000000000000000", None),
    ("DELETE", "/v1/me", {"confirm": "ada_l"}),
    *((method, "/v1/jobs/01KB0000000000000000000000/save", None) for method in ("PUT", "DELETE")),
    ("GET", "/v1/me/saved_jobs", None),
    ("GET", "/v1/talent", None),
    *((method, "/v1/me/job_alerts", None) for method in ("GET", "DELETE")),
    ("POST", "/v1/me/job_alerts", {"name": "x"}),
    ("PUT", "/v1/me/job_alerts/mail", {"on": True}),
    ("DELETE", "/v1/me/job_alerts/01KB0000000000000000000000", None),
    ("POST", "/v1/media/01KB0000000000000000000000/appeals", {"text": "x"}),
    ("POST", "/v1/posts/01KB0000000000000000000000/appeals", {"text": "x"}),
    ("POST", "/v1/me/appeals", {"text": "x"}),
    ("POST", "/v1/reports", {"target": "posts/x", "reason": "spam"}),
    ("GET", "/v1/moderation/queue", None),
    ("GET", "/v1/moderation/cases/x", None),
    ("POST", "/v1/moderation/decisions", {"action": "dismiss", "target": "media/x", "reason": "x"}),
    ("GET", "/v1/moderation/log?target=media/x", None),
    *(
        (method, f"/v1/profiles/nobody/{what}", None)
        for method in ("PUT", "DELETE")
        for what in ("follow", "block", "mute")
    ),
    *((method, "/v1/me/follow_requests/nobody", None) for method in ("PUT", "DELETE")),
    *(("GET", f"/v1/me/{what}", None) for what in ("follow_requests", "blocks", "mutes", "muted_tags", "muted_words")),
    *((method, f"/v1/me/{what}/x", None) for method in ("PUT", "DELETE") for what in ("muted_tags", "muted_words")),
    ("DELETE", "/v1/me/followers/nobody", None),
    ("POST", "/v1/studios", {"name": "x", "slug": "xyz"}),
    ("PATCH", "/v1/studios/xyz", {"about": "x"}),
    ("GET", "/v1/me/studios", None),
    ("PUT", "/v1/me/studios/xyz", None),
    ("POST", "/v1/studios/xyz/verification", {"method": "dns", "domain": "x.example"}),
    ("GET", "/v1/studios/xyz/members", None),
    ("POST", "/v1/studios/xyz/members", {"handle": "x"}),
    ("PATCH", "/v1/studios/xyz/members/x", {"role": "owner"}),
    ("DELETE", "/v1/studios/xyz/members/x", None),
    ("GET", "/v1/conversations", None),
    ("POST", "/v1/conversations", {"handle": "nobody"}),
    ("GET", "/v1/conversations/x", None),
    ("DELETE", "/v1/conversations/x", None),
    ("PUT", "/v1/conversations/x/accept", None),
    ("POST", "/v1/conversations/x/read", {"message_id": "01KB0000000000000000000000"}),
    ("GET", "/v1/conversations/x/messages", None),
    ("POST", "/v1/conversations/x/messages", {"text": "x"}),
    ("DELETE", "/v1/conversations/x/messages/x", None),
    ("GET", "/v1/me/message_preferences", None),
    ("PUT", "/v1/me/message_preferences", {"who_may_write": "nobody"}),
    ("GET", "/v1/notifications", None),
    ("POST", "/v1/notifications/read", {"ids": ["like.x.2026-01-01"]}),
    ("GET", "/v1/me/notification_preferences", None),
    ("PUT", "/v1/me/notification_preferences", {"kinds": {}}),
    ("POST", "/v1/jobs", {"studio": "xyz"}),
    *((method, "/v1/jobs/01KB0000000000000000000000", {"title": "x"}) for method in ("PATCH", "DELETE")),
    ("POST", "/v1/jobs/01KB0000000000000000000000/close", None),
    ("GET", "/v1/jobs/01KB0000000000000000000000/changes", None),
    ("POST", "/v1/jobs/01KB0000000000000000000000/resumes", {"bytes": 1000}),
    *((method, "/v1/jobs/01KB0000000000000000000000/applications", {"letter": "x"}) for method in ("GET", "POST")),
    ("GET", "/v1/jobs/01KB0000000000000000000000/applications.csv", None),
    ("GET", "/v1/applications/01KB0000000000000000000000", None),
    ("PATCH", "/v1/applications/01KB0000000000000000000000", {"status": "viewed"}),
    ("GET", "/v1/applications/01KB0000000000000000000000/changes", None),
    ("GET", "/v1/applications/01KB0000000000000000000000/resume", None),
    ("POST", "/v1/applications/01KB0000000000000000000000/conversation", None),
    ("GET", "/v1/me/applications", None),
    ("GET", "/v1/studios/xyz/dashboard", None),
]
OPTIONAL = [
    "/v1/media/01KB0000000000000000000000",
    "/v1/media/01KB0000000000000000000000/protection",
    "/v1/posts/01KB0000000000000000000000",
    "/v1/profiles/nobody",
    "/v1/profiles/nobody/followers",
    "/v1/profiles/nobody/following",
    "/v1/posts/01KB0000000000000000000000/comments",
    "/v1/profiles/nobody/posts",
    "/v1/profiles/nobody/reposts",
    "/v1/latest",
    "/v1/discover",
    "/v1/tags/ink/posts",
    "/v1/search?q=ink",
    "/v1/registry/lookup",
    "/v1/studios/nothing-here",
    "/v1/studios/nothing-here/jobs",
    "/v1/jobs/01KB0000000000000000000000",
]
POSTED = {"/v1/registry/lookup": {"hashes": ["0" * 16]}}
"""Those of OPTIONAL that are no GET, with their bodies."""


def replaced(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def test_lists_here_are_complete() -> None:
    from tests.unit.http.api import description

    required, optional = set(), set()
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            security = operation.get("security")
            if security == [{"bearer": []}]:
                required.add((method.upper(), path))
            elif security:
                optional.add(path)
    matcher = Api().routes
    assert {(method, matcher(path.partition("?")[0])) for method, path, _ in REQUIRED} == required
    assert len(OPTIONAL) == len(optional)


@pytest.mark.parametrize(("method", "path", "body"), REQUIRED)
def test_no_token_where_one_is_needed(api: Api, method: str, path: str, body: object) -> None:
    assert api.ask(method, path, body).status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_bad_token_where_one_is_needed(api: Api, kind: str) -> None:
    for method, path, body in REQUIRED:
        assert api.ask(method, path, body, authorization=f"Bearer {bad_tokens('x')[kind]}").status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_bad_token_where_one_is_taken(api: Api, kind: str) -> None:
    for path in OPTIONAL:
        body = POSTED.get(path)
        answer = api.ask("POST" if body else "GET", path, body, authorization=f"Bearer {bad_tokens('x')[kind]}")
        assert (answer.status, answer.code) == (401, "unauthorized")
        assert bad_tokens("x")[kind][:8] not in answer.text or not bad_tokens("x")[kind]


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer", "Bearer Bearer "])
def test_other_schemes(api: Api, scheme: str) -> None:
    header = scheme + token("x")
    assert api.ask("GET", "/v1/me", authorization=header).status == 401
    assert api.ask("GET", OPTIONAL[0], authorization=header).status == 401


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_good_token(api: Api, scheme: str) -> None:
    ada = api.join()
    answer = api.ask("GET", "/v1/me", authorization=scheme + token(ada.account_id))
    assert (answer.status, answer.json["account_id"]) == (200, ada.account_id)
    assert api.ask("GET", OPTIONAL[0], authorization=scheme + token(ada.account_id)).status == 404


def test_expiry_is_named(api: Api) -> None:
    expired = token("x", exp=int(time.time()) - 1)
    assert "expired" in api.ask("GET", OPTIONAL[0], authorization=f"Bearer {expired}").json["detail"]


def test_routes_open_to_all_do_not_look_at_tokens(api: Api) -> None:
    for path in ("/v1/health", "/v1/config"):
        answer = api.ask("GET", path, authorization="Bearer garbage")
        assert answer.status == 200


def test_keys_that_cannot_be_fetched_are_no_fault_of_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route")

    authentication._keys.cache_clear()
    monkeypatch.setattr("urllib.request.OpenerDirector.open", unreachable)
    with pytest.raises(TemporaryError):
        authentication.verify(f"Bearer {token('x')}")
    authentication._keys.cache_clear()


def test_keys_are_fetched_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    fetch = jwt.PyJWKClient.fetch_data

    def counted(self: jwt.PyJWKClient) -> object:
        fetched.append(self.uri)
        return fetch(self)

    authentication._keys.cache_clear()
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", counted)
    for account in ("a", "b", "c"):
        assert authentication.verify(f"Bearer {token(account)}") == account
    assert len(fetched) == 1
