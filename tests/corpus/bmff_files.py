"""AVIF and HEIC: giant declared sizes, cut files, damaged boxes."""

import base64
import struct

from tests.corpus.case import HostileCase, cut, damaged, refused
from tests.corpus.pictures import animation, artwork, encoded

_AVIF, _HEIC = "image/avif", "image/heic"

# Made with pillow-heif 1.8.1 (x265, which may not be shipped with the project): a gradient of 48 by 32 pixels whose red
# grows to the right, green downwards, blue 96; quality 60.
HEIC_GRADIENT = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABoQABAAAAAAAAAIQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADd"
    "aXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAADAAAAABAAAAIAAAAAH////wAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAIxtZGF0AAAA"
    "gCgBrwngPf66Q9TH+x35m5rXfsbqDhSLQ/NVWh5e8xBBiTaXodUgo095aO250XwNO7yIU/cvR2cL/Dd0B4IsGa72mv/T4Twk7clkrJGKcb/ODMXe"
    "dNQLpXU99ASo+sEFFEvd4BP+LDeoIBDlofY7wqVR2iI4YI/UD/3P0ztBtfD/"
)


def avif(**options: object) -> bytes:
    """Return a sound AVIF."""
    return encoded(artwork(64, 48), "AVIF", speed=9, max_threads=1, **options)


def declaring(data: bytes, width: int, height: int) -> bytes:
    """Return the file with another declared size."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def _zeroed_data(data: bytes) -> bytes:
    at = data.index(b"mdat") + 4
    return data[:at] + bytes(len(data) - at)


def _long_box(data: bytes) -> bytes:
    at = data.index(b"meta") - 4
    return data[:at] + b"\x7f\xff\xff\xff" + data[at + 4 :]


def cases() -> list[HostileCase]:
    """Return every AVIF and HEIC."""
    alpha = artwork(64, 48, alpha=True)
    return [
        HostileCase("avif-plain", avif, _AVIF),
        HostileCase("avif-alpha", lambda: encoded(alpha, "AVIF", speed=9, max_threads=1), _AVIF),
        HostileCase("avif-animated", lambda: animation("AVIF", duration=60, speed=9, max_threads=1), _AVIF),
        HostileCase("avif-icc-garbage", lambda: avif(icc_profile=b"\xff" * 500), _AVIF),
        # The declared size is the one to show: libavif scales the coded picture to it.
        HostileCase("avif-other-coded-size", lambda: declaring(avif(), 640, 480), _AVIF),
        HostileCase("avif-named-heic", avif, _HEIC),
        refused("avif-giant-size", lambda: declaring(avif(), 2**31, 2**31), _AVIF, "too-long-side"),
        refused("avif-large-size", lambda: declaring(avif(), 16_000, 16_000), _AVIF, "too-many-pixels"),
        refused("avif-301-frames", lambda: _many_frames(301), _AVIF, "too-many-frames"),
        damaged("avif-no-size", lambda: declaring(avif(), 0, 48), _AVIF),
        damaged("avif-cut-in-header", lambda: avif()[:40], _AVIF),
        damaged("avif-cut-early", lambda: cut(avif(), 0.3), _AVIF),
        damaged("avif-cut-late", lambda: cut(avif(), 0.9), _AVIF),
        damaged("avif-zeroed-data", lambda: _zeroed_data(avif()), _AVIF),
        damaged("avif-long-box", lambda: _long_box(avif()), _AVIF),
        HostileCase("heic-plain", lambda: HEIC_GRADIENT, _HEIC),
        HostileCase("heic-named-jpeg", lambda: HEIC_GRADIENT, "image/jpeg"),
        refused("heic-giant-size", lambda: declaring(HEIC_GRADIENT, 2**31, 2**31), _HEIC, "too-long-side"),
        refused("heic-large-size", lambda: declaring(HEIC_GRADIENT, 16_000, 16_000), _HEIC, "too-many-pixels"),
        damaged("heic-cut-in-header", lambda: HEIC_GRADIENT[:40], _HEIC),
        damaged("heic-cut-early", lambda: cut(HEIC_GRADIENT, 0.5), _HEIC),
        damaged("heic-cut-late", lambda: cut(HEIC_GRADIENT, 0.9), _HEIC),
        damaged("heic-zeroed-data", lambda: _zeroed_data(HEIC_GRADIENT), _HEIC),
        damaged("heic-long-box", lambda: _long_box(HEIC_GRADIENT), _HEIC),
        damaged("heic-many-items", _many_items, _HEIC),
        damaged("heic-without-description", lambda: HEIC_GRADIENT.replace(b"ispe", b"free"), _HEIC),
    ]


def _many_items() -> bytes:
    """Return a HEIC that promises the places of 65,281 items."""
    at = HEIC_GRADIENT.index(b"iloc") + 10
    return HEIC_GRADIENT[:at] + b"\xff\x01" + HEIC_GRADIENT[at + 2 :]


def _many_frames(count: int) -> bytes:
    return animation("AVIF", frames=count, size=(16, 16), speed=10, max_threads=1)
