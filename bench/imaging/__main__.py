"""CPU seconds and peak memory of the pipeline, by stage, beside the way Pillow is commonly used.

    .venv/bin/python -m bench.imaging

Every row is run in a process of its own, so that its peak memory is its own. Trust ratios, not absolute numbers: run
it on a quiet machine.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

PICTURES = {"12 MP JPEG": (4000, 3000, False), "24 MP JPEG": (6000, 4000, False), "16 MP RGBA PNG": (4600, 3480, True)}
STAGES = ("examine", "decode", "master", "fingerprints", "avif", "webp", "jpeg")

Timings = dict[str, float]


def main() -> None:
    """Print the table."""
    columns = ("picture", "way", "total", *STAGES, "peak MB")
    print(" | ".join(f"{name:>14}" if at < 2 else f"{name:>12}" for at, name in enumerate(columns)))
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height, alpha) in PICTURES.items():
            path = Path(folder) / "picture"
            _run("make", str(path), str(width), str(height), str(int(alpha)))
            for way in WAYS:
                print(f"{name:>14} | {way:>14} | {_run(way, str(path))}", flush=True)


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.imaging", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _make(path: str, width: str, height: str, alpha: str) -> None:
    """Write a picture whose detail costs encoders about as much as a photograph's."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(5)
    size = (int(width), int(height))
    pixels = np.zeros((size[1], size[0], 3), np.float32)
    for cells, strength in ((6, 90), (40, 40), (300, 25), (1500, 12)):
        coarse = random.integers(-128, 128, (cells * 3 // 4, cells, 3)).astype(np.int16)
        layer = Image.fromarray(((coarse + 128).clip(0, 255)).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
        pixels += (np.asarray(layer, np.float32) - 128) * (strength / 64)
    picture = Image.fromarray(np.clip(pixels + 128 + random.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8))
    if int(alpha):
        picture.putalpha(Image.radial_gradient("L").resize(size).point(lambda value: 255 - value))
        picture.save(path, "PNG", compress_level=1)
    else:
        picture.save(path, "JPEG", quality=92)


@contextmanager
def _timed(timings: Timings, stage: str) -> Iterator[None]:
    start = time.process_time()
    yield
    timings[stage] = timings.get(stage, 0.0) + time.process_time() - start


def _ours(data: bytes) -> Timings:
    from chalicelib.domain.protection import ProtectionOptions
    from chalicelib.imaging.containers import examine
    from chalicelib.imaging.decode import load, open_picture
    from chalicelib.imaging.encode import FORMATS, encode
    from chalicelib.imaging.fingerprint import blurhash, dominant_colors
    from chalicelib.imaging.metadata import xmp_packet
    from chalicelib.imaging.perceptual import fingerprints, perceptual_hash
    from chalicelib.imaging.scaling import make_master, rendition_sizes, shrink

    timings: Timings = {}
    packet = xmp_packet(ProtectionOptions(creator="Somebody"))
    with _timed(timings, "examine"):
        opened = open_picture(examine(data))
    sizes = rendition_sizes(*opened.upright_size)
    with _timed(timings, "decode"):
        image = load(opened, long_side=max(sizes[0]))
    with _timed(timings, "master"):
        master = make_master(image, opened.icc, opened.source.orientation, sizes[0])
    image.close()
    with _timed(timings, "fingerprints"):
        blurhash(master), dominant_colors(master), perceptual_hash(master), fingerprints(master)
    pictures = shrink(master, sizes)
    for _ in sizes:
        with _timed(timings, "master"):
            picture = next(pictures)
        for name in FORMATS:
            with _timed(timings, name):
                encode(picture, name, packet)
    return timings


def _naive(data: bytes) -> Timings:
    """Do what tutorials do: open, convert, and for each size resize from the whole and save with the defaults."""
    from PIL import Image

    from chalicelib.imaging.scaling import rendition_sizes

    timings: Timings = {}
    with _timed(timings, "decode"):
        image = Image.open(BytesIO(data))
        image.load()
    for size in rendition_sizes(*image.size):
        with _timed(timings, "master"):
            picture = image.resize(size, Image.Resampling.LANCZOS)
        for name in ("avif", "webp", "jpeg"):
            with _timed(timings, name):
                (picture.convert("RGB") if name == "jpeg" else picture).save(BytesIO(), name.upper())
    return timings


WAYS: dict[str, Callable[[bytes], Timings]] = {"Pillow, naive": _naive, "ours": _ours}


def _measure(way: str, path: str) -> None:
    timings = WAYS[way](Path(path).read_bytes())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = [sum(timings.values()), *(timings.get(stage, 0.0) for stage in STAGES)]
    print(" | ".join([*(f"{cell:12.3f}" for cell in cells), f"{peak:12.0f}"]))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "make":
        _make(*sys.argv[2:])
    else:
        _measure(*sys.argv[1:])
