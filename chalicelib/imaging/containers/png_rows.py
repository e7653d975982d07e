"""Whether a PNG's compressed data holds every row: Pillow leaves missing ones black without a word."""

import zlib

from chalicelib.imaging import rejections

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PIECE = 2**20

# Start and step across, then down, of Adam7's seven passes (W3C PNG, section 8).
_PASSES = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))


class RowCounter:
    """Inflates the data of one frame after another, keeping nothing, and counts what comes out.

    It never goes beyond the declared size.
    """

    def __init__(self, header: bytes = bytes(13)) -> None:
        """Take the 13 bytes of the header chunk; without any, nothing is counted."""
        bits, color, interlaced = header[8], header[9], header[12]
        if color not in _CHANNELS:
            raise rejections.damaged_file(f"PNG of unknown color type {color}")
        self._bits = bits * _CHANNELS[color]
        self._interlaced = interlaced == 1
        self._missing = 0
        self._inflater = zlib.decompressobj()

    def begin(self, width: int, height: int) -> None:
        """Start to count a frame of so many pixels.

        Raises PictureRejectedError (``damaged-file``) if the one before was not complete.
        """
        self.finish()
        passes = _PASSES if self._interlaced else ((0, 1, 0, 1),)
        sizes = ((-(-(width - x) // dx), -(-(height - y) // dy)) for x, dx, y, dy in passes)
        self._missing = sum((1 + -(-w * self._bits // 8)) * h for w, h in sizes if w > 0 and h > 0)
        self._inflater = zlib.decompressobj()

    def feed(self, data: memoryview) -> None:
        """Count a part of the frame's data. Raises PictureRejectedError (``damaged-file``) if it does not inflate."""
        part: bytes | memoryview = data
        try:
            while self._missing > 0 and part:
                self._missing -= len(self._inflater.decompress(part, min(_PIECE, self._missing)))
                part = self._inflater.unconsumed_tail
        except zlib.error:
            raise rejections.damaged_file("PNG data cannot be inflated") from None

    def finish(self) -> None:
        """Raise PictureRejectedError (``damaged-file``) if rows of the last frame are missing."""
        if self._missing > 0:
            raise rejections.damaged_file("PNG data ends before the last row")
