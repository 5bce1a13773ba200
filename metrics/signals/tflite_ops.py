"""The TFLite operations the face models use, as torch functions.

Tensors keep TFLite's logical layout, channels last. A convolution sees the same memory as
``(N, C, H, W)`` in torch's channels-last format, so nothing is copied between the two. The first
axis is always the batch: files say 1 there, and it may be anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from metrics.signals.tflite_model import Array, Graph, ModelError, Op

Step = Callable[[Sequence[torch.Tensor]], torch.Tensor]

_SAME = 0  # schema: Padding.SAME
_ACTIVATIONS: Mapping[int, Callable[[torch.Tensor], torch.Tensor]] = {
    0: lambda x: x,
    1: functional.relu,
    3: functional.relu6,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What an operation is built from.

    Attributes:
        op: The operation.
        graph: Its network.
    """

    op: Op
    graph: Graph

    def shape(self, position: int) -> tuple[int, ...]:
        """Return the stored shape of an input."""
        return self.graph.shapes[self.op.inputs[position]]

    def constant(self, position: int) -> Array:
        """Return an input that must be a constant.

        Raises:
            ModelError: If it is computed.
        """
        number = self.op.inputs[position]
        if number not in self.graph.constants:
            raise ModelError(f"{self.op.kind} with a computed input {position} is not supported")
        return self.graph.constants[number]

    def activation(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return the activation fused into this operation."""
        number = self.op.options.get("FusedActivationFunction", 0)
        if number not in _ACTIVATIONS:
            raise ModelError(f"{self.op.kind} with fused activation {number} is not supported")
        return _ACTIVATIONS[number]


def _channels_first(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 3, 1, 2)


def _channels_last(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 2, 3, 1)


def _same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return TFLite's SAME padding before and after: the odd pixel goes after."""
    reach = (kernel - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def _padding(context: Context, kernel: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return padding left, right, top, bottom."""
    options = context.op.options
    if options["Padding"] != _SAME:
        return 0, 0, 0, 0
    _, height, width, _ = context.shape(0)
    vertical = _same_padding(
        height, kernel[0], options["StrideH"], options.get("DilationHFactor", 1)
    )
    horizontal = _same_padding(
        width, kernel[1], options["StrideW"], options.get("DilationWFactor", 1)
    )
    return *horizontal, *vertical


def _convolution(context: Context, depthwise: bool) -> Step:
    options = context.op.options
    weight = context.shape(1)
    kernel = (weight[1], weight[2])
    padding = _padding(context, kernel)
    symmetric = padding[0] == padding[1] and padding[2] == padding[3]
    inside = (padding[2], padding[0]) if symmetric else (0, 0)
    stride = (options["StrideH"], options["StrideW"])
    dilation = (options["DilationHFactor"], options["DilationWFactor"])
    groups = context.shape(0)[3] if depthwise else 1
    if depthwise and weight[3] != groups:
        raise ModelError("DEPTHWISE_CONV_2D with a depth multiplier is not supported")
    activation = context.activation()

    def run(inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        x = _channels_first(inputs[0])
        if not symmetric:
            x = functional.pad(x, padding)
        bias = inputs[2] if len(inputs) > 2 else None
        y = functional.conv2d(x, inputs[1], bias, stride, inside, dilation, groups)
        return activation(_channels_last(y))

    return run


def _max_pool(context: Context) -> Step:
    options = context.op.options
    kernel = (options["FilterHeight"], options["FilterWidth"])
    if any(_padding(context, kernel)):
        raise ModelError("MAX_POOL_2D with padding is not supported")
    stride = (options["StrideH"], options["StrideW"])
    activation = context.activation()

    def run(inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        pooled = functional.max_pool2d(_channels_first(inputs[0]), kernel, stride)
        return activation(_channels_last(pooled))

    return run


def _pad(context: Context) -> Step:
    widths = context.constant(1)
    if widths[0].any():
        raise ModelError("PAD of the batch axis is not supported")
    flat = [int(n) for pair in widths[:0:-1] for n in pair]  # torch counts from the last axis
    return lambda inputs: functional.pad(inputs[0], flat)


def _prelu(context: Context) -> Step:
    slopes = context.shape(1)
    if max(slopes[:-1], default=1) > 1:
        return lambda inputs: torch.where(inputs[0] >= 0, inputs[0], inputs[0] * inputs[1])

    def run(inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        return _channels_last(functional.prelu(_channels_first(inputs[0]), inputs[1].reshape(-1)))

    return run


def _reshape(context: Context) -> Step:
    target = context.graph.shapes[context.op.outputs[0]]
    if not target or target[0] != 1 or context.shape(0)[0] != 1:
        raise ModelError(f"RESHAPE to {target} does not keep the batch axis")
    return lambda inputs: inputs[0].reshape(inputs[0].shape[0], *target[1:])


def _concatenate(context: Context) -> Step:
    rank = len(context.graph.shapes[context.op.outputs[0]])
    axis = context.op.options["Axis"] % rank
    if axis == 0:
        raise ModelError("CONCATENATION of the batch axis is not supported")
    activation = context.activation()

    def run(inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        batch = max(x.shape[0] for x in inputs)
        return activation(torch.cat([x.expand(batch, *x.shape[1:]) for x in inputs], dim=axis))

    return run


def _strided_slice(context: Context) -> Step:
    options = context.op.options
    if options["EllipsisMask"] or options["NewAxisMask"] or options["ShrinkAxisMask"] & ~1:
        raise ModelError("STRIDED_SLICE with an ellipsis, new or dropped axis is not supported")
    begin, end, stride = (context.constant(i).tolist() for i in (1, 2, 3))
    window = [slice(None)]  # the batch axis: all of it, and it stays when a file drops it
    whole = context.shape(0)[0] == 1 and (options["BeginMask"] & 1 or begin[0] == 0)
    if not whole or stride[0] != 1:
        raise ModelError("STRIDED_SLICE of the batch axis is not supported")
    for axis in range(1, len(begin)):
        first = None if options["BeginMask"] >> axis & 1 else begin[axis]
        last = None if options["EndMask"] >> axis & 1 else end[axis]
        window.append(slice(first, last, stride[axis]))
    return lambda inputs: inputs[0][tuple(window)]


def _transpose(context: Context) -> Step:
    order = [int(n) for n in context.constant(1)]
    if order[0] != 0:
        raise ModelError("TRANSPOSE of the batch axis is not supported")
    return lambda inputs: inputs[0].permute(order)


def _reduction(function: Callable[..., torch.Tensor]) -> Callable[[Context], Step]:
    def build(context: Context) -> Step:
        rank = len(context.shape(0))
        axes = [int(n) % rank for n in np.atleast_1d(context.constant(1))]
        if 0 in axes:
            raise ModelError(f"{context.op.kind} over the batch axis is not supported")
        keep = bool(context.op.options["KeepDims"])
        return lambda inputs: function(inputs[0], dim=axes, keepdim=keep)

    return build


def _pointwise(function: Callable[..., torch.Tensor]) -> Callable[[Context], Step]:
    def build(context: Context) -> Step:
        activation = context.activation()
        return lambda inputs: activation(function(*inputs))

    return build


BUILDERS: Mapping[str, Callable[[Context], Step]] = {
    "ADD": _pointwise(torch.add),
    "CONCATENATION": _concatenate,
    "CONV_2D": lambda context: _convolution(context, depthwise=False),
    "DEPTHWISE_CONV_2D": lambda context: _convolution(context, depthwise=True),
    "DIV": _pointwise(torch.div),
    "LOGISTIC": _pointwise(torch.sigmoid),
    "MAX_POOL_2D": _max_pool,
    "MEAN": _reduction(torch.mean),
    "MUL": _pointwise(torch.mul),
    "NEG": _pointwise(torch.neg),
    "PAD": _pad,
    "PRELU": _prelu,
    "RELU": _pointwise(functional.relu),
    "RESHAPE": _reshape,
    "RSQRT": _pointwise(torch.rsqrt),
    "SQRT": _pointwise(torch.sqrt),
    "SQUARED_DIFFERENCE": _pointwise(lambda a, b: (a - b) ** 2),
    "STRIDED_SLICE": _strided_slice,
    "SUB": _pointwise(torch.sub),
    "SUM": _reduction(torch.sum),
    "TRANSPOSE": _transpose,
}
"""What can run, by name in the schema. DEQUANTIZE of a constant is done when loading."""
