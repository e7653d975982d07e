"""Applying for a job over HTTP, from the studio's verification to the figures, with a résumé by a presigned form."""

import csv
import io
from typing import Any

import httpx

from tests.support.artist import Artist, picture, post_form
from tests.support.documents import PDF
from tests.support.hiring import Hiring
from tests.support.processes import PlatformProcess, until


def ask(client: httpx.Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.text and "json" in answer.headers["content-type"] else answer


def test_from_a_verified_studio_to_an_answer(platform: PlatformProcess) -> None:
    owner, rival, artist = Artist(platform), Artist(platform), Artist(platform)
    studio = Hiring(owner, platform)
    Hiring(rival, platform)
    slug, job = studio.slug, studio.open()

    # the piece is private: the studio sees it by the application alone
    media = artist.upload(picture(77))
    artist.final_media(media)
    post = artist.post(media, visibility="private")["id"]
    artist.published(post)

    announced = ask(artist.client, "POST", f"/v1/jobs/{job}/resumes", {"bytes": len(PDF)}, 201)
    form = announced["upload"]
    assert post_form(form, PDF + b"x").status_code >= 400
    assert post_form(form, PDF, key=form["fields"]["key"].replace("/new/", "/kept/")).status_code >= 400
    sent = {"posts": [post], "letter": "I paint skies.", "resume_id": announced["resume_id"]}
    ask(artist.client, "POST", f"/v1/jobs/{job}/applications", sent, 422)  # it did not come yet
    assert post_form(form, PDF).status_code in {200, 201, 204}
    headers = {"Idempotency-Key": "once"}
    answers = [artist.client.post(f"/v1/jobs/{job}/applications", json=sent, headers=headers) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    application = f"/v1/applications/{answers[0].json()['id']}"

    for path in (application, f"{application}/resume", f"/v1/jobs/{job}/applications"):
        ask(rival.client, "GET", path, status=404)
    [listed] = ask(owner.client, "GET", f"/v1/jobs/{job}/applications")["items"]
    assert (listed["artist"]["handle"], listed["resume"]) == (artist.name, True)
    seen = ask(owner.client, "GET", application)
    shown = seen["posts"][0]["media"][0]["picture"]["renditions"][0]["url"]
    assert httpx.get(shown, trust_env=False).status_code == 200
    link = ask(owner.client, "GET", f"{application}/resume")["url"]
    fetched = httpx.get(link, trust_env=False)
    assert (fetched.status_code, fetched.content) == (200, PDF)
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert httpx.get(link.partition("?")[0], trust_env=False).status_code == 403

    for state in ("viewed", "interview", "offered", "hired"):
        ask(owner.client, "PATCH", application, {"state": state})
    ask(rival.client, "PATCH", application, {"state": "declined"}, 404)
    talk = ask(owner.client, "POST", f"{application}/conversation")["id"]
    ask(owner.client, "POST", f"/v1/conversations/{talk}/messages", {"text": "Welcome"}, 201)
    assert [each["id"] for each in ask(artist.client, "GET", "/v1/conversations")["items"]] == [talk]

    def told(who: Artist, kind: str) -> bool:
        return kind in {each["kind"] for each in ask(who.client, "GET", "/v1/notifications")["items"]}

    until(lambda: told(owner, "application"), 60, "the studio told who applied")
    until(lambda: told(artist, "application_status"), 60, "the artist told of the status")

    table = owner.client.get(f"/v1/jobs/{job}/applications.csv")
    _, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
    assert (row[1], row[3]) == ("hired", artist.name)
    shown_job = ask(owner.client, "GET", f"/v1/studios/{slug}/dashboard")["jobs"][0]
    assert shown_job["applications"]["hired"] == 1
    assert httpx.get(f"{platform.base_url}/v1/studios/{slug}", trust_env=False).json()["answered"] is None


def test_a_hostile_resume_is_refused_and_a_withdrawn_one_is_gone(platform: PlatformProcess) -> None:
    owner, artist = Artist(platform), Artist(platform)
    job = Hiring(owner, platform).open()
    post = artist.post(text="About me")["id"]

    def announce(data: bytes) -> str:
        announced = ask(artist.client, "POST", f"/v1/jobs/{job}/resumes", {"bytes": len(data)}, 201)
        assert post_form(announced["upload"], data).status_code in {200, 201, 204}
        return str(announced["resume_id"])

    hostile = PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /J#61vaScript >> /Type /Catalog")
    for data in (hostile, b"MZ" + PDF, picture(3)):
        sent = {"posts": [post], "letter": "x", "resume_id": announce(data)}
        ask(artist.client, "POST", f"/v1/jobs/{job}/applications", sent, 422)
    sent = {"posts": [post], "letter": "x", "resume_id": announce(PDF)}
    application = f"/v1/applications/{ask(artist.client, 'POST', f'/v1/jobs/{job}/applications', sent, 201)['id']}"
    link = ask(owner.client, "GET", f"{application}/resume")["url"]
    ask(artist.client, "PATCH", application, {"state": "withdrawn"})
    assert httpx.get(link, trust_env=False).status_code == 404  # an address of before leads nowhere
    ask(owner.client, "GET", f"{application}/resume", status=410)
