"""Somebody's life among others: whatever can be done on the platform, so that it can be seen what is left of it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from chalicelib import composition
from tests.support.fakes import protected_picture
from tests.unit.http.api import Account, Api
from tests.unit.http.applying import applied, move, with_resume
from tests.unit.http.background import Background
from tests.unit.http.studios import add_member, decide, make_job, make_studio, open_job, verified_studio


@dataclass(frozen=True)
class Artist(Account):
    """An account as Cognito names it, and a handle that does not tell its id."""

    name: str = ""

    @property
    def handle(self) -> str:
        return self.name


def artist() -> Artist:
    return Artist(str(uuid4()), name=f"d{uuid4().hex[:12]}")


def put(api: Api, by: Account, path: str, body: Any = None) -> None:
    answer = api.ask("PUT", path, body, by=by)
    assert answer.status in {200, 201, 202, 204}, (path, answer.text)


def post(api: Api, by: Account, path: str, body: Any) -> Any:
    answer = api.ask("POST", path, body, by=by)
    assert answer.status in {200, 201, 202}, (path, answer.text)
    return answer.json


def write(api: Api, one: Account, two: Account, *texts: str) -> str:
    """Have somebody write to somebody else, who answers."""
    talk = str(post(api, one, "/v1/conversations", {"handle": two.handle})["id"])
    for text in texts:
        post(api, one, f"/v1/conversations/{talk}/messages", {"text": text})
    post(api, two, f"/v1/conversations/{talk}/messages", {"text": "so I say"})
    return talk


CHOICES: tuple[dict[str, Any], ...] = (
    {"data_mining": "all"},
    {"data_mining": "allowed", "confirm_ai_training": True},
)
"""What machines are told of pictures: each has files below a path of its own."""


@dataclass(frozen=True)
class Life:
    """What somebody left behind among others."""

    dora: Artist
    ada: Account
    bob: Account
    post: str
    others: str
    media: str
    comment: str
    talk: str
    alone: str
    shared: str
    job: str
    report: str


def live(api: Api, background: Background) -> Life:
    """Have somebody do whatever can be done here, and others do it with them."""
    dora, ada, bob = artist(), api.join(), api.join()
    api.join(dora)
    media = show(api, dora, ada)
    own = api.post(dora, media, text=f"@{ada.handle}", tags=["ink"])["id"]
    for more in ({"publish": "draft"}, {"visibility": "followers"}):
        api.post(dora, api.ready(dora), **more)
    api.post(dora, *(api.ready(dora, **choice) for choice in CHOICES), quote_post_id=own)
    others = api.post(ada, text=f"after @{dora.handle}")["id"]
    comment = discuss(api, dora, ada, own, others)
    background.settle()
    retract(api, dora, ada, others)
    meet(api, dora, ada, bob)
    background.settle()
    for reader in (dora, ada, bob):
        api.ask("GET", "/v1/feed", by=reader)
    talk = write(api, dora, ada, "hello", "a second word")
    write(api, bob, dora, "psst")
    left = write(api, dora, api.join(), "never mind")
    assert api.ask("DELETE", f"/v1/conversations/{left}", by=dora).status == 204
    put(api, dora, "/v1/me/message_preferences", {"who_may_write": "following"})
    alone, shared, job = hire(api, dora, ada)
    report = judge(api, dora, ada, others)
    task = post(api, dora, "/v1/me/exports", None)["id"]
    rate = {"currency": "EUR", "min": 40, "max": 60, "period": "hour"}
    looks = {"availability": "freelance", "work": {"rate": rate, "country": "DE"}}
    api.join(dora, avatar_media_id=media, bio=f"about {dora.handle}", **looks)
    background.settle()
    assert api.ask("GET", f"/v1/me/exports/{task}", by=dora).json["state"] == "done"
    composition.export_service().archives.begin(f"exports/{dora.account_id}/begun.zip")
    renamed = replace(dora, name=f"{dora.name}x")
    put(api, dora, "/v1/me", {"handle": renamed.handle, "display_name": "Dora", "avatar_media_id": media, **looks})
    background.settle()
    return Life(renamed, ada, bob, own, others, media, comment, talk, alone, shared, job, report)


def show(api: Api, dora: Account, ada: Account) -> str:
    """Upload what is ready, refused, or never came, and what looks like somebody else's; return what is ready."""
    media = api.ready(dora)
    refused = api.refused(dora)
    post(api, dora, f"/v1/media/{refused}/appeals", {"text": "I drew it"})
    api.upload(dora)
    near = api.upload(ada)
    api.arrive(ada, near, lambda _, options: protected_picture(media.encode(), options))
    api.post(ada, near)
    return media


