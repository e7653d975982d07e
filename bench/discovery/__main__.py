"""How equally a page shows artists, by the rule that makes it: the Gini coefficient of impressions, and a plot.

    .venv/bin/python -m bench.discovery [--artists N] [--days N] [--busy N] [--exponent X] [--seed N] [--plot plot.png]

Runs the product's own rule (chalicelib.domain.discovery) beside others on one network. --plot needs
bench/discovery/requirements.in.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.discovery.rules import ByPopularity, Dealing, Engagement, Independent, Latest
from bench.discovery.world import MINUTES_A_DAY, Artist, artists, gini, lorenz, share_of_top, views_in

PEAK = 400
"""Pages a minute in the evening."""

WARM_UP_DAYS = 7


def main() -> None:
    """Measure and print."""
    options = _options()
    people = artists(options.artists, options.exponent, random.Random(options.seed), busy=options.busy)
    alike = [artist.number for artist in people[: options.artists - options.busy]]
    print(
        f"{options.artists} artists, popularity of rank r as r^-{options.exponent}, one post a week each; "
        f"{options.busy} of them five a day. {options.days} days.\n"
        f"Followers themselves: Gini {gini([artist.popularity for artist in people]):.3f}\n"
    )
    print(f"{'rule':<26} | Gini  | top 1% | never shown | median | most  | five a day : one a week")
    curves: dict[str, tuple[list[float], list[float]]] = {}
    for rule in _rules(people, options.seed):
        shown = _run(rule, people, options.days, random.Random(options.seed + 1))
        _print_rule(
            rule.name, [shown[number] for number in alike], [shown[each.number] for each in people[len(alike) :]]
        )
        curves[rule.name] = lorenz([shown[number] for number in alike])
    if options.plot:
        _write_plot(options.plot, curves)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.discovery")
    parser.add_argument("--artists", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--busy", type=int, default=100, help="how many post five times a day")
    parser.add_argument("--exponent", type=float, default=1.0, help="of the power law of popularity")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


def _rules(people: list[Artist], seed: int) -> list[Any]:
    chance = random.Random(seed + 2)
    return [
        Dealing(),
        Independent(people, chance),
        Latest(),
        ByPopularity(people, chance),
        Engagement(people, chance),
    ]


def _run(rule: Any, people: list[Artist], days: int, chance: random.Random) -> list[int]:
    """Return each artist's impressions: how many pages showed them, once the first posts of all are out."""
    posting: dict[int, list[Artist]] = defaultdict(list)
    end = (WARM_UP_DAYS + days) * MINUTES_A_DAY
    for artist in people:
        for minute in range(artist.first_minute, end, artist.every_minutes):
            posting[minute].append(artist)
    impressions = [0] * len(people)
    for minute in range(end):
        for artist in posting[minute]:
            rule.post(artist, minute)
        if minute < WARM_UP_DAYS * MINUTES_A_DAY:
            continue
        shown, pages = rule.page(minute), views_in(minute, PEAK, chance)
        for number in shown:
            impressions[number] += pages
        rule.seen(shown, pages)
    return impressions


def _print_rule(name: str, alike: list[int], busy: list[int]) -> None:
    ordered = sorted(alike)
    mean = sum(alike) / len(alike)
    ratio = f"{sum(busy) / len(busy) / mean:.2f}" if busy and mean else "-"
    never = sum(value == 0 for value in alike) / len(alike)
    print(
        f"{name:<26} | {gini(alike):.3f} | {share_of_top(alike):>5.1%} | {never:>11.1%} | "
        f"{ordered[len(ordered) // 2]:>6} | {ordered[-1]:>5} | {ratio}",
        flush=True,
    )


def _write_plot(path: Path, curves: dict[str, tuple[list[float], list[float]]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5.4), layout="constrained")
    axes = figure.subplots()
    for name, (people, impressions) in curves.items():
        axes.plot(people, impressions, label=name, linewidth=2 if "dealt" in name else 1.2)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=0.8, linestyle="--", label="all the same")
    axes.set_xlabel("share of artists, the least shown first")
    axes.set_ylabel("share of impressions")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
