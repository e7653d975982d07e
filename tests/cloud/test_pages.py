"""Public pages through the CDN's stand-in: what reaches a person, a feed reader, a search engine."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import html5lib
import httpx
import pytest

from chalicelib.domain.noai import CHOICES, RESERVATIONS, DataMining
from tests.support import atom_rules
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess, until


@dataclass(frozen=True)
class Shown:
    """An artist with a portfolio, and one post for each choice."""

    artist: Artist
    posts: dict[DataMining, dict[str, Any]]


@pytest.fixture(scope="module")
def shown(platform: PlatformProcess) -> Shown:
    artist = Artist(platform)
    avatar = artist.upload(picture(80))
    uploaded = {
        choice: artist.upload(picture(81 + n), data_mining=choice, confirm_ai_training=choice == "allowed")
        for n, choice in enumerate(CHOICES)
    }
    artist.final_media(avatar)
    profile = {
        "handle": artist.name,
        "display_name": f"Artist {artist.name}",
        "bio": f"Me: @{artist.name}",
        "avatar_media_id": avatar,
    }
    assert artist.client.put("/v1/me", json=profile).status_code == 200
    posts = {
        choice: artist.published(artist.post(media_id, portfolio=True, text="A #test of pages", tags=["test"])["id"])
        for choice, media_id in uploaded.items()
    }
    return Shown(artist, posts)


def addresses(answer: httpx.Response) -> Iterator[str]:
    """Give every address on a page that a browser, a reader of previews or a search engine may follow."""
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    for element in tree.iter():
        for name in ("href", "src", "cite"):
            if element.get(name):
                yield urljoin(str(answer.url), element.get(name))
        yield from re.findall(r"https?://\S+", element.get("srcset") or "")
        if element.tag == "meta" and (element.get("content") or "").startswith("http"):
            yield element.get("content")


def test_everything_a_page_leads_to_is_there(shown: Shown, http: httpx.Client) -> None:
    home = http.get(f"/@{shown.artist.name}")
    post = http.get(f"/posts/{shown.posts['ai-training']['id']}")
    found: set[str] = set()
    for page in (home, post):
        assert page.status_code == 200
        found |= {address.partition("#")[0] for address in addresses(page)}
    base = str(http.base_url).rstrip("/")
    assert all(address.startswith(base) for address in found), "nothing is loaded from elsewhere"
    assert len([address for address in found if "/media/" in address]) > 5
    for address in sorted(found):
        assert http.get(address).status_code == 200, address


def test_a_page_is_shared_by_everyone(shown: Shown, http: httpx.Client) -> None:
    path = f"/posts/{shown.posts['ai-training']['id']}"
    answer = http.get(path)
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert "set-cookie" not in answer.headers
    assert shown.artist.client.get(path).text == answer.text
    assert http.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert http.head(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("choice", CHOICES)
def test_the_cdn_leaves_a_page_its_artists_word(shown: Shown, http: httpx.Client, choice: DataMining) -> None:
    answer = http.get(f"/posts/{shown.posts[choice]['id']}")
    said = RESERVATIONS[choice]
    assert answer.headers["x-robots-tag"] == (said.robots or "all")
    assert answer.headers["tdm-reservation"] == said.tdm_reservation
    assert answer.headers["content-usage"] == said.content_usage
    assert ("tdm-policy" in answer.headers) == said.training
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_who_opens_what_is_not_there_sees_a_page(http: httpx.Client) -> None:
    for path in ("/@nobody_at_all", "/posts/none"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] == "no-store"
        assert "There is nothing here" in answer.text
    assert http.get("/v1/posts/none").headers["content-type"] == "application/problem+json"


def test_other_spellings_lead_to_the_page(shown: Shown, http: httpx.Client) -> None:
    for path in (f"/%40{shown.artist.name}", f"/@{shown.artist.name}/", f"/@{shown.artist.name.upper()}"):
        answer = http.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert urlsplit(str(answer.url)).path == f"/@{shown.artist.name}"
        assert len(answer.history) == 1


def test_feed_and_embedding(shown: Shown, http: httpx.Client) -> None:
    feed = http.get(f"/@{shown.artist.name}/feed.atom")
    assert atom_rules.faults(feed.text) == []
    found = feedparser.parse(feed.text)
    assert [entry.link for entry in found.entries] == [
        f"{str(http.base_url).rstrip('/')}/posts/{post['id']}"
        for post in sorted(shown.posts.values(), key=lambda each: str(each["published_at"]), reverse=True)
    ]
    embedded = http.get("/oembed", params={"url": found.entries[0].link, "format": "json", "maxwidth": 200}).json()
    assert embedded["type"] == "photo"
    assert embedded["width"] <= 200
    assert http.get(embedded["url"]).headers["content-type"].startswith("image/")


def test_a_post_has_no_page_before_its_picture_is_ready(shown: Shown, http: httpx.Client) -> None:
    artist = shown.artist
    announced = artist.announce(picture(90))
    post = artist.post(announced["media_id"], title="Not yet")
    assert post["state"] == "processing"
    assert http.get(f"/posts/{post['id']}").status_code == 404
    assert "Not yet" not in http.get(f"/@{artist.name}?show=posts").text
    assert "Not yet" not in http.get(f"/@{artist.name}/feed.atom").text


def test_pages_follow_a_change_of_name_and_the_old_one_tells_nothing(
    platform: PlatformProcess, http: httpx.Client
) -> None:
    artist = Artist(platform)
    post = artist.published(artist.post(title="Mine")["id"])
    new = f"n{artist.name[1:]}"
    answer = artist.client.put("/v1/me", json={"handle": new, "display_name": "Renamed"})
    assert answer.status_code == 200
    gone = http.get(f"/@{artist.name}")
    assert gone.status_code == 404
    assert new not in gone.text
    assert f"/@{new}" in http.get(f"/posts/{post['id']}").text
    assert http.get(f"/@{new}").status_code == 200


def test_the_sitemap_follows_what_is_public(shown: Shown, http: httpx.Client) -> None:
    base = str(http.base_url).rstrip("/")
    wanted = {f"{base}/@{shown.artist.name}"}
    wanted |= {f"{base}/posts/{post['id']}" for choice, post in shown.posts.items() if choice != "all"}

    def named() -> set[str]:
        parts = re.findall("<loc>(.*?)</loc>", http.get("/sitemap.xml").text)
        texts = [http.get(html.unescape(part)).text for part in parts]
        return {location for text in texts for location in re.findall("<loc>(.*?)</loc>", text)}

    until(lambda: wanted <= named(), 60, "the pages in the sitemap")
    assert f"{base}/posts/{shown.posts['all']['id']}" not in named()
    passing = shown.artist.published(shown.artist.post(title="Passing")["id"])
    until(lambda: f"{base}/posts/{passing['id']}" in named(), 60, "a new page in the sitemap")
    assert shown.artist.client.delete(f"/v1/posts/{passing['id']}").status_code == 204
    until(lambda: f"{base}/posts/{passing['id']}" not in named(), 60, "a deleted page out of the sitemap")
