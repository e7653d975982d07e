"""EfficientNet-Lite, from the state dict of its PyTorch port.

Layout and scaling: github.com/tensorflow/tpu, models/official/efficientnet/lite. Seven stages; a larger model repeats
blocks more often, except in the first and last stage. Relu6 everywhere, no squeeze-and-excitation, TensorFlow's SAME
padding, pixels as (x - 127) / 128.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tools.models.graph import Input, Tap, finish
from tools.models.tape import Array, Tape

REPEATS: dict[int, tuple[int, ...]] = {0: (1, 2, 2, 3, 3, 4, 1), 1: (1, 3, 3, 4, 4, 5, 1), 2: (1, 3, 3, 4, 4, 5, 1)}
"""Blocks by stage, by size of the model."""

_STRIDES = (1, 2, 2, 2, 1, 2, 1)
_TAPPED_STAGES = (2, 4)  # the last maps of 28 and of 14 pixels: edges and textures, then parts of things
_BATCH_NORM_EPSILON = 1e-3


def build(weights: Mapping[str, Array], size: int, side: int, path: Path) -> list[Tap]:
    """Write the graph of EfficientNet-Lite ``size`` for pictures ``[1, 3, side, side]`` from 0 to 1.

    Returns its taps: the means of three maps, and the two deeper maps.
    """
    network = _Network(weights, side)
    maps = network.run(REPEATS[size])
    taps: list[Tap] = []
    for at, (tensor, channels, pixels) in enumerate(maps):
        if at:
            taps.append(Tap(f"map{at}", tensor, (1, channels, pixels, pixels)))
        pooled = network.tape.mean(tensor, (2, 3), pixels * pixels)
        taps.append(Tap(f"mean{at}", pooled, (1, channels, 1, 1)))
    finish(network.tape, [Input("x", (1, 3, side, side))], taps, path)
    return taps


class _Network:
    def __init__(self, weights: Mapping[str, Array], side: int) -> None:
        self.weights, self.side, self.tape = weights, side, Tape()

    def run(self, repeats: Sequence[int]) -> list[tuple[str, int, int]]:
        """Add all layers; return name, channels and pixels of the tapped maps."""
        centred = self.tape.shift("x", self.tape.constant(-127 / 255))
        x = self.conv(self.tape.scale(centred, np.array(255 / 128)), "_conv_stem", "_bn0", stride=2)
        maps, block = [], 0
        for stage, (count, stride) in enumerate(zip(repeats, _STRIDES, strict=True)):
            for at in range(count):
                x = self.block(x, f"_blocks.{block}.", stride if at == 0 else 1)
                block += 1
            if stage in _TAPPED_STAGES:
                maps.append((x, self.channels(f"_blocks.{block - 1}._project_conv"), self.side))
        x = self.conv(x, "_conv_head", "_bn1")
        return [*maps, (x, self.channels("_conv_head"), self.side)]

    def channels(self, layer: str) -> int:
        return int(self.weights[f"{layer}.weight"].shape[0])

    def block(self, x: str, name: str, stride: int) -> str:
        """Widen, convolve each channel, narrow; added to what went in where the shapes agree."""
        wide, taken = x, self.channels(name + "_depthwise_conv")
        if f"{name}_expand_conv.weight" in self.weights:
            taken = self.weights[f"{name}_expand_conv.weight"].shape[1]
            wide = self.conv(x, name + "_expand_conv", name + "_bn0")
        groups = self.channels(name + "_depthwise_conv")
        filtered = self.conv(wide, name + "_depthwise_conv", name + "_bn1", stride=stride, groups=groups)
        narrow = self.conv(filtered, name + "_project_conv", name + "_bn2", relu=False)
        same = stride == 1 and taken == self.channels(name + "_project_conv")
        return self.tape.add(narrow, x) if same else narrow

    def conv(self, x: str, layer: str, norm: str, *, stride: int = 1, groups: int = 1, relu: bool = True) -> str:
        """Add a convolution with its batch norm folded in."""
        mean, variance = self.weights[f"{norm}.running_mean"], self.weights[f"{norm}.running_var"]
        gain = self.weights[f"{norm}.weight"] / np.sqrt(variance + _BATCH_NORM_EPSILON)
        kernel = self.weights[f"{layer}.weight"] * gain[:, None, None, None]
        bias = self.weights[f"{norm}.bias"] - mean * gain
        x = self.tape.conv(x, kernel, bias, self.side, stride=stride, groups=groups)
        self.side = -(-self.side // stride)
        return self.tape.relu6(x) if relu else x
