"""perf.json: what is written is what is read, and what others wrote is not believed."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speed_lab import MS, measured

from benchmark.errors import BenchError, EnvironmentProblem, NotComparable, UsageProblem
from benchmark.speed.cohort import NOT_STATED, stated
from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import FILE, Record, read_record, write_record
from benchmark.speed.show import point_lines
from benchmark.speed.synthetic import Truth

POINT = measured(Truth({"render": 16 * MS}))
RECORD = Record(points=(POINT,), options={"size": 16})


def test_it_comes_back_as_it_went(tmp_path: Path) -> None:
    path = write_record(tmp_path / "deep" / "er", RECORD)
    assert path.name == FILE
    assert read_record(path) == read_record(path.parent) == RECORD
    assert not list(path.parent.glob("*.part"))


def test_a_folder_without_one_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no measurement at"):
        read_record(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        write_record(tmp_path / "file", RECORD)


def test_another_format_is_not_comparable(tmp_path: Path) -> None:
    data = {**RECORD.model_dump(mode="json"), "format": "portraitbench-perf@2"}
    (tmp_path / FILE).write_text(json.dumps(data))
    with pytest.raises(NotComparable, match="portraitbench-perf@1"):
        read_record(tmp_path)


PLAIN = json.loads(json.dumps(RECORD.model_dump(mode="json")))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["points"].clear(),
        lambda p: p["points"][0]["figures"].update(fps=-1.0),
        lambda p: p["points"][0]["figures"].update(fps=float("nan")),
        lambda p: p["points"][0]["figures"].update(fps=float("inf")),
        lambda p: p["points"][0]["figures"].update(fps="fast"),
        lambda p: p["points"][0].update(surprise=1),
        lambda p: p["points"][0].update(name="x" * 300),
        lambda p: p["points"][0].update(flaws=["why"] * 1000),
        lambda p: p["points"][0]["cohort"].update(mode="sideways"),
        lambda p: p["points"][0]["figures"].update(fps=0.0),
        lambda p: p["points"][0]["figures"].update(fps=1e300),
        lambda p: p["points"][0]["figures"].update(stages=[{"name": "x", "frame_s": 1e300}]),
        lambda p: p.pop("points"),
    ],
)
def test_damage_is_named(tmp_path: Path, change: Any) -> None:
    data = json.loads(json.dumps(PLAIN))
    change(data)
    (tmp_path / FILE).write_text(json.dumps(data))
    with pytest.raises(UsageProblem, match=r"damaged|cannot read"):
        read_record(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p["figures"].update(fps=128.0), "do not take"),
        (lambda p: p["figures"].update(fps=128.0, frame_s=1 / 128), "are not 128 a second"),
        (lambda p: p["figures"]["query_s"].update(p90=0.001), "p90 of its queries is"),
        (lambda p: p["figures"]["query_s"].update(p99=None), "p99 does not go with"),
        (lambda p: p["figures"].update(queries=1000), "queries, not 1000"),
        (lambda p: p["figures"].update(seconds=20.0), "not 20"),
        (lambda p: p.update(query_s=[]), "it has 0 queries"),
        (lambda p: p["machine"].update(others=0.9), "no flaws, but: machine under load"),
        (lambda p: p["figures"].update(estimated=True), "has a fit"),
        (lambda p: p["cohort"].update(mode="streaming"), "not those of the mode"),
        (lambda p: p["cohort"].update(fps=50.0), "do not arrive in"),
        (lambda p: p["figures"]["latency"].update(total_s=0.01), "not the sum of its parts"),
        (lambda p: p["figures"]["latency"]["compute_s"].update(p50=0.001), "not that of its quer"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    tmp_path: Path, change: Any, says: str
) -> None:
    data = json.loads(json.dumps(PLAIN))
    change(data["points"][0])
    (tmp_path / FILE).write_text(json.dumps(data))
    with pytest.raises(UsageProblem, match=f"damaged: point 0 .*{says}"):
        read_record(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f["streaming"].update(sustained_fps=90.0), "not 90.0 frames a second"),
        (lambda f: f["streaming"].update(delivered=500), "frames are not"),
        (lambda f: f.update(fps=50.0, frame_s=0.02), "are not 50 a second"),
    ],
)
def test_a_stream_that_contradicts_itself_is_refused(
    tmp_path: Path, change: Any, says: str
) -> None:
    live = measured(Truth({"render": 16 * MS}), PerfOptions(mode="streaming"))
    path = write_record(tmp_path, Record(points=(live,)))
    assert read_record(path).points == (live,)
    data = json.loads(path.read_text())
    change(data["points"][0]["figures"])
    path.write_text(json.dumps(data))
    with pytest.raises(UsageProblem, match=says):
        read_record(path)


def test_flaws_that_were_taken_out_are_seen(tmp_path: Path) -> None:
    short = measured(Truth({"render": 16 * MS}), PerfOptions(min_s=1.0))
    assert not short.valid
    path = write_record(tmp_path, Record(points=(short,)))
    assert read_record(path).points == (short,)
    path.write_text(json.dumps(_without_flaws(json.loads(path.read_text()))))
    with pytest.raises(UsageProblem, match=r"no flaws, but 1 s are too short"):
        read_record(path)


def _without_flaws(data: Any) -> Any:
    data["points"][0]["flaws"] = []
    return data


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bytes_and_trees_of_others_never_break_the_reader(data: Any, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("perf", numbered=True)
    if data.draw(st.booleans()):
        (folder / FILE).write_bytes(data.draw(st.binary(max_size=60)))
    else:
        tree = json.loads(json.dumps(PLAIN))
        where: Any = tree
        for _ in range(data.draw(st.integers(0, 4))):
            keys = list(where) if isinstance(where, dict) else list(range(len(where)))
            key = data.draw(st.sampled_from(keys)) if keys else None
            if key is None or not isinstance(where[key], dict | list) or not where[key]:
                break
            where = where[key]
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        odd = st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just(10**400),
            lambda x: st.lists(x, max_size=2),
            max_leaves=3,
        )
        where[data.draw(st.sampled_from(keys))] = data.draw(odd)
        (folder / FILE).write_text(json.dumps(tree), encoding="utf-8")
    try:
        record = read_record(folder)
    except BenchError:
        return
    for point in record.points:
        point_lines(point)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, number: str) -> None:
    text = json.dumps(PLAIN).replace('"fps": 64.0', f'"fps": {number}', 1)
    assert number in text
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UsageProblem, match=r"damaged|cannot read"):
        read_record(tmp_path)


def test_deep_nesting_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[" * 100_000)
    with pytest.raises(UsageProblem):
        read_record(tmp_path)


def test_a_cohort_is_what_must_be_shared() -> None:
    base = POINT.cohort
    assert base.id == base.model_copy().id
    changes = {
        "device": "GPU",
        "power_limit_w": 300.0,
        "driver": "1",
        "gpus": 2,
        "precision": "fp16",
        "compile": "on",
        "batch": "2",
        "steps": "4",
        "size": 256,
        "frames": 96,
        "fps": 30.0,
        "mode": "streaming",
        "includes": "everything",
    }
    assert set(changes) == set(type(base).model_fields)
    ids = {base.model_copy(update={k: v}).id for k, v in changes.items()}
    assert len(ids | {base.id}) == len(changes) + 1
    long = measured(Truth({"render": 16 * MS}), PerfOptions(fps=Fraction(50)), n_frames=96)
    assert (long.cohort.frames, long.cohort.fps) == (96, 50.0)


def test_options_state_precision_and_the_user_goes_first() -> None:
    words = {"fp16": True, "steps": 4, "torch_compile": False}
    assert stated(words, {"steps": "8"}) == {
        "precision": "fp16",
        "compile": "off",
        "batch": NOT_STATED,
        "steps": "8",
    }
    assert set(stated({}, {}).values()) == {NOT_STATED}


def test_what_is_shown_fits_eighty_columns() -> None:
    lines = point_lines(POINT)
    assert lines[0] == "synthetic: VALID"
    assert max(map(len, lines)) <= 80
    hostile = POINT.model_copy(update={"flaws": ("\x1b[2Jwhy",)})
    shown = "\n".join(point_lines(hostile))
    assert "\x1b" not in shown
    assert "synthetic: INVALID" in shown
    assert "to be looked at only" in shown
