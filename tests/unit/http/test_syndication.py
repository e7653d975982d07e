"""Feeds, embedding, the sitemap: as feed readers, other sites and search engines read them."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import feedparser
import pytest

from chalicelib.composition import sitemap_upkeep
from chalicelib.domain import clock
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.sitemap import MAP_ARTIST, MAP_POST, ArtistsMapped, PostsMapped
from tests.support import atom_rules
from tests.unit.http.api import Account, Answer, Api
from tests.unit.http.test_pages import BASE, HOSTILE, MEDIA

# ---------------------------------------------------------------------- Atom


def atom(api: Api, account: Account) -> Any:
    answer = api.ask("GET", f"/@{account.handle}/feed.atom")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    assert atom_rules.faults(answer.text) == []
    found = feedparser.parse(answer.text)
    assert not found.bozo
    assert found.version == "atom10"
    return found


def test_a_feed_is_valid_and_complete(api: Api) -> None:
    account = api.join(display_name="Ada & Co", bio="I draw", rights={"rights": "© Ada"})
    other = api.post(account, title="", text="Only words\n\nin two parts")
    media = [api.ready(account), api.ready(account)]
    post = api.post(account, title="Oak", text="Ink <3", media=[{"id": each, "alt": "An oak"} for each in media])
    found = atom(api, account)
    assert (found.feed.title, found.feed.subtitle) == (f"Ada & Co (@{account.handle})", "I draw")
    assert found.feed.rights.startswith("© Ada Not for training")
    assert {link.rel: link.href for link in found.feed.links} == {
        "self": f"{BASE}/@{account.handle}/feed.atom",
        "alternate": f"{BASE}/@{account.handle}",
        "license": f"{BASE}/license.xml",
    }
    assert found.feed.author_detail.href == f"{BASE}/@{account.handle}"
    assert account.account_id not in str(found), "the account is nobody's business"
    newest, oldest = found.entries
    assert (newest.title, newest.link) == ("Oak", f"{BASE}/posts/{post['id']}")
    assert (newest.published, newest.updated) == (post["published_at"], post["updated_at"])
    assert f'src="{MEDIA}/media/{media[0]}/' in newest.content[0].value
    assert 'alt="An oak"' in newest.content[0].value
    assert "One more picture" in newest.content[0].value
    assert "Ink &lt;3" in newest.content[0].value
    assert oldest.title == "Only words in two parts"
    assert (oldest.id, newest.id) == (
        f"tag:cara.test,2026:posts/{other['id']}",
        f"tag:cara.test,2026:posts/{post['id']}",
    )


def test_an_empty_feed_is_valid(api: Api, ada: Account) -> None:
    assert atom(api, ada).entries == []


def test_a_feed_keeps_its_name_when_its_artist_changes_theirs(api: Api) -> None:
    account = api.join()
    before = atom(api, account)
    new = f"n{account.handle[1:]}"
    api.join(account, handle=new)
    assert api.ask("GET", f"/@{account.handle}/feed.atom").status == 404
    after = feedparser.parse(api.ask("GET", f"/@{new}/feed.atom").text)
    assert after.feed.id == before.feed.id


def test_a_feed_holds_what_everyone_may_see_and_no_more(api: Api, ada: Account) -> None:
    shown = api.post(ada, api.ready(ada), title="Shown")
    for visibility in ("followers", "unlisted", "private"):
        api.post(ada, api.ready(ada), title="Hidden", visibility=visibility)
    api.post(ada, title="Hidden", publish="draft")
    assert [entry.title for entry in atom(api, ada).entries] == ["Shown"]
    api.ask("PATCH", f"/v1/posts/{shown['id']}", {"visibility": "private"}, by=ada)
    assert atom(api, ada).entries == []


def test_a_feed_has_twenty_posts(api: Api, ada: Account) -> None:
    for number in range(21):
        api.post(ada, title=f"{number}")
    assert [entry.title for entry in atom(api, ada).entries] == [str(number) for number in range(20, 0, -1)]


def test_a_feed_honours_content_warnings(api: Api, ada: Account) -> None:
    api.post(ada, api.ready(ada), title="", text="The end is bloody", content_warnings=["gore"])
    [entry] = atom(api, ada).entries
    assert entry.title == "Untitled"
    assert "Content warning: gore" in entry.content[0].value
    assert "img" not in entry.content[0].value
    assert "bloody" not in str(entry)


@pytest.mark.parametrize("text", [*HOSTILE, "\ufffe\U0001f3a8"])
def test_no_text_breaks_a_feed(api: Api, text: str) -> None:
    account = api.join(display_name=text[:50], bio=text)
    api.post(account, media=[{"id": api.ready(account), "alt": text}], title=text, text=text, tags=[text[:50]])
    assert len(atom(api, account).entries) == 1
    readable = text.replace("\ufffe", "\ufffd")
    root = ET.fromstring(api.ask("GET", f"/@{account.handle}/feed.atom").text)
    title = root.findtext("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title")
    assert title == readable


def test_the_rules_find_faults(api: Api, ada: Account) -> None:
    api.post(ada, text="x")
    text = api.ask("GET", f"/@{ada.handle}/feed.atom").text
    assert atom_rules.faults(text) == []
    for part, other, section in (
        ("<author>", "<contributor>", "4.1.1"),
        ("<updated>2026-", "<updated>26-", "3.3"),
        ("<id>tag:", "<id>", "4.2.6"),
        ('rel="self"', 'rel="via"', "4.1.1"),
        ("&lt;p&gt;", "&lt;script&gt;&lt;/script&gt;&lt;p&gt;", "W3C"),
    ):
        assert part in text
        broken = text.replace(part, other).replace("</author>", "</contributor>" if "contrib" in other else "</author>")
        assert any(fault.startswith(section) for fault in atom_rules.faults(broken)), part


# ---------------------------------------------------------------------- oEmbed


def embed(api: Api, url: str, **parameters: Any) -> Answer:
    more = "".join(f"&{name}={value}" for name, value in parameters.items())
    return api.ask("GET", f"/oembed?url={quote(url, safe='')}{more}")


def test_a_post_with_a_picture_is_a_photo(api: Api, ada: Account) -> None:
    post = api.post(ada, api.ready(ada), title="Oak")
    answer = embed(api, f"{BASE}/posts/{post['id']}")
    assert answer.headers["content-type"] == "application/json"
    found = answer.json
    assert found.pop("url").startswith(f"{MEDIA}/media/")
    assert found.pop("thumbnail_url").startswith(f"{MEDIA}/media/")
    assert found == {
        "type": "photo",
        "version": "1.0",
        "title": "Oak",
        "author_name": "Ada",
        "author_url": f"{BASE}/@{ada.handle}",
        "provider_name": "Cara",
        "provider_url": BASE,
        "cache_age": 600,
        "width": 640,
        "height": 320,
        "thumbnail_width": 640,
        "thumbnail_height": 320,
    }


def test_the_same_as_xml(api: Api) -> None:
    account = api.join(display_name='<A> & "B"')
    post = api.post(account, text="Words")
    answer = embed(api, f"{BASE}/posts/{post['id']}", format="xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(answer.text)
    assert root.tag == "oembed"
    assert {each.tag: each.text for each in root} == {
        name: str(value) for name, value in embed(api, f"{BASE}/posts/{post['id']}").json.items()
    }
    assert (root.findtext("type"), root.findtext("author_name")) == ("link", '<A> & "B"')


@pytest.mark.parametrize(("bounds", "size"), [({"maxwidth": 100}, (100, 50)), ({"maxheight": 10}, (20, 10))])
def test_a_photo_fits_where_it_is_shown(api: Api, ada: Account, bounds: dict[str, int], size: tuple[int, int]) -> None:
    post = api.post(ada, api.ready(ada))
    found = embed(api, f"{BASE}/posts/{post['id']}", **bounds).json
    assert (found["width"], found["height"]) == size
    assert (found["thumbnail_width"], found["thumbnail_height"]) == size


def test_an_artist_is_a_link(api: Api, ada: Account) -> None:
    found = embed(api, f"{BASE}/@{ada.handle}").json
    assert (found["type"], found["title"]) == ("link", f"Ada (@{ada.handle})")
    avatar = api.ready(ada)
    api.join(ada, avatar_media_id=avatar)
    found = embed(api, f"{BASE}/@{ada.handle}?utm_source=x").json
    assert avatar in found["thumbnail_url"]
    assert {"thumbnail_width", "thumbnail_height"} <= set(found)


def test_a_warned_post_is_a_link_without_a_picture(api: Api, ada: Account) -> None:
    post = api.post(ada, api.ready(ada), text="bloody", content_warnings=["gore"])
    answer = embed(api, f"{BASE}/posts/{post['id']}")
    assert answer.json["type"] == "link"
    assert "bloody" not in answer.text
    assert "/media/" not in answer.text


def test_what_is_not_public_is_not_told_from_what_never_was(api: Api, ada: Account) -> None:
    hidden = [api.post(ada, api.ready(ada), visibility=each)["id"] for each in ("unlisted", "followers", "private")]
    hidden += [api.post(ada, publish="draft")["id"], new_id()]
    answers = [embed(api, f"{BASE}/posts/{post_id}") for post_id in hidden]
    assert {answer.status for answer in answers} == {404}
    texts = {
        re.sub(r"There is no post \w+\.|There is no public page at this address\.", "", each.json["detail"])
        for each in answers
    }
    assert texts == {""}


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://elsewhere.example/posts/1", 404),
        ("https://cara.test.evil.example/@ada", 404),
        ("https://cara.test@evil.example/@ada", 404),
        ("javascript:alert(1)", 404),
        ("https://[", 404),
        (f"{BASE}/", 404),
        (f"{BASE}/docs", 404),
        (f"{BASE}/@nobody_at_all", 404),
        (f"{BASE}/v1/health", 404),
    ],
)
def test_what_cannot_be_embedded(api: Api, url: str, status: int) -> None:
    assert embed(api, url).status == status


def test_what_is_asked_for_wrongly(api: Api, ada: Account) -> None:
    url = f"{BASE}/@{ada.handle}"
    answer = embed(api, url, format="yaml")
    assert (answer.status, answer.code) == (501, "not-implemented")
    assert embed(api, url, maxwidth=0).status == 422
    assert api.ask("GET", "/oembed").status == 422
    assert embed(api, url, callback="x").status == 200


# ---------------------------------------------------------------------- the sitemap


class Followers:
    """What follows the streams of posts and profiles, and does the errands that come of it: each twice."""

    def __init__(self) -> None:
        self.queue: list[Errand] = []
        self.upkeep = sitemap_upkeep()
        self.posts, self.artists = PostsMapped(self), ArtistsMapped(self)

    def put_all(self, errands: Iterable[Errand], delay_seconds: int = 0) -> None:
        for errand in errands:
            self.put(errand, delay_seconds)

    def put(self, errand: Errand, delay_seconds: int = 0) -> None:
        self.queue.append(errand)

    def run(self) -> None:
        work = {MAP_POST: self.upkeep.map_post, MAP_ARTIST: self.upkeep.map_artist}
        done = []
        while self.queue:
            errand: Errand | None = self.queue.pop()
            done.append(errand)
            while errand is not None:
                errand = work[errand.kind](errand)
        for errand in done:
            assert errand is not None
            work[errand.kind](errand)

    def post(self, post_id: str, old: Post | None = None) -> Post | None:
        """Have it told that a post changed; return the post as it is now."""
        new = PostRepository().get(post_id, consistent=True)
        self.posts.take([Change(new_id(), old, new)] * 2)
        self.run()
        return new

    def profile(self, account: Account, old: Profile | None = None) -> Profile | None:
        new = ProfileRepository().get(account.account_id)
        self.artists.take([Change(new_id(), old, new)] * 2)
        self.run()
        return new


def locations(api: Api, path: str) -> list[str]:
    answer = api.ask("GET", path)
    if answer.status == 404:
        return []
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(answer.text)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert root.tag in {f"{space}urlset", f"{space}sitemapindex"}
    assert all(re.match(r"\d{4}-\d\d-\d\dT", each.text or "") for each in root.iter(f"{space}lastmod"))
    assert len(root) > 0
    return [each.text or "" for each in root.iter(f"{space}loc")]


def pages(api: Api) -> set[str]:
    parts = locations(api, "/sitemap.xml")
    assert len(set(parts)) == len(parts)
    return {url for part in parts for url in locations(api, part.removeprefix(BASE))}


def test_the_sitemap_names_what_everyone_may_see(api: Api, ada: Account) -> None:
    followers = Followers()
    followers.profile(ada)
    public = api.post(ada, api.ready(ada))["id"]
    hidden = [
        api.post(ada, api.ready(ada), visibility="unlisted")["id"],
        api.post(ada, publish="draft")["id"],
        api.post(ada, api.ready(ada, data_mining="all"))["id"],
    ]
    for post_id in (public, *hidden):
        followers.post(post_id)
    found = pages(api)
    assert {f"{BASE}/@{ada.handle}", f"{BASE}/posts/{public}"} <= found
    assert not [post_id for post_id in hidden if f"{BASE}/posts/{post_id}" in found]
    before = PostRepository().get(public, consistent=True)
    api.ask("PATCH", f"/v1/posts/{public}", {"visibility": "private"}, by=ada)
    old = followers.post(public, before)
    assert f"{BASE}/posts/{public}" not in pages(api)
    api.ask("PATCH", f"/v1/posts/{public}", {"visibility": "public"}, by=ada)
    followers.post(public, old)
    assert f"{BASE}/posts/{public}" in pages(api)
    before = PostRepository().get(public, consistent=True)
    assert api.ask("DELETE", f"/v1/posts/{public}", by=ada).status == 204
    followers.post(public, before)
    assert f"{BASE}/posts/{public}" not in pages(api)


def test_the_sitemap_follows_a_change_of_name(api: Api) -> None:
    followers, account = Followers(), api.join()
    old = followers.profile(account)
    new = f"n{account.handle[1:]}"
    api.join(account, handle=new)
    followers.profile(account, old)
    found = pages(api)
    assert f"{BASE}/@{new}" in found
    assert f"{BASE}/@{account.handle}" not in found


def test_what_a_protected_artist_shows_leaves_the_sitemap_and_comes_back(api: Api, ada: Account) -> None:
    followers = Followers()
    ids = [api.post(ada, text="x")["id"] for _ in range(12)]
    for post_id in ids:
        followers.post(post_id)
    old = followers.profile(ada)
    own = {f"{BASE}/@{ada.handle}", *(f"{BASE}/posts/{post_id}" for post_id in ids)}
    assert own <= pages(api)
    for protected in (True, False):
        protect(ada, protected=protected)
        old = followers.profile(ada, old)
        assert (own & pages(api)) == (set() if protected else own)


def protect(account: Account, *, protected: bool) -> None:
    """Store a profile as one that approves who follows, or does so no longer."""
    store = ProfileRepository()
    profile = store.get(account.account_id)
    assert profile is not None
    store.replace(profile, replace(profile, fields=replace(profile.fields, protected=protected)), clock.now())


def test_what_is_protected_is_shown_nowhere(api: Api) -> None:
    account = api.join()
    post = api.post(account, api.ready(account), title="Kept", portfolio=True)
    quoting = api.join()
    quote_ = api.post(quoting, text="Look", quote_post_id=post["id"])
    protect(account, protected=True)
    answer = api.ask("GET", f"/@{account.handle}")
    assert "This account is protected" in answer.text
    assert answer.headers["x-robots-tag"] == "noai, noimageai, noindex"
    for path in (f"/@{account.handle}", f"/@{account.handle}?show=posts", f"/posts/{quote_['id']}"):
        assert "Kept" not in api.ask("GET", path).text
    assert api.ask("GET", f"/posts/{post['id']}").status == 404
    assert embed(api, f"{BASE}/posts/{post['id']}").status == 404
    assert "Kept" not in api.ask("GET", f"/@{account.handle}/feed.atom").text


@pytest.mark.parametrize("query", ["day=2026-01-01&shard=0", "day=1999-01-01&shard=900"])
def test_there_is_no_empty_part(api: Api, query: str) -> None:
    assert api.ask("GET", f"/sitemap.xml?{query}").status == 404
    assert api.ask("GET", "/sitemap.xml?day=today&shard=0").status == 422
