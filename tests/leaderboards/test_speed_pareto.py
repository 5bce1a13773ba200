"""The front of quality and speed, its picture, and the gate."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speed_shop import A100, H200, figures, point, quality, record
from typer.testing import CliRunner

from benchmark.cli.perf import app
from benchmark.errors import UsageProblem
from benchmark.speed.record import Percentiles, Streaming, write_record
from benchmark.speed.targets import (
    Hardware,
    below_floor,
    differences,
    find_target,
    require_target,
    targets,
)
from leaderboards.plots.pareto import draw_pareto, pareto_figure
from leaderboards.speed.columns import real_time_column
from leaderboards.speed.front import Spot, fronts, plane
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import rows_of

SPOTS = st.lists(
    st.builds(
        Spot,
        label=st.just("x"),
        letter=st.sampled_from("AB"),
        fps=st.sampled_from([1.0, 2.0, 5.0, 20.0]),
        quality=st.sampled_from([10.0, 20.0, 30.0]),
    ),
    min_size=1,
    max_size=12,
)


@given(SPOTS, st.booleans())
def test_the_front_is_who_nobody_of_its_cohort_beats(spots: list[Spot], higher: bool) -> None:
    found = fronts(spots, higher)
    for spot in found:
        rivals = [
            other
            for other in found
            if other.letter == spot.letter
            and other.fps >= spot.fps
            and (other.quality >= spot.quality if higher else other.quality <= spot.quality)
            and (other.fps, other.quality) != (spot.fps, spot.quality)
        ]
        assert spot.best == (not rivals)
    assert {s.letter for s in found if s.best} == {s.letter for s in spots}


@settings(max_examples=40)
@given(SPOTS, st.randoms())
def test_the_front_does_not_depend_on_order(spots: list[Spot], shuffle: random.Random) -> None:
    other = list(spots)
    shuffle.shuffle(other)
    key = lambda s: (s.letter, s.fps, s.quality)  # noqa: E731
    assert sorted(map(key, filter(lambda s: s.best, fronts(spots, False)))) == sorted(
        map(key, filter(lambda s: s.best, fronts(other, False)))
    )


def test_who_is_not_in_both_is_named() -> None:
    rows = rows_of([record(point("a", 20.0), point("b", 5.0, flaws=("hot",)), point("c", 4.0))])
    found = plane(rows, quality({"a": 64.0, "b": 70.0}))
    assert [spot.label for spot in found.spots] == ["A"]
    assert found.absent == ("B: INVALID: hot", "C: no finished run of c is among --runs")
    with pytest.raises(UsageProblem, match="no method was measured in both"):
        plane(rows, quality({"c": None}))
    with pytest.raises(UsageProblem, match="needs one metric"):
        plane(rows, Quality())


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(".png", marks=pytest.mark.slow),
        ".svg",
        pytest.param(".pdf", marks=pytest.mark.slow),
    ],
)
def test_the_picture_is_the_same_bytes_each_time(tmp_path: Path, ending: str) -> None:
    rows = rows_of([record(point("a", 20.0), point("b", 5.0), point("c", 12.0, H200))])
    found = plane(rows, quality({"a": 64.0, "b": 70.0, "c": 50.0}))
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    for path in (one, two):
        draw_pareto(found, "Quality $ speed", path)
    assert one.read_bytes() == two.read_bytes()
    assert one.stat().st_size > 3000


def test_cohorts_have_marks_of_their_own() -> None:
    rows = rows_of([record(point("a", 20.0), point("b", 5.0, H200))])
    figure = pareto_figure(plane(rows, quality({"a": 64.0, "b": 70.0})), "t")
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["cohort A", "cohort B"]
    from matplotlib.colors import to_rgb

    for line in figure.axes[0].get_lines():
        for colour in (line.get_markerfacecolor(), line.get_markeredgecolor()):
            assert line.get_marker() in {"None", None, ""} or len(set(to_rgb(colour))) == 1


def test_a_target_names_what_a_claim_needs() -> None:
    assert differences(find_target("a100-80g"), Hardware("NVIDIA A100-SXM4-80GB", 79.3, 400)) == []
    assert differences(find_target("h200"), Hardware("NVIDIA H200", 139.8, 700)) == []
    assert differences(find_target("rtx5090"), Hardware("NVIDIA GeForce RTX 5090", 31.8, 575)) == []
    laptop = Hardware("NVIDIA GeForce RTX 5090 Laptop GPU", 23.9, 175)
    assert differences(find_target("rtx5090"), laptop) == [f"the GPU is {laptop.name}"]
    weak = Hardware("NVIDIA GeForce RTX 5090", 31.8, 400)
    assert differences(find_target("rtx5090"), weak) == ["its power limit is 400 W"]
    small = Hardware("NVIDIA A100-SXM4-80GB", 39.5, 400)
    assert differences(find_target("a100-80g"), small) == ["its memory is 39.5 GiB"]
    for target, other in (
        ("h200", Hardware("NVIDIA GH200 144G HBM3e", 140.0, 700)),
        ("h100", Hardware("NVIDIA H100 NVL", 93.1, 400)),
        ("rtx3090", Hardware("NVIDIA GeForce RTX 3090 Ti", 24.0, 400)),
        ("a100-80g", Hardware("NVIDIA A100-SXM4-80GB MIG 7g.80gb", 79.3, 400)),
        ("h200", Hardware("NVIDIA H200", None, 700)),
        ("h200", Hardware("NVIDIA H200", 139.8, None)),
    ):
        assert len(differences(find_target(target), other)) == 1, other
    with pytest.raises(UsageProblem, match="did you mean 'rtx5090'") as caught:
        _unknown("rtx5080")
    assert caught.value.exit_code == 2
    from benchmark.errors import NotComparable

    with pytest.raises(NotComparable, match="processor of this machine") as refused:
        require_target(find_target("h200"), Hardware())
    assert "NVIDIA H200 with 138 GiB or more" in refused.value.remedy
    for target in targets().values():
        assert target.power_w[0] <= target.power_w[1]


def _unknown(name: str) -> None:
    try:
        find_target(name)
    except UsageProblem as error:
        raise UsageProblem(f"{error.problem} {error.remedy}") from None


def live(kept: float | None) -> Any:
    return Streaming(
        input_fps=25,
        delivered=300,
        dropped=0,
        room=2,
        queue_most=1,
        queue_growth=0.0,
        latency_s=Percentiles(),
        sustained_fps=kept,
    )


def test_a_floor_is_held_by_valid_figures_on_the_target_only() -> None:
    a100 = find_target("a100-80g")
    fine = point("a", 20.0)
    assert below_floor([fine], 20.0, a100) == []
    assert "below the floor of 20.5" in below_floor([fine], 20.5, a100)[0]
    assert "INVALID: hot" in below_floor([point("a", 20.0, flaws=("hot",))], 1.0, None)[0]
    assert "not measured on a100-80g" in below_floor([point("a", 20.0, H200)], 1.0, a100)[0]
    guess = point("a", 20.0, figures=figures(20.0, estimated=True))
    assert "estimate" in below_floor([guess], 1.0, None)[0]
    for kept, held in ((18.0, False), (25.0, True), (None, False)):
        streamed = point("a", 99.0, A100, figures=figures(99.0, streaming=live(kept)))
        assert (below_floor([streamed], 20.0, a100) == []) is held


def test_in_streaming_the_rate_that_is_kept_up_is_the_speed() -> None:
    """Fed at 25 a second, it answers 25; what it can do is another thing."""
    streams = A100.model_copy(update={"mode": "streaming"})
    points = [
        point(name, 25.0, streams, figures=figures(25.0, streaming=live(kept)))
        for name, kept in (("a", 50.0), ("b", None))
    ]
    rows = rows_of([record(*points)])
    found = plane(rows, quality({"a": 64.0, "b": 32.0}))
    assert [spot.fps for spot in found.spots] == [50.0]
    assert found.absent == ("B: no sustained rate",)
    factor = real_time_column(25)
    assert [factor.value(p.figures, p) for p in points if p.figures] == [2.0, None]


def test_the_gate_is_a_command(tmp_path: Path) -> None:
    write_record(tmp_path / "one", record(point("a", 20.0)))
    for floor, code, says in (
        ("20", 0, "PASS 1 point at 20 or more on a100-80g"),
        ("21", 1, "FAIL a:"),
    ):
        arguments = ["gate", str(tmp_path), "--floor", floor, "--target", "a100-80g"]
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, says in result.output) == (code, True), result.output
    wrong = CliRunner().invoke(app, ["gate", str(tmp_path), "--floor", "0"])
    assert isinstance(wrong.exception, UsageProblem)


def test_a_plot_without_runs_or_with_a_wrong_name_is_refused(tmp_path: Path) -> None:
    write_record(tmp_path / "one", record(point("a", 20.0)))
    for arguments, says in (
        (["--out", "x.gif"], "does not end in"),
        (["--out", "x.png"], "needs one metric"),
        (["--out", "x.png", "--kind", "both"], "--kind must be"),
    ):
        result = CliRunner().invoke(app, ["plot", str(tmp_path), *arguments])
        assert isinstance(result.exception, UsageProblem), result.output
        assert says in result.exception.problem
