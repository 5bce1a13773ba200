"""One mechanism for all networks: the fast form agrees, or is not taken and says why."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from metrics.signals import runtime
from metrics.signals.extractor import Where
from metrics.signals.pieces import BatchNetwork, Pieces, out_of_memory, upload
from metrics.signals.random_state import he_normal_state
from metrics.signals.runtime import accelerate

PLAIN = Where(runtime="torch")


class Network(nn.Module):
    """A convolution, a batch norm and two outputs."""

    def __init__(self, volumes: bool = False) -> None:
        super().__init__()
        self.conv: nn.Module = nn.Conv3d(3, 8, 3) if volumes else nn.Conv2d(3, 8, 3)
        self.norm: nn.Module = nn.BatchNorm3d(8) if volumes else nn.BatchNorm2d(8)
        self.load_state_dict(he_normal_state(self, 0, 0.3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = torch.relu(self.norm(self.conv(x)))
        return y, y.flatten(2).mean(2)


class Unexportable(nn.Module):
    """A network that the exporter has no rule for."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.qr(self.linear(x))[0]


def _noise(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=shape).astype(np.float32))


@pytest.mark.parametrize("volumes", [False, True])
def test_runtimes_agree_for_any_batch(volumes: bool) -> None:
    sides = (9, 10, 11) if volumes else (9, 11)
    dynamic = tuple(range(2, 2 + len(sides)))
    fast = accelerate(Network(volumes), _noise(2, 3, *sides), Where(), (0, *dynamic))
    plain = accelerate(Network(volumes), _noise(2, 3, *sides), PLAIN)
    assert (fast.runtime, fast.fallback) == ("onnxruntime", "")
    assert (plain.runtime, plain.fallback) == ("torch", "")
    for batch in (_noise(1, 3, *sides), _noise(5, 3, *(side + 4 for side in sides))):
        for one, other in zip(fast(batch), plain(batch), strict=True):
            assert one.dtype == torch.float32
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_a_network_that_cannot_be_exported_runs_in_torch_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    network = accelerate(Unexportable(), _noise(2, 4, 3), Where())
    assert network.runtime == "torch"
    assert network.fallback.startswith("no ONNX Runtime: ")
    assert "qr" in network.fallback
    assert len(network(_noise(3, 4, 3))) == 1
    assert capsys.readouterr().out == ""  # stdout belongs to tables


def test_a_form_that_disagrees_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = runtime._onnx_form

    def off(*arguments: Any) -> runtime.Form:
        form = honest(*arguments)
        return lambda batch: tuple(output * 1.0001 for output in form(batch))

    monkeypatch.setattr(runtime, "_onnx_form", off)
    network = accelerate(Network(), _noise(2, 3, 9, 9), Where())
    assert network.runtime == "torch"
    assert "differs from torch by 1.0e-04" in network.fallback


def test_without_onnxruntime_torch_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    network = accelerate(Network(), _noise(2, 3, 9, 9), Where())
    assert network.runtime == "torch"
    assert "ModuleNotFoundError" in network.fallback


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    network = accelerate(Network(), _noise(2, 3, 9, 9), Where(runtime="torch", threads=before + 1))
    network(_noise(2, 3, 9, 9))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_a_batch_does_not_depend_on_its_pieces(piece: int) -> None:
    core = accelerate(Network(), _noise(2, 3, 9, 9), Where())
    pictures = np.random.default_rng(1).integers(0, 256, (7, 9, 9, 3), dtype=np.uint8)
    network = BatchNetwork(lambda x: x.permute(0, 3, 1, 2).float(), core, piece)
    one_by_one = np.concatenate([network(picture[None]) for picture in pictures])
    assert network(pictures).shape == (7, 8, 7, 7)
    np.testing.assert_allclose(network(pictures), one_by_one, rtol=1e-6)


_ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9"),
    Exception("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation"),
    MemoryError(),
]


@pytest.mark.parametrize("error", _ERRORS)
def test_pieces_are_halved_until_they_fit(error: Exception) -> None:
    seen: list[int] = []

    def run(piece: np.ndarray) -> list[int]:
        seen.append(len(piece))
        if len(piece) > 3:
            raise error
        return piece.tolist()

    pieces = Pieces()
    assert [item for part in pieces.run(run, np.arange(13)) for item in part] == list(range(13))
    assert pieces.limit == 3
    assert seen == [13, 6, 3, 3, 3, 3, 1]
    seen.clear()
    pieces.run(run, np.arange(6))
    assert seen == [3, 3]  # what did not fit once is not tried again


def test_one_item_that_does_not_fit_and_other_errors_are_raised() -> None:
    def fails(_: object) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        Pieces().run(fails, np.arange(4))

    def breaks(_: object) -> None:
        raise ValueError("shapes")

    with pytest.raises(ValueError, match="shapes"):
        Pieces().run(breaks, np.arange(4))
    assert not out_of_memory(ValueError("shapes"))


def test_upload_takes_what_it_is_given() -> None:
    cpu = torch.device("cpu")
    frozen = np.arange(6, dtype=np.uint8).reshape(2, 3)
    frozen.flags.writeable = False
    assert upload(frozen, cpu).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert upload(frozen[:, ::-1], cpu).tolist() == [[2, 1, 0], [5, 4, 3]]
    assert upload(torch.arange(3), cpu).tolist() == [0, 1, 2]
