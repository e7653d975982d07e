"""Fills a running local cloud with artists, follows in a power law, and posts."""

import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from chalicelib import composition
from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.ids import new_id
from chalicelib.domain.people import Person
from chalicelib.domain.posts import PostFields
from chalicelib.domain.profiles import Profile, ProfileFields
from chalicelib.domain.taxonomy import CATEGORIES, MEDIUMS, SOFTWARE
from chalicelib.repositories.feeds import FeedRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.repositories.relations import RelationRepository

WORDS = (
    "river mountain quiet morning blue gold ashes iron stranger lantern hollow winter market glass thunder sparrow "
    "orchard cathedral meadow bridge dragon knight forest harbor storm portrait study garden ruin night"
).split()


@dataclass
class Network:
    """What was made.

    Attributes:
        people: accounts, the most popular first.
        follows: how many each follows.
        posts: ids, oldest first.
        seconds: how long each part took.
    """

    people: list[Person] = field(default_factory=list)
    follows: dict[str, int] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def grow(artists: int, follows: int, posts: int, seed: int) -> Network:
    """Make a network; popularity by rank r is 1/r, and so is whom people follow."""
    chance, network = random.Random(seed), Network()
    started = time.perf_counter()
    for number in range(artists):
        network.people.append(join(f"b{secrets.token_hex(5)}", number))
    network.seconds["artists"] = time.perf_counter() - started
    started = time.perf_counter()
    for reader, author in edges(artists, follows, chance):
        _follow(network, network.people[reader], network.people[author])
    network.seconds["follows"] = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(posts):
        network.posts.append(publish(chance.choice(network.people), chance))
    network.seconds["posts"] = time.perf_counter() - started
    return network


def publish(author: Person, chance: random.Random) -> str:
    """Publish a post without a picture, and return its id."""
    fields = PostFields(
        title=" ".join(chance.sample(WORDS, 4)).capitalize(),
        tags=tuple(chance.sample(WORDS, 4)),
        mediums=(chance.choice(MEDIUMS),),
        software=(chance.choice(SOFTWARE),),
        categories=(chance.choice(CATEGORIES),),
    )
    return composition.post_service().create(author.account_id, fields, "now").post.post_id


def join(handle: str, number: int) -> Person:
    """Make a profile whose feed is read and complete."""
    account, now = new_id(), clock.now()
    fields = ProfileFields(handle, f"{WORDS[number % len(WORDS)].title()} {handle[1:5]}")
    ProfileRepository().create(Profile(account, fields, 1, clock.to_text(now), clock.to_text(now)), now)
    FeedRepository().touch(account, clock.to_text(now)[:10], again=False)
    FeedRepository().completed(account)
    return Person(account, handle, fields.display_name, version=1)


def edges(artists: int, follows: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield who follows whom, by rank, each pair once."""
    sums = list(accumulate(1 / (rank + 1) for rank in range(artists)))
    made: set[tuple[int, int]] = set()
    for _ in range(follows * 20):
        if len(made) >= min(follows, artists * (artists - 1)):
            return
        # the first reader follows as many as can be: what a page costs must not hang on it
        reader = 0 if chance.random() < 0.05 else chance.randrange(artists)
        author = chance.choices(range(artists), cum_weights=sums)[0]
        if reader != author and (reader, author) not in made:
            made.add((reader, author))
            yield reader, author


def _follow(network: Network, reader: Person, author: Person) -> None:
    try:
        RelationRepository().follow(reader, author, clock.now(), ask=False)
    except LostRaceError:
        return
    network.follows[reader.account_id] = network.follows.get(reader.account_id, 0) + 1
