"""The home feed: whom I follow, newest first; each post once, none missing, whatever happens meanwhile."""

import random
from dataclasses import replace

import pytest

from chalicelib.domain.errands import Errand
from chalicelib.domain.relations import Bounds
from chalicelib.services import pushing
from chalicelib.services.directory import Wishes
from chalicelib.services.filling import FEED_FOLLOW
from chalicelib.services.home import Below
from chalicelib.services.pushing import PUSH_POST
from tests.support.fakes import World
from tests.unit.services.feeding import Network

DAY = 86400


@pytest.fixture
def network(world: World) -> Network:
    network = Network(world)
    for name in ("reader", "other", "author", "stranger"):
        network.join(name)
    network.follow("reader", "author")
    network.begin("reader", "other", "author")
    return network


def post(network: Network, author: str = "author", **fields: object) -> str:
    return network.world.post(account_id=author, **fields)


def change(network: Network, post_id: str, author: str = "author", **changes: object) -> None:
    network.world.post_service.change(post_id, author, changes, None, set())


def test_posts_come_to_those_who_follow_and_to_the_author(network: Network) -> None:
    first, second = post(network), post(network, visibility="followers")
    for visibility in ("private", "unlisted"):
        post(network, visibility=visibility)
    post(network, publish="draft")
    post(network, author="stranger")
    network.settle()
    assert network.read("reader") == network.read("author") == [second, first]
    assert network.read("other") == []


@pytest.mark.parametrize("narrowed", ["private", "unlisted"])
def test_what_is_narrowed_or_deleted_is_taken_out(network: Network, narrowed: str) -> None:
    first, second = post(network), post(network)
    network.settle()
    change(network, first, visibility=narrowed)
    network.world.post_service.delete(second, "author", set())
    network.settle()
    assert network.read("reader") == network.read("author") == []
    change(network, first, visibility="followers")
    network.settle()
    assert network.read("reader") == [first]


def test_what_is_changed_shows(network: Network) -> None:
    post_id = post(network)
    network.settle()
    change(network, post_id, title="Now", content_warnings=("gore",))
    profile = network.world.profiles.rows["author"]
    named = replace(profile, fields=replace(profile.fields, display_name="Grace"), version=profile.version + 1)
    network.world.profiles.rows["author"] = named
    network.settle()
    [card] = network.cards("reader")
    assert (card.card.title, card.card.content_warnings, card.author.display_name) == ("Now", ("gore",), "Grace")
    page = network.process().page("reader", Wishes(without_warnings=True), limit=5, position=None)
    assert page.cards == []


def test_follow_and_unfollow(network: Network) -> None:
    posts = [post(network, author="stranger") for _ in range(25)]
    mine = post(network)
    network.settle()
    network.follow("reader", "stranger")
    network.settle()
    assert network.read("reader") == [mine, *posts[:4:-1]]  # the last twenty
    network.unfollow("reader", "stranger")
    network.settle()
    assert network.read("reader") == [mine]


def test_who_follows_again_before_the_posts_were_taken_out_keeps_them(network: Network) -> None:
    posts = [post(network) for _ in range(12)]
    network.settle()
    network.unfollow("reader", "author")
    unfollow = network.errands.waiting.pop()
    again = network.workers[unfollow.kind](unfollow)  # a first piece
    assert again is not None
    network.follow("reader", "author")
    network.errands.put(again)
    network.settle()
    assert network.read("reader") == posts[::-1]


def test_who_was_blocked_is_gone_at_once(network: Network) -> None:
    post(network)
    network.settle()
    network.follows.held["reader"] = Bounds(blocked_by=frozenset({"author"}))
    assert network.read("reader") == []


def test_nothing_is_pushed_to_who_does_not_read(network: Network) -> None:
    network.follow("stranger", "author")
    post(network)
    network.settle()
    assert "stranger" not in network.feeds.rows
    network.world.now.advance(31 * DAY)
    writes = network.feeds.writes
    post(network)
    network.settle()
    assert network.feeds.writes - writes == 2  # the author's own, by an errand that was done twice


