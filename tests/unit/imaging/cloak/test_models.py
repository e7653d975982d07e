"""Model files that are missing or damaged are told apart, before anything is called cloaked."""

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chalicelib.imaging.cloak.encoders import MANIFEST, ModelError, load_encoders, read_manifest
from tools.models.weights import read_state_dict

GRAPH = b"a graph"


def entry(**changed: Any) -> dict[str, Any]:
    digest = hashlib.sha256(GRAPH).hexdigest()
    known = {"name": "one", "file": "one.onnx", "sha256": digest, "kind": "pixels", "side": 224, "taps": ["mean"]}
    return known | {"embedding": ["mean"], "unrelated": 0.5, "optimisation": "all", "licence": "any"} | changed


def folder_of(path: Path, *entries: dict[str, Any]) -> Path:
    (path / MANIFEST).write_text(json.dumps({"encoders": list(entries)}), encoding="utf-8")
    (path / "one.onnx").write_bytes(GRAPH)
    return path


def test_the_manifest_says_what_there_is(tmp_path: Path) -> None:
    assert read_manifest(folder_of(tmp_path, entry()))["one"].side == 224


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"encoders": [{"name": "one"}]}', '{"encoders": 3}'])
def test_a_manifest_that_is_none_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="no readable list of models"):
        load_encoders(tmp_path, ["one"])


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no readable list of models"):
        load_encoders(tmp_path / "nowhere", ["one"])


def test_an_unknown_encoder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not know two"):
        load_encoders(folder_of(tmp_path, entry()), ["one", "two"])


def test_a_missing_graph_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.onnx: No such file"):
        load_encoders(folder_of(tmp_path, entry(file="absent.onnx")), ["one"])


def test_a_damaged_graph_is_an_error(tmp_path: Path) -> None:
    folder_of(tmp_path, entry())
    (tmp_path / "one.onnx").write_bytes(GRAPH[:-1])
    with pytest.raises(ModelError, match="damaged"):
        load_encoders(tmp_path, ["one"])


def test_a_state_dict_that_names_other_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    with path.open("wb") as file:
        pickle.dump(Path, file)  # names pathlib
    with pytest.raises(pickle.UnpicklingError, match="does not belong into a state dict"):
        read_state_dict(path)


def test_a_state_dict_is_read_without_its_library(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    values = np.arange(6, dtype=np.float32)
    # Protocol 0 text: an OrderedDict with one tensor of 2 by 2, stride 3 by 1, from the second element on.
    storage = b"(S'storage'\nctorch\nFloatStorage\nS'7'\nS'cpu'\nI6\nNtQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"I1\n(I2\nI2\nt(I3\nI1\ntI00\nNtR"
    described = b"ccollections\nOrderedDict\n(((S'w'\n" + tensor + b"tltR."
    headers = pickle.dumps(1) + pickle.dumps(1001) + pickle.dumps({})
    path.write_bytes(headers + described + pickle.dumps(["7"]) + (6).to_bytes(8, "little") + values.tobytes())
    assert read_state_dict(path)["w"].tolist() == [[1, 2], [4, 5]]
