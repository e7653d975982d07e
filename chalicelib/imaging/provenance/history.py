"""What was done to a picture, as C2PA's actions say it: each only where it really was.

Names of actions: C2PA 2.2, section 18.16.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.protection import CloakReport, Rendition, Watermark

PARENT = "upload"
"""How the manifest names the upload among its ingredients."""

HUMAN_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
"""IPTC: made by a human with tools that do not generate."""


@dataclass(frozen=True, slots=True)
class History:
    """What one upload went through on its way to its renditions.

    Attributes:
        source_format: what the upload was.
        size: of the upright upload, in pixels.
        frames: 1 for a still picture.
        turned: whether its pixels were turned upright.
        recolored: whether its colours were converted.
        cloak: what the cloak did.
        human_made: whether the artist states to have made it without generative AI.
        disputed: whether the upload's own manifest may say otherwise. A file does not say both.
        watermark: what was drawn visibly over it.
    """

    source_format: str
    size: tuple[int, int]
    frames: int
    turned: bool
    recolored: bool
    cloak: CloakReport
    human_made: bool = False
    disputed: bool = False
    watermark: Watermark | None = None

    def actions(self, rendition: Rendition) -> list[dict[str, Any]]:
        """Return the actions that made a rendition, in their order."""
        return [self._opened(), *self._edits(rendition), _written(), self._encoded(rendition)]

    def _opened(self) -> dict[str, Any]:
        opened: dict[str, Any] = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
        if self.human_made:
            opened["digitalSourceType"] = HUMAN_MADE
            opened["description"] = "Its artist states to have made it without generative AI"
        return opened

    def _edits(self, rendition: Rendition) -> Iterator[dict[str, Any]]:
        if self.frames > 1 and not rendition.animated:
            yield {"action": "c2pa.edited", "description": f"The first of {self.frames} frames"}
        if self.recolored:
            yield {"action": "c2pa.color_adjustments", "description": "Converted to sRGB"}
        if self.turned:
            yield {"action": "c2pa.orientation", "description": "Turned upright"}
        if (rendition.width, rendition.height) != self.size:
            yield {"action": "c2pa.resized", "description": f"To {rendition.width} by {rendition.height} pixels"}
        if self.watermark is not None:
            yield {"action": "c2pa.addedText", "description": "The artist's watermark drawn over it"}
        if self.cloak.applied:
            yield {
                "action": "c2pa.edited",
                "description": f"Cloaked at level {self.cloak.level}: a fine change that shifts what AI encoders see",
            }

    def _encoded(self, rendition: Rendition) -> dict[str, Any]:
        if rendition.format == self.source_format:
            return {"action": "c2pa.transcoded", "description": f"Encoded anew as {rendition.format.upper()}"}
        return {
            "action": "c2pa.converted",
            "description": f"From {self.source_format.upper()} to {rendition.format.upper()}",
        }


def _written() -> dict[str, Any]:
    return {
        "action": "c2pa.edited.metadata",
        "description": "Metadata of the upload removed; creator, rights and reservation written",
    }
