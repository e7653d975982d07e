"""A network of artists whose popularity follows a power law, and readers who look at one page at a time."""

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Artist:
    """An artist: followers, in proportion to which likes come, and how many minutes lie between two posts."""

    number: int
    popularity: float
    every_minutes: int
    first_minute: int


def artists(count: int, exponent: float, chance: random.Random, *, busy: int = 0) -> list[Artist]:
    """Return artists who post once a week, each at a time of their own; the last ``busy`` of them five times a day.

    The popularity of the one at rank r is r to the power of minus ``exponent``.
    """
    week, often = 7 * MINUTES_A_DAY, MINUTES_A_DAY // 5
    return [
        Artist(
            rank,
            (rank + 1) ** -exponent,
            often if rank >= count - busy else week,
            chance.randrange(often if rank >= count - busy else week),
        )
        for rank in range(count)
    ]


def views_in(minute: int, peak: int, chance: random.Random) -> int:
    """Return how many pages are looked at in a minute of the day: at night a tenth of the evening."""
    height = 0.55 - 0.45 * math.cos(2 * math.pi * (minute % MINUTES_A_DAY) / MINUTES_A_DAY)
    return round(height * peak * chance.uniform(0.8, 1.2))


def gini(values: Sequence[float]) -> float:
    """Return the Gini coefficient: 0 where all have the same, towards 1 where one has everything."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    ranks = sum(rank * value for rank, value in enumerate(ordered, 1))
    return 2 * ranks / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def share_of_top(values: Sequence[float], part: float = 0.01) -> float:
    """Return what share of all the uppermost part has."""
    ordered = sorted(values, reverse=True)
    return sum(ordered[: max(1, round(len(ordered) * part))]) / (sum(ordered) or 1)


def lorenz(values: Sequence[float], points: int = 200) -> tuple[list[float], list[float]]:
    """Return the Lorenz curve: shares of artists, poorest first, and of all impressions that they have."""
    sums = [0.0, *accumulate(sorted(values))]
    at = [round(point * (len(sums) - 1) / points) for point in range(points + 1)]
    return [each / (len(sums) - 1) for each in at], [sums[each] / (sums[-1] or 1) for each in at]


class Weighted:
    """Draws numbers in proportion to weights."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._sums = list(accumulate(weights))

    def draw(self, chance: random.Random) -> int:
        """Return one of them."""
        return bisect_right(self._sums, chance.random() * self._sums[-1])
