"""One-shot commands: loading told from running by two lengths, as an estimate."""

import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from speed_lab import bench, loaded

from adapters.base import Animation, Finished, Request
from adapters.description import Invocation, invocation
from benchmark.spec import MethodSpec
from benchmark.speed.clock import ManualClock
from benchmark.speed.device import Device
from benchmark.speed.fit import fit
from benchmark.speed.launch import Order, measure_apart
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import Fit, Point
from benchmark.speed.synthetic import OneShot


def estimated(load_s: float, frame_s: float, **changes: Any) -> Point:
    clock = ManualClock()
    noise = changes.pop("noise", (0.0,))
    method = OneShot(load_s, frame_s, clock, noise)
    options = changes.pop("options", PerfOptions())
    return measure(loaded(method, "command", load_s=None), bench(clock, options, **changes))


def test_load_and_frame_come_out_exactly_and_as_estimates() -> None:
    point = estimated(4.0, 0.125)
    figures = point.figures
    assert point.valid and figures is not None, point.flaws
    assert figures.estimated
    assert figures.fit is not None
    assert (figures.load_s, figures.frame_s, figures.fps) == (4.0, 0.125, 8.0)
    assert (figures.fit.short_frames, figures.fit.long_frames) == (16, 48)
    assert figures.fit.fps_low == figures.fit.fps_high == 8.0
    assert figures.query_s.p50 is None
    assert "fit" in point.cohort.includes


@given(st.floats(0.0, 100), st.floats(1e-3, 10), st.integers(1, 200), st.integers(1, 200))
def test_any_line_is_found(load_s: float, frame_s: float, few: int, more: int) -> None:
    many = few + more
    times = [(n, [load_s + frame_s * n] * 3) for n in (few, many)]
    found = fit(times[0], times[1])
    if isinstance(found, str):  # rounding may put the start just below nothing
        assert load_s < 1e-6
        return
    assert found.frame_s == pytest.approx(frame_s, rel=1e-6, abs=1e-9)
    assert found.load_s == pytest.approx(load_s, abs=1e-6 * max(1.0, load_s, frame_s * many))


def test_the_bounds_hold_the_truth_under_noise() -> None:
    found = fit((16, [6.1, 5.9, 6.0]), (48, [10.2, 9.9, 10.0]))
    assert isinstance(found, Fit)
    assert found.fps_low is not None and found.fps_high is not None
    assert found.fps_low < found.fps < found.fps_high
    assert found.fps_low == pytest.approx(32 / 4.3)
    assert found.fps_high == pytest.approx(32 / 3.8)


@pytest.mark.parametrize(
    ("short", "long", "says"),
    [
        ((16, [6.0] * 3), (48, [6.0] * 3), "took no longer"),
        ((16, [6.0] * 3), (48, [5.0] * 3), "took no longer"),
        ((16, [1.0] * 3), (48, [9.0] * 3), "no line"),
        ((16, [1.0] * 3), (16, [1.0] * 3), "no shorter one"),
    ],
)
def test_what_is_no_line_is_said(short: Any, long: Any, says: str) -> None:
    found = fit(short, long)
    assert isinstance(found, str)
    assert says in found


def test_runs_that_differ_too_much_are_invalid() -> None:
    point = estimated(4.0, 0.125, noise=(0.0, 2.5, -2.5, 0.0, 1.0))
    assert not point.valid
    assert "differ too much" in point.flaws[0]


def test_too_few_runs_and_one_frame() -> None:
    short = estimated(4.0, 1.0, options=PerfOptions(max_s=10.0))
    assert short.flaws == ("too short: 1 runs of each length, 3 are needed",)
    one = estimated(4.0, 1.0, n_frames=1)
    assert "has no shorter one" in one.flaws[0]


def test_frames_a_second_are_those_that_come_out() -> None:
    """A command that resamples 48 driving frames to 24 makes 24."""
    clock = ManualClock()
    every = Halves(OneShot(2.0, 0.25, clock))
    point = measure(loaded(every, "command"), bench(clock))
    assert point.valid, point.flaws
    assert point.figures is not None
    assert point.figures.fps == pytest.approx(2.0)  # a driving frame takes 0.25 s, one made 0.5 s
    assert point.figures.fit is not None
    assert (point.figures.fit.short_frames, point.figures.fit.long_frames) == (8, 24)
    assert point.figures.memory.process is None  # that of this process would be a lie


class Halves:
    """Every other frame of another method."""

    def __init__(self, whole: OneShot) -> None:
        self._whole = whole

    def animate(self, request: Request) -> Animation:
        made = self._whole.animate(request).frames
        assert isinstance(made, Finished)
        return Animation(
            Finished(lambda: islice(made.read(), 0, None, 2), made.run_s),
            frame_map=range(0, request.n_frames, 2),
        )


def test_a_command_does_not_stream_and_its_failure_is_said() -> None:
    live = estimated(1.0, 0.1, options=PerfOptions(mode="streaming"))
    assert live.flaws == ("it does not stream: it is one process a case",)
    clock = ManualClock()

    class Fails:
        def animate(self, request: Request) -> Animation:
            raise RuntimeError("CUDA out of memory")

    point = measure(loaded(Fails(), "command"), bench(clock))
    assert point.flaws[0].startswith("out of memory after 0 timed frames")

    class Empty:
        def animate(self, request: Request) -> Animation:
            return Animation(Finished(lambda: iter(()), 1.0))

    assert "gave no frame" in measure(loaded(Empty(), "command"), bench(clock)).flaws[0]


PROGRAM = """
import shutil, sys, time
time.sleep(0.6)
source, frames, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
time.sleep(0.02 * frames)
shutil.copyfile(source, out)
"""


@pytest.mark.slow
def test_a_real_command_is_estimated(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    words = ["{python}", "{repository}/program.py", "{driving}", "{frames}", "{out}/result.mp4"]
    how = invocation(Invocation(command=tuple(words), output="{out}/result.mp4"))
    home = {"repository": str(tmp_path), "python": sys.executable, "prefix": []}
    spec = MethodSpec(
        "shot", "Shot", "adapters.command:Command", options={"how": how, "home": home}
    )
    options = PerfOptions(size=64, frames=48)
    point = measure_apart(Order(spec, options, Device(), None, tmp_path / "log"))
    figures = point.figures
    assert figures is not None, (point.flaws, (tmp_path / "log").read_text())
    assert figures.estimated
    assert figures.frame_s == pytest.approx(0.02, rel=0.25)
    assert figures.load_s == pytest.approx(0.65, abs=0.35)
