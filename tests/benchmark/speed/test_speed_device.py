"""Which GPU is meant, and what its driver's library says; the library is a stand-in."""

import ctypes
import os
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from speed_lab import FakeGpu, bench, loaded

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.speed.clock import ManualClock
from benchmark.speed.device import CudaSync, Device, busy, find_device, used_cuda
from benchmark.speed.gpu import is_capped, load_library, named_reasons, open_gpu
from benchmark.speed.memory import MemoryWatch, peak_bytes
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import GpuSample
from benchmark.speed.synthetic import Synthetic, Truth
from benchmark.speed.targets import differences, find_target, here


class Library:
    """Answers as libnvidia-ml does: a code, and values through pointers."""

    def __init__(self, gpus: int = 2, silent: tuple[str, ...] = ()) -> None:
        self.gpus = gpus
        self.silent = silent
        self.mig = 0
        self.numbers = {
            "nvmlDeviceGetEnforcedPowerLimit": 575_000,
            "nvmlDeviceGetTotalEnergyConsumption": 12_500,
            "nvmlDeviceGetCurrentClocksThrottleReasons": 0x44,
            "nvmlDeviceGetTemperature": 61,
            "nvmlDeviceGetPowerUsage": 320_500,
        }

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:  # noqa: N802
        count._obj.value = self.gpus
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, handle: Any) -> int:  # noqa: N802
        handle._obj.value = 1000 + index.value
        return 0 if index.value < self.gpus else 2

    def nvmlDeviceGetHandleByUUID(self, name: bytes, handle: Any) -> int:  # noqa: N802
        handle._obj.value = 7
        return 0 if name == b"GPU-one" else 6

    def nvmlDeviceGetName(self, handle: Any, text: Any, size: Any) -> int:  # noqa: N802
        text.value = b"NVIDIA H200"
        return 0

    def nvmlSystemGetDriverVersion(self, text: Any, size: Any) -> int:  # noqa: N802
        text.value = b"580.95"
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:  # noqa: N802
        memory._obj.total = 141 << 30
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle: Any, use: Any) -> int:  # noqa: N802
        use._obj.gpu = 37
        return 0

    def nvmlDeviceGetMigMode(self, handle: Any, now: Any, later: Any) -> int:  # noqa: N802
        now._obj.value, later._obj.value = self.mig, 0
        return 0

    def nvmlDeviceGetClockInfo(self, handle: Any, which: Any, value: Any) -> int:  # noqa: N802
        value._obj.value = {1: 1980, 2: 3201}[which.value]
        return 0

    def __getattr__(self, name: str) -> Any:
        if name in self.silent:
            return lambda *_: 3  # NVML_ERROR_NOT_SUPPORTED

        def answer(*arguments: Any) -> int:
            arguments[-1]._obj.value = self.numbers[name]
            return 0

        return answer


def test_what_the_driver_says_comes_in_our_units() -> None:
    found = open_gpu("1", Library())
    assert found is not None
    gpu, count = found
    assert count == 2
    assert gpu.handle.value == 1001
    assert (gpu.name(), gpu.driver()) == ("NVIDIA H200", "580.95")
    assert gpu.power_limit_w() == 575.0
    assert gpu.energy_j() == 12.5
    assert gpu.memory_gib() == 141.0
    sample = gpu.sample(1.5)
    assert sample.at == 1.5
    assert (sample.sm_mhz, sample.memory_mhz, sample.celsius) == (1980.0, 3201.0, 61.0)
    assert (sample.power_w, sample.busy) == (320.5, 37.0)
    bits = gpu.reasons()
    assert bits is not None
    assert is_capped(bits)
    assert named_reasons(bits) == ("thermal, by hardware",)


def test_what_the_driver_does_not_say_is_none() -> None:
    silent = ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetPowerUsage")
    found = open_gpu("0", Library(silent=silent))
    assert found is not None
    assert found[0].energy_j() is None
    assert found[0].sample(0.0).power_w is None


class OldLibrary:
    """A library without most functions: `getattr` fails as it does on one that ctypes loaded."""

    def __init__(self) -> None:
        whole = Library()
        for name in ("nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2"):
            setattr(self, name, getattr(whole, name))


def test_functions_that_an_old_driver_lacks_are_none() -> None:
    found = open_gpu("0", OldLibrary())
    assert found is not None
    gpu = found[0]
    assert (gpu.name(), gpu.driver()) == ("GPU without a name", "")
    assert {gpu.energy_j(), gpu.reasons(), gpu.memory_gib(), gpu.power_limit_w()} == {None}
    assert gpu.sample(0.5) == GpuSample(at=0.5)
    point = measure(
        loaded(Synthetic(Truth(), clock := ManualClock())), bench(clock, PerfOptions(), gpu=gpu)
    )
    assert point.valid, point.flaws


def test_a_gpu_that_is_cut_up_says_so_and_is_no_target() -> None:
    library = Library()
    library.mig = 1
    found = open_gpu("0", library)
    assert found is not None
    assert found[0].name() == "NVIDIA H200 (MIG)"
    assert "a slice" in differences(find_target("h200"), here(found[0]))[0]