def test_who_comes_back_finds_all_of_a_month(network: Network) -> None:
    network.world.now.advance(40 * DAY)
    old = post(network)
    network.world.now.advance(35 * DAY)
    missed = [post(network) for _ in range(45)]
    network.settle()
    assert network.read("reader") == []
    page = network.process().page("reader", Wishes(), limit=20, position=None)
    assert not page.complete
    network.settle()
    assert network.process().page("reader", Wishes(), limit=20, position=None).complete
    assert network.read("reader") == missed[::-1]
    assert old not in network.read("reader")


def test_first_page_of_who_never_read(network: Network) -> None:
    posts = [post(network) for _ in range(3)]
    network.follow("stranger", "author")
    network.settle()
    page = network.process().page("stranger", Wishes(), limit=20, position=None)
    assert (list(page.cards), page.position, page.complete) == ([], None, False)
    network.settle()
    page = network.process().page("stranger", Wishes(), limit=20, position=None)
    assert ([card.card.post_id for card in page.cards], page.complete) == (posts[::-1], True)


def test_a_post_that_is_deleted_while_it_is_pushed_stays_nowhere(network: Network) -> None:
    post_id = post(network)
    network.tell()

    def delete() -> None:
        network.world.post_service.delete(post_id, "author", set())
        network.tell()
        late = network.errands.waiting.pop()
        network.pushes.push_post(late)  # the errand of the deletion is done before that of the post

    network.feeds.before = delete
    network.settle()
    assert network.read("reader") == network.read("author") == []


# ---------------------------------------------------------------- hubs


@pytest.fixture
def small_hubs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "HUB_FOLLOWERS", 3)


def crowd(network: Network, count: int = 5) -> list[str]:
    """Have some more readers follow the author."""
    readers = [network.join(f"fan_{number}") for number in range(count)]
    for reader in readers:
        network.follow(reader, "author")
    network.begin(*readers)
    return readers


@pytest.mark.usefixtures("small_hubs")
def test_a_hub_s_posts_are_written_once(network: Network) -> None:
    before = post(network)
    network.settle()
    fans = crowd(network)
    turning = post(network)
    network.settle()
    assert network.hubs.hubs["author"].settled
    writes = network.feeds.writes
    after = post(network)
    network.settle()
    assert network.feeds.writes - writes == 2  # to the author, by an errand that was done twice
    for reader in ("reader", "author", *fans):
        assert network.read(reader) == [after, turning, before]
    assert network.read("other") == []


@pytest.mark.usefixtures("small_hubs")
def test_following_a_hub_and_unfollowing_it(network: Network) -> None:
    crowd(network)
    posts = [post(network) for _ in range(3)]
    network.settle()
    network.follow("other", "author")
    network.settle()
    assert network.read("other") == posts[::-1]
    network.unfollow("other", "author")
    network.settle()
    assert network.read("other") == []


@pytest.mark.usefixtures("small_hubs")
def test_a_hub_s_post_is_seen_changed_and_gone_within_seconds(network: Network) -> None:
    crowd(network)
    post(network)
    network.settle()
    process = network.process()
    assert len(network.read("reader", process)) == 1
    second = post(network)
    network.settle()
    network.world.now.advance(11)
    assert network.read("reader", process)[0] == second
    change(network, second, title="Now")
    network.settle()
    network.world.now.advance(11)
    assert network.cards("reader", process)[0].card.title == "Now"
    network.world.now.advance(3 * DAY)
    network.read("reader", process)
    network.world.post_service.delete(second, "author", set())
    network.settle()
    network.world.now.advance(11)
    assert second not in network.read("reader", process)


