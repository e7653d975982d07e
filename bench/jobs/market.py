"""A made-up market of jobs for artists: some facets are common, most are rare, and so are the words of titles."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.ids import new_id
from chalicelib.domain.jobs import Job, JobFields
from chalicelib.domain.money import EXPONENTS, Salary
from chalicelib.domain.places import COUNTRIES, Location
from chalicelib.domain.taxonomy import MEDIUMS, SOFTWARE

OPEN_DAYS = 90
"""Jobs were opened within so many days, as many on each."""

ROLES = (
    "Environment Artist,Character Artist,Concept Artist,Illustrator,3D Modeler,Texture Artist,Technical Artist,"
    "Storyboard Artist,Background Painter,UI Artist,Animator,Rigging Artist,VFX Artist,Lighting Artist,Art Director,"
    "Matte Painter,Pixel Artist,Comic Artist,Cover Illustrator,Prop Artist"
).split(",")
LEVELS = {"junior": 15, "mid": 40, "senior": 30, "lead": 10, "director": 5}
EMPLOYMENTS = {"full_time": 60, "part_time": 5, "contract": 15, "freelance": 15, "internship": 5}
WORKPLACES = {"on_site": 30, "hybrid": 40, "remote": 30}
PLACES = {
    "US": ("Los Angeles", "USD"), "GB": ("London", "GBP"), "CA": ("Montreal", "CAD"), "DE": ("Berlin", "EUR"),
    "FR": ("Paris", "EUR"), "JP": ("Tokyo", "JPY"), "SE": ("Stockholm", "SEK"), "PL": ("Warsaw", "PLN"),
    "ES": ("Barcelona", "EUR"), "IN": ("Bengaluru", "INR"), "KR": ("Seoul", "KRW"), "BR": ("São Paulo", "BRL"),
}  # fmt: skip
NAMES = "Blue Lantern,Iron Orchard,Paper Moon,North Harbor,Quiet Meadow,Glass Sparrow,Hollow Crown,Ember Field".split(
    ","
)
KINDS = "Games,Studios,Pictures,Animation,Interactive,Works".split(",")


@dataclass
class Market:
    """What jobs are drawn from, by chance alone."""

    chance: random.Random
    now: datetime
    studios: int = 3000

    def jobs(self, count: int) -> Iterator[Job]:
        """Give open jobs, the oldest first."""
        countries = [*PLACES, *sorted(COUNTRIES - PLACES.keys())]
        for number in range(count):
            at = self.now - timedelta(days=OPEN_DAYS * (1 - (number + 1) / (count + 1)))
            yield self._job(at, countries)

    def _job(self, at: datetime, countries: Sequence[str]) -> Job:
        number = self.chance.randrange(self.studios)
        name = f"{NAMES[number % len(NAMES)]} {KINDS[number // len(NAMES) % len(KINDS)]} {number}"
        level, role = self._of(LEVELS), self.chance.choice(ROLES)
        workplace = self._of(WORKPLACES)
        named = self._ranked(countries, self.chance.choice((1, 1, 1, 2)))
        places = tuple(Location(each, PLACES.get(each, ("",))[0]) for each in named)
        currency = PLACES.get(named[0], ("", "EUR"))[1]
        least = self.chance.randrange(25, 120) * 1000 * 10 ** EXPONENTS[currency]
        fields: dict[str, Any] = {"level": level, "employment": self._of(EMPLOYMENTS), "workplace": workplace}
        text = clock.to_text(at)
        return Job(
            job_id=new_id(),
            slug=f"studio-{number}",
            studio_name=name,
            fields=JobFields(
                title=f"{level.capitalize()} {role}, {self.chance.choice(NAMES)}",
                description="We look for somebody who paints, and who likes to. " * 30,
                mediums=self._ranked(MEDIUMS, self.chance.choice((1, 1, 2, 3))),
                software=self._ranked(SOFTWARE, self.chance.choice((1, 2, 3, 5))),
                locations=() if workplace == "remote" and self.chance.random() < 0.5 else places,
                salary=Salary(least, least + least // 4, currency, "year"),
                closes=text[:10],
                ai_policy="no_ai",
                **fields,
            ),
            created_by="bench",
            created_at=text,
            updated_at=text,
            state="open",
            published_at=text,
            closes_at=clock.to_text(at + timedelta(days=OPEN_DAYS)),
            approved=True,
        )

    def _of(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _ranked(self, values: Sequence[str], count: int) -> tuple[str, ...]:
        """Draw some values of which the one of rank r comes as 1/r."""
        weights = list(accumulate(1 / (rank + 1) for rank in range(len(values))))
        return tuple(dict.fromkeys(self.chance.choices(values, cum_weights=weights, k=count)))