@pytest.mark.parametrize(
    ("text", "visible", "which"),
    [
        ("cuda", None, "0"),
        ("cuda:1", None, "1"),
        ("cuda:0", "1", "1"),
        ("cuda:0", "GPU-one,0", "GPU-one"),
        (None, None, "0"),
    ],
)
def test_the_gpu_that_programs_mean(text: str | None, visible: str | None, which: str) -> None:
    variables = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    device = find_device(text, Library(), variables)
    assert device == Device("cuda", which, 2)
    assert device.name == "cuda:0"
    assert device.variables["CUDA_VISIBLE_DEVICES"] == which
    gpu = device.open(Library())
    clock = ManualClock()
    assert busy(gpu, clock) == 37.0
    assert clock.now() == 3.0  # it was given time to come to rest


def test_the_processor_sees_no_gpu() -> None:
    for device in (find_device("cpu", Library()), find_device(None, None)):
        assert device == Device()
        assert device.name == "cpu"
        assert device.variables["CUDA_VISIBLE_DEVICES"] == ""
        assert device.open(Library()) is None
    assert busy(None, ManualClock()) is None


def test_what_the_point_before_did_is_not_taken_for_others() -> None:
    clock = ManualClock()
    gpu = Resting(clock)
    assert busy(gpu, clock) == 0.0
    assert 1.0 <= clock.now() < 1.5


class Resting(FakeGpu):
    """The driver tells the use of the last second."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__([1980.0])
        self._clock = clock

    def sample(self, at: float) -> GpuSample:
        return GpuSample(at=at, busy=90.0 if self._clock.now() < 1.0 else 0.0)


@pytest.mark.parametrize(
    ("text", "library", "variables", "says"),
    [
        ("cuda:0", None, {}, "no NVIDIA driver on this machine"),
        ("cuda:5", Library(), {}, "knows no such one"),
        ("cuda:1", Library(), {"CUDA_VISIBLE_DEVICES": "0"}, "CUDA_VISIBLE_DEVICES=0"),
        ("cuda:0", Library(), {"CUDA_VISIBLE_DEVICES": ""}, "CUDA_VISIBLE_DEVICES="),
        ("cuda:0", Library(0), {}, "knows no such one"),
    ],
)
def test_no_gpu_is_said_in_words(text: str, library: Any, variables: Any, says: str) -> None:
    with pytest.raises(EnvironmentProblem, match=says) as caught:
        find_device(text, library, variables)
    assert caught.value.exit_code == 4
    assert caught.value.remedy


def test_no_such_kind_of_device() -> None:
    for text in ("gpu", "cuda:x", "cuda:-1", "", "cuda:0; rm"):
        with pytest.raises(UsageProblem, match="unknown device"):
            find_device(text, Library(), {})


def test_a_machine_without_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> Any:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", none)
    assert load_library() is None
    assert open_gpu("0", None) is None


def fake_torch(started: bool = True) -> Any:
    calls: list[str] = []
    cuda = SimpleNamespace(
        calls=calls,
        is_initialized=lambda: started,
        synchronize=lambda: calls.append("synchronize"),
        max_memory_allocated=lambda: 3 << 30,
        max_memory_reserved=lambda: 4 << 30,
    )
    return SimpleNamespace(cuda=cuda)


def test_the_gpu_is_waited_for_once_it_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for started, calls in ((False, []), (True, ["synchronize"])):
        torch = fake_torch(started)
        monkeypatch.setitem(sys.modules, "torch", torch)
        CudaSync()()
        assert torch.cuda.calls == calls
        assert (used_cuda() is torch.cuda) == started
    monkeypatch.delitem(sys.modules, "torch")
    CudaSync()()
    assert used_cuda() is None


def test_memory_is_torch_s_here_and_the_worker_s_there() -> None:
    watch = MemoryWatch.start(lambda: fake_torch().cuda)
    here = watch.report({})
    assert (here.allocated, here.reserved) == (3 << 30, 4 << 30)
    there = MemoryWatch(lambda: None).report({"allocated": 5, "reserved": 6})
    assert (there.allocated, there.reserved) == (5, 6)
    assert MemoryWatch(lambda: None).report({}).allocated is None


def test_the_peak_of_a_process_is_the_kernel_s(tmp_path: Any) -> None:
    status = tmp_path / "7" / "status"
    status.parent.mkdir()
    status.write_text("Name:\tx\nVmHWM:\t  2048 kB\n")
    assert peak_bytes(7, tmp_path) == 2 << 20
    assert peak_bytes(8, tmp_path) is None
    status.write_text("VmHWM:\t lots\n")
    assert peak_bytes(7, tmp_path) is None


def test_what_a_method_holds_is_in_the_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    """The peak starts anew before loading, so that what came and went before is not in it."""
    # The process of the tests has children of its own, which a measuring process has not.
    monkeypatch.setattr("benchmark.speed.memory.descendants", lambda _: [])

    def measured(held: int, watch: MemoryWatch) -> int | None:
        lab, clock = bench(ManualClock()), ManualClock()
        lab = replace(lab, tools=replace(lab.tools, clock=clock), memory=watch)
        lab = replace(lab, options=PerfOptions(percentile=50))
        point = measure(loaded(Synthetic(Truth({"render": 0.25}, memory=held), clock)), lab)
        assert point.figures is not None
        return point.figures.memory.process

    measured(0, MemoryWatch.start(lambda: None))  # what is imported on the way is not the method's
    held = np.ones(256 << 20, np.uint8)
    del held
    watch = MemoryWatch.start(lambda: None)
    if watch.before is None or (peak_bytes(os.getpid()) or 0) > watch.before + (64 << 20):
        pytest.skip("the kernel does not let the peak start anew here")
    most = measured(128 << 20, watch)
    assert most is not None
    assert 120 << 20 < most - watch.before < 190 << 20
