"""The executor on graphs made here: each operation against numpy or a known answer."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from metrics.signals.tflite_model import Graph, ModelError, Op  # noqa: E402
from metrics.signals.tflite_network import TFLiteNetwork  # noqa: E402
from metrics.signals.tflite_ops import _same_padding  # noqa: E402


def graph(
    ops: list[Op], shapes: list[tuple[int, ...]], constants: dict[int, np.ndarray] | None = None
) -> Graph:
    return Graph(tuple(ops), tuple(shapes), constants or {}, (0,), (ops[-1].outputs[0],), ("out",))


def run(g: Graph, x: np.ndarray) -> np.ndarray:
    return TFLiteNetwork(g).eval()(torch.from_numpy(x))[0].numpy()


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


CONV = {"StrideH": 2, "StrideW": 2, "DilationHFactor": 1, "DilationWFactor": 1, "Padding": 0}


def naive_convolution(x: np.ndarray, w: np.ndarray, stride: int) -> np.ndarray:
    """SAME convolution of (N, H, W, C) with (O, kh, kw, C), as the TFLite reference defines it."""
    n, height, width, _ = x.shape
    out_h, out_w = -(-height // stride), -(-width // stride)
    pad_h = max((out_h - 1) * stride + w.shape[1] - height, 0)
    pad_w = max((out_w - 1) * stride + w.shape[2] - width, 0)
    padded = np.pad(
        x, ((0, 0), (pad_h // 2, pad_h - pad_h // 2), (pad_w // 2, pad_w - pad_w // 2), (0, 0))
    )
    out = np.zeros((n, out_h, out_w, len(w)))
    for i in range(out_h):
        for j in range(out_w):
            window = padded[
                :, i * stride : i * stride + w.shape[1], j * stride : j * stride + w.shape[2]
            ]
            out[:, i, j] = np.einsum("nhwc,ohwc->no", window, w)
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 9), st.integers(3, 9), st.integers(1, 4))
def test_same_convolution_pads_after(height: int, width: int, kernel: int) -> None:
    x, w = images(2, height, width, 3), images(5, kernel, kernel, 3)
    bias = np.zeros(5, np.float32)
    out = (1, -(-height // 2), -(-width // 2), 5)
    g = graph(
        [Op("CONV_2D", (0, 1, 2), (3,), CONV)],
        [(1, height, width, 3), w.shape, (5,), out],
        {1: w, 2: bias},
    )
    np.testing.assert_allclose(run(g, x), naive_convolution(x, w, 2), atol=1e-5)


def test_depthwise_convolution_keeps_channels_apart() -> None:
    x, w = images(1, 6, 6, 2), np.zeros((1, 1, 1, 2), np.float32)
    w[..., 0], w[..., 1] = 2, -3
    options = {**CONV, "StrideH": 1, "StrideW": 1}
    g = graph(
        [Op("DEPTHWISE_CONV_2D", (0, 1, 2), (3,), options)],
        [x.shape, w.shape, (2,), x.shape],
        {1: w, 2: np.zeros(2, np.float32)},
    )
    np.testing.assert_allclose(run(g, x), x * (2, -3), rtol=1e-6)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [(256, 3, 2, (0, 1)), (5, 3, 1, (1, 1)), (128, 5, 2, (1, 2)), (4, 1, 1, (0, 0))],
)
def test_same_padding(size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert _same_padding(size, kernel, stride, 1) == expected


def test_prelu_per_channel_and_per_place() -> None:
    x = images(2, 3, 3, 4)
    for slopes in (images(1, 1, 4), images(3, 3, 4)):
        g = graph([Op("PRELU", (0, 1), (2,), {})], [(1, 3, 3, 4), slopes.shape, x.shape])
        g = Graph(g.ops, g.shapes, {1: slopes}, g.inputs, g.outputs, g.output_names)
        np.testing.assert_allclose(run(g, x), np.where(x >= 0, x, x * slopes), rtol=1e-6)


def test_float16_constants_are_dequantized_once() -> None:
    half = np.array([1.5, -2], np.float16)
    ops = [Op("DEQUANTIZE", (1,), (2,), {}), Op("ADD", (0, 2), (3,), {})]
    x = images(3, 2)
    np.testing.assert_array_equal(
        run(graph(ops, [(1, 2), (2,), (2,), (1, 2)], {1: half}), x),
        x + half.astype(np.float32),
    )


def test_slice_drops_no_batch() -> None:
    masks = {"BeginMask": 1, "EndMask": 1, "EllipsisMask": 0, "NewAxisMask": 0, "ShrinkAxisMask": 1}
    whole = [np.array(n, np.int32) for n in ([0, 1], [1, 3], [1, 1])]
    g = graph(
        [Op("STRIDED_SLICE", (0, 1, 2, 3), (4,), masks)],
        [(1, 4), (2,), (2,), (2,), (2,)],
        dict(enumerate(whole, start=1)),
    )
    x = images(5, 4)
    np.testing.assert_array_equal(run(g, x), x[:, 1:3])


@pytest.mark.parametrize("kind", ["CUSTOM Landmarks2TransformMatrix", "FULLY_CONNECTED", "WHILE"])
def test_an_unknown_operation_is_named(kind: str) -> None:
    with pytest.raises(ModelError, match=kind):
        TFLiteNetwork(graph([Op(kind, (0,), (1,), {})], [(1, 2), (1, 2)]))


BATCH_AXIS: dict[str, tuple[Op, dict[int, Any]]] = {
    "mean": (Op("MEAN", (0, 1), (2,), {"KeepDims": 1}), {1: np.array([0], np.int32)}),
    "transpose": (Op("TRANSPOSE", (0, 1), (2,), {}), {1: np.array([1, 0], np.int32)}),
    "pad": (Op("PAD", (0, 1), (2,), {}), {1: np.array([[1, 0], [0, 0]], np.int32)}),
    "concatenation": (Op("CONCATENATION", (0, 0), (2,), {"Axis": 0}), {}),
}


@pytest.mark.parametrize("name", BATCH_AXIS)
def test_what_would_mix_the_batch_is_refused(name: str) -> None:
    op, constants = BATCH_AXIS[name]
    with pytest.raises(ModelError, match="batch axis"):
        TFLiteNetwork(graph([op], [(1, 3), (2,), (1, 3)], constants))


def test_an_unknown_fused_activation_is_refused() -> None:
    g = graph([Op("ADD", (0, 0), (1,), {"FusedActivationFunction": 4})], [(1, 2), (1, 2)])
    with pytest.raises(ModelError, match="activation 4"):
        TFLiteNetwork(g)


def test_another_input_shape_is_refused() -> None:
    network = TFLiteNetwork(graph([Op("NEG", (0,), (1,), {})], [(1, 2), (1, 2)]))
    with pytest.raises(ValueError, match="expected"):
        network(torch.zeros(3, 4))
