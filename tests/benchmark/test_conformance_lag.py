"""The frame map of methods that look at the whole clip: a known motion, and where it comes out."""

import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support import ROOT

from benchmark.config import Config
from benchmark.conformance import judge
from benchmark.conformance.check import check
from benchmark.conformance.lag import by_lag, motion_of
from benchmark.conformance.material import mini_material
from benchmark.conformance.trials import Bench
from benchmark.conformance.verdict import Verdict
from benchmark.methods import find_method
from benchmark.process import GenerateOptions
from benchmark.tracker import LentTracker

HELD, BROKEN, UNTESTABLE = Verdict.HELD, Verdict.BROKEN, Verdict.UNTESTABLE


def motion(count: int, late: int = 0, by: float = 1.0, seed: int = 5) -> NDArray[np.float64]:
    """Smooth motion without period in seven channels, ``late`` frames late."""
    steps = np.random.default_rng(seed).normal(size=(count + 24, 7))
    smooth = np.stack([np.convolve(channel, np.hanning(9), "same") for channel in steps.T], axis=1)
    return np.asarray(by * smooth[12 - late : 12 - late + count])


@pytest.mark.parametrize(
    ("outputs", "verdict", "said"),
    [
        (motion(17), HELD, "in time"),
        (0.2 * motion(17) + 0.3, HELD, "in time"),
        (motion(17, late=1), BROKEN, "+1 frames away"),
        (motion(17, late=-3), BROKEN, "-3 frames away"),
        (motion(17, seed=6), UNTESTABLE, "cannot be placed"),
        (motion(17, by=0), UNTESTABLE, "cannot be placed"),
        (motion(11), UNTESTABLE, "11 frames are too few"),
        (
            np.where(np.arange(17)[:, None] < 6, np.nan, motion(17)),
            UNTESTABLE,
            "65% of the outputs",
        ),
        (np.where(np.arange(17)[:, None] == 6, np.nan, motion(17, late=1)), BROKEN, "+1 frames"),
    ],
)
def test_frame_map_by_lag(outputs: NDArray[np.float64], verdict: Verdict, said: str) -> None:
    found = by_lag(motion(17), outputs, range(len(outputs)))
    assert (found.verdict, said in found.said) == (verdict, True), found.said


def test_lag_is_counted_from_the_stated_frame_map() -> None:
    twelve = [round(25 / 12 * i) for i in range(14)]
    driving = motion(30)
    assert by_lag(driving, driving[twelve], twelve).verdict is HELD
    late = by_lag(driving, driving[[max(j - 2, 0) for j in twelve]], twelve)
    assert "+2 frames away" in late.said
    nobody = by_lag(np.full((17, 7), np.nan), motion(17), range(17))
    assert "0% of the driving frames" in nobody.said


SHIVERS = """
import numpy as np
from adapters.base import Animation

class Method:
    \"\"\"Shows the driving clip, `late`, each frame tinted by chance from all.\"\"\"

    def __init__(self, late):
        self.late = late

    def animate(self, request):
        clip = np.stack(list(request.services.media.frames(request.driving)))
        chance = np.random.default_rng(int(clip[:, :, :99].sum(dtype=np.int64)))
        tint = chance.integers(0, 120, (len(clip), 1, 1, 3))
        order = [max(i - self.late, 0) for i in range(len(clip))]
        return Animation(np.clip(clip[order].astype(int) // 2 + tint, 0, 255).astype(np.uint8))
"""


@pytest.mark.slow
@pytest.mark.parametrize("late", [0, 1])
def test_a_method_that_sees_the_whole_clip_is_tried_by_its_motion(
    face_model: Path, tmp_path: Path, late: int
) -> None:
    (tmp_path / "shivers.py").write_text(SHIVERS)
    entry = {"python": "shivers:Method", "options": {"late": late}}
    spec = find_method("ours", Config.model_validate({"methods": {"ours": entry}}), tmp_path)
    options, material = GenerateOptions(60, 0, face_model), mini_material(13, two=False)
    rules = check(spec, options, material, tmp_path / "log", lambda finding: None)
    found = next(finding for finding in rules if finding.rule == "frame map")
    assert "changes outputs everywhere" in found.said
    assert found.verdict is (BROKEN if late else HELD), found.said
    assert ("+1 frames away" in found.said) == bool(late)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0, 1])
def test_a_program_that_warps_a_whole_clip_is_placed_by_its_motion(
    face_model: Path, tmp_path: Path, shift: int
) -> None:
    """Known answer with a real motion, a real tracker and a lossy video of another process."""
    script = Path(__file__).parent / "methods_under_test" / "warp_program.py"
    words = {
        "command": [sys.executable, str(script), str(ROOT), str(face_model), "{source}"]
        + ["{driving}", "{out}/r.mp4", str(shift)],
        "output": "{out}/r.mp4",
        "result": {"geometry": "source"},
    }
    spec = find_method("ours", Config.model_validate({"methods": {"ours": words}}), tmp_path)
    options, one = GenerateOptions(120, 0, face_model), mini_material(17, two=False).one
    bench = Bench(spec, options, tmp_path, tmp_path / "log")
    with bench.worker() as worker:
        plain = bench.run(worker, one)
        other = bench.run(worker, one.with_frame(8, one.driving[8][:, ::-1]))
    assert plain.frames is not None, plain.reason
    assert other.frames is not None, other.reason
    assert (judge.changes(plain.frames, other.frames) > 1).all(), "it looks at the whole clip"
    with closing(LentTracker(face_model)) as tracker:
        motions = [motion_of(clip, tracker, 1, 0) for clip in (one.driving, plain.frames)]
    found = by_lag(motions[0], motions[1], plain.frame_map)
    assert found.verdict is (BROKEN if shift else HELD), found.said
    assert ("+1 frames away" in found.said) == bool(shift)
