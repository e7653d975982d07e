"""The DINOv2-S/14 backbone (arXiv:2304.07193) out of an exported ONNX graph, rebuilt on a tape.

Rebuilt, because the exported graph fixes 224 pixels and all 256 patches. This one takes any patches with the numbers of
their places: a subset costs a part of the time. Scales of layer norms, layer scales and the queries' divisor are folded
into the matrices beside them.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper

from tools.models.attention import TransformerTape
from tools.models.graph import Input, Tap, finish
from tools.models.tape import INT64, Array

PATCH = 14
GRID = 16
"""Patches a side at 224 pixels, for which the places' embeddings are stored."""
WIDTH, HEADS, BLOCKS = 384, 6, 12
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels, by which DINOv2 expects its input to be normalised."""
_TAPPED_BLOCKS = (5, 8)
_PLACES = "/backbone/embeddings/Concat_6_output_0"


class _Source(NamedTuple):
    """The exported graph: its constants by name, and by the name of a matrix product the matrix."""

    constants: dict[str, Array]
    matrices: dict[str, Array]

    def block(self, at: int, name: str) -> Array:
        return self.constants[f"backbone.encoder.layer.{at}.{name}"]

    def matrix(self, at: int, name: str) -> Array:
        return self.matrices[f"/backbone/encoder/layer.{at}/{name}/MatMul_output_0"]


def build(exported: Path, path: Path) -> list[Tap]:
    """Write the graph for patches ``[1, n, 588]`` from 0 to 1 (channel, row, column) and places ``[n]`` from 0 to 255.

    Returns its taps: the tokens and their mean after blocks 6 and 9, and at the end tokens, class token and mean.
    """
    model = onnx.load(str(exported))
    source = _read(model)
    tape = TransformerTape()
    x = _embed(tape, source, _places(model))
    taps: list[Tap] = []
    for at in range(BLOCKS):
        x = _block(tape, source, at, x)
        if at in _TAPPED_BLOCKS:
            taps.append(_mean(tape, tape.normalise(tape.part(x, 1, 2**31)), f"mean{at + 1}"))
    gain, bias = source.constants["backbone.layernorm.weight"], source.constants["backbone.layernorm.bias"]
    tokens = tape.shift(tape.scale(tape.normalise(x), gain), tape.weight(bias))
    patches = tape.part(tokens, 1, 2**31)
    taps.append(Tap("tokens", patches, (1, "n", WIDTH)))
    taps.append(Tap("class", tape.part(tokens, 0, 1), (1, 1, WIDTH)))
    taps.append(_mean(tape, patches, "mean"))
    finish(tape, [Input("x", (1, "n", 3 * PATCH * PATCH)), Input("places", ("n",), INT64)], taps, path)
    return taps


def _mean(tape: TransformerTape, tokens: str, name: str) -> Tap:
    return Tap(name, tape.mean(tokens, (1,)), (1, 1, WIDTH))


def _read(model: onnx.ModelProto) -> _Source:
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    matrices = {
        node.output[0]: constants[node.input[1]]
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in constants
    }
    return _Source(constants, matrices)


def _places(model: onnx.ModelProto) -> Array:
    """Return the embeddings of the class token and of 256 places, as the exported graph itself makes them.

    It scales the 37 by 37 of training to 16 by 16, which other implementations of bicubic scaling do a little
    differently.
    """
    import onnxruntime

    part = onnx.ModelProto()
    part.CopyFrom(model)
    wanted, nodes = {_PLACES}, []
    for node in reversed(model.graph.node):
        if wanted & set(node.output):
            nodes.append(node)
            wanted |= set(node.input)
    del part.graph.node[:], part.graph.output[:]
    part.graph.node.extend(reversed(nodes))
    part.graph.output.append(onnx.helper.make_tensor_value_info(_PLACES, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it would warn of each of the weights that this part has no use for
    session = onnxruntime.InferenceSession(part.SerializeToString(), options, providers=["CPUExecutionProvider"])
    picture = np.zeros((1, 3, PATCH * GRID, PATCH * GRID), np.float32)
    result: Array = session.run(None, {"input_image": picture})[0]
    return result


def _embed(tape: TransformerTape, source: _Source, places: Array) -> str:
    kernel = source.constants["backbone.embeddings.patch_embeddings.projection.weight"]
    bias = source.constants["backbone.embeddings.patch_embeddings.projection.bias"]
    mean, deviation = (np.repeat(np.array(each, np.float32), PATCH * PATCH) for each in (MEAN, DEVIATION))
    matrix = kernel.reshape(WIDTH, -1).T / deviation[:, None]
    patches = tape.linear("x", matrix, bias - mean @ matrix)
    placed = tape.shift(patches, tape.op("Gather", tape.weight(places[:, 1:]), "places", axis=1))
    return tape.prepend(source.constants["backbone.embeddings.cls_token"] + places[:, :1], placed)


def _block(tape: TransformerTape, source: _Source, at: int, x: str) -> str:
    attention = "attention/attention"
    parts = [source.matrix(at, f"{attention}/{name}") for name in ("query", "key", "value")]
    biases = [source.block(at, f"attention.attention.{name}.bias") for name in ("query", "key", "value")]
    divisor = np.sqrt(WIDTH / HEADS)
    parts[0], biases[0] = parts[0] / divisor, biases[0] / divisor
    into, bias = _after_norm(source, at, "norm1", np.concatenate(parts, axis=1), np.concatenate(biases))
    mixed = tape.attend(tape.linear(tape.normalise(x), into, bias), HEADS, WIDTH // HEADS)
    out = _before_scale(source, at, "layer_scale1", "attention/output/dense", "attention.output.dense")
    x = tape.add(x, tape.linear(mixed, *out))
    wide = _after_norm(source, at, "norm2", source.matrix(at, "mlp/fc1"), source.block(at, "mlp.fc1.bias"))
    narrow = _before_scale(source, at, "layer_scale2", "mlp/fc2", "mlp.fc2")
    return tape.add(x, tape.linear(tape.gelu(tape.linear(tape.normalise(x), *wide)), *narrow))


def _after_norm(source: _Source, at: int, norm: str, matrix: Array, bias: Array) -> tuple[Array, Array]:
    gain, offset = source.block(at, f"{norm}.weight"), source.block(at, f"{norm}.bias")
    return gain[:, None] * matrix, bias + offset @ matrix


def _before_scale(source: _Source, at: int, scale: str, matrix: str, name: str) -> tuple[Array, Array]:
    by = source.block(at, f"{scale}.lambda1")
    return source.matrix(at, matrix) * by, source.block(at, f"{name}.bias") * by
