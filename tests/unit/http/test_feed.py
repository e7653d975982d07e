"""The home feed through the API, with the real repositories: whose it is, what is never in it, what it costs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from secrets import token_urlsafe
from unittest import mock

import pytest

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.feeds import FeedEntry
from chalicelib.domain.posts import EXCERPT_BYTES, Card
from chalicelib.domain.relations import Bounds
from chalicelib.http import cursors
from chalicelib.repositories import raw
from chalicelib.repositories.feeds import FeedRepository
from chalicelib.repositories.hubs import HubRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.repositories.relations import RelationRepository
from chalicelib.services import pushing
from chalicelib.services.filling import FEED_FOLLOW, FEED_UNFOLLOW
from chalicelib.services.home import FILL_FEED
from chalicelib.services.pushing import SPREAD_HUB, push_of
from tests.support.fake_plumbing import errands_kept
from tests.support.listed import author, listing
from tests.unit.http.api import Account, Api
from tests.unit.http.test_lists import pages
from tests.unit.repositories.test_directory import reads


@pytest.fixture(autouse=True)
def errands(api: Api) -> Iterator[list[Errand]]:
    """Have errands collected that are put while they are done."""
    with errands_kept() as found:
        yield found


def run(*errands: Errand) -> None:
    """Have errands done, piece by piece."""
    workers = composition.errand_workers()
    for first in errands:
        errand: Errand | None = first
        while errand is not None:
            errand = workers[errand.kind](errand)


def push(account: Account, post: dict[str, str]) -> None:
    run(push_of(post["id"], account.account_id, f"{post['published_at']}#{post['id']}"))


def posted(api: Api, account: Account, **fields: object) -> str:
    """Make a post that the stream brings into feeds."""
    post = api.post(account, **fields)
    push(account, {**post, "published_at": post["published_at"] or post["created_at"]})
    return str(post["id"])


def follow(api: Api, reader: Account, followed: Account) -> None:
    assert api.ask("PUT", f"/v1/profiles/{followed.handle}/follow", by=reader).status in {200, 202, 204}
    run(Errand(FEED_FOLLOW, reader.account_id, None, {"author": followed.account_id}))


def begin(api: Api, *readers: Account) -> None:
    for reader in readers:
        api.ask("GET", "/v1/feed", by=reader)
        run(Errand(FILL_FEED, reader.account_id))


def feed(api: Api, reader: Account, query: str = "limit=3") -> list[str]:
    return [*chain(*pages(api, f"/v1/feed?{query}", reader))]


def test_the_first_look_is_told_to_be_incomplete(api: Api, ada: Account, errands: list[Errand]) -> None:
    reader = api.join()
    follow(api, reader, ada)
    posts = [posted(api, ada) for _ in range(4)]
    answer = api.ask("GET", "/v1/feed", by=reader)
    assert (answer.json["items"], answer.json["complete"]) == ([], False)
    assert answer.headers["cache-control"] == "private, no-store"
    assert errands == [Errand(FILL_FEED, reader.account_id)]
    run(*errands)
    assert api.ask("GET", "/v1/feed", by=reader).json["complete"]
    assert feed(api, reader) == posts[::-1]


def test_the_own_post_is_there_at_once(api: Api, ada: Account) -> None:
    begin(api, ada)
    post_id = api.post(ada)["id"]
    hidden = api.post(ada, visibility="private")["id"]
    found = feed(api, ada)
    assert found == [post_id]
    assert hidden not in found


def test_the_own_post_is_there_once_its_picture_is_protected(api: Api, ada: Account) -> None:
    begin(api, ada)
    media_id = api.upload(ada)
    post = api.post(ada, media_id)
    assert (post["state"], feed(api, ada)) == ("processing", [])
    api.arrive(ada, media_id)
    assert feed(api, ada) == [post["id"]], "no stream and no errand was waited for"


def test_the_own_post_is_there_once_its_time_has_come(api: Api, ada: Account) -> None:
    begin(api, ada)
    post = api.post(ada, publish=clock.later(clock.now(), 60))
    assert feed(api, ada) == []
    in_a_while = clock.now() + timedelta(minutes=5)
    service = composition.sweep_service()
    publication = replace(service.publication, now=lambda: in_a_while)
    replace(service, publication=publication, now=lambda: in_a_while).run(clock.now() - timedelta(hours=1))
    assert feed(api, ada) == [post["id"]]


def test_follow_post_narrow_unfollow(api: Api, ada: Account) -> None:
    reader, stranger = api.join(), api.join()
    before = posted(api, ada)
    begin(api, reader, stranger)
    follow(api, reader, ada)
    second = posted(api, ada, visibility="followers")
    for visibility in ("private", "unlisted"):
        posted(api, ada, visibility=visibility)
    posted(api, ada, publish="draft")
    assert feed(api, reader) == [second, before]
    assert feed(api, stranger) == []
    changed = api.ask("PATCH", f"/v1/posts/{before}", {"title": "Now", "visibility": "followers"}, by=ada).json
    push(ada, changed)
    assert [item["title"] for item in api.ask("GET", "/v1/feed", by=reader).json["items"]] == ["A post", "Now"]
    push(ada, api.ask("PATCH", f"/v1/posts/{before}", {"visibility": "private"}, by=ada).json)
    assert feed(api, reader) == [second]
    assert api.ask("DELETE", f"/v1/profiles/{ada.handle}/follow", by=reader).status == 204
    run(Errand(FEED_UNFOLLOW, reader.account_id, None, {"author": ada.account_id}))
    assert feed(api, reader) == []


def test_who_blocks_is_gone_at_once(api: Api, ada: Account) -> None:
    reader = api.join()
    begin(api, reader)
    follow(api, reader, ada)
    posted(api, ada)
    assert len(feed(api, reader)) == 1
    assert api.ask("PUT", f"/v1/profiles/{reader.handle}/block", by=ada).status == 204
    assert feed(api, reader) == []


def test_a_hub_is_made_and_followed(
    api: Api, ada: Account, errands: list[Errand], monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [api.join() for _ in range(3)]
    begin(api, *readers)
    for reader in readers[:2]:
        follow(api, reader, ada)
    first = posted(api, ada)
    monkeypatch.setattr(pushing, "HUB_FOLLOWERS", -1)
    second = posted(api, ada)
    assert errands[-1] == Errand(SPREAD_HUB, ada.account_id)
    run(errands[-1])
    with mock.patch.object(FeedRepository, "push", autospec=True, side_effect=FeedRepository.push) as pushed:
        third = posted(api, ada)
    assert {reader for call in pushed.call_args_list for reader in call.args[1]} == {ada.account_id}
    secret = posted(api, ada, visibility="followers")
    follow(api, readers[2], ada)
    composition.home_service.cache_clear()
    for reader in (*readers, ada):
        assert feed(api, reader, "limit=2") == [secret, third, second, first]
    gone = api.ask("GET", f"/v1/posts/{third}", by=ada).json
    assert api.ask("DELETE", f"/v1/posts/{third}", by=ada).status == 204
    push(ada, gone)
    composition.home_service.cache_clear()
    assert feed(api, readers[1]) == [secret, second, first]
    assert api.ask("DELETE", f"/v1/profiles/{ada.handle}/follow", by=readers[0]).status == 204
    run(Errand(FEED_UNFOLLOW, readers[0].account_id, None, {"author": ada.account_id}))
    assert feed(api, readers[0]) == []


def written(card: Card) -> Card:
    """Return the card of a post of text alone, which nothing shortens."""
    return replace(card, cover=None, media_count=0, excerpt=token_urlsafe(EXCERPT_BYTES)[:EXCERPT_BYTES])


@pytest.mark.parametrize("text_alone", [False, True])
def test_a_page_costs_one_unit_and_a_half(api: Api, *, text_alone: bool) -> None:
    """Whatever the reader follows: 2,000 artists, all hubs there are among them; posts with pictures, or with text."""
    reader, day = api.join(), clock.now() - timedelta(days=1)
    begin(api, reader)
    feeds, hubs = FeedRepository(), HubRepository()
    tags = ("dragon", "fantasy", "original-character", "mountains", "dawn")
    for number in range(2000 // 8):
        feeds.set_hub(reader.account_id, number * 8 + 7, followed=True)
    entries = [listing(number, since=day, by=author(f"artist_{number}"), tags=tags) for number in range(60)]
    if text_alone:
        entries = [replace(each, shared=replace(each.shared, card=written(each.shared.card))) for each in entries]
    for each in entries:
        feeds.push([reader.account_id], FeedEntry(each.position, each.shared))
    hub = hubs.make(api.join().account_id)
    hubs.put(hub, [FeedEntry(each.position, each.shared) for each in (listing(since=day) for _ in range(3))], day)
    feed(api, reader, "limit=50")  # the process knows what hubs posted
    path: str | None = "/v1/feed"
    seen = []
    while path is not None:
        with reads() as cost:
            answer = api.ask("GET", path, by=reader)
        seen += [item["id"] for item in answer.json["items"]]
        assert cost.units + 0.5 <= 1.5, cost.requests  # and half a unit for the reader's bounds
        cursor = answer.json["next_cursor"]
        path = f"/v1/feed?cursor={cursor}" if cursor else None
    assert seen == [each.shared.card.post_id for each in reversed(entries)]


def test_cursors_of_feeds(api: Api, ada: Account) -> None:
    begin(api, ada)
    for _ in range(3):
        api.post(ada)
    cursor = api.ask("GET", "/v1/feed?limit=1", by=ada).json["next_cursor"]
    other = api.join()
    begin(api, other)
    scope = f"feed for {ada.account_id}, AI include, warnings include"
    for sent, by in (
        (cursor, other),
        (cursor[:-3] + ("AAA" if cursor[-3:] != "AAA" else "BBB"), ada),
        ("x", ada),
        *(
            (cursors.encode(scope, each), ada)
            for each in ("", "x|", "2026-11-26", "2026-11-26~|A", "2026-11-26~|=", "|")
        ),
    ):
        answer = api.ask("GET", f"/v1/feed?limit=1&cursor={sent}", by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor"), sent
    for made_up in ("9999-99-99~|", "2026-10-32~|____", "0000-00-00|", "::::::::::|AAAA"):
        answer = api.ask("GET", f"/v1/feed?cursor={cursors.encode(scope, made_up)}", by=ada)
        assert answer.status == 200
    assert len(api.ask("GET", f"/v1/feed?limit=1&cursor={cursor}", by=ada).json["items"]) == 1


def test_wishes_leave_out(api: Api, ada: Account) -> None:
    reader = api.join()
    begin(api, reader)
    follow(api, reader, ada)
    plain = posted(api, ada)
    posted(api, ada, content_warnings=["gore"])
    assert feed(api, reader, "content_warnings=exclude") == [plain]
    assert len(feed(api, reader)) == 2


BOUNDS: dict[str, tuple[str, str]] = {
    "mute": ("PUT", "/v1/profiles/{ada}/mute"),
    "block": ("PUT", "/v1/profiles/{ada}/block"),
    "blocked by": ("PUT", "/v1/profiles/{reader}/block"),
    "word": ("PUT", "/v1/me/muted_words/unusual"),
    "tag": ("PUT", "/v1/me/muted_tags/spiders"),
}


@pytest.mark.parametrize("kind", BOUNDS)
@pytest.mark.parametrize("reads", ["before", "afterwards alone"])
def test_the_first_of_the_bounds_leaves_out_at_once(
    api: Api, ada: Account, kind: str, reads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = api.join()
    if reads == "before":
        begin(api, reader)
    by = replace(author(ada.handle), account_id=ada.account_id)
    pushed = listing(by=by, since=clock.now(), title="An unusual one", tags=("spiders",))
    post_id = pushed.shared.card.post_id
    FeedRepository().push([reader.account_id], FeedEntry(pushed.position, pushed.shared))
    read = RelationRepository.bounds
    asked: list[str] = []

    def noted(relations: RelationRepository, account_id: str) -> Bounds:
        asked.append(account_id)
        return read(relations, account_id)

    monkeypatch.setattr(RelationRepository, "bounds", noted)
    if reads == "before":
        assert feed(api, reader) == [post_id]
        assert asked == [], "who has no bounds does not pay for looking"
    method, path = BOUNDS[kind]
    who = ada if kind == "blocked by" else reader
    assert api.ask(method, path.format(ada=ada.handle, reader=reader.handle), by=who).status == 204
    for _ in range(2):
        assert feed(api, reader) == []
    assert asked


def test_items_left_by_a_reader_are_their_own(api: Api, ada: Account) -> None:
    begin(api, ada)
    posted(api, ada)
    items = raw.ask("Scan", TableName="cara-local-feeds")["Items"]
    mine = [each for each in items if each["account_id"]["S"] == ada.account_id]
    assert sorted(set(mine[-1]) | set(mine[0])) == sorted(
        {"account_id", "position", "card", "expires_at", "read_on", "filled"}
    )


def test_nothing_is_left_of_who_is_gone(api: Api, ada: Account, errands: list[Errand]) -> None:
    """What other parts of a deletion remove is no matter of ours: its posts, its relations."""
    begin(api, ada)
    post_id = posted(api, ada)
    run(Errand("list-person", ada.account_id), Errand("draw-ticket", ada.account_id, None, {"post": post_id}))
    HubRepository().make(ada.account_id)
    profile = ProfileRepository().get(ada.account_id)
    raw.delete_all("cara-local-profiles", [{"account_id": {"S": ada.account_id}}])
    for consumer in composition.change_consumers("profiles"):
        consumer.take([Change("gone", profile, None)])
    ours = {"forget-feed", "list-person", "list-author", "draw-ticket"}
    run(*[errand for errand in errands if errand.kind in ours], Errand("list-post", post_id))
    for table in ("cara-local-feeds", "cara-local-directory"):
        assert ada.account_id not in str(raw.ask("Scan", TableName=table)["Items"])
