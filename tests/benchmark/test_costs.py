"""What a dry run says measuring takes: from costs on record, and nothing made up."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmark.cli.estimate import describe
from benchmark.costs import Costs, estimate, known_costs
from metrics.signals.catalogue import SPECS

FRAMES, SIDE = 8, 256
COSTS = Costs(
    "a machine",
    "2026-01-01",
    SIDE * SIDE,
    {"decode": 1.0, "face": 10.0, "flicker-step": 100.0},
    {"pixels": 1000.0},
)


def test_every_frame_is_counted_once_an_extractor(plan: Any) -> None:
    """Three cases of one driving clip, one of them self: results, the clip once, portraits."""
    seen = 3 * FRAMES + FRAMES + 3
    found = estimate(plan("flicker", "aed", "ssim.wang-rgb"), COSTS)
    assert found.seconds == {
        "pixels": 1000.0 * FRAMES,
        "flicker-step": 100.0 * seen,
        "face": 10.0 * seen,
        "decode": 1.0 * seen,
    }
    assert list(found.seconds) == ["pixels", "flicker-step", "face", "decode"], "most first"
    assert found.unknown == ()
    assert found.total == 1000.0 * FRAMES + 111.0 * seen


def test_only_what_works_at_native_size_grows_with_the_frames(plan: Any) -> None:
    one = estimate(plan("flicker", "aed", "ssim.wang-rgb"), COSTS).seconds
    smaller = estimate(plan("flicker", "aed", "ssim"), replace(COSTS, pixels=SIDE * SIDE // 4))
    ratios = {name: seconds / one[name] for name, seconds in smaller.seconds.items()}
    assert ratios == {"pixels": 4.0, "flicker-step": 4.0, "face": 1.0, "decode": 4.0}


def test_what_has_no_cost_on_record_is_said_and_not_guessed(plan: Any) -> None:
    found = estimate(plan("flicker", "warp_error"), replace(COSTS, frame={"decode": 1.0}))
    assert set(found.seconds) == {"decode"}
    assert found.unknown == ("face", "flicker-step", "warp-step", "warp-pairs")


def test_metrics_that_are_not_measured_cost_nothing(plan: Any) -> None:
    found = estimate(plan("fps"), COSTS)
    assert set(found.seconds) == {"decode", "face"}, "the tracker always looks"


def test_the_file_names_its_hardware_and_extractors_that_exist() -> None:
    costs = known_costs()["cpu"]
    assert costs.hardware
    assert set(costs.frame) <= {"decode", "face", *SPECS}
    assert {"decode", "face", "inception-torch-fidelity", "i3d-k400"} <= set(costs.frame)
    assert all(seconds >= 0.0 for table in (costs.frame, costs.pair) for seconds in table.values())


def test_a_device_that_was_never_measured_says_so(plan: Any) -> None:
    text = "\n".join(describe(plan("flicker", device="cuda"), Path("nowhere")))
    assert "measure  unknown on cuda: its costs are not on record" in text
    assert "CPU cores" in text
    assert known_costs()["cpu"].hardware in text
    assert "unknown" not in "\n".join(describe(plan("flicker"), Path("nowhere")))
