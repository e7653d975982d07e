"""What is said about the part of AI in a picture or a post, by its artist or by its file: a label, never a refusal."""

from collections.abc import Iterable
from typing import Literal

AiDisclosure = Literal["none", "assisted", "generated"]
"""None of it; some of it, such as a filled background or an upscaling; all of it."""

_STRENGTH: dict[AiDisclosure, int] = {"none": 0, "assisted": 1, "generated": 2}


def strongest(said: Iterable[AiDisclosure | None]) -> AiDisclosure | None:
    """Return the strongest of some disclosures; None where nothing was said of any."""
    return max((each for each in said if each is not None), key=lambda each: _STRENGTH[each], default=None)


def names_ai(disclosure: AiDisclosure | None) -> bool:
    """Tell whether it says that AI had a part: what people can leave out of lists."""
    return disclosure in {"assisted", "generated"}
