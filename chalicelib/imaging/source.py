"""What is known of an upload before a decoder sees it."""

from dataclasses import dataclass, field

from chalicelib.imaging.orientation import UPRIGHT
from chalicelib.imaging.sniff import SourceFormat


@dataclass(frozen=True, slots=True)
class Source:
    """A picture whose container was walked and found within the limits.

    Attributes:
        format: the real type.
        width: pixels as declared, before any turning.
        height: pixels as declared, before any turning.
        payload: the bytes to decode: the upload without what no pixel needs.
        frames: as declared; 1 for a still picture.
        orientation: EXIF orientation still to be applied, 1 to 8.
        plays: how often an animation runs, 0 for ever.
    """

    format: SourceFormat
    width: int
    height: int
    payload: bytes = field(repr=False)
    frames: int = 1
    orientation: int = UPRIGHT
    plays: int = 0
