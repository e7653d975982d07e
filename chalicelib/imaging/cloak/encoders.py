"""The encoders that the cloak is computed against: their files, checked, and their features and gradients.

A folder of models holds ``models.json`` and one ONNX graph for each encoder, as ``python -m tools.build_models`` makes
them. A new encoder is a graph with these inputs and outputs and its entry in that file.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MANIFEST = "models.json"
PATCH = 14
"""Pixels of a side of a transformer's patch."""


class ModelError(Exception):
    """A model file is missing, damaged, or not what the manifest says. Nothing may be called cloaked then."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An encoder as the manifest describes it.

    Attributes:
        name: of the encoder.
        file: of its graph, beside the manifest.
        sha256: lower-case hex digest of the file.
        kind: ``pixels`` (takes ``[1, 3, side, side]``) or ``patches`` (takes patches and their places).
        side: pixels of a side of its square input.
        taps: names of the tensors it gives, in the order of its outputs.
        embedding: taps that together are its embedding of a picture.
        unrelated: median of 1 - cosine between the embeddings of unrelated pictures, the unit of D.
        optimisation: how far the runtime may rewrite the graph, ``basic`` or ``all``: what is fastest for it.
    """

    name: str
    file: str
    sha256: str
    kind: str
    side: int
    taps: tuple[str, ...]
    embedding: tuple[str, ...]
    unrelated: float
    optimisation: str

    @property
    def places(self) -> int:
        """Patches of a square input."""
        return (self.side // PATCH) ** 2


def read_manifest(folder: Path) -> dict[str, Entry]:
    """Return the entries of a folder's manifest by name; raise ModelError if there is none or it is not one."""
    path = folder / MANIFEST
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["encoders"]
        known = [{key: entry[key] for key in Entry.__slots__} for entry in entries]
        made = [Entry(**{**each, "taps": tuple(each["taps"]), "embedding": tuple(each["embedding"])}) for each in known]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{path}: no readable list of models ({type(error).__name__}: {error})") from error
    return {entry.name: entry for entry in made}


class Encoder:
    """One loaded encoder."""

    def __init__(self, entry: Entry, session: Any) -> None:
        """Wrap an inference session over the entry's graph."""
        self.entry = entry
        self._session = session
        self._shapes: dict[str, list[int | str]] = {each.name: each.shape for each in session.get_inputs()}
        self._features = [f"f{at}" for at in range(len(entry.taps))]
        self._nothing = {
            f"r{at}": np.zeros([1 if isinstance(size, str) else size for size in self._shapes[f"r{at}"]], np.float32)
            for at in range(len(entry.taps))
        }

    def features(self, picture: Floats, places: NDArray[np.int64] | None = None) -> dict[str, Floats]:
        """Return what the encoder makes of a picture, by tap.

        Args:
            picture: ``[3, side, side]``, 0 to 1.
            places: for transformers, which patches to look at, ascending; None for all.
        """
        inputs = self._inputs(picture, places)
        zeros = {
            name: np.zeros((1, inputs["places"].size, *value.shape[2:]), np.float32) if self._varies(name) else value
            for name, value in self._nothing.items()
        }
        found = self._session.run(self._features, {**inputs, **zeros, "want_gradient": np.array(False)})  # noqa: FBT003
        return dict(zip(self.entry.taps, found, strict=True))

    def embed(self, picture: Floats) -> Floats:
        """Return the embedding of a picture ``[3, side, side]``: its parts at length 1, side by side."""
        return self.join(self.features(picture))

    def join(self, found: Mapping[str, Floats]) -> Floats:
        """Return the embedding within ``features``' result."""
        parts = [found[name].ravel() for name in self.entry.embedding]
        return np.concatenate([part / max(float(np.linalg.norm(part)), 1e-12) for part in parts])

    def pull(
        self, picture: Floats, towards: Sequence[Floats], places: NDArray[np.int64] | None = None
    ) -> tuple[float, Floats]:
        """Return the sum over taps of ⟨f, towards⟩ / |f| and its gradient by the picture, ``[3, side, side]``.

        Args:
            picture: ``[3, side, side]``, 0 to 1.
            towards: for each tap a tensor of its shape; for transformers, of the patches looked at.
            places: as for ``features``; the gradient is 0 in other patches.
        """
        inputs = self._inputs(picture, places)
        directions = {f"r{at}": np.ascontiguousarray(each, np.float32) for at, each in enumerate(towards)}
        loss, gradient = self._session.run(
            ["loss", "gradient"],
            {**inputs, **directions, "want_gradient": np.array(True)},  # noqa: FBT003
        )
        if self.entry.kind == "pixels":
            return float(loss), gradient[0]
        return float(loss), _unfold_adjoint(gradient[0], inputs["places"], self.entry.side)

    def _varies(self, name: str) -> bool:
        return any(isinstance(size, str) for size in self._shapes[name])

    def _inputs(self, picture: Floats, places: NDArray[np.int64] | None) -> dict[str, NDArray[Any]]:
        if self.entry.kind == "pixels":
            return {"x": picture[np.newaxis]}
        chosen = np.arange(self.entry.places) if places is None else places
        return {"x": np.ascontiguousarray(_unfold(picture)[np.newaxis, chosen]), "places": chosen}


def _unfold(picture: Floats) -> Floats:
    """Return the patches of ``[3, side, side]`` as ``[places, 3 · 14 · 14]``, row by row."""
    across = picture.shape[1] // PATCH
    split = picture.reshape(3, across, PATCH, across, PATCH)
    return split.transpose(1, 3, 0, 2, 4).reshape(across * across, -1)


def _unfold_adjoint(patches: Floats, places: NDArray[np.int64], side: int) -> Floats:
    across = side // PATCH
    full = np.zeros((across * across, patches.shape[1]), np.float32)
    full[places] = patches
    return full.reshape(across, across, 3, PATCH, PATCH).transpose(2, 0, 3, 1, 4).reshape(3, side, side)


def load_encoders(folder: Path, names: Sequence[str]) -> list[Encoder]:
    """Load encoders by name, each file checked against its digest.

    Raises:
        ModelError: a file is missing or damaged, or no encoder of that name is known.
    """
    return [
        Encoder(entry, _open(folder / entry.file, _intact(folder, entry), entry.optimisation))
        for entry in _wanted(folder, names)
    ]


def check_encoders(folder: Path, names: Sequence[str]) -> None:
    """Check that the encoders are there and undamaged without loading them: 80 ms of CPU, not a second.

    Raises:
        ModelError: as :func:`load_encoders`.
    """
    for entry in _wanted(folder, names):
        _intact(folder, entry)


def _wanted(folder: Path, names: Sequence[str]) -> list[Entry]:
    manifest = read_manifest(folder)
    unknown = [name for name in names if name not in manifest]
    if unknown:
        raise ModelError(f"{folder / MANIFEST} does not know {', '.join(unknown)}")
    return [manifest[name] for name in names]


def _intact(folder: Path, entry: Entry) -> bytes:
    path = folder / entry.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != entry.sha256:
        raise ModelError(f"{path}: damaged: SHA-256 is {found}, {entry.sha256} expected")
    return data


def _open(path: Path, data: bytes, optimisation: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: a function has about one CPU, and sums in one order give the same bytes everywhere.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_BASIC if optimisation == "basic" else levels.ORT_ENABLE_ALL
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # The runtime's errors have no common class of their own.
        raise ModelError(f"{path}: cannot be loaded: {error}") from error
