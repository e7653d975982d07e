"""The ways a picture can be turned away, each in words for the artist who uploaded it.

``refused`` is a rule of the platform; ``failed`` is a file that cannot be read.
"""

from chalicelib.domain.media import DECLARED_AI, HELD_FOR_REVIEW
from chalicelib.domain.protection import PictureRejectedError, Reason
from chalicelib.domain.screening import Screening

ACCEPTED_TYPES = "JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC"


def empty_file() -> PictureRejectedError:
    """No byte has arrived."""
    return _failed("empty-file", "The file is empty. Please export the picture again and upload the new file.")


def damaged_file(found: str) -> PictureRejectedError:
    """The file is cut short, altered, or was never a sound picture; ``found`` says where it broke."""
    message = (
        "The file is damaged or incomplete, so that the whole picture cannot be read. "
        "Please open it on your device, export it again and upload the new file."
    )
    return _failed("damaged-file", message, found)


def unsupported_encoding(found: str) -> PictureRejectedError:
    """The type is accepted but this rare variant of it cannot be read; ``found`` names the variant."""
    message = (
        "The file is stored in a rare variant of its type that cannot be read here. "
        "Please save it as an ordinary PNG or JPEG with 8 or 16 bits per channel and upload that."
    )
    return _failed("unsupported-encoding", message, found)


def unsupported_type(found: str) -> PictureRejectedError:
    """The bytes are not a picture of an accepted type; ``found`` says what they look like."""
    message = f"This file is {found}, whatever its name says. Please export your picture as {ACCEPTED_TYPES}."
    return _refused("unsupported-type", message, f"looks like {found}")


def too_large_file(size: int, limit: int) -> PictureRejectedError:
    """The file has more bytes than an upload may have."""
    message = (
        f"The file is larger than {limit // 2**20} MB. "
        "Please export it as a JPEG of high quality, or with fewer pixels, and upload that."
    )
    return _refused("too-large-file", message, f"{size} bytes")


def too_many_pixels(width: int, height: int, limit: int) -> PictureRejectedError:
    """The picture holds more pixels than a decoder is allowed to open."""
    message = (
        f"The picture has more than {limit // 1_000_000} megapixels. "
        "Please scale it down and upload the smaller picture: at most 2048 pixels of its long side are shown."
    )
    return _refused("too-many-pixels", message, f"{width} x {height} pixels")


def too_long_side(width: int, height: int, limit: int) -> PictureRejectedError:
    """One side is longer than any decoder or browser handles well."""
    message = (
        f"One side of the picture is longer than {limit:,} pixels. "
        "Please scale it down or split it into several pictures."
    )
    return _refused("too-long-side", message, f"{width} x {height} pixels")


def too_many_frames(limit: int) -> PictureRejectedError:
    """The animation has more frames than can be protected in one go."""
    message = f"The animation has more than {limit} frames. Please shorten it or lower its frame rate."
    return _refused("too-many-frames", message, f"more than {limit} frames")


def animation_too_large(width: int, height: int, frames: int) -> PictureRejectedError:
    """One frame, or all together, hold more pixels than can be protected in one go."""
    message = "The animation has too many pixels in all its frames. Please make it smaller or shorter."
    return _refused("animation-too-large", message, f"{frames} frames of {width} x {height} pixels")


def too_complex(found: str) -> PictureRejectedError:
    """Reading the file would take unreasonable time or memory for what it shows; ``found`` says why."""
    message = (
        "The file is built in an unusual way that would take too long to read. "
        "Please open it in your drawing or photo program, export it again and upload the new file."
    )
    return _refused("too-complex", message, found)


def declared_ai(screening: Screening) -> PictureRejectedError:
    """The file itself declares that AI made the picture."""
    message = (
        f"The file itself says that the picture was made by AI: {_named(screening)}. Such pictures are not shown here. "
        "What a file says can be wrong. Please appeal if you made the picture yourself, with a few words and pictures "
        "of how it came about: a moderator will look at it."
    )
    return PictureRejectedError("refused", Reason(DECLARED_AI, message, _evidence(screening)), screening)


def held_for_review(screening: Screening) -> PictureRejectedError:
    """The file declares something that a moderator looks at first."""
    said = "that AI made parts of the picture" if screening.verdict == "edited" else "something that may hint at AI"
    message = (
        f"The file says {said}: {_named(screening)}. A moderator looks at it before it is shown; nothing is decided. "
        "Please add a few words or pictures of how it came about, if you like, by an appeal."
    )
    return PictureRejectedError("refused", Reason(HELD_FOR_REVIEW, message, _evidence(screening)), screening)


_NAMES = {
    "iptc": "its metadata (IPTC)",
    "c2pa": "its content credentials (C2PA)",
    "automatic1111": "the parameters of a Stable Diffusion program",
    "comfyui": "the graph of ComfyUI",
    "invokeai": "the parameters of InvokeAI",
    "novelai": "the marks of NovelAI",
    "novelai-pixels": "the mark of NovelAI in its pixels",
    "midjourney": "the number of a Midjourney job",
    "google": "the credit of Google's AI",
    "apple": "the credit of Apple's AI",
    "flux": "the marks of FLUX",
    "grok": "the signature of xAI's Grok",
    "gb45438": "the AIGC mark of GB 45438",
}


def _named(screening: Screening) -> str:
    """Name what was found, for people, each kind once."""
    kinds = dict.fromkeys(each.signal.partition(":")[0] for each in screening.evidence)
    return ", ".join(_NAMES.get(kind, kind) for kind in kinds)


def _evidence(screening: Screening) -> tuple[str, ...]:
    return tuple(str(each) for each in screening.evidence)


def _failed(code: str, message: str, *evidence: str) -> PictureRejectedError:
    return PictureRejectedError("failed", Reason(code, message, evidence))


def _refused(code: str, message: str, *evidence: str) -> PictureRejectedError:
    return PictureRejectedError("refused", Reason(code, message, evidence))
