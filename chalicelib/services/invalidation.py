"""Having the CDN forget copies: of pictures that are not to be seen any more, and of lists of jobs that changed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.domain import clock
from chalicelib.domain.errands import Errand
from chalicelib.domain.media import Media
from chalicelib.domain.noai import PREFIXES, prefix
from chalicelib.services.ports import Clock, EdgeCopies, ErrandQueue

KIND = "invalidate"
JOBS = "invalidate-jobs"

TOGETHER_SECONDS = 30
"""What changes within so long is forgotten at once: each path costs $0.005, and copies live a minute anyway."""

JOB_PATHS = ("/v1/jobs*", "/jobs/*")
"""Every list of jobs whatever it asks for, and every job; their pages, the feed and the sitemap."""


@dataclass(frozen=True, slots=True)
class InvalidationService:
    """Orders invalidations by the queue of errands, which brings each until CloudFront has taken it.

    One request stands for all files of a picture below a path, and is asked for by the same name however often: made
    twice it is one. CloudFront works on 15 such at a time and refuses more, which then come again.
    """

    errands: ErrandQueue
    edge: EdgeCopies

    def order(self, media: Media, *, everywhere: bool = False) -> None:
        """Have copies of a picture's files forgotten, once the files are gone and before that is noted.

        Args:
            media: as it is about to be stored.
            everywhere: below each path that pictures have: it had another one before.

        Raises:
            TemporaryError: the queue did not take it; whoever comes next orders it again.
        """
        places = PREFIXES if everywhere or media.replaced else (prefix(media.data_mining),)
        reference = f"{media.media_id}-{media.version}-{media.exposure_version}"
        self.errands.put(Errand(KIND, media.media_id, arguments={"below": " ".join(places), "reference": reference}))

    def work(self, errand: Errand) -> None:
        """Do what was ordered.

        Raises:
            TemporaryError: CloudFront did not take it this time.
        """
        self.edge.forget(list(_paths(errand)), errand.arguments["reference"])


def _paths(errand: Errand) -> Iterable[str]:
    return (f"/{place}/{errand.subject}/*" for place in errand.arguments["below"].split())


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
