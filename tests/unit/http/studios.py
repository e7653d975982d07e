"""Studios as tests make them, through the API."""

from typing import Any
from uuid import uuid4

from chalicelib.domain import clock
from tests.support.hiring import JOB
from tests.unit.http.api import Account, Answer, Api

MODERATOR = Account(groups=("moderators",))


def new_name() -> str:
    """Return a slug that nothing else looks like."""
    return "s" + uuid4().hex[:16].translate(str.maketrans("0135", "wxyz"))


def make_studio(api: Api, by: Account, slug: str | None = None, **fields: Any) -> str:
    """Make a studio, named by its slug unless said otherwise, and return its address."""
    slug = slug or new_name()
    answer = api.ask("POST", "/v1/studios", {"name": slug, "slug": slug, **fields}, by=by)
    assert answer.status == 201, answer.text
    return f"/v1/studios/{answer.json['slug']}"


def ask_to_verify(api: Api, by: Account, studio: str, domain: str | None = None, method: str = "dns") -> Answer:
    """Ask for a verification by a domain that is named as the studio."""
    domain = domain or f"{studio.rpartition('/')[2]}.example"
    return api.ask("POST", f"{studio}/verification", {"method": method, "domain": domain}, by=by)


def decide(api: Api, action: str, target: str, by: Account = MODERATOR, **more: Any) -> Answer:
    """Decide as a moderator about what an address names."""
    body = {"action": action, "target": target.removeprefix("/v1/"), "reason": "We looked.", **more}
    return api.ask("POST", "/v1/moderation/decisions", body, by=by)


def verified_studio(api: Api, by: Account, slug: str | None = None, **fields: Any) -> str:
    """Make a studio and have it verified."""
    studio = make_studio(api, by, slug, **fields)
    assert ask_to_verify(api, by, studio).status == 201
    assert decide(api, "verify_studio", studio).status == 201
    return studio


def add_member(api: Api, by: Account, studio: str, role: str = "recruiter", who: Account | None = None) -> Account:
    """Have somebody invited who accepts."""
    member = who or api.join()
    assert api.ask("POST", f"{studio}/members", {"handle": member.handle, "role": role}, by=by).status == 201
    assert api.ask("PUT", f"/v1/me/studios/{studio.rpartition('/')[2]}", by=member).status == 204
    return member


def closing(days: float = 30) -> str:
    """Return a closing time in so many days."""
    return clock.later(clock.now(), days * 86400)


def make_job(api: Api, by: Account, studio: str, **fields: Any) -> str:
    """Send a job in, or make a draft, and return its address."""
    body = {**JOB, "studio": studio.rpartition("/")[2], "closes_at": closing(), "publish": "now", **fields}
    answer = api.ask("POST", "/v1/jobs", {name: each for name, each in body.items() if each is not None}, by=by)
    assert answer.status == 201, answer.text
    return f"/v1/jobs/{answer.json['id']}"


def open_job(api: Api, by: Account, studio: str, **fields: Any) -> str:
    """Send a job in and have it approved where that is needed."""
    job = make_job(api, by, studio, **fields)
    if api.ask("GET", job, by=by).json["state"] == "in_review":
        assert decide(api, "approve_job", job).status == 201
    return job
