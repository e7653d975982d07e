"""What a picture's file declares about AI, as clients see it."""

from pydantic import Field

from chalicelib.domain.media import Media
from chalicelib.domain.screening import NOTHING, Verdict
from chalicelib.schemas.base import Schema


class EvidenceAnswer(Schema):
    """One declaration that was found."""

    signal: str = Field(description="Which, such as iptc:DigitalSourceType")
    where: str = Field(description="Where it stands in the uploaded file")
    value: str | None = Field(description="What stands there: to its owner alone, as it may hold more than others need")


class ScreeningAnswer(Schema):
    """What the uploaded file declares about AI. Nothing found claims nothing, and what is found can be forged."""

    verdict: Verdict
    cleared: bool = Field(description="Whether a moderator decided for the artist; then others see no label")
    evidence: list[EvidenceAnswer]


def screening_answer(media: Media, *, own: bool) -> ScreeningAnswer | None:
    """Return what a ready picture declares, to its owner or to others; None before it is ready."""
    if media.picture is None:
        return None
    # a moderator's word goes before the file's: the label would say the contrary of what was decided
    shown = media.picture.screening if own or not media.cleared else NOTHING
    evidence = [
        EvidenceAnswer(signal=each.signal, where=each.where, value=each.value if own else None)
        for each in shown.evidence
    ]
    return ScreeningAnswer(verdict=shown.verdict, cleared=media.cleared, evidence=evidence)
