"""A network at full size as it is once its streams and errands have caught up, written straight into the tables.

Through the platform itself, errands of 300,000 follows and 50,000 posts take an emulator days. The items written here
are those that the repositories write; written are those alone that a pattern of the measurement reads. The others
change nothing of what that costs.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ulid import ULID

from bench.social.network import WORDS, Network, edges
from chalicelib.domain import clock
from chalicelib.domain.cards import CardAuthor, SharedCard
from chalicelib.domain.feeds import HUB_FOLLOWERS, FeedEntry
from chalicelib.domain.ids import new_id
from chalicelib.domain.listings import Listing
from chalicelib.domain.people import FoundPerson, Person, Portrait
from chalicelib.domain.posts import Card, CardCover, PostFields
from chalicelib.domain.search import asked, names_of, post_terms
from chalicelib.domain.taxonomy import CATEGORIES, MEDIUMS, SOFTWARE
from chalicelib.repositories import directory, draws, people_index, raw
from chalicelib.repositories.card_codec import encode
from chalicelib.repositories.feeds import FeedRepository
from chalicelib.repositories.hubs import HubRepository
from chalicelib.repositories.lanes import key_of
from chalicelib.settings import settings

DAYS = 30
"""Posts are spread over so many days up to now."""

READERS = 40
"""Readers whose feeds are written: who follows most, and some more by chance."""

MOST_FOLLOWS = 2_000

_AT_ONCE = 25
_NAMES = (
    "Ada Noor Mira Tomasz Ines Yuki Olu Sami Petra Luca Anouk Dario Hana Kofi Lena Marek Nina Oscar Pia Ravi".split()
)


@dataclass
class Settled:
    """A network as it is stored.

    Attributes:
        network: its people, the most popular first, and its posts, oldest first.
        readers: accounts whose feeds are there, who follows most first.
        items: how many items were written.
        hubs: how many have more followers than posts are pushed to.
    """

    network: Network = field(default_factory=Network)
    readers: list[str] = field(default_factory=list)
    items: int = 0
    hubs: int = 0


def settle(artists: int, follows: int, posts: int, seed: int) -> Settled:
    """Write a network with popularity by rank r of 1/r; artists post equally often."""
    chance, found, now = random.Random(seed), Settled(), clock.now()
    people = [_person(chance) for _ in range(artists)]
    found.network.people = people
    followed = _followed(artists, follows, chance)
    found.network.follows = {people[reader].account_id: len(authors) for reader, authors in followed.items()}
    counts = Counter(author for authors in followed.values() for author in authors)
    listings = sorted(
        (_listing(chance.choice(people), now, chance) for _ in range(posts)), key=lambda each: each.position
    )
    found.network.posts = [each.shared.card.post_id for each in listings]
    found.items += _write(_directory(listings))
    found.items += _write(_ring(listings))
    found.items += _write(_names(people, chance))
    hubs = {people[author].account_id for author, number in counts.items() if number > HUB_FOLLOWERS}
    found.hubs = len(hubs)
    numbers = _hubs(hubs, listings, now)
    by_author: dict[str, list[FeedEntry]] = {}
    for each in listings:
        entry = FeedEntry(each.position, each.shared)
        by_author.setdefault(each.shared.author.account_id, []).append(entry)
    chosen = [0, *chance.sample(range(1, artists), min(READERS, artists) - 1)]
    for reader in chosen:
        authors = {people[author].account_id for author in followed.get(reader, ())}
        found.items += _feed(people[reader].account_id, authors, by_author, numbers, now)
        found.readers.append(people[reader].account_id)
    return found


def _followed(artists: int, follows: int, chance: random.Random) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for reader, author in edges(artists, follows, chance):
        if len(found.setdefault(reader, set())) < MOST_FOLLOWS:
            found[reader].add(author)
    return found


def _person(chance: random.Random) -> Person:
    handle = f"b{chance.getrandbits(40):010x}"
    portrait = Portrait(new_id(), f"{chance.getrandbits(128):032x}", 320, 320, "webp")
    name = f"{chance.choice(_NAMES)} {chance.choice(WORDS).title()}"
    return Person(new_id(), handle, name, portrait, version=1)


def _listing(author: Person, now: datetime, chance: random.Random) -> Listing:
    published = now - timedelta(seconds=chance.random() * DAYS * 86400)
    post_id = str(ULID.from_datetime(published))
    fields = PostFields(
        title=" ".join(chance.sample(WORDS, 4)).capitalize(),
        tags=tuple(chance.sample(WORDS, 4)),
        mediums=(chance.choice(MEDIUMS),),
        software=(chance.choice(SOFTWARE),),
        categories=(chance.choice(CATEGORIES),),
    )
    at = clock.to_text(published)
    names = [f"{chance.getrandbits(128):032x}" for _ in range(2)]
    cover = CardCover(
        media_id=new_id(),
        width=2048,
        height=1448,
        blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        alt=" ".join(chance.choices(WORDS, k=9)),
        thumbnails=((320, 226, "webp", names[0]), (640, 452, "webp", names[1])),
    )
    card = Card(
        post_id=post_id,
        title=fields.title,
        state="published",
        visibility="public",
        portfolio=False,
        published_at=at,
        created_at=at,
        media_count=1,
        content_warnings=(),
        cover=cover,
        tags=fields.tags,
    )
    shared = CardAuthor(author.account_id, author.handle, author.display_name)
    return Listing(f"{at}#{post_id}", SharedCard(card, shared), post_terms(fields, shared))


def _directory(listings: Iterable[Listing]) -> Iterator[raw.Image]:
    wanted = {f"tag:{each}" for each in WORDS} | {term for each in WORDS for term in asked(each, medium="ink")}
    days: set[str] = set()
    for each in listings:
        packed, marked = encode(each.shared), directory.marks(each.terms)
        yield directory._item(directory.latest_place(each.position), each.position, packed, b"")
        for term in wanted.intersection(each.terms):
            yield directory._item(directory.term_place(term, each.position), each.position, packed, marked)
        day = each.position[:10]
        if day not in days:
            days.add(day)
            yield key_of(f"days#{day[:4]}", day)


def _ring(listings: Iterable[Listing]) -> Iterator[raw.Image]:
    newest = {each.shared.author.account_id: each for each in listings}
    for each in newest.values():
        yield draws._item(draws.ticket_key(each.shared.card.post_id), each)


def _names(people: Iterable[Person], chance: random.Random) -> Iterator[raw.Image]:
    for person in people:
        names = names_of(person.handle, person.display_name)
        found = FoundPerson(person, names, tuple(chance.sample(MEDIUMS, 2)), tuple(chance.sample(SOFTWARE, 2)))
        kept = {"person": {"S": people_index._adapter().dump_json(found).decode()}}
        yield from ({**people_index._place(name, person.account_id), **kept} for name in names)


def _hubs(hubs: set[str], listings: Iterable[Listing], now: datetime) -> dict[str, int]:
    repository = HubRepository()
    made = {each: repository.make(each) for each in sorted(hubs)}
    entries: dict[str, list[FeedEntry]] = {}
    for each in listings:
        if each.shared.author.account_id in hubs:
            entries.setdefault(each.shared.author.account_id, []).append(FeedEntry(each.position, each.shared))
    for author, hub in made.items():
        repository.put(hub, entries.get(author, ()), now)
        repository.settle(author)
    return {author: hub.number for author, hub in made.items()}


def _feed(
    reader: str, authors: set[str], by_author: dict[str, list[FeedEntry]], numbers: dict[str, int], now: datetime
) -> int:
    feeds = FeedRepository()
    feeds.touch(reader, clock.to_text(now)[:10], again=False)
    feeds.completed(reader)
    for each in sorted(authors & numbers.keys()):
        feeds.set_hub(reader, numbers[each], followed=True)
    entries = [entry for each in authors - numbers.keys() for entry in by_author.get(each, ())]
    feeds.push_all(reader, entries)
    return len(entries)


def _write(items: Iterable[raw.Image]) -> int:
    written, waiting = 0, []
    for each in items:
        waiting.append(each)
        if len(waiting) == _AT_ONCE:
            raw.put_all(settings().directory_table, waiting)
            written, waiting = written + len(waiting), []
    raw.put_all(settings().directory_table, waiting)
    return written + len(waiting)
