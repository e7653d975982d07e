"""What lists of a network cost, and how long its changes take, in a local cloud that is running (make run).

    .venv/bin/python -m bench.social [--artists N] [--follows N] [--posts N] [--rounds N] [--lags N] [--seed N]
    .venv/bin/python -m bench.social --settled [--artists N] [--follows N] [--posts N] [--rounds N]
    .venv/bin/python -m bench.social --full [--artists N] [--follows N] [--posts N] [--lags N] [--crowds N,N...]

Artists, follows and posts stay there (make reset forgets them). ``--settled`` runs an emulated DynamoDB of its own and
writes 10,000 artists, 300,000 follows and 50,000 posts as they are once everything has caught up: through the platform
a network grows to that for days here, as each follow and each post is some errands. ``--full`` writes the same into the
local cloud that is running, and then times how long changes of artists with ever more followers take through it.

Milliseconds are of this machine with an emulated DynamoDB, without HTTP; units follow from the sizes of items as AWS
counts them, and are what grows with a network.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.social.network import Network

LAG_SECONDS = 120.0
CATCH_UP_SECONDS = 24 * 3600.0
"""A local cloud does some errands a second: it takes its time after many follows and posts."""


def main() -> int:
    """Fill, measure and print; 1 where no local cloud runs."""
    options = _options()
    if options.settled:
        return _settled(options)
    if not _connect():
        print("bench.social: the local cloud is not running; start it with: make run", file=sys.stderr)
        return 1
    from bench.social.network import grow

    if options.full:
        return _full(options)
    network = grow(options.artists, options.follows, options.posts, options.seed)
    took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in network.seconds.items())
    print(f"{options.artists} artists, {sum(network.follows.values())} follows, {len(network.posts)} posts ({took})")
    print(f"the first reader follows {network.follows.get(network.people[0].account_id, 0)}\n")
    caught_up = _caught_up(network)
    print(f"streams and errands had caught up {caught_up:.0f} s after the last post\n")
    _print_patterns([each.account_id for each in network.people], options.rounds)
    _print_lags(network, options.lags, random.Random(options.seed + 1))
    return 0


def _settled(options: argparse.Namespace) -> int:
    from bench.jobs.filling import emulated

    with emulated():
        from bench.social.settled import settle
        from chalicelib.repositories.connection import shared_connection

        # the emulator looks at each item of a partition, where DynamoDB goes to the first
        shared_connection()._read_timeout_seconds = 120

        started = time.perf_counter()
        found = settle(options.artists, options.follows, options.posts, options.seed)
        network, seconds = found.network, time.perf_counter() - started
        follows = sum(network.follows.values())
        print(f"{len(network.people)} artists, {follows} follows, {len(network.posts)} posts, {found.hubs} hubs")
        print(f"{found.items} items were written in {seconds:.0f} s")
        print(f"the first reader follows {network.follows.get(found.readers[0], 0)}\n")
        _print_patterns(found.readers, options.rounds)
    return 0


def _full(options: argparse.Namespace) -> int:
    from bench.social.lags import gather, measure, settled
    from bench.social.settled import settle
    from chalicelib.repositories.connection import shared_connection

    # the emulator looks at each item of a partition, where DynamoDB goes to the first
    shared_connection()._read_timeout_seconds = 120

    started = time.perf_counter()
    found = settle(options.artists, options.follows, options.posts, options.seed)
    print(f"{found.items} items were written in {time.perf_counter() - started:.0f} s\n", flush=True)
    _print_patterns(found.readers, options.rounds)
    print(f"\n{'change: where it is seen':<36} | followers | s p50   | most")
    for followers in options.crowds:
        crowd = gather(followers)
        settled(crowd)
        for name, usual, most in measure(crowd, options.lags, random.Random(options.seed)).rows():
            print(f"{name:<36} | {followers:>9,} | {usual:>7.2f} | {most:>6.2f}", flush=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.social")
    parser.add_argument("--artists", type=int)
    parser.add_argument("--follows", type=int)
    parser.add_argument("--posts", type=int)
    parser.add_argument("--rounds", type=int, default=100, help="calls of each pattern")
    parser.add_argument("--lags", type=int, default=10, help="posts whose way is timed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--settled", action="store_true", help="write it straight into tables, and measure reading")
    parser.add_argument("--full", action="store_true", help="write it into the local cloud, and time changes there")
    parser.add_argument("--crowds", type=_numbers, default=[30, 300, 1_900, 100_000], help="followers, at --full")
    options = parser.parse_args()
    sizes = (10_000, 300_000, 50_000) if options.settled or options.full else (60, 600, 120)
    for name, size in zip(("artists", "follows", "posts"), sizes, strict=True):
        setattr(options, name, getattr(options, name) or size)
    return options


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _connect() -> bool:
    """Take the environment of the local cloud that runs in this checkout, as one who may do everything."""
    from tools.localcloud.config import read_config
    from tools.localcloud.environment import ROOT_CREDENTIALS, clean_environment, credential_environment
    from tools.localcloud.runfile import read_run

    run = read_run(read_config().directory)
    if run is None:
        return False
    environ = {**clean_environment(), **run.env, **credential_environment(ROOT_CREDENTIALS)}
    os.environ.clear()
    os.environ.update({**environ, "AWS_ENDPOINT_URL": run.endpoint})
    return True


def _patterns(accounts: list[str]) -> Iterator[tuple[str, Iterator[Callable[[], object]]]]:
    from bench.social.network import WORDS
    from chalicelib import composition
    from chalicelib.domain.search import asked, named
    from chalicelib.services.directory import Wishes

    home, lists, wishes = composition.home_service(), composition.directory_service(), Wishes()
    discovery, finding = composition.discovery_service(), composition.finding_service()

    def second_page(account: str) -> Callable[[], object]:
        position = home.page(account, wishes, limit=20, position=None).position
        return lambda: home.page(account, wishes, limit=20, position=position)

    yield (
        "home feed, first page, any reader",
        cycle([lambda account=each: home.page(account, wishes, limit=20, position=None) for each in accounts]),
    )
    yield (
        "home feed, first page, follows most",
        cycle([lambda: home.page(accounts[0], wishes, limit=20, position=None)]),
    )
    yield "home feed, second page, follows most", cycle([second_page(accounts[0])])
    yield "latest, stranger", cycle([lambda: lists.latest(None, wishes, limit=20, position=None)])
    yield "latest, signed in", cycle([lambda: lists.latest(accounts[0], wishes, limit=20, position=None)])
    yield (
        "a tag",
        cycle(
            [lambda tag=each: lists.search((f"tag:{tag}",), None, wishes, limit=20, position=None) for each in WORDS]
        ),
    )
    yield (
        "two words and a medium",
        cycle(
            [
                lambda word=each: lists.search(
                    asked(f"{word} {WORDS[0]}", medium="ink"), None, wishes, limit=20, position=None
                )
                for each in WORDS[1:]
            ]
        ),
    )
    yield "discover", cycle([lambda: discovery.page(None, wishes, limit=20, position=None)])
    yield (
        "people by two letters",
        cycle(
            [
                lambda start=each[:2]: finding.find(
                    named(start), None, medium=None, software=None, limit=20, position=None
                )
                for each in WORDS
            ]
        ),
    )


def _print_patterns(accounts: list[str], rounds: int) -> None:
    from bench.social.measuring import measure

    print(f"{'pattern':<44} | ms p50  | p95     | p99     | RRU    | most  | asks")
    for name, calls in _patterns(accounts):
        print(measure(name, calls, rounds).text(), flush=True)


def _caught_up(network: "Network") -> float:
    """Return the seconds until the last posts are found everywhere."""
    started = time.perf_counter()
    for post_id in network.posts[-5:]:
        while not _listed(post_id):
            _pause(started, CATCH_UP_SECONDS)
    return time.perf_counter() - started


def _listed(post_id: str) -> bool:
    from chalicelib import composition
    from chalicelib.services.directory import Wishes

    page = composition.directory_service().latest(None, Wishes(), limit=50, position=None)
    return any(shared.card.post_id == post_id for shared in page.cards)


def _print_lags(network: "Network", count: int, chance: random.Random) -> None:
    from bench.social.network import publish
    from chalicelib import composition
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.directory import Wishes

    relations, home = RelationRepository(), composition.home_service()
    lags: dict[str, list[float]] = {"own feed": [], "a follower's feed": [], "latest": []}
    for _ in range(count):
        author = chance.choice(network.people[: max(1, len(network.people) // 4)])
        followers = relations.page("other", author.account_id, "follow", limit=30).relations
        post_id, started = publish(author, chance), time.perf_counter()
        asked: dict[str, Callable[[], bool]] = {
            "own feed": partial(_in_feed, home, author.account_id, post_id, Wishes()),
            "latest": partial(_listed, post_id),
        }
        if followers:
            asked["a follower's feed"] = partial(_in_feed, home, followers[-1].account_id, post_id, Wishes())
        while asked:
            for name in [name for name, there in asked.items() if there()]:
                lags[name].append(time.perf_counter() - started)
                del asked[name]
            _pause(started)
    print(f"\n{'from publishing to':<44} | s p50   | most")
    for name, found in lags.items():
        if found:
            print(f"{name:<44} | {statistics.median(found):>7.2f} | {max(found):>7.2f}")


def _in_feed(home: object, account: str, post_id: str, wishes: object) -> bool:
    page = home.page(account, wishes, limit=20, position=None)  # type: ignore[attr-defined]
    return any(shared.card.post_id == post_id for shared in page.cards)


def _pause(started: float, seconds: float = LAG_SECONDS) -> None:
    if time.perf_counter() - started > seconds:
        raise SystemExit(f"bench.social: nothing came of it within {seconds:.0f} s")
    time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main())
