"""Own data: everything of an account in one archive, for its owner alone."""

import io
import json
import zipfile
from typing import Any
from urllib.parse import urlsplit

import boto3

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.domain.tasks import Task
from chalicelib.services.export import KIND
from chalicelib.settings import settings
from tests.support.documents import PDF
from tests.unit.http.api import Account, Api
from tests.unit.http.applying import applied, hiring, move, with_resume
from tests.unit.http.studios import make_job, make_studio


def work(task_id: str) -> None:
    """Do an export's pieces, each twice, as a queue may bring them."""
    service = composition.export_service()
    errand: Errand | None = Errand(KIND, task_id)
    while errand:
        service.work(errand)
        errand = service.work(errand)


def archive(account: Account, task_id: str) -> zipfile.ZipFile:
    key = f"exports/{account.account_id}/{task_id}.zip"
    found = boto3.client("s3").get_object(Bucket=settings().derivatives_bucket, Key=key)["Body"].read()
    return zipfile.ZipFile(io.BytesIO(found))


def read(found: zipfile.ZipFile, name: str) -> Any:
    return json.loads(found.read(name))


def test_everything_of_an_account_is_in_its_archive(api: Api) -> None:
    ada, bob = api.join(), api.join()
    media_id = api.ready(ada)
    post = api.post(ada, media_id, text="wörds")
    theirs = api.post(bob)
    api.ask("PUT", f"/v1/posts/{theirs['id']}/like", by=ada)
    api.ask("PUT", f"/v1/profiles/{bob.handle}/follow", by=ada)
    api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=bob)
    talk = api.ask("POST", "/v1/conversations", {"handle": bob.handle}, by=ada).json["id"]
    assert api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "hello"}, by=ada).status == 201
    strangers = api.join()
    other = api.ask("POST", "/v1/conversations", {"handle": ada.handle}, by=strangers).json["id"]
    assert api.ask("POST", f"/v1/conversations/{other}/messages", {"text": "psst"}, by=strangers).status == 201
    made = api.ask("POST", "/v1/me/exports", by=ada)
    assert (made.status, made.json["state"], made.json["url"]) == (202, "queued", None)
    assert made.headers["location"] == f"/v1/me/exports/{made.json['id']}"
    work(made.json["id"])
    shown = api.ask("GET", f"/v1/me/exports/{made.json['id']}", by=ada).json
    assert (shown["state"], shown["steps_done"]) == ("done", shown["steps"])
    assert urlsplit(shown["url"]).path.endswith(f"exports/{ada.account_id}/{made.json['id']}.zip")
    found = archive(ada, made.json["id"])
    assert found.testzip() is None
    [profile] = read(found, "profile/00001.json")
    assert profile["fields"]["handle"] == ada.handle
    [own] = read(found, "posts/00001.json")
    assert (own["post_id"], own["fields"]["text"]) == (post["id"], "wörds")
    assert read(found, "reactions/00001.json")[0]["reaction"] == f"like#{theirs['id']}"
    kinds = {each["relation"].partition("#")[0] for each in read(found, "relations/00001.json")}
    assert "follow" in kinds
    assert [each["account_id"] for each in read(found, "followers/00001.json")] == [bob.account_id]
    assert found.read(f"media/{media_id}/original") == media_id.encode()
    assert read(found, f"media/{media_id}/media.json")["owner_id"] == ada.account_id
    names = found.namelist()
    texts = [found.read(name).decode() for name in names if name.startswith("messages/")]
    assert ("hello" in "".join(texts), "psst" in "".join(texts)) == (True, True)
    assert len(names) == len(set(names))
    assert [name for name in names if name.startswith(f"media/{media_id}/") and name.endswith(".jws")]
    assert shown["bytes"] > 0


def test_what_one_said_and_left_is_in_it(api: Api) -> None:
    ada, bob = api.join(), api.join()
    theirs = api.post(bob)["id"]
    assert api.ask("POST", f"/v1/posts/{theirs}/comments", {"text": "my wörds"}, by=ada).status == 201
    talk = api.ask("POST", "/v1/conversations", {"handle": bob.handle}, by=ada).json["id"]
    assert api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "bye"}, by=ada).status == 201
    assert api.ask("DELETE", f"/v1/conversations/{talk}", by=ada).status == 204
    studio = make_studio(api, ada)
    job = make_job(api, ada, studio, publish="draft").rpartition("/")[2]
    report = {"target": f"posts/{theirs}", "reason": "spam", "text": "I say so"}
    assert api.ask("POST", "/v1/reports", report, by=ada).status in {200, 201}
    decided = Account(groups=("moderators",))
    body = {"action": "dismiss", "target": f"posts/{theirs}", "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", body, by=decided).status == 201
    made = api.ask("POST", "/v1/me/exports", by=ada).json
    work(made["id"])
    found = archive(ada, made["id"])
    assert read(found, "comments/00001.json")[0]["body"]["text"] == "my wörds"
    assert [each["position"] for each in read(found, "messaging/00001.json")] == [f"with#{talk}"]
    assert [each["text"] for each in read(found, f"messages/{talk}/00002.json") if "text" in each] == ["bye"]
    assert [each["partition"] for each in read(found, "studios/00001.json")] == [f"studio#{studio.rpartition('/')[2]}"]
    assert {each["partition"] for each in read(found, "studio_jobs/00001.json")} == {f"job#{job}"}
    assert [each["text"] for each in read(found, "cases/00001.json")] == ["I say so"]
    assert [each["handle"] for each in read(found, "handles/00001.json")] == [ada.handle]
    everything = b"".join(found.read(name) for name in found.namelist())
    assert decided.account_id.encode() not in everything


