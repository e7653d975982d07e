"""What each stage of a cloak costs: processor time, and memory held after it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from chalicelib.imaging.cloak.applying import applied, working_copy
from chalicelib.imaging.cloak.encoders import load_encoders
from chalicelib.imaging.cloak.engine import ENCODERS, turns
from chalicelib.imaging.cloak.gauge import Gauge
from chalicelib.imaging.cloak.levels import LEVELS, Strength
from chalicelib.imaging.cloak.mask import visibility_mask
from chalicelib.imaging.cloak.measures import color_difference, psnr, sample, ssim
from chalicelib.imaging.cloak.search import Search
from chalicelib.imaging.cloak.visibility import eased
from chalicelib.imaging.fingerprint import on_white


def print_stages(models: Path, image: Image.Image, level: Strength) -> None:
    """Print a line for each stage of cloaking an RGB picture."""
    limits = LEVELS[level]
    print(f"\n{level}, {image.width} by {image.height} pixels\n{'stage':34}{'CPU s':>8}{'MB after it':>13}")
    encoders = _stage("models loaded", lambda: load_encoders(models, list(ENCODERS)))
    picture, opacity = _stage("small copy", lambda: working_copy(image))
    mask = _stage("visibility mask", lambda: visibility_mask(picture) * opacity)
    search = Search(picture, mask, turns(encoders), limits=limits, seed=1)
    for kind in dict.fromkeys(turns(encoders)):
        alone = Search(picture, mask, [kind], limits=limits, seed=1)
        alone.run(1)  # looks at the clean picture as well
        _stage(f"  one more step on {kind.entry.name}", lambda alone=alone: alone.run(1))
    _stage(f"search, {limits.steps} steps", lambda: search.run(limits.steps))
    change = _stage("held to what may be seen", lambda: eased(picture, search.change(), limits))
    cloaked = _stage("applied at full size", lambda: applied(image, change))
    clean = on_white(image)
    gauge = _stage("effect: the clean picture", lambda: Gauge(encoders, clean))
    _stage("effect: the cloaked picture", lambda: gauge.effects(on_white(cloaked)))
    _stage("PSNR, SSIM and mean ΔE00", lambda: _seen(clean, on_white(cloaked)))


def _seen(clean: Image.Image, cloaked: Image.Image) -> tuple[float, float, float]:
    return psnr(clean, cloaked), ssim(clean, cloaked), color_difference(sample(clean), sample(cloaked))


def _stage(name: str, work: Callable[[], Any]) -> Any:
    start = time.process_time()
    result = work()
    print(f"{name:34}{time.process_time() - start:8.2f}{_resident_megabytes():13.0f}", flush=True)
    return result


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
