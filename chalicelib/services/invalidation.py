"""Having the CDN forget copies of pictures that are not to be seen any more."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.errands import Errand
from chalicelib.domain.media import Media
from chalicelib.domain.noai import PREFIXES, prefix
from chalicelib.services.ports import EdgeCopies, ErrandQueue

KIND = "invalidate"


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
