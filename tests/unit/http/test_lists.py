"""Lists of posts: who sees which, in what order, page by page."""

import random
import re
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import composition
from chalicelib.domain.posts import PostFields
from chalicelib.repositories.accounts import AccountRepository
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.posts import PostService
from chalicelib.services.publication import PublicationService
from tests.support.fakes import FakeClock
from tests.unit.http.api import Account, Answer, Api


def publish(account: Account, count: int, **fields: object) -> list[str]:
    """Publish posts in the past, a moment apart, oldest first."""
    now = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    posts, media = PostRepository(), MediaRepository()
    publication = PublicationService(posts, media, composition.exposure_service(), AccountRepository(), now)
    service = PostService(
        posts, media, ProfileRepository(), publication, composition.media_service(), composition.post_reader(), now
    )
    made = [PostFields(title=f"Post {index}", **fields) for index in range(count)]  # type: ignore[arg-type]  # any field
    return [service.create(account.account_id, each, "now").post.post_id for each in made]


def follow(answer: Answer) -> str | None:
    """Return where the ``Link`` header leads."""
    link = answer.headers.get("link")
    if link is None:
        return None
    match = re.fullmatch(r'<(.+)>; rel="next"', link)
    assert match is not None
    return match[1]


def pages(api: Api, path: str | None, by: Account | None = None) -> list[list[str]]:
    """Follow a list to its end."""
    found = []
    while path is not None:
        answer = api.ask("GET", path, by=by)
        assert answer.status == 200
        found.append([item["id"] for item in answer.json["items"]])
        path = follow(answer)
        assert (path is None) == (answer.json["next_cursor"] is None)
        if path is not None:
            assert parse_qs(urlsplit(path).query)["cursor"] == [answer.json["next_cursor"]]
    return found


def test_45_posts(api: Api, ada: Account) -> None:
    posts = publish(ada, 45)
    for path, by in ((f"/v1/profiles/{ada.handle}/posts", None), ("/v1/me/posts", ada)):
        found = pages(api, path, by)
        assert [len(page) for page in found] == [20, 20, 5]
        assert [*chain(*found)] == posts[::-1]
    found = pages(api, f"/v1/profiles/{ada.handle}/posts?limit=9")
    assert [len(page) for page in found] == [9] * 5
    found = pages(api, f"/v1/profiles/{ada.handle}/posts?limit=50")
    assert [len(page) for page in found] == [45]


def test_page_that_ends_exactly(api: Api, ada: Account) -> None:
    publish(ada, 4)
    assert [len(page) for page in pages(api, f"/v1/profiles/{ada.handle}/posts?limit=2")] == [2, 2]


def test_post_made_while_reading_moves_nothing(api: Api, ada: Account) -> None:
    posts = publish(ada, 4)
    first = api.ask("GET", f"/v1/profiles/{ada.handle}/posts?limit=2")
    api.post(ada)
    second = api.ask("GET", follow(first) or "")
    assert [item["id"] for item in second.json["items"]] == posts[1::-1]


def test_empty_list(api: Api, ada: Account) -> None:
    for path, by in ((f"/v1/profiles/{ada.handle}/posts", None), ("/v1/me/posts?state=draft", ada)):
        answer = api.ask("GET", path, by=by)
        assert (answer.json, "link" in answer.headers) == ({"items": [], "next_cursor": None}, False)


def test_portfolio(api: Api, ada: Account) -> None:
    rest, portfolio = publish(ada, 3), publish(ada, 3, portfolio=True)
    found = pages(api, f"/v1/profiles/{ada.handle}/posts?portfolio=true&limit=2")
    assert [len(page) for page in found] == [2, 1]
    assert set(chain(*found)) == set(portfolio)
    assert set(chain(*pages(api, f"/v1/profiles/{ada.handle}/posts"))) == {*rest, *portfolio}
    assert set(chain(*pages(api, f"/v1/profiles/{ada.handle}/posts?portfolio=true", ada))) == set(portfolio)


