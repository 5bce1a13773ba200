"""Time by stage: a plain clock without a GPU, events with one."""

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.base import Animation
from adapters.stages import StageTimer


class Gpu:
    """A device with a queue: work that is launched ends later, events see when."""

    def __init__(self) -> None:
        self.end = 0.0
        self.cuda = SimpleNamespace(Event=self.event)

    def launch(self, seconds: float) -> None:
        self.end += seconds

    def event(self, enable_timing: bool) -> Any:
        assert enable_timing
        mark = SimpleNamespace(at=None)
        mark.record = lambda: setattr(mark, "at", self.end)
        mark.done = False
        mark.synchronize = lambda: setattr(mark, "done", True)

        def elapsed_time(other: Any) -> float:
            assert other.done, "the driver refuses events that are not there yet"
            return 1000.0 * float(other.at - mark.at)

        mark.elapsed_time = elapsed_time
        return mark


def test_a_plain_clock_adds_up() -> None:
    now = [0.0]
    stages = StageTimer(lambda: now[0])
    for _ in range(3):
        with stages("track"):
            now[0] += 0.25
        with stages("render"):
            now[0] += 0.5
    assert stages == {"track": 0.75, "render": 1.5}
    stages.settle()
    assert stages == {"track": 0.75, "render": 1.5}
    assert Animation((), stages=stages).stages["render"] == 1.5


def test_events_see_work_that_a_stopwatch_does_not() -> None:
    gpu = Gpu()
    stages = StageTimer(lambda: 0.0, gpu.cuda)
    with stages("denoise"):
        gpu.launch(0.25)
    with stages("decode"):
        gpu.launch(0.125)
    assert stages == {"denoise": 0.0, "decode": 0.0}  # not read before the device is done
    stages.settle()
    stages.settle()
    assert stages == {"denoise": 0.25, "decode": 0.125}


def test_who_reads_stages_without_settling_gets_them_all() -> None:
    gpu = Gpu()
    stages = StageTimer(lambda: 0.0, gpu.cuda)
    with stages("denoise"):
        gpu.launch(0.25)
    assert dict(stages.items()) == {"denoise": 0.25}  # as a run and a worker read them


def test_a_stage_that_fails_is_counted() -> None:
    now = [0.0]
    stages = StageTimer(lambda: now[0])
    with pytest.raises(ValueError, match="broke"), stages("track"):
        now[0] += 1.0
        raise ValueError("broke")
    assert stages == {"track": 1.0}
