"""The operations of vision transformers, on a tape."""

import numpy as np

from tools.models.tape import Array, Tape

EPSILON = 1e-6
"""Added to variances; DINOv2's ``layer_norm_eps``."""


class TransformerTape(Tape):
    """A tape that knows ``[1, tokens, width]``; the number of tokens is known only when the graph runs."""

    def linear(self, x: str, weight: Array, bias: Array) -> str:
        """Multiply tokens by a matrix ``[in, out]`` and add ``bias`` ``[out]``."""
        matrix = self.weight(weight)
        result = self.op("Add", self.op("MatMul", x, matrix), self.weight(bias))

        def step(gradient: str) -> None:
            self.accumulate(x, self.op("MatMul", gradient, self.op("Transpose", matrix, perm=[1, 0])))

        return self._record(result, step)

    def normalise(self, x: str) -> str:
        """Bring each token to mean 0 and variance 1 (a layer norm without its scale, which `linear` can hold)."""
        centred = self.op("Sub", x, self.op("ReduceMean", x, axes=[-1], keepdims=1))
        variance = self.op("ReduceMean", self.op("Mul", centred, centred), axes=[-1], keepdims=1)
        inverse = self.op("Reciprocal", self.op("Sqrt", self.op("Add", variance, self.constant(EPSILON))))
        result = self.op("Mul", centred, inverse)

        def step(gradient: str) -> None:
            average = self.op("ReduceMean", gradient, axes=[-1], keepdims=1)
            along = self.op("ReduceMean", self.op("Mul", gradient, result), axes=[-1], keepdims=1)
            rest = self.op("Sub", self.op("Sub", gradient, average), self.op("Mul", result, along))
            self.accumulate(x, self.op("Mul", rest, inverse))

        return self._record(result, step)

    def gelu(self, x: str) -> str:
        """Apply x Φ(x), with the exact error function."""
        half, one = self.constant(0.5), self.constant(1.0)
        root = self.constant(float(np.sqrt(0.5)))
        phi = self.op("Mul", half, self.op("Add", one, self.op("Erf", self.op("Mul", x, root))))
        result = self.op("Mul", x, phi)

        def step(gradient: str) -> None:
            bell = self.op("Exp", self.op("Mul", self.op("Mul", x, x), self.constant(-0.5)))
            density = self.op("Mul", bell, self.constant(float(1 / np.sqrt(2 * np.pi))))
            slope = self.op("Add", phi, self.op("Mul", x, density))
            self.accumulate(x, self.op("Mul", gradient, slope))

        return self._record(result, step)

    def attend(self, qkv: str, heads: int, head_width: int) -> str:
        """Apply self-attention to queries, keys and values that lie side by side: ``[1, tokens, 3 * width]``.

        Queries are taken as already divided by the root of ``head_width``.
        """
        split = self.op("Reshape", qkv, self.integers(-1, 3, heads, head_width))
        apart = self.op("Transpose", split, perm=[1, 2, 0, 3])
        query, key, value = (self.op("Gather", apart, self.constant(np.array(at, np.int64)), axis=0) for at in range(3))
        turned_key = self.op("Transpose", key, perm=[0, 2, 1])
        shares = self.op("Softmax", self.op("MatMul", query, turned_key), axis=-1)
        mixed = self.op("MatMul", shares, value)
        joined = self.op("Transpose", mixed, perm=[1, 0, 2])
        result = self.op("Reshape", joined, self.integers(1, -1, heads * head_width))

        def step(gradient: str) -> None:
            by_head = self.op("Reshape", gradient, self.integers(-1, heads, head_width))
            mixed_gradient = self.op("Transpose", by_head, perm=[1, 0, 2])
            turned_shares = self.op("Transpose", shares, perm=[0, 2, 1])
            value_gradient = self.op("MatMul", turned_shares, mixed_gradient)
            turned_value = self.op("Transpose", value, perm=[0, 2, 1])
            weighted = self.op("Mul", self.op("MatMul", mixed_gradient, turned_value), shares)
            total = self.op("ReduceSum", weighted, self.integers(-1), keepdims=1)
            scores = self.op("Sub", weighted, self.op("Mul", shares, total))
            query_gradient = self.op("MatMul", scores, key)
            key_gradient = self.op("MatMul", self.op("Transpose", scores, perm=[0, 2, 1]), query)
            parts = [self.op("Unsqueeze", each, self.integers(0)) for each in (query_gradient, key_gradient)]
            parts.append(self.op("Unsqueeze", value_gradient, self.integers(0)))
            together = self.op("Transpose", self.op("Concat", *parts, axis=0), perm=[2, 0, 1, 3])
            self.accumulate(qkv, self.op("Reshape", together, self.integers(1, -1, 3 * heads * head_width)))

        return self._record(result, step)

    def prepend(self, first: Array, x: str) -> str:
        """Put a constant token ``[1, 1, width]`` before the others."""
        result = self.op("Concat", self.weight(first), x, axis=1)
        return self._record(result, lambda gradient: self.accumulate(x, self._from(gradient, 1, 2**31)))

    def part(self, x: str, start: int, stop: int) -> str:
        """Take tokens from ``start`` to before ``stop``; one of the two ends must be an end of all tokens."""
        result = self._from(x, start, stop)

        def step(gradient: str) -> None:
            shape = self.op("Shape", x)
            zeros = self.op("ConstantOfShape", shape)
            rest = self._from(zeros, stop, 2**31) if start == 0 else self._from(zeros, 0, start)
            parts = (gradient, rest) if start == 0 else (rest, gradient)
            self.accumulate(x, self.op("Concat", *parts, axis=1))

        return self._record(result, step)

    def _from(self, x: str, start: int, stop: int) -> str:
        return self.op("Slice", x, self.integers(start), self.integers(stop), self.integers(1))
