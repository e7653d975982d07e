"""Going around the ring: everybody once before anybody twice, whatever the pages and wherever one begins."""

import bisect
import random
from collections import Counter

import pytest

from chalicelib.domain.clock import from_text
from chalicelib.domain.discovery import (
    DEALT,
    SECTORS,
    Place,
    deal,
    following,
    sector_of,
    shuffled,
    ticket_key,
    turn_of,
)
from tests.support.ring import Bare, Ring

NOW = "2026-11-26T12:00:00.000Z"


@pytest.mark.parametrize("count", [0, 1, 2, 5, 19, 20, 21, 40, 333])
@pytest.mark.parametrize("seed", range(12))
def test_once_around_meets_each_once_and_in_order(count: int, seed: int) -> None:
    chance = random.Random(seed * 1000 + count)
    ring = Ring.of(ticket_key(f"{seed}-{number}") for number in range(count))
    start = chance.choice(ring.keys) if ring.keys and chance.random() < 0.6 else ticket_key(str(seed))
    seen: list[str] = []
    place: Place | None = Place.begin(start)
    while place is not None:
        dealt = deal(ring, place, chance.choice((1, 7, 20)), NOW, chance.choice((1, 3, 50)))
        seen += [ticket.key for ticket in dealt.tickets]
        place = Place.from_text(dealt.place.to_text()) if dealt.place else None
        assert ring.reads <= 2 * count + 20
    at = bisect.bisect_right(ring.keys, start)
    assert seen == ring.keys[at:] + ring.keys[:at]


@pytest.mark.parametrize("count", [3, 20, 21, 100, 997])
def test_hand_deals_nobody_twice_before_everybody_once(count: int) -> None:
    ring, start = Ring.of(ticket_key(str(number)) for number in range(count)), ticket_key("start")
    dealt_to: Counter[str] = Counter()
    for _ in range(200):
        dealt = deal(ring, Place.begin(start), DEALT, NOW, 50)
        dealt_to.update(ticket.key for ticket in dealt.tickets)
        assert count <= DEALT or max(dealt_to.values()) - min(dealt_to[key] for key in ring.keys) <= 1
        start = following(start, dealt)
    assert set(dealt_to) == set(ring.keys)


def test_where_all_are_dealt_each_turn_another_is_first() -> None:
    ring, start, firsts = Ring.of(ticket_key(str(number)) for number in range(7)), ticket_key("x"), []
    for _ in range(7):
        dealt = deal(ring, Place.begin(start), DEALT, NOW, 50)
        firsts.append(dealt.tickets[0].key)
        start = following(start, dealt)
    assert sorted(firsts) == ring.keys


def test_tickets_that_have_ended_are_not_dealt() -> None:
    class Old(Ring):
        def after(self, key: str, limit: int) -> tuple[list[Bare], bool]:
            found, more = super().after(key, limit)
            return [Bare(each.key, NOW) for each in found], more

    dealt = deal(
        Old(sorted(ticket_key(str(number)) for number in range(30))), Place.begin(ticket_key("x")), 20, NOW, 90
    )
    assert (dealt.tickets, dealt.place) == ((), None)


def test_reads_are_bounded() -> None:
    ring = Ring.of([ticket_key("one")])
    place: Place | None = Place.begin(ticket_key("two"))
    pages = 0
    while place is not None:
        before = ring.reads
        place = deal(ring, place, 20, NOW, 2).place
        assert ring.reads - before <= 2
        pages += 1
    assert pages <= SECTORS + 1


def test_who_posts_more_often_is_not_dealt_more_often() -> None:
    """Each new post moves its artist's ticket to another place; the hand meets it as often as any other's."""
    artists, busy = 400, set(range(20))
    tickets = {artist: ticket_key(f"{artist}-0") for artist in range(artists)}
    dealt_to: Counter[int] = Counter()
    start = ticket_key("start")
    for turn in range(4000):
        for artist in busy:
            tickets[artist] = ticket_key(f"{artist}-{turn}")
        if turn % 40 == 0:
            tickets |= {artist: ticket_key(f"{artist}-{turn}") for artist in range(artists) if artist not in busy}
        owners = {key: artist for artist, key in tickets.items()}
        dealt = deal(Ring.of(owners), Place.begin(start), DEALT, NOW, 50)
        dealt_to.update(owners[ticket.key] for ticket in dealt.tickets)
        start = following(start, dealt)
    often = sum(dealt_to[artist] for artist in busy) / len(busy)
    seldom = sum(dealt_to[artist] for artist in range(artists) if artist not in busy) / (artists - len(busy))
    assert 0.93 < often / seldom < 1.07


def test_places_are_spread_and_turns_are_minutes() -> None:
    sectors = Counter(sector_of(ticket_key(str(number))) for number in range(4000))
    assert set(sectors) == set(range(SECTORS))
    assert all(1850 < count < 2150 for count in sectors.values())
    assert turn_of(from_text("2026-11-26T12:34:56.789Z")) == "2026-11-26T12:34:00.000Z"


def test_no_place_on_a_page_is_anybodys() -> None:
    tickets = [Bare(ticket_key(str(number))) for number in range(20)]
    first = Counter(shuffled(tickets, str(seed))[0].key for seed in range(2000))
    assert len(first) == 20
    assert max(first.values()) < 160
    assert shuffled(tickets, "a") == shuffled(tickets, "a")
