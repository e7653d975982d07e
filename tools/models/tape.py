"""A forward graph that remembers how to go backwards: reverse-mode differentiation from operations to ONNX nodes.

Each method of ``Tape`` adds the nodes of one operation and notes how the gradient of its result becomes that of its
operand. Backward steps are plain forward operators (a convolution's is a convolution with turned kernels), because
inference runtimes hold no others. Shapes are ``[batch, channels, height, width]`` or ``[batch, tokens, width]``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[Any]

OPSET, IR_VERSION = 17, 8
FLOAT, BOOL, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.BOOL, onnx.TensorProto.INT64


class Tape:
    """Nodes and constants of a graph under construction, and the backward steps of what was added so far."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._steps: list[tuple[str, Callable[[str], None]]] = []
        self._gradients: dict[str, str] = {}
        self._made = 0

    # -- building blocks ---------------------------------------------------------------------------------------------

    def constant(self, value: Array | float) -> str:
        """Add numbers as they are and return their name."""
        name = self._name("c")
        array = np.float32(value) if isinstance(value, float) else np.asarray(value)
        self.constants[name] = numpy_helper.from_array(np.asarray(array), name)
        return name

    def integers(self, *values: int) -> str:
        """Add a list of int64."""
        return self.constant(np.array(values, np.int64))

    def weight(self, value: Array) -> str:
        """Add weights, stored as fp16 and used as fp32: the runtime converts them once, when it loads the graph."""
        stored = self.constant(np.asarray(value, np.float16))
        return self.op("Cast", stored, to=FLOAT)

    def op(self, kind: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        """Add a node without a backward step and return the name of its output."""
        result = out or self._name("t")
        self.nodes.append(helper.make_node(kind, list(inputs), [result], **attributes))
        return result

    def _name(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made}"

    def _record(self, result: str, step: Callable[[str], None]) -> str:
        self._steps.append((result, step))
        return result

    def accumulate(self, name: str, gradient: str) -> None:
        """Add to the gradient of a tensor; what was added by then is what its own backward step gets."""
        known = self._gradients.get(name)
        self._gradients[name] = gradient if known is None else self.op("Add", known, gradient)

    def backward(self, wanted: str) -> str:
        """Go through the operations backwards and return the name of the gradient of ``wanted``."""
        for result, step in reversed(self._steps):
            gradient = self._gradients.get(result)
            if gradient is not None:
                step(gradient)
        return self._gradients[wanted]

    # -- operations of convolutional networks ------------------------------------------------------------------------

    def conv(self, x: str, kernel: Array, bias: Array, side: int, *, stride: int = 1, groups: int = 1) -> str:
        """Convolve a square map of ``side`` pixels with TensorFlow's SAME padding.

        Args:
            x: the map.
            kernel: ``[out, in / groups, n, n]``; either one group, or as many as channels (depthwise).
            bias: ``[out]``.
            side: of the map, in pixels; the result's is that divided by ``stride``, rounded up.
            stride: 1 or 2.
            groups: 1, or the number of channels.
        """
        size = kernel.shape[-1]
        result_side = -(-side // stride)
        before, after = same_padding(side, size, stride)
        weight = self.weight(kernel)
        pads = [before, before, after, after]
        result = self.op("Conv", x, weight, self.weight(bias), strides=[stride] * 2, group=groups, pads=pads)

        def step(gradient: str) -> None:
            spread = self._spread(gradient, kernel.shape[0], result_side, stride) if stride > 1 else gradient
            first = size - 1 - before
            last = side - (result_side * stride + first - size + 1)
            turned = self._turned(weight, kernel, groups)
            back = [first, first, last, last]
            self.accumulate(x, self.op("Conv", spread, turned, group=groups, pads=back))

        return self._record(result, step)

    def _turned(self, weight: str, kernel: Array, groups: int) -> str:
        """Return the kernel that leads backwards; made of the stored one where that is big, by transposing it."""
        if kernel.shape[-1] == 1:
            return self.op("Transpose", weight, perm=[1, 0, 2, 3])
        flipped = kernel[:, :, ::-1, ::-1]
        return self.weight(flipped if groups > 1 else flipped.transpose(1, 0, 2, 3))

    def _spread(self, gradient: str, channels: int, side: int, stride: int) -> str:
        """Put zeros between the pixels of a map."""
        # By Concat: Pad and a product with a grid of zeros and ones take several times as long on a CPU.
        for unit in (1, side * stride):
            rows = self.op("Reshape", gradient, self.integers(-1, unit))
            zeros = self.op("Expand", self.constant(0.0), self.op("Shape", rows))
            gradient = self.op("Concat", rows, *[zeros] * (stride - 1), axis=1)
        return self.op("Reshape", gradient, self.integers(1, channels, side * stride, side * stride))

    def relu6(self, x: str) -> str:
        """Clip to 0 … 6."""
        low, high = self.constant(0.0), self.constant(6.0)
        result = self.op("Clip", x, low, high)

        def step(gradient: str) -> None:
            inside = self.op("And", self.op("Greater", result, low), self.op("Less", result, high))
            # Four times as fast as Where, which treats its scalar as a shape to be stretched.
            self.accumulate(x, self.op("Mul", gradient, self.op("Cast", inside, to=FLOAT)))

        return self._record(result, step)

    def add(self, a: str, b: str) -> str:
        """Add two tensors of one shape."""

        def step(gradient: str) -> None:
            self.accumulate(a, gradient)
            self.accumulate(b, gradient)

        return self._record(self.op("Add", a, b), step)

    def scale(self, x: str, factor: Array) -> str:
        """Multiply by constants."""
        by = self.constant(np.asarray(factor, np.float32))
        return self._record(self.op("Mul", x, by), lambda gradient: self.accumulate(x, self.op("Mul", gradient, by)))

    def shift(self, x: str, amount: str) -> str:
        """Add a tensor that takes no gradient."""
        return self._record(self.op("Add", x, amount), lambda gradient: self.accumulate(x, gradient))

    def mean(self, x: str, axes: Sequence[int], count: int | None = None) -> str:
        """Average over axes that stay with length 1; ``count`` is their product where it is known."""
        result = self.op("ReduceMean", x, axes=list(axes), keepdims=1)

        def step(gradient: str) -> None:
            shape = self.op("Shape", x)
            if count is None:
                many = self.op("ReduceProd", self.op("Gather", shape, self.integers(*axes)), keepdims=0)
                part = self.op("Div", gradient, self.op("Cast", many, to=FLOAT))
            else:
                part = self.op("Mul", gradient, self.constant(1.0 / count))
            self.accumulate(x, self.op("Expand", part, shape))

        return self._record(result, step)


def same_padding(side: int, size: int, stride: int) -> tuple[int, int]:
    """Return TensorFlow's SAME padding before and after, in pixels; the odd one comes after.

    >>> same_padding(224, 3, 2)
    (0, 1)
    """
    total = max((-(-side // stride) - 1) * stride + size - side, 0)
    return total // 2, total - total // 2
