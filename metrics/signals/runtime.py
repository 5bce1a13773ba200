"""One way to run any network fast in float32, whatever it is and wherever it runs.

On a CPU that is ONNX Runtime: 1.1 to 3 times channels-last torch, depending on the network
(benchmarks/networks.py), and opened in seconds, where ``torch.compile`` takes ten times as long and
needs a C++ compiler. Elsewhere it is torch, channels last. A fast form that cannot be made, or
whose features leave the parity bound, is not taken, and `FastNetwork.fallback` says why.
"""

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from metrics.signals.extractor import Where

Tensors = tuple[Tensor, ...]
Form = Callable[[Tensor], Tensors]

PARITY_BOUND = 1e-5
"""How far the features of two runtimes may be apart, as relative L2 distance."""

_OPSET = 17


class FastNetwork:
    """A network in the runtime that was chosen for it.

    Attributes:
        device: Where its inputs are expected and its outputs are.
        runtime: ``onnxruntime`` or ``torch``.
        fallback: Why it is not the fastest runtime of this device; empty if it is.
    """

    def __init__(self, form: Form, where: Where, runtime: str, fallback: str = "") -> None:
        self._form = form
        self.device = torch.device(where.device)
        self.runtime = runtime
        self.fallback = fallback

    def __call__(self, batch: Tensor) -> Tensors:
        """Return the outputs for a ``(B, ...)`` float32 batch on `device`, always a tuple."""
        return self._form(batch)


def accelerate(
    module: nn.Module, example: Tensor, where: Where, dynamic: tuple[int, ...] = (0,)
) -> FastNetwork:
    """Put a network into the fastest float32 runtime of a device.

    Args:
        module: Takes one float32 batch and gives a tensor or a tuple of them. Hand it over: it
            may be changed in place.
        example: A batch of 2 with plausible values; the fast form is made from it, and has to
            agree with torch on a batch of another shape made of it.
        where: Device, threads and whether plain torch is asked for.
        dynamic: Axes of the batch whose length may differ from the example's.
    """
    plain = _torch_form(module, where)
    if torch.device(where.device).type != "cpu" or where.runtime == "torch":
        return FastNetwork(plain, where, "torch")
    try:
        fast = _onnx_form(module, example, where, dynamic)
        # A handful of items; where cores are busy, torch's threads wait for each other in vain.
        with _threads(1):
            apart = _distance(fast, plain, _probe(example, dynamic))
    except Exception as error:
        # Whatever it is, torch still runs the network.
        return FastNetwork(plain, where, "torch", f"no ONNX Runtime: {_first_line(error)}")
    if not apart <= PARITY_BOUND:
        reason = f"ONNX Runtime differs from torch by {apart:.1e}"
        return FastNetwork(plain, where, "torch", reason)
    return FastNetwork(fast, where, "onnxruntime")


class OnnxSession(Protocol):
    """The part of ``onnxruntime.InferenceSession`` that is used here."""

    def run(self, names: None, inputs: dict[str, NDArray[Any]]) -> list[NDArray[Any]]: ...  # noqa: D102
    def get_inputs(self) -> list[Any]: ...  # noqa: D102


def onnx_session(model: bytes | str | os.PathLike[str], where: Where) -> OnnxSession:
    """Open a model, serialised or in a file, with ONNX Runtime on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only: warnings are about the exporter's style
    options.intra_op_num_threads = where.threads or torch.get_num_threads()
    # Waiting threads must not burn the core that decodes the next frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, bytes) else os.fspath(model)
    session: OnnxSession = onnxruntime.InferenceSession(
        source, options, providers=["CPUExecutionProvider"]
    )
    return session


def _torch_form(module: nn.Module, where: Where) -> Form:
    device = torch.device(where.device)
    frozen: Any = module.eval().requires_grad_(False).to(device)
    # Weights of 3D convolutions have five axes.
    volumes = any(parameter.dim() == 5 for parameter in module.parameters())
    layout = torch.channels_last_3d if volumes else torch.channels_last
    frozen = frozen.to(memory_format=layout)
    axes = 5 if volumes else 4

    def run(batch: Tensor) -> Tensors:
        if batch.dim() == axes:
            batch = batch.contiguous(memory_format=layout)
        with torch.inference_mode(), _exact(device), _threads(where.threads):
            output = frozen(batch)
        return (output,) if isinstance(output, Tensor) else tuple(output)

    return run


def _onnx_form(module: nn.Module, example: Tensor, where: Where, dynamic: tuple[int, ...]) -> Form:
    session = onnx_session(_export(module, example, dynamic), where)
    (name,) = (value.name for value in session.get_inputs())

    def run(batch: Tensor) -> Tensors:
        outputs = session.run(None, {name: batch.contiguous().numpy()})
        return tuple(torch.from_numpy(output) for output in outputs)

    return run


def _export(module: nn.Module, example: Tensor, dynamic: tuple[int, ...]) -> bytes:
    """Return the network as a serialised ONNX model, batch norms folded into convolutions."""
    sink = io.BytesIO()
    # The newer exporter would need onnxscript and takes several times as long. Both say things on
    # stdout when they fail; tables go there.
    export: Any = torch.onnx.export
    with _threads(1), torch.no_grad(), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        export(
            module,
            (example,),
            sink,
            dynamo=False,
            opset_version=_OPSET,
            input_names=["batch"],
            dynamic_axes={"batch": {axis: f"axis{axis}" for axis in dynamic}},
        )
    return sink.getvalue()


def _probe(example: Tensor, dynamic: tuple[int, ...]) -> Tensor:
    """Return a batch of another length than the example's in every dynamic axis."""
    batch = torch.cat([example, example[:1].flip(-1)]) if 0 in dynamic else example
    for axis in dynamic:
        if axis:
            batch = batch.narrow(axis, 0, batch.shape[axis] - batch.shape[axis] // 4)
    return batch


def _distance(fast: Form, plain: Form, batch: Tensor) -> float:
    """Return the largest relative L2 distance of any output; NaN if one is not finite."""
    pairs = zip(fast(batch), plain(batch), strict=True)
    return float(np.max([float((a - b).norm() / b.norm()) for a, b in pairs]))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"


@contextmanager
def _exact(device: torch.device) -> Iterator[None]:
    """Keep cuDNN from rounding fp32 to TF32 and from timing kernels to pick them."""
    if device.type != "cuda":
        yield
        return
    flags: Any = torch.backends.cudnn.flags
    with flags(allow_tf32=False, benchmark=False, deterministic=True):
        yield


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Use ``count`` threads of the CPU, then what was before; 0 changes nothing."""
    before = torch.get_num_threads()
    if count in (0, before):
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
