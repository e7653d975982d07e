"""Addresses of pictures that not everyone may see: signed, for those alone who may."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.changes import Change
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.addresses import SECONDS
from tests.support.fake_plumbing import errands_kept
from tests.unit.http.api import Account, Api
from tests.unit.support import link_key_public
from tools.localcloud.edge_signatures import refusal

KEYS = {"K1": link_key_public()}


def why_not(url: str, after: float = 0) -> str | None:
    """Return why the CDN would refuse an address."""
    parts = urlsplit(url)
    return refusal(f"{parts.scheme}://{parts.netloc}{parts.path}", parts.query, KEYS, time.time() + after)


def urls(answer: Any) -> list[str]:
    """Return every address of a file in an answer."""
    if isinstance(answer, dict):
        own = [answer["url"]] if "format" in answer else []
        return own + [url for each in answer.values() for url in urls(each)]
    return [url for each in answer for url in urls(each)] if isinstance(answer, list) else []


def test_the_owner_sees_what_is_held_by_addresses_that_end(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    draft, private = api.post(ada, media_id, publish="draft"), api.post(ada, media_id, visibility="private")
    paths = (
        *("/v1/me/posts", f"/v1/profiles/{ada.handle}/posts", f"/v1/media/{media_id}"),
        *(f"/v1/media/{media_id}/protection", f"/v1/posts/{draft['id']}", f"/v1/posts/{private['id']}"),
    )
    for path in paths:
        answer = api.ask("GET", path, by=ada)
        found = urls(answer.json)
        assert found, path
        assert answer.headers["cache-control"] == "private, no-store"
        for url in found:
            assert f"/held/{media_id}/" in url, path
            assert why_not(url) is None, path
            assert why_not(url, after=2 * SECONDS + 1) == "Expired"
    assert all(why_not(url) is None for url in urls(draft) + urls(private))


def test_one_pictures_address_is_no_use_for_another(api: Api, ada: Account) -> None:
    mine, others = api.ready(ada), api.ready(api.join())
    url = urls(api.ask("GET", f"/v1/media/{mine}", by=ada).json)[0]
    assert why_not(url) is None
    assert why_not(url.replace(mine, others)) == "AccessDenied"


def test_what_is_public_needs_no_signature(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id)
    for by in (ada, None):
        found = urls(api.ask("GET", f"/v1/posts/{post['id']}", by=by).json)
        assert found
        assert all(f"/media/{media_id}/" in url and "?" not in url for url in found)


def exposure(media_id: str) -> str:
    """Return whether everyone may fetch a picture's files: ``public``, ``held``, ``changing``."""
    media = MediaRepository().get(media_id, consistent=True)
    assert media is not None
    return media.exposure


def sweep_later() -> None:
    """Sweep two minutes from now."""
    later = clock.now() + timedelta(minutes=2)
    replace(composition.sweep_service(), now=lambda: later).run(later - timedelta(hours=1))


def test_pictures_of_an_artist_who_approves_followers_are_for_these(api: Api, ada: Account) -> None:
    fan = api.join()
    assert api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=fan).status == 204
    api.join(ada, protected=True)
    media_id = api.ready(ada)
    post = api.post(ada, media_id)
    assert post["state"] == "published"
    assert exposure(media_id) == "held"
    for path in (f"/v1/posts/{post['id']}", f"/v1/profiles/{ada.handle}/posts"):
        found = urls(api.ask("GET", path, by=fan).json)
        assert found, path
        assert all(f"/held/{media_id}/" in url and why_not(url) is None for url in found), path
    other = api.ready(ada)
    api.post(ada, other, visibility="unlisted")
    assert exposure(other) == "public"


def test_pictures_are_closed_and_opened_as_their_artist_begins_or_ends_to_approve_followers(
    api: Api, ada: Account
) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id)["id"]
    before = ProfileRepository().get(ada.account_id)
    assert exposure(media_id) == "public"
    for protected, expected in ((True, "held"), (False, "public")):
        api.join(ada, protected=protected)
        after = ProfileRepository().get(ada.account_id)
        with errands_kept() as put:
            for consumer in composition.change_consumers("profiles"):
                consumer.take([Change("1", before, after)])
            [errand] = [each for each in put if each.kind == "settle-author"]
            assert composition.errand_workers()[errand.kind](errand) is None
            sweep_later()
        assert exposure(media_id) == expected
        assert api.ask("GET", f"/v1/posts/{post}", by=ada).json["state"] == "published"
        before = after
