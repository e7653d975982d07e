"""Tickets follow the posts; each turn's page is the same for all, and each artist is on it once."""

from dataclasses import replace

import pytest

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.services.directory import DirectoryService, Wishes
from chalicelib.services.discovery import DRAW_TICKET, AuthorsDrawn, DiscoveryService, PostsDrawn, TicketService
from tests.support.fake_directory import FakeDirectory, FakeErrands
from tests.support.fake_social import FakeRelations
from tests.support.fakes import ARTIST, World
from tests.support.ring import FakeDraws

DAY = 86400


class Drawing:
    """A world whose posts are drawn."""

    def __init__(self, world: World) -> None:
        self.world, self.draws, self.errands = world, FakeDraws(), FakeErrands()
        self.tickets = TicketService(world.posts, world.profiles, self.draws, world.now)

    def draw(self, post_id: str | None = None, account_id: str = ARTIST) -> None:
        """Have a ticket renewed as an errand has."""
        self.tickets.draw(Errand(DRAW_TICKET, account_id, None, {"post": post_id} if post_id else {}))

    def shown(self, account_id: str = ARTIST) -> str | None:
        """Return the post on an artist's ticket."""
        ticket = self.draws.tickets.get(account_id)
        return ticket.shared.card.post_id if ticket else None

    def reading(self) -> DiscoveryService:
        """Return what a process that has just started deals by."""
        lists = DirectoryService(FakeDirectory(), FakeDirectory(), FakeRelations(), self.world.now)
        return DiscoveryService(self.draws, lists, self.world.now)


@pytest.fixture
def drawing(world: World) -> Drawing:
    return Drawing(world)


def page(service: DiscoveryService, limit: int = 20, position: str | None = None) -> tuple[list[str], str | None]:
    dealt = service.page(None, Wishes(), limit=limit, position=position)
    return [each.card.post_id for each in dealt.cards], dealt.position


def test_the_newest_public_post_is_on_the_ticket(drawing: Drawing) -> None:
    world = drawing.world
    first = world.post()
    drawing.draw(first)
    second = world.post()
    drawing.draw(second)
    for visibility in ("private", "followers", "unlisted"):
        drawing.draw(world.post(visibility=visibility))
    drawing.draw(world.post(publish="draft"))
    assert drawing.shown() == second
    world.change(second, visibility="private")
    drawing.draw(second)
    assert drawing.shown() == first
    world.post_service.delete(first, ARTIST, set())
    drawing.draw(first)
    assert drawing.shown() is None


def test_errands_in_any_order_come_to_the_same(drawing: Drawing) -> None:
    posts = [drawing.world.post() for _ in range(4)]
    for post_id in (*posts[::-1], posts[2], posts[2]):
        drawing.draw(post_id)
    assert drawing.shown() == posts[3]


def test_a_post_is_dealt_for_some_days(drawing: Drawing) -> None:
    post_id = drawing.world.post()
    drawing.draw(post_id)
    assert page(drawing.reading())[0] == [post_id]
    drawing.world.now.advance(30 * DAY + 1)
    assert page(drawing.reading())[0] == []
    drawing.draw(post_id)
    assert drawing.shown() is None


def test_a_post_that_is_narrowed_behind_the_back_of_a_worker(drawing: Drawing) -> None:
    post_id = drawing.world.post()

    def narrow() -> None:
        drawing.world.change(post_id, visibility="private")
        drawing.draw(post_id)

    drawing.draws.before = narrow
    drawing.draw(post_id)
    assert drawing.shown() is None


def test_what_is_changed_shows(drawing: Drawing) -> None:
    world, post_id = drawing.world, drawing.world.post()
    before = world.posts.rows[post_id]
    world.change(post_id, content_warnings=["gore"])
    PostsDrawn(drawing.errands).take([Change("e", before, world.posts.rows[post_id])])
    profile = world.profiles.rows[ARTIST]
    renamed = replace(profile, fields=replace(profile.fields, display_name="Grace"), version=9)
    world.profiles.rows[ARTIST] = renamed
    AuthorsDrawn(drawing.errands).take([Change("f", profile, renamed), Change("g", renamed, renamed)])
    assert [each.subject for each in drawing.errands.waiting] == [ARTIST, ARTIST]
    drawing.errands.run({DRAW_TICKET: drawing.tickets.draw})
    shared = drawing.draws.tickets[ARTIST].shared
    assert ([*shared.card.content_warnings], shared.author.display_name) == (["gore"], "Grace")


def artists(drawing: Drawing, count: int) -> set[str]:
    """Have artists post, the first of them very often."""
    for number in range(count):
        account = f"artist_{number}"
        drawing.world.join(account, account)
        for _ in range(5 if number == 0 else 1):
            drawing.draw(drawing.world.post(account_id=account), account)
    return {each.shared.card.post_id for each in drawing.draws.tickets.values()}


def test_each_artist_once_around_and_the_same_for_all_in_a_turn(drawing: Drawing) -> None:
    posts = artists(drawing, 45)
    drawing.world.now.advance(60 - drawing.world.now.moment.second)
    one, other = drawing.reading(), drawing.reading()
    seen, position = page(one)
    assert page(one) == (seen, position)
    assert page(other) == (seen, position)
    while position is not None:
        found, position = page(other, 7, position)
        seen += found
    assert len(seen) == 45
    assert set(seen) == posts


def test_the_next_turn_deals_to_others(drawing: Drawing) -> None:
    posts = artists(drawing, 60)
    turns = []
    for _ in range(3):
        drawing.world.now.advance(60)
        turns += page(drawing.reading(), limit=20)[0]
    assert len(turns) == 60
    assert set(turns) == posts


def test_small_pages_do_not_slow_the_hand(drawing: Drawing) -> None:
    artists(drawing, 60)
    drawing.world.now.advance(60)
    page(drawing.reading(), limit=1)
    first = page(drawing.reading())[0]
    drawing.world.now.advance(60)
    assert not set(first) & set(page(drawing.reading())[0])


def test_who_is_left_out_is_on_no_page(drawing: Drawing) -> None:
    posts = artists(drawing, 8)
    reading = drawing.reading()
    dealt = reading.page(None, Wishes(without_warnings=True), limit=20, position=None)
    assert {each.card.post_id for each in dealt.cards} == posts
