"""What a run says of its metrics before it starts."""

from typing import Any

import pytest

from benchmark import chosen
from benchmark.chosen import left_out, measured_lines
from metrics.registry import CANONICAL


def text(one: Any) -> str:
    return " ".join(measured_lines(one))


def test_what_is_asked_for_is_named_and_nothing_is_left_out(plan: Any) -> None:
    one = plan("ssim.wang-rgb", "flicker")
    assert text(one) == f"2 of {len(CANONICAL)} definitions: SSIM, flicker"
    assert left_out(one) == ""


def test_the_default_on_a_cpu_says_what_it_leaves_out(plan: Any) -> None:
    one = plan()
    assert left_out(one).startswith("left out on a CPU unless --metrics names them: lpips.vgg")
    assert left_out(one) in text(one)
    assert "warp_error" in left_out(one)
    assert left_out(plan(device="cuda")) == ""


def test_stand_ins_and_absent_ones_come_with_the_remedy(
    plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("BENCH_WEIGHTS", "BENCH_CACHE"):
        monkeypatch.setenv(folder, "/nowhere")
    said = text(plan("fid.torch-fidelity", "emo_sim"))
    assert "† on stand-ins: inception-torch-fidelity: weights missing: bench weights fetch" in said
    assert "not measured: EMO-SIM: weights missing: bench weights fetch emonet_8" in said


def test_no_line_is_wider_than_its_column(plan: Any) -> None:
    assert max(len(line) for line in measured_lines(plan())) <= chosen._WIDTH
