"""The graphs' gradients are the slopes of their losses, and the build gives the same files again."""

from pathlib import Path

import numpy as np
import pytest

from chalicelib.imaging.cloak.encoders import Encoder, Floats, ModelError, load_encoders, read_manifest
from tests.cloak.conftest import painting
from tools.build_models import OUT, build, surrogates

NAMES = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "dinov2-s")


def seen(side: int, seed: int) -> Floats:
    pixels = np.asarray(painting((side, side), seed), np.float32) / 255
    # In flat places many units have their kink at one value, and slopes are measured across it; grain takes them apart.
    grain = np.random.default_rng(seed).normal(0, 0.03, pixels.shape)
    return np.ascontiguousarray((pixels + grain).transpose(2, 0, 1), np.float32)


def directions(encoder: Encoder, places: np.ndarray | None) -> list[Floats]:
    found = encoder.features(seen(encoder.entry.side, 2), places)
    return [found[name] / np.linalg.norm(found[name]) for name in encoder.entry.taps]


@pytest.mark.parametrize(("name", "subset"), [*((name, False) for name in NAMES), ("dinov2-s", True)])
def test_the_gradient_is_the_slope_along_random_directions(models: Path, name: str, *, subset: bool) -> None:
    (encoder,) = load_encoders(models, [name])
    places = np.arange(3, 256, 2) if subset else None
    picture, towards = seen(encoder.entry.side, 1), directions(encoder, places)
    _, gradient = encoder.pull(picture, towards, places)
    random = np.random.default_rng(5)
    along = gradient / np.linalg.norm(gradient)
    for _ in range(4):
        wild = random.standard_normal(picture.shape).astype(np.float32)
        # Half of it is the gradient's own direction, or the slope would drown in the rounding of 32 bit sums.
        direction = (along + wild / np.linalg.norm(wild)).astype(np.float32)
        step = 0.003
        losses = [encoder.pull(picture + sign * step * direction, towards, places)[0] for sign in (1, -1)]
        slope = (losses[0] - losses[1]) / (2 * step)
        assert slope == pytest.approx(float((gradient * direction).sum()), rel=0.02)


def test_patches_that_are_not_seen_have_no_gradient(models: Path) -> None:
    (encoder,) = load_encoders(models, ["dinov2-s"])
    places = np.arange(16)  # the first row
    _, gradient = encoder.pull(seen(224, 1), directions(encoder, places), places)
    assert np.abs(gradient[:, 14:]).max() == 0
    assert np.abs(gradient[:, :14]).max() > 0


def test_a_sound_folder_is_left_as_it_is(models: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in models.iterdir()}
    assert not build(OUT).made
    assert {path: path.stat().st_mtime_ns for path in models.iterdir()} == before


def test_a_deployment_holds_what_cloaks_are_computed_against(models: Path, tmp_path: Path) -> None:
    for name, data in surrogates(models).items():
        (tmp_path / name).write_bytes(data)
    assert set(read_manifest(tmp_path)) == {"efficientnet-lite0", "efficientnet-lite1", "dinov2-s"}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 60 * 2**20


def test_bytes_that_are_no_graph_are_an_error(models: Path, tmp_path: Path) -> None:
    import hashlib
    import json

    entry = json.loads((models / "models.json").read_text(encoding="utf-8"))["encoders"][0]
    entry |= {"file": "none.onnx", "sha256": hashlib.sha256(b"none").hexdigest()}
    (tmp_path / "none.onnx").write_bytes(b"none")
    (tmp_path / "models.json").write_text(json.dumps({"encoders": [entry]}), encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoders(tmp_path, [entry["name"]])
