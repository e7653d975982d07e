"""An encoder's forward pass made into the one graph that is shipped: features, and on request a gradient.

Inputs: what the encoder takes; ``want_gradient``, one boolean; and for each tap ``r0 r1 …``, a tensor of the tap's own
shape. Outputs: the taps' features ``f0 f1 …``; ``loss``, the sum over taps of ⟨f, r⟩ / |f|; and ``gradient``, of that
loss by the encoder's input, zeros where none was asked for. The loss is linear in r: the caller divides by |r|
for a cosine, multiplies by a weight, and may add several directions up.
"""

from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import helper

from tools.models.tape import BOOL, FLOAT, IR_VERSION, OPSET, Tape

TINY = 1e-12
"""Keeps the length of a tensor of zeros from being divided by."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A tensor whose direction the loss compares.

    Attributes:
        name: its name for people.
        tensor: its name in the graph.
        shape: its shape, with a name where a length is known only when the graph runs.
    """

    name: str
    tensor: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """What goes into the encoder."""

    name: str
    shape: tuple[int | str, ...]
    kind: int = FLOAT


def finish(tape: Tape, inputs: list[Input], taps: list[Tap], path: Path) -> None:
    """Add loss and gradient by the first of ``inputs`` to a forward pass, and write the graph."""
    lengths = [_length(tape, tap.tensor) for tap in taps]
    cosines = [
        _along(tape, tap.tensor, length, f"r{at}") for at, (tap, length) in enumerate(zip(taps, lengths, strict=True))
    ]
    tape.op("Sum", *cosines, out="loss")
    for at, tap in enumerate(taps):
        tape.op("Identity", tap.tensor, out=f"f{at}")
    forward, tape.nodes = tape.nodes, []
    for at, (tap, length, cosine) in enumerate(zip(taps, lengths, cosines, strict=True)):
        tape.accumulate(tap.tensor, _pull(tape, tap.tensor, length, cosine, f"r{at}"))
    source = inputs[0]
    gradient = tape.backward(source.name)
    backward = helper.make_graph(tape.nodes, "backward", [], [_value(gradient, source.shape)])
    tape.nodes = []
    zeros = tape.op("ConstantOfShape", tape.op("Shape", source.name))
    nothing = helper.make_graph(tape.nodes, "nothing", [], [_value(zeros, source.shape)])
    choice = helper.make_node("If", ["want_gradient"], ["gradient"], then_branch=backward, else_branch=nothing)
    asked = [helper.make_tensor_value_info("want_gradient", BOOL, [])]
    known = [helper.make_tensor_value_info(each.name, each.kind, each.shape) for each in inputs]
    directions = [helper.make_tensor_value_info(f"r{at}", FLOAT, tap.shape) for at, tap in enumerate(taps)]
    results = [_value("loss", ()), _value("gradient", source.shape)]
    results += [_value(f"f{at}", tap.shape) for at, tap in enumerate(taps)]
    graph = helper.make_graph(
        [*forward, choice], "encoder", known + asked + directions, results, list(tape.constants.values())
    )
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _value(name: str, shape: tuple[int | str, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, FLOAT, shape)


def _length(tape: Tape, tensor: str) -> str:
    squares = tape.op("ReduceSum", tape.op("Mul", tensor, tensor), keepdims=0)
    return tape.op("Sqrt", tape.op("Add", squares, tape.constant(TINY)))


def _along(tape: Tape, tensor: str, length: str, direction: str) -> str:
    return tape.op("Div", tape.op("ReduceSum", tape.op("Mul", tensor, direction), keepdims=0), length)


def _pull(tape: Tape, tensor: str, length: str, cosine: str, direction: str) -> str:
    """Return the gradient of ⟨f, r⟩ / |f| by f, which is (r - f ⟨f, r⟩ / |f|²) / |f|."""
    towards = tape.op("Mul", tensor, tape.op("Div", cosine, length))
    return tape.op("Div", tape.op("Sub", direction, towards), length)
