"""The main job over HTTP: upload, protection, publication, and what a stranger can and cannot see."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import uuid4

import c2pa
import httpx
import jwt
import pytest

from chalicelib.domain.noai import media_headers
from chalicelib.domain.signatures import public_jwk
from tests.support.artist import Artist, picture, post_form
from tests.support.clients import admin_client
from tests.support.processes import PlatformProcess, until


@pytest.fixture(scope="module")
def artist(platform: PlatformProcess) -> Artist:
    return Artist(platform)


def rendition_urls(media: dict[str, object]) -> list[str]:
    """Return the addresses that everyone has of a picture once it is public; its owner may have others before."""
    found = [each["url"] for each in media["renditions"]]  # type: ignore[attr-defined]  # JSON
    return [url.partition("?")[0].replace("/held/", "/media/") for url in found]


def status_of(url: str) -> int:
    return httpx.get(url, trust_env=False).status_code


def published_key(platform: PlatformProcess) -> jwt.PyJWK:
    """Return the key of records, which KMS has and the function alone may sign with."""
    run = platform.run
    kms = admin_client("kms", run.endpoint)
    return jwt.PyJWK(public_jwk(kms.get_public_key(KeyId=run.env["CARA_RECORD_KEY_ID"])["PublicKey"]))


def test_a_stranger_sees_the_published_picture_and_never_the_original(
    artist: Artist, http: httpx.Client, platform: PlatformProcess
) -> None:
    media_id = artist.upload(picture(1, (1500, 900)))
    post = artist.post(media_id, portfolio=True, tags=["Still Life"])
    artist.published(post["id"])

    seen = http.get(f"/v1/posts/{post['id']}")
    assert seen.status_code == 200
    assert "public" in seen.headers["cache-control"]
    shown = seen.json()["media"][0]["picture"]
    sizes = {(each["width"], each["height"], each["format"]) for each in shown["renditions"]}
    assert sizes == {
        (width, height, format_)
        for width, height in [(320, 192), (640, 384), (1280, 768), (1500, 900)]
        for format_ in ["avif", "webp", "jpeg"]
    }
    for rendition in shown["renditions"]:
        answer = httpx.get(rendition["url"], trust_env=False)
        assert answer.status_code == 200
        assert len(answer.content) == rendition["bytes"]
        assert b"http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING" in answer.content
        assert f"<rdf:li>Artist {artist.name}</rdf:li>".encode() in answer.content
        for name, value in media_headers(artist.platform.base_url).items():
            assert answer.headers[name] == value
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
        reader = c2pa.Reader(f"image/{rendition['format']}", BytesIO(answer.content))
        assert reader.get_validation_state() == "Valid"
        assert "c2pa.training-mining" in reader.json()
    record = http.get(f"/v1/media/{media_id}/protection").json()
    assert record["provenance"]["signed"]
    assert {each["bytes"] for each in record["renditions"]} == {each["bytes"] for each in shown["renditions"]}
    assert jwt.decode(record["signature"], published_key(platform), algorithms=["ES256"])["media_id"] == media_id

    listed = http.get(f"/v1/profiles/{artist.name}/posts", params={"portfolio": "true"}).json()["items"]
    assert [each["id"] for each in listed][:1] == [post["id"]]
    assert status_of(listed[0]["cover"]["thumbnails"][0]["url"]) == 200


def test_originals_answer_403_to_everyone(artist: Artist, platform: PlatformProcess) -> None:
    announced = artist.announce(picture(2))
    post_form(announced["upload"], picture(2))
    key, bucket = announced["upload"]["fields"]["key"], platform.run.env["CARA_ORIGINALS_BUCKET"]
    endpoint, base = platform.run.endpoint, platform.base_url
    artist.final_media(announced["media_id"])
    for url in [
        f"{endpoint}/{bucket}/{key}",
        f"{endpoint}/{bucket}",
        f"{endpoint}/{bucket}?list-type=2",
        f"{endpoint}/{bucket}?versions",
        f"{base}/media/{key}",
        f"{base}/media/%2e%2e/{key}",
    ]:
        assert status_of(url) == 403, url


@pytest.mark.parametrize("fields", [{"publish": "draft"}, {"visibility": "private"}, {"visibility": "followers"}])
def test_pictures_of_drafts_and_private_posts_answer_403(
    artist: Artist, http: httpx.Client, fields: dict[str, str]
) -> None:
    media_id = artist.upload(picture(3))
    post = artist.post(media_id, **fields)
    media = artist.final_media(media_id)
    assert media["state"] == "ready"
    until(lambda: artist.post_state(post["id"]) in {"draft", "published"})
    assert {status_of(url) for url in rendition_urls(media)} == {403}
    assert http.get(f"/v1/posts/{post['id']}").status_code == 404
    assert http.get(f"/v1/media/{media_id}").status_code == 404
    assert post["id"] not in http.get(f"/v1/profiles/{artist.name}/posts").text


def test_the_same_address_opens_with_publication_and_closes_with_deletion(artist: Artist, http: httpx.Client) -> None:
    media_id = artist.upload(picture(4))
    post = artist.post(media_id, publish="draft")
    urls = rendition_urls(artist.final_media(media_id))
    before = http.get(f"/v1/profiles/{artist.name}").json()["counters"]["posts"]

    changed = artist.client.patch(f"/v1/posts/{post['id']}", json={"publish": "now"})
    assert changed.json()["state"] == "published"
    assert {status_of(url) for url in urls} == {200}
    assert http.get(f"/v1/profiles/{artist.name}").json()["counters"]["posts"] == before + 1
    assert artist.client.get("/v1/me/posts", params={"state": "draft"}).text.count(post["id"]) == 0

    hidden = artist.client.patch(f"/v1/posts/{post['id']}", json={"visibility": "private"})
    assert hidden.status_code == 200
    assert {status_of(url) for url in urls} == {403}

    assert artist.client.patch(f"/v1/posts/{post['id']}", json={"visibility": "public"}).status_code == 200
    assert {status_of(url) for url in urls} == {200}

    assert artist.client.delete(f"/v1/posts/{post['id']}").status_code == 204
    assert {status_of(url) for url in urls} == {403}
    assert http.get(f"/v1/posts/{post['id']}").status_code == 404
    assert http.get(f"/v1/profiles/{artist.name}").json()["counters"]["posts"] == before


def test_two_artists_racing_for_one_handle(platform: PlatformProcess) -> None:
    racers = [Artist(platform) for _ in range(6)]
    handle = f"r{uuid4().hex[:10]}"

    def race(racer: Artist) -> int:
        return racer.client.put("/v1/me", json={"handle": handle.upper(), "display_name": "Racer"}).status_code

    with ThreadPoolExecutor(len(racers)) as pool:
        answers = list(pool.map(race, racers))
    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    winner = racers[answers.index(200)]
    shown = winner.client.get(f"/v1/profiles/{handle}").json()
    assert shown["handle"] == handle
    for racer in racers:
        expected = handle if racer is winner else racer.name
        assert racer.client.get("/v1/me").json()["handle"] == expected
    # the winner's old handle is reserved: it names nobody, and nobody else can have it
    assert winner.client.get(f"/v1/profiles/{winner.name}").status_code == 404
    loser = next(racer for racer in racers if racer is not winner)
    taken = loser.client.put("/v1/me", json={"handle": winner.name, "display_name": "Thief"})
    assert taken.status_code == 409
    assert taken.json()["type"].endswith("/handle-taken")


def test_two_first_profiles_racing_for_one_handle(platform: PlatformProcess) -> None:
    handle = f"n{uuid4().hex[:10]}"
    tokens = [platform.token(f"new{uuid4().hex[:10]}") for _ in range(4)]

    def race(token: str) -> int:
        body = {"handle": handle, "display_name": "New"}
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.put(f"{platform.base_url}/v1/me", json=body, headers=headers, trust_env=False).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(race, tokens)) == [201, 409, 409, 409]


def test_anothers_media_in_my_post(artist: Artist, platform: PlatformProcess) -> None:
    thief = Artist(platform)
    media_id = artist.upload(picture(5))
    answer = thief.client.post("/v1/posts", json={"title": "Mine now", "media": [{"id": media_id}]})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "media[0].id", "message": "is no media of yours"}]
    avatar = thief.client.put(
        "/v1/me", json={"handle": thief.name, "display_name": "Thief", "avatar_media_id": media_id}
    )
    assert avatar.status_code == 422
    assert avatar.json()["errors"][0]["field"] == "avatar_media_id"
    assert thief.client.get(f"/v1/media/{media_id}").status_code == 404
    owned = artist.post(artist.upload(picture(6)), publish="draft")
    for call in (
        thief.client.patch(f"/v1/posts/{owned['id']}", json={"title": "x"}),
        thief.client.delete(f"/v1/posts/{owned['id']}"),
        thief.client.get(f"/v1/posts/{owned['id']}"),
    ):
        assert call.status_code == 404


def test_an_avatar_is_public_while_the_profile_shows_it(artist: Artist, http: httpx.Client) -> None:
    media_id = artist.upload(picture(7))
    urls = rendition_urls(artist.final_media(media_id))
    assert {status_of(url) for url in urls} == {403}
    profile = {"handle": artist.name, "display_name": "With a face"}
    assert artist.client.put("/v1/me", json={**profile, "avatar_media_id": media_id}).status_code == 200
    assert http.get(f"/v1/profiles/{artist.name}").json()["avatar"]["media_id"] == media_id
    assert {status_of(url) for url in urls} == {200}
    assert artist.client.put("/v1/me", json=profile).status_code == 200
    assert {status_of(url) for url in urls} == {403}


def test_two_changes_at_once_count_and_publish_once(artist: Artist, http: httpx.Client) -> None:
    media_id = artist.upload(picture(8))
    post = artist.post(media_id, publish="draft")
    artist.final_media(media_id)
    before = http.get(f"/v1/profiles/{artist.name}").json()["counters"]["posts"]

    def publish(_: int) -> int:
        return artist.client.patch(f"/v1/posts/{post['id']}", json={"publish": "now"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(publish, range(8))) <= {200, 409, 503}
    artist.published(post["id"])
    assert http.get(f"/v1/profiles/{artist.name}").json()["counters"]["posts"] == before + 1


def test_a_list_of_twenty_costs_at_most_two_read_units(artist: Artist, platform: PlatformProcess) -> None:

    media_id = artist.upload(picture(9))
    artist.final_media(media_id)
    for number in range(20):
        artist.post(media_id, title=f"Number {number} of a series with an ordinary title", portfolio=True)
    run = platform.run
    account = artist.client.get("/v1/me").json()["account_id"]
    client = admin_client("dynamodb", run.endpoint)
    for index, key in [("public_by_author", "public_author"), ("by_portfolio", "portfolio_author")]:
        page = client.query(
            TableName=run.env["CARA_POSTS_TABLE"],
            IndexName=index,
            KeyConditionExpression="#k = :k",
            ExpressionAttributeNames={"#k": key},
            ExpressionAttributeValues={":k": {"S": account}},
            Limit=21,
            ReturnConsumedCapacity="TOTAL",
        )
        assert page["Count"] >= 20
        assert page["ConsumedCapacity"]["CapacityUnits"] <= 2
