"""CPU milliseconds of the screening: large pictures with and without declarations, and hostile ones.

    .venv/bin/python -m bench.screening

Each row is the median and the longest of 15 runs in one process, after a first one; *first* is that one, imports of the
readers included. Trust ratios, not absolute numbers: run it on a quiet machine.
"""

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from chalicelib.imaging.screening import screen
from tests.corpus.declared_files import PARAMETERS, source_attribute
from tests.corpus.manifests import SOURCE, actions, manifest, store
from tests.unit.imaging.screening.test_bounds import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 15
BUDGETS = {"12 MP JPEG": 50, "16 MP PNG": 150}
GENERATED = "trainedAlgorithmicMedia"


def _noise(width: int, height: int) -> bytes:
    import numpy as np

    return np.random.default_rng(1).integers(0, 256, width * height * 3, np.uint8).tobytes()


def _jpeg() -> bytes:
    from PIL import Image

    from tests.corpus.pictures import encoded

    return encoded(Image.frombytes("RGB", (4000, 3000), _noise(4000, 3000)), "JPEG", quality=90)


def _png() -> bytes:
    from PIL import Image

    from tests.corpus.pictures import encoded

    return encoded(Image.frombytes("RGB", (4600, 3480), _noise(4600, 3480)), "PNG", compress_level=1)


def _declaring_jpeg(data: bytes) -> bytes:
    from tests.corpus.carrying import exif_block
    from tests.corpus.jpeg_files import segment, with_segments

    comment = exif_block({}, b"UNICODE\0" + PARAMETERS.encode("utf-16-be"))
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + source_attribute(SOURCE + GENERATED)
    made = store(*[manifest(actions(GENERATED, "digitalCreation"))] * 8)
    claim = b"JP\0\1\0\0\0\1" + made
    return with_segments(segment(0xE1, comment), segment(0xE1, xmp), segment(0xEB, claim), data=data)


def _declaring_png(data: bytes) -> bytes:
    from tests.corpus.carrying import with_text
    from tests.corpus.png_files import with_chunk

    data = with_chunk(b"caBX", store(*[manifest(actions(GENERATED))] * 8), data=data)
    data = with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + source_attribute(SOURCE + GENERATED), data=data)
    return with_text("parameters", PARAMETERS, data=data)


def main() -> None:
    """Print the tables."""
    print(f"{'picture':<34} | {'MB':>6} | {'first':>7} | {'median':>7} | {'longest':>7} | budget")
    for name in BUDGETS:
        for declaring in ("", "declaring"):
            command = [sys.executable, "-m", "bench.screening", name, declaring]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)
    for name, make in HOSTILE.items():
        _row(name, make(), "")


def _large(name: str, declaring: str) -> None:
    makes: dict[str, tuple[Callable[[], bytes], Callable[[bytes], bytes]]] = {
        "12 MP JPEG": (_jpeg, _declaring_jpeg),
        "16 MP PNG": (_png, _declaring_png),
    }
    make, declare = makes[name]
    data = declare(make()) if declaring else make()
    _row(f"{name}, {declaring or 'plain'}", data, f"{BUDGETS[name]}")


def _row(name: str, data: bytes, budget: str) -> None:
    def once() -> float:
        begun = time.process_time()
        screen(data)
        return 1000 * (time.process_time() - begun)

    first, *others = (once() for _ in range(RUNS + 1))
    times = f"{first:7.1f} | {statistics.median(others):7.1f} | {max(others):7.1f}"
    print(f"{name:<34} | {len(data) / 2**20:6.1f} | {times} | {budget}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        _large(*sys.argv[1:])
