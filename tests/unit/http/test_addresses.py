"""Addresses of pictures that not everyone may see: signed, for those alone who may."""

import time
from typing import Any
from urllib.parse import urlsplit

from chalicelib.services.addresses import SECONDS
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