@pytest.mark.usefixtures("small_hubs")
def test_a_process_reads_hubs_once_for_all(network: Network) -> None:
    fans = crowd(network)
    post(network)
    network.settle()
    process = network.process()
    network.read("reader", process)
    loads, looks = network.hubs.loads, network.hubs.looks
    for reader in fans:
        network.read(reader, process)
    assert (network.hubs.loads, network.hubs.looks) == (loads, looks)


@pytest.mark.usefixtures("small_hubs")
def test_what_a_hub_shows_to_followers_alone_is_for_them_whatever_a_cursor_says(network: Network) -> None:
    crowd(network)
    post(network)
    network.settle()
    secret = post(network, visibility="followers")
    network.settle()
    assert secret in network.read("reader")
    network.process().page("other", Wishes(), limit=20, position=None)
    made_up = Below("9999~", b"\xff" * 40).to_text()
    page = network.process().page("other", Wishes(), limit=20, position=made_up)
    assert all(card.card.visibility == "public" for card in page.cards)


@pytest.mark.usefixtures("small_hubs")
def test_who_comes_back_sees_what_hubs_showed(network: Network) -> None:
    crowd(network)
    post(network)
    network.settle()
    network.world.now.advance(45 * DAY)
    network.begin(*[f"fan_{number}" for number in range(5)])
    missed = post(network)
    network.settle()
    network.begin("reader")
    assert network.read("reader") == [missed, *network.read("fan_0")[1:]]


@pytest.mark.usefixtures("small_hubs")
@pytest.mark.parametrize("seed", range(8))
def test_each_post_once_and_none_missing_whatever_happens(world: World, seed: int) -> None:
    """Some authors are hubs or become hubs; while a reader goes through the feed, all go on posting."""
    chance, network = random.Random(seed), Network(world)
    authors = [network.join(f"author_{number}") for number in range(6)]
    readers = [network.join(f"reader_{number}") for number in range(6)]
    network.begin(*readers)
    for reader in readers:
        for number, author in enumerate(authors):
            if reader == readers[0] or chance.random() < (0.9 if number < 2 else 0.2):
                network.follow(reader, author)
    network.settle()
    for _ in range(chance.randrange(30, 90)):
        post(network, chance.choice(authors))
        network.world.now.advance(chance.choice((1, 600, 30_000)))
        if chance.random() < 0.5:
            network.settle()
    network.settle()
    expected = everything(network, readers[0])
    limit, seen, position = chance.choice((1, 3, 7, 20)), [], None
    processes = [network.process(), network.process()]
    while True:
        page = chance.choice(processes).page(readers[0], Wishes(), limit=limit, position=position)
        seen += [card.card.post_id for card in page.cards]
        position = page.position
        post(network, chance.choice(authors))
        network.settle()
        network.world.now.advance(chance.choice((0, 20)))
        if position is None:
            break
    assert seen == expected


def everything(network: Network, reader: str) -> list[str]:
    """Return what a reader should see: by the posts themselves."""
    rows = [each for each in network.world.posts.rows.values() if network.follows.follows(reader, each.author_id)]
    return [each.post_id for each in sorted(rows, key=lambda each: each.order_key, reverse=True)]


def test_who_is_gone_leaves_no_feed(network: Network) -> None:
    post(network)
    network.settle()
    del network.world.profiles.rows["reader"]
    network.settle()
    assert "reader" not in network.feeds.rows
    assert "reader" not in network.feeds.known


def test_errands_of_what_is_not_there(network: Network) -> None:
    nothing = {"author": "author", "position": "2026-11-22T12:00:00.000Z#x"}
    assert network.pushes.push_post(Errand(PUSH_POST, "x", None, nothing)) is None
    assert network.pushes.spread_hub(Errand("spread-hub", "author")) is None
    assert network.fills.follow(Errand(FEED_FOLLOW, "nobody", None, {"author": "author"})) is None


def test_cursors_hold_hubs() -> None:
    below = Below("2026-11-22T12:00:00.000Z#x", bytes(range(250)))
    assert Below.from_text(below.to_text()) == below
    assert Below.from_text(Below("x~").to_text()) == Below("x~")