def retract(api: Api, dora: Artist, ada: Account, others: str) -> None:
    """Delete a comment that was answered."""
    [said] = [
        each["id"] for each in api.ask("GET", f"/v1/posts/{others}/comments").json["items"] if each["text"] == "oh"
    ]
    post(api, ada, f"/v1/posts/{others}/comments", {"text": "what?", "parent_id": said})
    assert api.ask("DELETE", f"/v1/comments/{said}", by=dora).status == 204


def discuss(api: Api, dora: Artist, ada: Account, own: str, others: str) -> str:
    """Comment and answer below each other's posts; return a comment of theirs that was answered."""
    below = f"/v1/posts/{others}/comments"
    mine = post(api, dora, below, {"text": "mine"})["id"]
    post(api, ada, below, {"text": f"yes @{dora.handle}", "parent_id": mine})
    post(api, dora, below, {"text": "oh"})
    again = post(api, ada, below, {"text": "I say"})["id"]
    post(api, dora, below, {"text": "I too", "parent_id": again})
    theirs = post(api, ada, f"/v1/posts/{own}/comments", {"text": "theirs"})["id"]
    post(api, dora, f"/v1/posts/{own}/comments", {"text": "thanks", "parent_id": theirs})
    return str(mine)


def meet(api: Api, dora: Account, ada: Account, bob: Account) -> None:
    """Like, keep, follow, ask, block and mute, each both ways."""
    for one, two in ((dora, ada), (ada, dora)):
        shown = api.post(two)["id"]
        for kind in ("like", "bookmark", "repost"):
            put(api, one, f"/v1/posts/{shown}/{kind}")
        put(api, one, f"/v1/profiles/{two.handle}/follow")
    put(api, bob, f"/v1/profiles/{dora.handle}/follow")
    for kind in ("block", "mute"):
        other, another = api.join(), api.join()
        put(api, dora, f"/v1/profiles/{other.handle}/{kind}")
        put(api, another, f"/v1/profiles/{dora.handle}/{kind}")
    put(api, dora, f"/v1/profiles/{api.join(protected=True).handle}/follow")
    put(api, dora, "/v1/me/muted_tags/oil")


def hire(api: Api, dora: Account, ada: Account) -> tuple[str, str, str]:
    """Have studios of one's own, with others, and of others; return the first two, and a job of the first."""
    alone = verified_studio(api, dora)
    job = open_job(api, dora, alone)
    make_job(api, dora, alone, publish="draft")
    shared = make_studio(api, dora)
    add_member(api, dora, shared, who=ada)
    theirs = verified_studio(api, ada)
    add_member(api, ada, theirs, who=dora)
    for cadence in ("at_once", "daily"):
        post(api, dora, "/v1/me/job_alerts", {"name": cadence, "level": "mid", "cadence": cadence, "email": False})
    offered = open_job(api, dora, theirs)
    move(api, dora, applied(api, api.join(), offered), "interview")
    wanted = [open_job(api, ada, theirs) for _ in range(2)]
    put(api, dora, f"{offered}/save")
    assert api.ask("DELETE", f"{theirs}/members/{dora.handle}", by=dora).status == 204
    for each in wanted:
        application = applied(api, dora, each, resume_id=with_resume(api, dora, each))
    move(api, ada, application, "declined")
    with_resume(api, dora, wanted[0])
    return alone, shared, job


def judge(api: Api, dora: Account, ada: Account, others: str) -> str:
    """Report each other, have some of it decided; return what they reported of a post, which stays open."""

    def report(by: Account, target: str) -> str:
        return str(post(api, by, "/v1/reports", {"target": target, "reason": "spam", "text": "look"})["id"])

    report(dora, f"profiles/{ada.handle}")
    assert decide(api, "dismiss", f"accounts/{ada.account_id}").status == 201
    report(ada, f"profiles/{dora.handle}")
    for action in ("suspend", "unsuspend"):
        assert decide(api, action, f"accounts/{dora.account_id}").status == 201
    report(ada, f"profiles/{dora.handle}")
    below = f"/v1/posts/{others}/comments"
    removed = post(api, dora, below, {"text": "buy this"})["id"]
    answered = post(api, dora, below, {"text": "and this"})["id"]
    answer = post(api, ada, below, {"text": "no", "parent_id": answered})["id"]
    for each in (removed, answered, answer):
        assert decide(api, "remove", f"comments/{each}").status == 201
    return report(dora, f"posts/{others}")
