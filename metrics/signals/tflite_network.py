"""A TFLite network as a `torch.nn.Module`: batched, on any device, in fp32."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn

from metrics.signals.tflite_model import Array, Graph, ModelError, Op, read_model
from metrics.signals.tflite_ops import BUILDERS, Context, Step

_FOLDED = "DEQUANTIZE"


class TFLiteNetwork(nn.Module):
    """Runs a TFLite graph.

    Weights are buffers, converted from float16 once. Rows of a batch do not see each other.

    Args:
        graph: What `read_model` returned.

    Raises:
        ModelError: If the graph has an operation that is not known here; names all of them.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        graph = _fold(graph)
        unknown = sorted({op.kind for op in graph.ops} - BUILDERS.keys())
        if unknown:
            raise ModelError(f"operations that cannot be run: {', '.join(unknown)}")
        if len(graph.inputs) != 1:
            raise ModelError(f"has {len(graph.inputs)} inputs, one is supported")
        self._input = graph.inputs[0]
        self._outputs = graph.outputs
        self.output_names = graph.output_names
        self.input_shape = graph.shapes[self._input][1:]
        """Shape of one row of the batch."""
        self._steps: list[tuple[Step, Op, tuple[int, ...]]] = [
            (BUILDERS[op.kind](Context(op, graph)), op, done)
            for op, done in zip(graph.ops, _last_uses(graph), strict=True)
        ]
        self._constants = {n for op in graph.ops for n in op.inputs if n in graph.constants}
        for number, array in _tensors(graph, self._constants):
            self.register_buffer(f"c{number}", array, persistent=False)

    @classmethod
    def from_bytes(cls, data: bytes) -> "TFLiteNetwork":
        """Return the network of a TFLite file, ready to run.

        Raises:
            ModelError: If it is not one that can be run.
        """
        return cls(read_model(data)).eval().requires_grad_(False)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run a batch.

        Args:
            x: ``(N, *input_shape)`` float32, channels last.

        Returns:
            One tensor an output, the batch first.
        """
        if tuple(x.shape[1:]) != self.input_shape:
            raise ValueError(f"expected (N, {self.input_shape}), got {tuple(x.shape)}")
        values: dict[int, torch.Tensor] = {n: getattr(self, f"c{n}") for n in self._constants}
        values[self._input] = x
        for step, op, done in self._steps:
            values[op.outputs[0]] = step([values[n] for n in op.inputs if n >= 0])
            for number in done:
                del values[number]
        return tuple(values[n] for n in self._outputs)


def _fold(graph: Graph) -> Graph:
    """Dequantize constants now: every use of the result reads the constant."""
    constants: dict[int, Array] = dict(graph.constants)
    kept = []
    for op in graph.ops:
        if op.kind != _FOLDED:
            kept.append(op)
        elif op.inputs[0] in constants and constants[op.inputs[0]].dtype == np.float16:
            constants[op.outputs[0]] = constants[op.inputs[0]].astype(np.float32)
        else:
            raise ModelError("DEQUANTIZE of a computed or integer tensor is not supported")
    return Graph(
        tuple(kept), graph.shapes, constants, graph.inputs, graph.outputs, graph.output_names
    )


def _last_uses(graph: Graph) -> Iterator[tuple[int, ...]]:
    """Yield, for each operation, the tensors that nobody needs after it."""
    last: dict[int, int] = {}
    for index, op in enumerate(graph.ops):
        for number in (*op.inputs, *op.outputs):
            last[number] = index
    keep = {*graph.outputs, *graph.constants, -1}
    for index, op in enumerate(graph.ops):
        ends = {n for n in (*op.inputs, *op.outputs) if last[n] == index}
        yield tuple(sorted(ends - keep))


def _tensors(graph: Graph, used: Sequence[int] | set[int]) -> Iterator[tuple[int, torch.Tensor]]:
    """Yield the constants; convolution weights in torch's order, outputs first."""
    weights = {op.inputs[1]: op.kind for op in graph.ops if op.kind.endswith("CONV_2D")}
    for number in sorted(used):
        tensor = torch.from_numpy(np.array(graph.constants[number]))
        if weights.get(number) == "CONV_2D":
            tensor = tensor.permute(0, 3, 1, 2)
        elif weights.get(number) == "DEPTHWISE_CONV_2D":
            tensor = tensor.permute(3, 0, 1, 2)
        yield (
            number,
            tensor.contiguous(memory_format=torch.channels_last) if (number in weights) else tensor,
        )
