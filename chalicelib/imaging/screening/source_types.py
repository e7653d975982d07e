"""IPTC's vocabulary of digital source types, as XMP and C2PA use it (https://cv.iptc.org/newscodes/digitalsourcetype)."""

from chalicelib.domain.screening import Verdict

_VOCABULARY = ("cv.iptc.org/newscodes/digitalsourcetype/", "digsrctype:", "digitalsourcetype:")

_VERDICTS: dict[str, Verdict] = {
    "trainedalgorithmicmedia": "generated",
    "compositewithtrainedalgorithmicmedia": "edited",
    "compositesynthetic": "edited",
}
"""All others are not AI: photographs and scans, ``digitalCreation`` (drawn by people), and ``algorithmicMedia`` and
``algorithmicallyEnhanced`` (procedural art and filters that nothing was trained for)."""

MAX_LENGTH = 120


def verdict_of(value: str) -> Verdict | None:
    """Return what a source type means; None where it is no source type at all. Addresses are http or https."""
    text = value.strip().lower().rstrip("/")
    if len(text) > MAX_LENGTH:
        return None
    text = text.removeprefix("https://").removeprefix("http://")
    for prefix in _VOCABULARY:
        if text.startswith(prefix):
            return _VERDICTS.get(text.removeprefix(prefix), "none")
    return _VERDICTS.get(text)  # the bare term, as some programs write it; any other word says nothing
