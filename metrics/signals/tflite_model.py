"""Reading TFLite flatbuffers: a network as plain data, without any runtime.

The schema comes from the package ``tflite`` (2 MB, pure Python, Apache-2.0). ``ai-edge-litert``
carries the same schema beside a 60 MB runtime that has no wheel for every platform; here it is
only the reference that tests compare with.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_FIELDS = (
    "Padding StrideH StrideW DilationHFactor DilationWFactor FusedActivationFunction "
    "FilterHeight FilterWidth Axis KeepDims BeginMask EndMask EllipsisMask NewAxisMask "
    "ShrinkAxisMask"
).split()


class ModelError(Exception):
    """A file that is not a network this suite can run."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation.

    Attributes:
        kind: Name in the TFLite schema (``CONV_2D``).
        inputs: Tensor numbers; -1 for an optional input that is not given.
        outputs: Tensor numbers.
        options: Fields of its options table, by their names in the schema.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """A network with one subgraph.

    Attributes:
        ops: In the order in which they run.
        shapes: Shape of each tensor, as stored: batch 1, channels last.
        constants: Weights and other constants by tensor number, float16 ones as they are.
        inputs: Tensor numbers of the inputs.
        outputs: Tensor numbers of the outputs.
        output_names: Names of the outputs.
    """

    ops: tuple[Op, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: Mapping[int, Array]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_names: tuple[str, ...]


def read_model(data: bytes) -> Graph:
    """Read a TFLite file.

    Raises:
        ModelError: If ``data`` is not a TFLite network with one subgraph and batch 1.
    """
    import tflite

    if len(data) < 8 or data[4:8] != b"TFL3":
        raise ModelError("not a TFLite network (no TFL3 identifier)")
    try:
        model = tflite.Model.GetRootAsModel(data, 0)
        if model.SubgraphsLength() != 1:
            raise ModelError(f"has {model.SubgraphsLength()} subgraphs, one is supported")
        return _graph(tflite, model, model.Subgraphs(0))
    except (struct.error, IndexError, ValueError, TypeError, AttributeError) as error:
        # what the generated readers do when an offset points outside the file
        raise ModelError(f"damaged TFLite file: {error}") from None


def _graph(tflite: Any, model: Any, subgraph: Any) -> Graph:  # noqa: ANN401 - untyped library
    constants: dict[int, Array] = {}
    shapes = []
    for number in range(subgraph.TensorsLength()):
        tensor = subgraph.Tensors(number)
        shape = tuple(int(n) for n in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
        shapes.append(shape)
        raw = model.Buffers(tensor.Buffer()).DataAsNumpy()
        if not isinstance(raw, int):  # 0 where a tensor is computed
            constants[number] = _constant(tflite, tensor, raw, shape)
    names = [subgraph.Tensors(int(n)).Name().decode() for n in subgraph.OutputsAsNumpy()]
    return Graph(
        tuple(_op(tflite, model, subgraph.Operators(i)) for i in range(subgraph.OperatorsLength())),
        tuple(shapes),
        constants,
        tuple(int(n) for n in subgraph.InputsAsNumpy()),
        tuple(int(n) for n in subgraph.OutputsAsNumpy()),
        tuple(names),
    )


def _constant(tflite: Any, tensor: Any, raw: Array, shape: tuple[int, ...]) -> Array:  # noqa: ANN401
    types = tflite.TensorType
    known = {types.FLOAT32: "<f4", types.FLOAT16: "<f2", types.INT32: "<i4"}
    if tensor.Type() not in known:
        raise ModelError(f"constant {tensor.Name().decode()} has an unsupported type")
    if tensor.Sparsity() is not None:
        raise ModelError(f"constant {tensor.Name().decode()} is sparse, which is not supported")
    return np.frombuffer(raw.tobytes(), dtype=known[tensor.Type()]).reshape(shape)


def _op(tflite: Any, model: Any, operator: Any) -> Op:  # noqa: ANN401
    code = model.OperatorCodes(operator.OpcodeIndex())
    # Old files keep the number in the deprecated field, new ones in both.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    kind = _names(tflite.BuiltinOperator).get(number, f"number {number}")
    if kind == "CUSTOM":
        kind = f"CUSTOM {(code.CustomCode() or b'').decode(errors='replace')}"
    return Op(
        kind,
        tuple(int(n) for n in operator.InputsAsNumpy()),
        tuple(int(n) for n in operator.OutputsAsNumpy()),
        _options(tflite, operator),
    )


def _options(tflite: Any, operator: Any) -> Mapping[str, int]:  # noqa: ANN401
    name = _names(tflite.BuiltinOptions).get(operator.BuiltinOptionsType(), "NONE")
    table = operator.BuiltinOptions()
    if name == "NONE" or table is None:
        return {}
    options = getattr(tflite, name)()
    options.Init(table.Bytes, table.Pos)
    return {f: int(getattr(options, f)()) for f in _FIELDS if hasattr(options, f)}


@cache
def _names(enumeration: Any) -> Mapping[int, str]:  # noqa: ANN401
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}
