"""The mark that China asks of generated pictures (GB 45438-2025, annex E): ``AIGC``, with an object in JSON."""

import json
from collections.abc import Iterator

from chalicelib.domain.screening import Finding, Verdict, finding

PROPERTY = "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"
"""Its name in XMP."""

_MEMBERS = frozenset({"Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID"})
_DOUBTFUL = frozenset({"2", "3"})
"""Labels for what may be generated and for what is suspected to be."""

MAX_LENGTH = 16 * 1024


def label(text: str, where: str) -> Iterator[Finding]:
    """Yield a finding for the mark's object; none for a text that is no such object."""
    try:
        value = json.loads(text[:MAX_LENGTH])
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and set(value) == {"AIGC"}:
        value = value["AIGC"]
    if isinstance(value, dict) and _MEMBERS & set(value):
        verdict: Verdict = "hint" if str(value.get("Label")) in _DOUBTFUL else "generated"
        yield finding(verdict, "gb45438", where, text)
