"""Having the CDN forget copies: of pictures that are not to be seen any more, and of lists of jobs that changed."""

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.media import Media
from chalicelib.domain.noai import PREFIXES, prefix
from chalicelib.services.ports import Clock, EdgeCopies, ErrandQueue

KIND = "invalidate"
JOBS = "invalidate-jobs"

TOGETHER_SECONDS = 30
"""What changes within so long is forgotten at once: each path costs $0.005, and copies live a minute anyway."""

JOB_PATHS = ("/v1/jobs*", "/jobs/*", "/studios/*")
"""Every list of jobs whatever it asks for, and every job; their pages, the feed and the sitemap; pages of studios.

A studio's own list of the API goes by the minute that copies live: one path more costs as much as each of these.
"""

AT_ONCE = 5
"""How many pictures one request is about: with all paths that each can have, the 15 that CloudFront works on at a time.

Requests that are smaller find room sooner while others are under way, and CloudFront takes one whole or not at all.
"""


@dataclass(frozen=True, slots=True)
class InvalidationService:
    """Orders invalidations by the queue of errands, which brings each until CloudFront has taken it.

    One path stands for all files of a picture, one request for several pictures, and it is asked for by the same name
    however often: made twice it is one. CloudFront works on 15 such paths at a time and refuses more, which then come
    again.
    """

    errands: ErrandQueue
    edge: EdgeCopies

    def order(self, pictures: Iterable[Media], *, everywhere: bool = False) -> None:
        """Have copies of pictures' files forgotten, once the files are gone and before that is noted.

        Args:
            pictures: as they are about to be stored.
            everywhere: below each path that pictures have: they had another one before.

        Raises:
            TemporaryError: the queue did not take all of it; whoever comes next orders it again.
        """
        self.errands.put_all(
            _errand(group, everywhere=everywhere) for group in batched(pictures, AT_ONCE, strict=False)
        )

    def work(self, errand: Errand) -> None:
        """Do what was ordered.

        Raises:
            TemporaryError: CloudFront did not take it this time.
        """
        self.edge.forget(errand.arguments["paths"].split(), errand.arguments["reference"])


def _errand(pictures: tuple[Media, ...], *, everywhere: bool) -> Errand:
    paths = [path for media in pictures for path in _paths(media, everywhere=everywhere)]
    names = " ".join(f"{media.media_id}-{media.version}-{media.exposure_version}" for media in pictures)
    reference = hashlib.sha256(names.encode()).hexdigest()
    return Errand(KIND, pictures[0].media_id, arguments={"paths": " ".join(paths), "reference": reference})


def _paths(media: Media, *, everywhere: bool) -> Iterator[str]:
    places = PREFIXES if everywhere or media.replaced else (prefix(media.data_mining),)
    return (f"/{place}/{media.media_id}/*" for place in places)


@dataclass(slots=True)
class JobCopies:
    """Has lists and pages of jobs forgotten once a job was opened, changed or closed, and lists follow.

    Changes of the same half of a minute are one invalidation, made at its end: whichever errand comes first asks for
    it, and by its name CloudFront knows that the others ask for the same.
    """

    errands: ErrandQueue
    edge: EdgeCopies
    now: Clock = clock.now
    _done: set[str] = field(default_factory=set)

    def order(self) -> None:
        """Have copies forgotten that were made before now.

        Raises:
            TemporaryError: the queue did not take it.
        """
        moment = self.now().timestamp()
        number = int(moment // TOGETHER_SECONDS)
        left = math.ceil((number + 1) * TOGETHER_SECONDS - moment)
        self.errands.put(Errand(JOBS, str(number)), delay_seconds=left)

    def work(self, errand: Errand) -> None:
        """Do what was ordered; what this process did already, it does not ask for again.

        Raises:
            TemporaryError: CloudFront did not take it this time.
        """
        if errand.subject not in self._done:
            self.edge.forget(JOB_PATHS, f"jobs-{errand.subject}")
            self._done = {errand.subject}
