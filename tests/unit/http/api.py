"""A client of the real application, behind Chalice's emulation of API Gateway.

Each answer is checked against what holds of all of them: the description of the API, the headers, and who may keep it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from chalice.local import ForbiddenError, NotAuthorizedError
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from app import app
from chalicelib.composition import publication_service, sign_record, work_service
from chalicelib.domain.handles import canonical
from chalicelib.domain.ids import new_id
from chalicelib.domain.media import DECLARED_AI
from chalicelib.domain.protection import PictureRejectedError, ProtectedPicture, Reason
from chalicelib.http.openapi import describe
from chalicelib.repositories.cases import CaseRepository
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.ports import Protect
from chalicelib.services.protection import Arrival, ProtectionService
from chalicelib.settings import settings
from chalicelib.storage import Derivatives, Originals
from tests.support.fakes import preview_of, protected_picture
from tests.unit.http.tokens import token
from tools.localcloud.local_app import Gateway

PROBLEM = "application/problem+json"
UPLOAD: dict[str, Any] = {"filename": "a.png", "content_type": "image/png", "bytes": 4}


@dataclass(frozen=True)
class Answer:
    """An answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields that a problem blames."""
        return sorted(error["field"] for error in self.json["errors"])

    @property
    def code(self) -> str:
        """The last part of a problem's type."""
        return str(self.json["type"]).rpartition("/")[2]


@dataclass(frozen=True)
class Account:
    """Who asks: an account with a valid token."""

    account_id: str = field(default_factory=new_id)
    groups: tuple[str, ...] = ()

    @property
    def handle(self) -> str:
        """The handle that it has by default."""
        return canonical("h" + self.account_id)

    @property
    def header(self) -> str:
        """Its ``Authorization``."""
        return _header(self.account_id, self.groups)


@cache
def _header(account_id: str, groups: tuple[str, ...]) -> str:
    claims: dict[str, Any] = {"cognito:groups": list(groups) or None}
    return f"Bearer {token(account_id, **claims)}"


@cache
def description() -> dict[str, Any]:
    """Return the API's description of itself."""
    return describe(app, settings().public_base_url)


@cache
def _validator(path: str, method: str, status: str, content_type: str) -> Draft202012Validator | None:
    content = description()["paths"][path][method]["responses"][status].get("content")
    if content is None:
        return None
    schema = {**content[content_type]["schema"], "components": description()["components"]}
    return Draft202012Validator(schema)


class Api:
    """Asks the application."""

    def __init__(self) -> None:
        """Wrap the one application of this process."""
        self._gateway = Gateway(app)

    def routes(self, path: str) -> str:
        """Return the pattern of the route that a path leads to."""
        return str(self._gateway.event_converter._route_matcher.match_route(path).route)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: Account | None = None,
        authorization: str | None = None,
        described: bool = True,
        **headers: str,
    ) -> Answer:
        """Ask as an account or as a stranger. ``if_match="…"`` is a header. Bytes are sent as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if by is not None:
            authorization = by.header
        if authorization is not None:
            sent["authorization"] = authorization
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        if raw is not None:
            sent.setdefault("content-type", "application/json")
        try:
            made = self._gateway.handle_request(method, path, sent, raw)
        except NotAuthorizedError:
            return Answer(401, {}, "")  # API Gateway answers by itself, in words of infra/gateway.json
        except ForbiddenError:
            return Answer(403, {}, "")
        answer = Answer(
            made["statusCode"],
            {name.lower(): value for name, value in made["headers"].items()},
            made["body"] or "",
        )
        assert not made["multiValueHeaders"]
        self._check(answer, authorization)
        if described:
            self._check_description(answer, method, path)
        return answer

    def _check(self, answer: Answer, authorization: str | None) -> None:
        headers = answer.headers
        assert "set-cookie" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        page = headers.get("content-type", "").startswith("text/html")
        # a page says what the artist of what it shows chose
        assert headers["x-robots-tag"] == "noai, noimageai" or page or answer.status in {301, 304}
        assert headers["x-request-id"]
        caching = headers["cache-control"]
        if answer.status >= 400:
            assert caching == "no-store"
        if answer.status >= 400 and not page:
            assert headers["content-type"] == PROBLEM
            problem = answer.json
            assert problem["status"] == answer.status
            assert problem["request_id"] == headers["x-request-id"]
            assert problem["type"].startswith("https://cara.test/problems/")
            assert problem["title"]
            assert problem["detail"]
            assert ("retry-after" in headers) == (answer.status in {429, 503})
            assert ("www-authenticate" in headers) == (answer.status == 401)

    def _check_description(self, answer: Answer, method: str, path: str) -> None:
        match = self._gateway.event_converter._route_matcher.match_route(path)
        described = description()["paths"][match.route][method.lower()]
        if answer.status == 304:
            assert not answer.text
            return
        assert str(answer.status) in described["responses"], f"{method} {match.route} does not tell of {answer.status}"
        if answer.text:
            kind = answer.headers["content-type"].partition(";")[0]
            validator = _validator(match.route, method.lower(), str(answer.status), kind)
            if validator is not None:
                validator.validate(answer.json if kind.endswith("json") else answer.text)

    def join(self, account: Account | None = None, **fields: Any) -> Account:
        """Make a profile."""
        account = account or Account()
        body = {"handle": account.handle, "display_name": "Ada", **fields}
        answer = self.ask("PUT", "/v1/me", body, by=account)
        assert answer.status in {200, 201}, answer.text
        return account

    def upload(self, account: Account, **fields: Any) -> str:
        """Start an upload and return the media's id."""
        return str(self.ask("POST", "/v1/uploads", UPLOAD | fields, by=account).json["media_id"])

    def arrive(self, account: Account, media_id: str, protect: Protect = protected_picture) -> None:
        """Have an upload arrive and be protected."""
        key = f"originals/{account.account_id}/{media_id}"
        boto3.client("s3").put_object(Bucket=settings().originals_bucket, Key=key, Body=media_id.encode())
        ProtectionService(
            media=MediaRepository(),
            profiles=ProfileRepository(),
            originals=Originals(settings().originals_bucket),
            derivatives=Derivatives(settings().derivatives_bucket),
            publication=publication_service(),
            works=work_service(),
            cases=CaseRepository(),
            protect=protect,
            preview=preview_of,
            sign_record=sign_record,
            public_base_url=settings().public_base_url,
            lease_seconds=settings().lease_seconds,
            web_statement="https://cara.test/policies/tdm.json",
        ).handle(Arrival(key), last_try=False)

    def ready(self, account: Account, **fields: Any) -> str:
        """Upload a picture, have it protected, and return its id."""
        media_id = self.upload(account, **fields)
        self.arrive(account, media_id)
        return media_id

    def refused(self, account: Account, code: str = DECLARED_AI) -> str:
        """Upload a picture that is refused for what it declares, and return its id."""

        def refuse(data: bytes, options: object) -> ProtectedPicture:
            del data, options
            raise PictureRejectedError("refused", Reason(code, "It says so.", ("xmp: trained",)))

        media_id = self.upload(account)
        self.arrive(account, media_id, refuse)
        return media_id

    def post(self, account: Account, *media_ids: str, **fields: Any) -> Any:
        """Make a post and return it."""
        body = {"title": "A post", "media": [{"id": media_id} for media_id in media_ids], **fields}
        answer = self.ask("POST", "/v1/posts", body, by=account)
        assert answer.status == 201, answer.text
        return answer.json
