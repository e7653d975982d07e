"""Weights as numpy arrays, read without torch and without running anything that a file says."""

import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_DTYPES: dict[str, type[np.generic]] = {"FloatStorage": np.float32, "LongStorage": np.int64}
_HEADERS = 3  # magic number, protocol version, facts about the machine that wrote it


class _StateDictUnpickler(pickle.Unpickler):
    """Knows the four names that a state dict of float and integer tensors consists of, and refuses all others."""

    def persistent_load(self, pid: Any) -> tuple[str, type[np.generic]]:
        return pid[2], _DTYPES[pid[1]]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _describe
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a state dict")


def _describe(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> tuple[Any, ...]:
    return storage, offset, size, stride


def read_state_dict(path: Path) -> dict[str, Array]:
    """Return the tensors of a file that ``torch.save`` wrote before its version 1.6, by name.

    The format (torch/serialization.py, ``_legacy_save``): pickles of the headers, of the tensors' descriptions and of
    the storages' keys; then each storage, its number of elements as int64 before its little-endian elements.

    Raises:
        pickle.UnpicklingError: the file names anything but tensors.
    """
    with path.open("rb") as file:
        for _ in range(_HEADERS):
            _StateDictUnpickler(file).load()
        described, keys = (_StateDictUnpickler(file).load() for _ in range(2))
        kinds = {storage[0]: np.dtype(storage[1]) for storage, *_ in described.values()}
        storages: dict[str, Array] = {}
        for key in keys:
            (elements,) = struct.unpack("<q", file.read(8))
            storages[key] = np.frombuffer(file.read(elements * kinds[key].itemsize), kinds[key])
    return {name: _tensor(storages[storage[0]], *place) for name, (storage, *place) in described.items()}


def _tensor(storage: Array, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> Array:
    step = storage.dtype.itemsize
    return np.lib.stride_tricks.as_strided(storage[offset:], size, [step * each for each in stride]).copy()