def test_cursor_of_one_list_is_no_use_for_another(api: Api, ada: Account) -> None:
    publish(ada, 3, portfolio=True)
    cursor = api.ask("GET", f"/v1/profiles/{ada.handle}/posts?limit=1").json["next_cursor"]
    other = api.join()
    for path, by in (
        (f"/v1/profiles/{ada.handle}/posts?portfolio=true&cursor={cursor}", None),
        (f"/v1/profiles/{other.handle}/posts?cursor={cursor}", None),
        (f"/v1/me/posts?cursor={cursor}", ada),
    ):
        answer = api.ask("GET", path, by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor")
    assert api.ask("GET", f"/v1/profiles/{ada.handle.upper()}/posts?cursor={cursor}").status == 200


def test_who_sees_which(api: Api, ada: Account) -> None:
    public = api.post(ada)["id"]
    hidden = {
        visibility: api.post(ada, visibility=visibility)["id"] for visibility in ("private", "followers", "unlisted")
    }
    draft = api.post(ada, publish="draft")["id"]
    waiting = api.post(ada, api.upload(ada))["id"]
    path = f"/v1/profiles/{ada.handle}/posts"
    assert pages(api, path) == pages(api, path, Account()) == [[public]]
    assert set(pages(api, path, ada)[0]) == {public, *hidden.values()}
    assert set(pages(api, "/v1/me/posts", ada)[0]) == {public, *hidden.values(), draft, waiting}
    assert pages(api, "/v1/me/posts?state=draft", ada) == [[draft]]
    assert pages(api, "/v1/me/posts?state=processing", ada) == [[waiting]]
    assert api.ask("GET", f"/v1/posts/{hidden['unlisted']}").status == 200
    for post in (hidden["private"], hidden["followers"], draft, waiting):
        assert api.ask("GET", f"/v1/posts/{post}").status == 404
        assert api.ask("GET", f"/v1/posts/{post}", by=Account()).status == 404
        assert api.ask("GET", f"/v1/posts/{post}", by=ada).status == 200
    assert api.ask("GET", f"/v1/profiles/{ada.handle}").json["counters"]["posts"] == 1


@pytest.mark.parametrize("change", [{"visibility": "private"}, {"visibility": "unlisted"}])
def test_post_that_is_hidden_leaves_the_list(api: Api, ada: Account, change: dict[str, str]) -> None:
    post = api.post(ada)["id"]
    api.ask("PATCH", f"/v1/posts/{post}", change, by=ada)
    assert pages(api, f"/v1/profiles/{ada.handle}/posts") == [[]]


def test_cards(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(ada, media_id, title="Harbour", content_warnings=["Gore"])
    answer = api.ask("GET", f"/v1/profiles/{ada.handle}/posts")
    (card,) = answer.json["items"]
    assert (card["id"], card["title"], card["content_warnings"]) == (post["id"], "Harbour", ["gore"])
    assert card["author"] == {"handle": ada.handle, "display_name": "Ada"}
    (thumbnail,) = card["cover"]["thumbnails"]
    assert thumbnail["url"].startswith(f"https://media.cara.test/media/{media_id}/")


def test_a_portfolio_in_the_order_of_its_artist(api: Api, ada: Account) -> None:
    one, two, three, four = publish(ada, 4, portfolio=True)
    path = f"/v1/profiles/{ada.handle}/posts?portfolio=true&limit=1"

    def shown() -> list[str]:
        return [*chain(*pages(api, path))]

    assert shown() == [four, three, two, one]
    for wanted, found in (([two, four], [two, four, three, one]), ([one], [one, two, four, three])):
        for _ in range(2):
            assert api.ask("PUT", "/v1/me/portfolio/order", {"posts": wanted}, by=ada).status == 204
            assert shown() == found
    api.ask("PATCH", f"/v1/posts/{two}", {"title": "Changed"}, by=ada)
    assert shown() == [one, two, four, three], "a change of a post moves it nowhere"
    api.ask("PATCH", f"/v1/posts/{one}", {"visibility": "private"}, by=ada)
    assert shown() == [two, four, three]
    newest = api.post(ada, portfolio=True)["id"]
    assert shown() == [two, four, newest, three]
    other = api.post(api.join())["id"]
    for wrong in ([two, other], [two, two], ["nonsense"]):
        answer = api.ask("PUT", "/v1/me/portfolio/order", {"posts": wrong}, by=ada)
        assert (answer.status, answer.fields) == (422, [f"posts[{len(wrong) - 1}]"])
    assert api.ask("PUT", "/v1/me/portfolio/order", {"posts": ["x"] * 51}, by=ada).fields == ["posts"]


def portfolio(api: Api, artist: Account, by: Account | None = None, limit: int = 2) -> list[str]:
    return [*chain(*pages(api, f"/v1/profiles/{artist.handle}/posts?portfolio=true&limit={limit}", by))]


def place(api: Api, artist: Account, post: str, tag: str = "*", **where: str) -> int:
    return api.ask("PUT", f"/v1/posts/{post}/portfolio_place", where, by=artist, if_match=tag).status


def test_a_post_is_moved_beside_another_one(api: Api, ada: Account) -> None:
    wanted = list(reversed(publish(ada, 5, portfolio=True)))
    assert portfolio(api, ada) == wanted
    chosen = random.Random(7)
    for _ in range(25):
        moved, other = chosen.sample(wanted, 2)
        before = chosen.random() < 0.5
        wanted.remove(moved)
        wanted.insert(wanted.index(other) + (not before), moved)
        assert place(api, ada, moved, **{"before" if before else "after": other}) == 204
        assert portfolio(api, ada) == portfolio(api, ada, ada) == wanted
    assert api.ask("PUT", "/v1/me/portfolio/order", {"posts": wanted[3:]}, by=ada).status == 204
    assert portfolio(api, ada) == wanted[3:] + wanted[:3]


@pytest.mark.parametrize("step", range(4))
def test_two_orders_at_once_end_one_after_the_other(
    api: Api, ada: Account, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = publish(ada, 5, portfolio=True)
    first, second = posts[:4], [posts[2], posts[0], posts[4]]
    save, steps = PublicationService.save, count()

    def interrupted(service: PublicationService, *given: Any) -> Any:
        if next(steps) == step:
            assert api.ask("PUT", "/v1/me/portfolio/order", {"posts": second}, by=ada).status == 204
        return save(service, *given)

    monkeypatch.setattr(PublicationService, "save", interrupted)
    assert api.ask("PUT", "/v1/me/portfolio/order", {"posts": first}, by=ada).status == 204
    shown = portfolio(api, ada)
    assert shown == [*second, posts[1], posts[3]]


def test_the_artist_and_who_follows_see_the_same_order(api: Api, ada: Account) -> None:
    fan = api.join()
    api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=fan)
    one, two, three, four = publish(ada, 4, portfolio=True)
    for post, visibility in ((two, "followers"), (three, "private")):
        api.ask("PATCH", f"/v1/posts/{post}", {"visibility": visibility}, by=ada)
    assert place(api, ada, one, before=two) == 204
    assert place(api, ada, four, after=two) == 204
    assert portfolio(api, ada, ada) == [three, one, two, four]
    assert portfolio(api, ada, fan) == [one, two, four]
    assert portfolio(api, ada) == [one, four]
    api.post(ada, portfolio=True, publish="draft")
    api.ask("PATCH", f"/v1/posts/{two}", {"visibility": "public"}, by=ada)
    assert portfolio(api, ada) == [one, two, four], "it has its place when everyone may see it"


def test_what_cannot_be_moved(api: Api, ada: Account) -> None:
    one, two = publish(ada, 2, portfolio=True)
    outside, draft = api.post(ada)["id"], api.post(ada, portfolio=True, publish="draft")["id"]
    other = api.post(api.join(), portfolio=True)["id"]
    assert [place(api, ada, each, before=one) for each in (other, "nonsense", outside)] == [404, 404, 409]
    assert [place(api, ada, one, after=each) for each in (other, one, outside, draft, "x")] == [422] * 5
    assert [place(api, ada, one), place(api, ada, one, before=two, after=two)] == [422] * 2
    tag = api.ask("GET", f"/v1/posts/{one}", by=ada).headers["etag"]
    assert place(api, ada, one, tag, before=two) == 204
    assert place(api, ada, one, tag, after=two) == 412
    assert portfolio(api, ada) == [one, two]
