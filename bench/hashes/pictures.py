"""The pictures the bench measures on, in kinds. They are not part of the repository.

Photographs come out of scikit-image and scikit-learn, and out of folders; paintings and drawings out of folders. The
numbers in docs/adr/0020 were measured on those of Debian 12's packages, each unpacked by `dpkg -x`:

    paintings: wesnoth-1.16-data and -did -dm -dw -ei -httt -l -low -nr -sof -sota -sotbe -thot -trow -tsg -ttb -utbs
    photographs: mate-backgrounds
    cut-outs: tuxpaint-stamps-default
    drawings: openclipart-png
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from chalicelib.imaging.fingerprint import on_white

LONG_SIDE = 768
_LEAST_SIDE = 150
_SCIENCE = "astronaut coffee chelsea rocket camera coins moon page text clock cell brick grass gravel retina".split()

KINDS: dict[str, Callable[[Path], bool]] = {
    "paintings": lambda path: bool({"portraits", "story"} & set(path.parts)),
    "photographs": lambda path: "backgrounds" in path.parts,
    "cut-outs": lambda path: "stamps" in path.parts and not path.stem.endswith("_mirror"),
    "drawings": lambda path: "openclipart" in path.parts,
}


def pictures(folders: list[Path], kind: str, step: int) -> Iterator[tuple[str, Image.Image]]:
    """Yield every ``step``-th different picture of a kind by name: RGB, on white, at most ``LONG_SIDE`` pixels."""
    seen: set[bytes] = set()
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if KINDS[kind](path))
    wanted = [path for path in found if path.suffix in {".png", ".jpg"} and not path.is_symlink()]
    for path in wanted[::step]:
        image = _opened(path)
        if image is not None and _new(image, seen):
            yield path.name, image
    if kind == "photographs":
        yield from _science()


def _opened(path: Path) -> Image.Image | None:
    try:
        with Image.open(path) as file:
            if min(file.size) < _LEAST_SIDE:
                return None
            file.draft("RGB", (LONG_SIDE, LONG_SIDE))
            image = on_white(file.convert("RGBA"))
    except (OSError, Image.DecompressionBombError):
        return None
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return image


def _new(image: Image.Image, seen: set[bytes]) -> bool:
    digest = hashlib.sha256(image.resize((32, 32)).tobytes()).digest()
    fresh = digest not in seen
    seen.add(digest)
    return fresh


def _science() -> Iterator[tuple[str, Image.Image]]:
    import skimage.data
    from sklearn.datasets import load_sample_images

    for name in _SCIENCE:
        yield name, Image.fromarray(np.asarray(getattr(skimage.data, name)())).convert("RGB")
    for name, pixels in zip(("china", "flower"), load_sample_images().images, strict=True):
        yield name, Image.fromarray(pixels)