def test_what_one_applied_with_and_what_was_refused_is_in_it(api: Api) -> None:
    ada, bob, place = api.join(), api.join(), hiring(api)
    resume = with_resume(api, ada, place.job)
    applied(api, ada, place.job, letter="I paint skies.", resume_id=resume)
    gone = hiring(api).job
    move(api, ada, applied(api, ada, gone, resume_id=with_resume(api, ada, gone)), "withdrawn")
    talk = api.ask("POST", "/v1/conversations", {"handle": ada.handle}, by=bob).json["id"]
    assert api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "psst"}, by=bob).status == 201
    assert api.ask("DELETE", f"/v1/conversations/{talk}", by=ada).status == 204
    for account, said in ((ada, "psst"), (bob, "psst")):
        made = api.ask("POST", "/v1/me/exports", by=account).json
        work(made["id"])
        found = archive(account, made["id"])
        assert [each["text"] for each in messages(found, talk)] == [said]
    made = api.ask("POST", "/v1/me/exports", by=ada).json
    work(made["id"])
    found = archive(ada, made["id"])
    assert [name for name in found.namelist() if name.startswith("resumes/")] == [f"resumes/{resume}.pdf"]
    assert found.read(f"resumes/{resume}.pdf") == PDF
    assert "I paint skies." in found.read("applications/00001.json").decode()


def messages(found: zipfile.ZipFile, talk: str) -> list[Any]:
    names = [name for name in found.namelist() if name.startswith(f"messages/{talk}/")]
    return [each for name in names for each in read(found, name) if "text" in each]


def test_an_export_is_its_owners_alone(api: Api) -> None:
    ada, bob = api.join(), api.join()
    made = api.ask("POST", "/v1/me/exports", by=ada).json
    for task_id in (made["id"], "01J00000000000000000000000"):
        assert api.ask("GET", f"/v1/me/exports/{task_id}", by=bob).status == 404
    work(made["id"])
    assert api.ask("GET", f"/v1/me/exports/{made['id']}", by=bob).status == 404
    names = archive(ada, made["id"]).namelist()
    assert not [name for name in names if name.startswith("media/")]


def test_one_at_a_time(api: Api) -> None:
    ada = api.join()
    first, second = (api.ask("POST", "/v1/me/exports", by=ada).json["id"] for _ in range(2))
    assert first == second
    work(first)
    assert api.ask("POST", "/v1/me/exports", by=ada).json["id"] != first


def test_what_is_kept_no_more_is_gone(api: Api) -> None:
    ada = api.join()
    made = api.ask("POST", "/v1/me/exports", by=ada).json
    work(made["id"])
    tasks = composition.export_service().tasks
    task = tasks.get(made["id"])
    assert isinstance(task, Task)
    tasks.put(Task(**{name: getattr(task, name) for name in Task.__dataclass_fields__} | {"expires_at": 1}))
    assert api.ask("GET", f"/v1/me/exports/{made['id']}", by=ada).status == 404


def test_an_archive_does_not_tell_that_somebody_blocked_the_account(api: Api) -> None:
    ada, bob, carl = api.join(), api.join(), api.join()
    api.ask("PUT", f"/v1/profiles/{carl.handle}/follow", by=ada)

    def relations(account: Account) -> Any:
        task = api.ask("POST", "/v1/me/exports", by=account).json["id"]
        work(task)
        found = archive(account, task)
        name = "relations/00001.json"
        return read(found, name) if name in found.namelist() else []

    before = relations(ada), relations(carl)
    for _ in range(2):
        for each in (ada, carl):
            assert api.ask("PUT", f"/v1/profiles/{each.handle}/block", by=bob).status == 204
            assert (relations(ada), relations(carl)) == before
            assert api.ask("DELETE", f"/v1/profiles/{each.handle}/block", by=bob).status == 204
