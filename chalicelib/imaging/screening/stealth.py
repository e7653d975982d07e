"""NovelAI's mark in the lowest bit of the transparency, which survives the loss of all texts.

The bits stand column by column, from the top left (https://github.com/NovelAI/novelai-image-metadata). A picture must
be decoded to see them: looked for only where that is asked for.
"""

from collections.abc import Iterator

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.domain.screening import Finding, finding
from chalicelib.imaging.containers import examine
from chalicelib.imaging.decode import load, open_picture

MARKS = (b"stealth_pngcomp", b"stealth_pnginfo")
_BITS = 8 * len(MARKS[0])
_FORMATS = frozenset({"png", "webp"})


def find_mark(data: bytes) -> Iterator[Finding]:
    """Yield a finding if the mark is there. A picture that cannot be decoded has none."""
    import numpy as np

    try:
        source = examine(data)
        if source.format not in _FORMATS or source.frames > 1:
            return
        opened = open_picture(source)
        if opened.image.mode != "RGBA":
            return
        image = load(opened, long_side=max(source.width, source.height))
    except PictureRejectedError:
        return
    columns = min(image.width, -(-_BITS // image.height))
    alpha = np.asarray(image.getchannel("A").crop((0, 0, columns, image.height)))
    bits = (alpha.T.reshape(-1) & 1)[:_BITS]
    mark = np.packbits(bits).tobytes()
    if mark in MARKS:
        yield finding("generated", "novelai-pixels", "lowest bits of the transparency", mark.decode())
