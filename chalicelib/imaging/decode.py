"""From the bytes of a file to pixels, with every fault of the file told apart from a fault of the machine."""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.imaging import rejections
from chalicelib.imaging.containers.png import check_rows
from chalicelib.imaging.limits import MAX_ICC_BYTES, MAX_PIXELS, check_frames, check_size
from chalicelib.imaging.orientation import read_orientation, upright_size
from chalicelib.imaging.sniff import SourceFormat
from chalicelib.imaging.source import Source

# Each type has its one reader. Image.open would try others by turns, and turn a JPEG into its pictures (MPO).
_READERS: dict[SourceFormat, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "gif": GifImageFile,
    "tiff": TiffImageFile,
    "avif": AvifImageFile,
}

_one_at_a_time = threading.RLock()


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture opened and not yet decoded.

    Attributes:
        image: the reader; its pixels may only be touched within ``careful``.
        source: what is known of it, orientation included.
        icc: its colour profile, unverified.
    """

    image: Image.Image
    source: Source
    icc: bytes | None

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height in pixels after the picture was turned upright."""
        return upright_size(self.source.width, self.source.height, self.source.orientation)


@contextmanager
def careful(what: str) -> Iterator[None]:
    """Let a decoder run on hostile bytes: whatever it raises about them becomes a rejected picture.

    Errors of the machine pass: MemoryError, and OSError with an errno, which decoders working in memory never set.
    Pillow's own limit and the warnings filter are process-wide, hence the lock and the restoring.

    Args:
        what: what is being done, as evidence for the artist.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS
        try:
            yield
        except (PictureRejectedError, MemoryError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # Pillow's words. libheif's "Memory allocation error" is about limits that the file is beyond.
            if "out of memory" in str(error):
                raise MemoryError from error
            raise rejections.damaged_file(f"{what} failed") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def open_picture(source: Source) -> Opened:
    """Open a picture without decoding it, and check again what the decoder made of its header.

    Raises PictureRejectedError: ``damaged-file``, ``unsupported-encoding``, or a limit.
    """
    reader = _heic_reader() if source.format == "heic" else _READERS[source.format]
    with careful("reading the header"):
        image = _open(reader, source)
        if source.format in {"avif", "heic"}:
            frames = getattr(image, "n_frames", 1) if source.format == "avif" else 1
            # The decoder knows about turns and sequences that the declared sizes do not show.
            source = replace(source, width=image.width, height=image.height, frames=frames)
        if source.format == "avif":
            source = replace(source, orientation=read_orientation(image.info.get("exif", b"")))
        check_size(image.width, image.height)
        check_frames(source.width, source.height, source.frames)
        icc = image.info.get("icc_profile")
    return Opened(image, source, icc if icc and len(icc) <= MAX_ICC_BYTES else None)


def _open(reader: Callable[[BytesIO], Image.Image], source: Source) -> Image.Image:
    try:
        return reader(BytesIO(source.payload))
    except SyntaxError as error:
        if source.format == "tiff":
            # Its directory was sound: what is left is a combination of tags that Pillow does not know.
            raise rejections.unsupported_encoding("TIFF of an uncommon layout") from error
        raise


def _heic_reader() -> Callable[[BytesIO], Image.Image]:
    # Its libraries take 30 ms to load, for one type in seven.
    from pi_heif import options
    from pi_heif.as_plugin import HeifImageFile

    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    reader: Callable[[BytesIO], Image.Image] = HeifImageFile
    return reader


def load(opened: Opened, *, long_side: int) -> Image.Image:
    """Decode a still picture; a JPEG at the smallest of its sizes that is not below ``long_side`` pixels.

    Returns an image that owns its pixels, in the mode of the file.
    Raises PictureRejectedError with ``damaged-file``.
    """
    with careful("decoding the pixels"):
        image = opened.image
        if isinstance(image, JpegImageFile):
            scale = min(1.0, long_side / max(image.size))
            # Rounded up: the decoder takes the largest divisor whose result is not below this size.
            image.draft(None, (max(1, -int(-image.width * scale // 1)), max(1, -int(-image.height * scale // 1))))
        image.load()
        if opened.source.format == "png" and _ends_empty(image):
            check_rows(opened.source.payload)
    return image


def _ends_empty(image: Image.Image) -> bool:
    last_row = image.crop((0, image.height - 1, image.width, image.height))
    return last_row.getbbox(alpha_only=False) is None
