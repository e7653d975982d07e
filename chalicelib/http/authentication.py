"""Access tokens: verified by a Lambda authorizer where an account is needed, in the function where it is optional."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from chalice.app import AuthRequest, AuthResponse, AuthRoute, Blueprint

from chalicelib.domain import telemetry
from chalicelib.domain.errors import TemporaryError, UnauthorizedError
from chalicelib.domain.telemetry import Metric
from chalicelib.invocations import invocation
from chalicelib.settings import settings

if TYPE_CHECKING:
    from jwt import PyJWKClient

CACHE_SECONDS = 300
"""How long API Gateway may take the authorizer's word: a suspension holds within that time."""

_ACCESS = "access"

LEFT_TO_THE_SUSPENDED = (AuthRoute("/v1/me", ["GET", "DELETE"]), AuthRoute("/v1/me/appeals", ["POST"]))
"""What a suspended account may still ask: its own profile, which says why, to be let in again, and to be deleted."""

type _Cause = Literal["missing", "invalid", "expired", "foreign"]

authorizers = Blueprint(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token speaks for, and the groups of the user pool that it names."""

    account_id: str
    groups: tuple[str, ...] = ()


@cache
def _keys() -> "PyJWKClient":
    from jwt import PyJWKClient

    return PyJWKClient(settings().cognito_jwks_url, cache_jwk_set=True, lifespan=3600, timeout=3)


def verify(header: str) -> str:
    """Return the account (``sub``) that an ``Authorization`` header speaks for: see :func:`identify`."""
    return identify(header).account_id


def identify(header: str) -> Identity:
    """Return whom an ``Authorization`` header speaks for.

    The token must be a Cognito access token of our client: RS256 by a key of the pool, issuer, token use, client and
    expiry are checked
    (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html).

    Raises:
        UnauthorizedError: it is not so; the detail says why, as far as that helps an honest client.
        TemporaryError: the pool's keys could not be fetched.
    """
    import jwt
    from jwt.exceptions import PyJWKClientConnectionError

    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refusal("missing", "The Authorization header must be 'Bearer' and an access token.")
    try:
        key = _keys().get_signing_key_from_jwt(token.strip())
        claims: dict[str, Any] = jwt.decode(
            token.strip(),
            key,
            algorithms=["RS256"],
            issuer=settings().cognito_issuer,
            options={"require": ["exp", "iat", "iss", "sub", "token_use", "client_id"], "verify_aud": False},
        )
    except PyJWKClientConnectionError as error:
        raise TemporaryError("the user pool's keys could not be fetched") from error
    except jwt.ExpiredSignatureError as error:
        raise _refusal("expired", "The access token has expired.") from error
    except jwt.InvalidIssuerError as error:
        raise _refusal("foreign", "The access token is not valid.") from error
    except jwt.PyJWTError as error:
        raise _refusal("invalid", "The access token is not valid.") from error
    if claims["token_use"] != _ACCESS or claims["client_id"] != settings().user_pool_client_id:
        raise _refusal("foreign", "The token is not an access token of this platform.")
    return Identity(str(claims["sub"]), _groups(claims.get("cognito:groups")))


def _groups(claim: object) -> tuple[str, ...]:
    """Return the groups of a token; Cognito leaves the claim out where there are none."""
    return tuple(str(each) for each in claim) if isinstance(claim, list) else ()


def _refusal(cause: _Cause, detail: str) -> UnauthorizedError:
    telemetry.measure(Metric.AUTHORIZATION_FAILURES, cause=cause)
    return UnauthorizedError(detail)


@authorizers.authorizer(ttl_seconds=CACHE_SECONDS)
def bearer(request: AuthRequest) -> AuthResponse:
    """Admit the account that the token speaks for to every route; where it is suspended, to what is left to it alone.

    The token of a deleted account is as good as none.
    """
    from chalicelib import composition

    with invocation("authorizer") as work:
        try:
            identity = identify(request.token)
        except UnauthorizedError as error:
            work.note(outcome="refused")
            # API Gateway answers 401 to exactly this message, and 403 to a policy that denies.
            raise Exception("Unauthorized") from error  # noqa: TRY002
        standing = composition.standing(identity.account_id)
        if standing is not None and standing.deleted:
            work.note(outcome="deleted")
            raise Exception("Unauthorized")  # noqa: TRY002
        why = standing.decision.reason if standing else None
        work.note(outcome="admitted" if why is None else "suspended")
        # the context takes texts alone; no name of a Cognito group has a space
        context = {"groups": " ".join(identity.groups)} if why is None else {"suspended": why}
        routes: list[Any] = ["*"] if why is None else list(LEFT_TO_THE_SUSPENDED)
        return AuthResponse(routes=routes, principal_id=identity.account_id, context=context)
