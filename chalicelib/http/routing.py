"""Routes: one decorator that parses a request, calls the view, and turns what it returns or raises into an answer."""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel, ValidationError

from chalicelib.domain.allowances import Limit
from chalicelib.domain.errors import (
    FieldError,
    ForbiddenError,
    InvalidError,
    MalformedError,
    NotFoundError,
    TooLargeError,
)
from chalicelib.domain.moderation import MODERATORS
from chalicelib.http import problems
from chalicelib.http.authentication import bearer, verify
from chalicelib.http.caching import not_modified
from chalicelib.schemas.base import Empty
from chalicelib.settings import settings

MAX_BODY_BYTES = 512 * 1024
"""Largest JSON body: the largest post, escaped in the dearest way, and some room. Pictures do not come this way."""

MAX_PARAMETER = 200
"""Characters of a value in an address: more than any id or name has, and less than DynamoDB takes as a key."""

PAGE = "text/html"
"""Media type of routes that are for people: their errors are pages as well."""

REMEMBERED_SECONDS = 24 * 3600
"""How long the answer to a request with an ``Idempotency-Key`` is kept."""

Auth = Literal["none", "optional", "required", "moderator"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class ApiRequest[Body, Query]:
    """A parsed request, from the address ``client``.

    ``account_id`` is None for a stranger; header names are lower case; ``suspended`` says why the account may do
    nothing any more; ``moderates`` where its token, on a route that takes one, names the group of moderators.
    """

    account_id: str | None
    body: Body
    query: Query
    headers: Mapping[str, str]
    path: str
    client: str = ""
    suspended: str | None = None
    moderates: bool = False

    @property
    def account(self) -> str:
        """The account of a route that requires one."""
        if self.account_id is None:
            raise RuntimeError("this route was declared without authentication")
        return self.account_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view returns: a body to write as JSON, or as it is (None for none), status and headers, ``etag`` apart.

    A text comes with a ``Content-Type`` among the headers.
    """

    body: BaseModel | Mapping[str, Any] | str | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """What the API's description says of a route."""

    method: Method
    path: str
    summary: str
    auth: Auth
    body: type[BaseModel] | None
    query: type[BaseModel]
    answer: type[BaseModel] | None
    status: tuple[int, ...]
    errors: tuple[int, ...]
    idempotent: bool
    remembered: int
    produces: str
    limit: Limit | None


type View = Callable[..., Answer]
type ProblemPage = Callable[[Mapping[str, Any]], Answer]
type Allow = Callable[[str, Limit], None]
type RunOnce = Callable[[str, str, Callable[[], dict[str, Any]], object, int], dict[str, Any]]


class Routes(Blueprint):
    """A blueprint whose routes are described, parsed and guarded alike."""

    def __init__(
        self,
        import_name: str,
        run_once: RunOnce | None = None,
        problem_page: ProblemPage | None = None,
        allow: Allow | None = None,
    ) -> None:
        """Take the module's name.

        Args:
            import_name: the module's name.
            run_once: what remembers answers where routes are idempotent by key.
            problem_page: what shows a problem to people, where routes are pages.
            allow: what counts requests of an account, where routes have limits.
        """
        super().__init__(import_name)
        self._run_once = run_once
        self._problem_page = problem_page
        self._allow = allow

    def operation(
        self,
        method: Method,
        path: str,
        *,
        summary: str,
        auth: Auth = "none",
        body: type[BaseModel] | None = None,
        query: type[BaseModel] = Empty,
        answer: type[BaseModel] | None = None,
        status: tuple[int, ...] = (200,),
        errors: tuple[int, ...] = (),
        idempotent: bool = False,
        remembered: int = REMEMBERED_SECONDS,
        produces: str = "application/json",
        limit: Limit | None = None,
        accepts: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Register a view ``(request: ApiRequest, **path parameters) -> Answer``.

        Args:
            method: HTTP method.
            path: address with ``{parameters}``.
            summary: what the route does, for the API's description.
            auth: ``required`` has API Gateway call the authorizer, ``moderator`` as well, and lets moderators in alone;
                ``optional`` verifies a token if there is one.
            body: schema of the JSON body; None where there is none.
            query: schema of the query parameters.
            answer: schema of the answer's body.
            status: statuses of success.
            errors: statuses of failure beyond those that every route shares.
            idempotent: whether ``Idempotency-Key`` is honoured.
            remembered: seconds for which the answer under such a key is given again.
            produces: media type of the answer.
            limit: how often an account may ask; an answer that is given again under its key counts once.
            accepts: media types of bodies that are not read, beside JSON.
        """
        described = Operation(
            method, path, summary, auth, body, query, answer, status, errors, idempotent, remembered, produces, limit
        )

        def register(view: View) -> View:
            @functools.wraps(view)
            def guarded(**path_parameters: str) -> Response:
                return self._guard(described, view, path_parameters)

            guarded.operation = described  # type: ignore[attr-defined]  # read back by the API's description
            types = ["application/json", "application/merge-patch+json"] if method == "PATCH" else ["application/json"]
            authorizer = bearer if auth in {"required", "moderator"} else None
            self.route(path, methods=[method], authorizer=authorizer, content_types=[*types, *accepts])(guarded)
            return view

        return register

    def _guard(self, described: Operation, view: View, path_parameters: Mapping[str, str]) -> Response:
        request = self.current_request
        try:
            parsed = _parse(described, request)
            parameters = {name: _parameter(value) for name, value in path_parameters.items()}
            key = parsed.headers.get("idempotency-key") if described.idempotent else None
            optional = described.auth == "optional"
            if key is None or self._run_once is None:
                return _respond(self._view(described, view, parsed, parameters), parsed.headers, vary=optional)
            return self._once(described, request, key, lambda: self._view(described, view, parsed, parameters))
        except Exception as error:
            known = problems.from_error(settings().public_base_url, _request_id(request), error)
            if known is None:
                raise
            return self._shown(described, request, known)

    def _view(
        self, described: Operation, view: View, parsed: ApiRequest[Any, Any], parameters: Mapping[str, str]
    ) -> Answer:
        if described.limit is not None:
            if self._allow is None:
                raise RuntimeError("this blueprint was made without what counts requests")
            self._allow(parsed.account, described.limit)
        return view(parsed, **parameters)

    def _shown(self, described: Operation, request: Request, known: Response) -> Response:
        """Return a problem as a page where the route is one, unless the client asks for JSON and not for pages.

        The CDN asks for no type: who comes by it is a person.
        """
        accepted = str(request.headers.get("accept") or "")
        if self._problem_page is None or described.produces != PAGE or ("json" in accepted and "html" not in accepted):
            return known
        shown = self._problem_page(json.loads(str(known.body)))
        headers = {**known.headers, **shown.headers}
        return Response(body=shown.body, status_code=known.status_code, headers=headers)

    def _once(self, described: Operation, request: Request, key: str, work: Callable[[], Answer]) -> Response:
        if not 1 <= len(key) <= 255:
            raise MalformedError("An Idempotency-Key has 1 to 255 characters.")
        if self._run_once is None:
            raise RuntimeError("this blueprint was made without a store of answers")
        scope = json.dumps([_account(request), described.method, _address(request), key])
        fingerprint = hashlib.sha256(_raw(request)).hexdigest()
        kept = self._run_once(scope, fingerprint, lambda: _to_kept(work()), self.lambda_context, described.remembered)
        return Response(body=kept["body"], status_code=int(kept["status"]), headers=dict(kept["headers"]))


def _parameter(value: str) -> str:
    """Return a value of the address as it was meant.

    Raises:
        NotFoundError: nothing has so long a name.
    """
    found = unquote(value)
    if len(found) > MAX_PARAMETER:
        raise NotFoundError("There is nothing at this address.")
    return found


def _account(request: Request) -> str | None:
    principal = (request.context.get("authorizer") or {}).get("principalId")
    return str(principal) if principal else None


def _check_group(described: Operation, request: Request) -> None:
    if described.auth == "moderator" and not _moderates(request):
        raise ForbiddenError("Only moderators may do this.", code="moderators-only")


def _moderates(request: Request) -> bool:
    return MODERATORS in str((request.context.get("authorizer") or {}).get("groups") or "").split()


def _raw(request: Request) -> bytes:
    body = request.raw_body
    return body.encode() if isinstance(body, str) else body


def _request_id(request: Request) -> str:
    return str(request.context.get("requestId") or getattr(request.lambda_context, "aws_request_id", ""))


def _address(request: Request) -> str:
    """Return the path that was asked for; Chalice's ``request.path`` is the route's, with ``{parameters}`` in it."""
    values = request.uri_params or {}
    return re.sub(r"{(\w+)}", lambda name: quote(unquote(values[name[1]]), safe="@"), request.path)


def _parse(described: Operation, request: Request) -> ApiRequest[Any, Any]:
    _check_group(described, request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    account_id = _account(request)
    if described.auth == "optional" and "authorization" in headers:
        account_id = verify(headers["authorization"])
    query = dict(request.query_params or {})
    return ApiRequest(
        account_id=account_id,
        body=_parse_body(described.body, _raw(request)) if described.body else None,
        query=_parse_query(described.query, query),
        headers=headers,
        path=_address(request),
        client=_client(request, headers),
        suspended=(request.context.get("authorizer") or {}).get("suspended"),
        moderates=_moderates(request),
    )


def _client(request: Request, headers: Mapping[str, str]) -> str:
    """Return the address of who asks.

    API Gateway adds the address it was called from to ``X-Forwarded-For``, and the CDN before it that of its viewer:
    the last but one, whatever the client itself wrote before. Who calls the REST API's own address can choose what is
    read here; that way has the stage's throttle alone (docs/adr/0014-a-brake-on-costs.md).
    """
    passed = [each.strip() for each in headers.get("x-forwarded-for", "").split(",") if each.strip()]
    identity = request.context.get("identity") or {}
    return passed[-2] if len(passed) > 1 else str(identity.get("sourceIp") or "")


def _parse_body(schema: type[BaseModel], raw: bytes) -> BaseModel:
    """Read a JSON body strictly: a text that holds a number is no number."""
    if len(raw) > MAX_BODY_BYTES:
        raise TooLargeError(f"A body may have {MAX_BODY_BYTES} bytes at most.")
    try:
        return schema.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors()):
            raise MalformedError("The body is not valid JSON.") from error
        if any(not each["loc"] and each["type"] == "model_type" for each in error.errors()):
            raise MalformedError("The body must be a JSON object.") from error
        raise _invalid(error) from error


def _parse_query(schema: type[BaseModel], query: Mapping[str, str]) -> BaseModel:
    try:
        return schema.model_validate(query)
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> InvalidError:
    found = tuple(FieldError(_path(each["loc"]), _message(each)) for each in error.errors(include_url=False))
    names = ", ".join(sorted({each.field for each in found if each.field}))
    return InvalidError(f"Please correct: {names}." if names else found[0].message, errors=found)


def _path(location: tuple[int | str, ...]) -> str:
    """Write a place in the request as ``media[0].id``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def _message(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not a field of this request"
    return str(error["msg"]).removeprefix("Value error, ")


def _to_kept(answer: Answer) -> dict[str, Any]:
    response = _respond(answer, {})
    return {"status": response.status_code, "headers": dict(response.headers), "body": response.body}


def _respond(answer: Answer, request_headers: Mapping[str, str], *, vary: bool = False) -> Response:
    headers: dict[str, Any] = {"Cache-Control": "no-store", **answer.headers}
    if vary:
        headers["Vary"] = "Authorization"
    if answer.etag is not None:
        headers["ETag"] = answer.etag
        if answer.status == 200 and not_modified(request_headers, answer.etag):
            return Response(body="", status_code=304, headers=headers)
    if answer.body is None:
        return Response(body="", status_code=answer.status, headers=headers)
    if isinstance(answer.body, str):
        return Response(body=answer.body, status_code=answer.status, headers=headers)
    body = answer.body.model_dump_json() if isinstance(answer.body, BaseModel) else json.dumps(answer.body)
    return Response(body=body, status_code=answer.status, headers={"Content-Type": "application/json", **headers})
