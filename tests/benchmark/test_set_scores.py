"""Which frames of which clips enter scores over sets, beside what."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark import set_scores as module
from benchmark.measure import StoredClip
from benchmark.set_scores import Judged, set_scores
from benchmark.signals import ClipSignals
from benchmark.splits.case import REENACTMENT, Case, Protocol
from metrics.distribution import SetMetric
from metrics.frechet import Frechet
from metrics.registry import CANONICAL, SET_METRICS
from metrics.score import NotMeasured
from metrics.selection import Active
from metrics.set_score import SetScore
from metrics.signals.face import FaceSignal

FID, FVD = CANONICAL["fid.torch-fidelity@1"], CANONICAL["fvd.i3d-k400@2"]
SOURCES = Protocol(id="portraits@1", reference="sources")
NO_FACE = FaceSignal(
    np.zeros(0, np.int64), *(np.zeros((0, 0, 1), np.float32) for _ in range(3)), (0, 0)
)


def case(name: str, driving: str, kind: str = "self", frames: tuple[int, int] = (0, 5)) -> Case:
    return Case.model_validate(
        {
            "id": name,
            "protocol": kind,
            "source": f"{name}.png",
            "driving": f"{driving}.mp4",
            "frames": frames,
            "fps": "25",
            "size": (64, 64),
            "sha256": {"source": f"{ord(name[0]):064x}", "driving": f"{ord(driving[0]):064x}"},
        }
    )


def delivered(one: Case, frame_map: tuple[int, ...] = (0, 1, 2, 3, 4)) -> Judged:
    return Judged(one, StoredClip(Path(f"{one.id}.mkv"), one.id, frame_map))


@dataclass
class Signals:
    """Frame ``t`` of a result reads ``100 + t``, of a driving clip ``t``, a portrait -1."""

    def _arrays(self, values: Any) -> ClipSignals:
        frames = np.asarray(values, dtype=np.float32)[:, None]
        features = {m.extractor: frames for m in SET_METRICS}
        features["i3d-k400"] = frames[: len(frames) // 16 * 16 : 16]
        return ClipSignals(NO_FACE, features)

    def clip(self, clip: StoredClip) -> ClipSignals:
        return self._arrays(100 + np.arange(len(clip.frame_map)))

    def driver(self, case: Case) -> ClipSignals:
        return self._arrays(np.arange(case.n_frames))

    def source(self, case: Case) -> ClipSignals:
        return self._arrays([-1])


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What went into each score: results, references, whose references."""
    calls: list[Any] = []

    def record(made: Any, real: Any, keys: Any, distance: Any) -> SetScore:
        calls.append(([m[:, 0].tolist() for m in made], [r[:, 0].tolist() for r in real], keys))
        return SetScore(0.0, 1, 1, 1, 1, 1)

    monkeypatch.setattr(module, "set_score", record)
    return calls


def score(
    cases: list[Judged], *cards: Any, protocol: Protocol = REENACTMENT, absent: str = ""
) -> list[Any]:
    plan: Any = SimpleNamespace(
        metrics=[Active(card, card, absent) for card in cards],
        cases=[one.case for one in cases],
        split=SimpleNamespace(header=SimpleNamespace(protocol=protocol)),
    )
    return list(set_scores(plan, cases, Signals()))  # type: ignore[arg-type]


def test_the_first_frame_of_a_self_case_is_in_neither_set(taken: list[Any]) -> None:
    (entry,) = score([delivered(case("a", "x"))], FID)
    assert (entry.protocol, entry.metric) == ("self", FID.id)
    assert taken == [([[101, 102, 103, 104]], [[1, 2, 3, 4]], [f"{ord('x'):064x}:0-5"])]


def test_by_other_rules_it_is_in_both(taken: list[Any]) -> None:
    scored = replace_first_frame()
    score([delivered(case("a", "x"))], FID, protocol=scored)
    assert taken[0][:2] == ([[100, 101, 102, 103, 104]], [[0, 1, 2, 3, 4]])


def replace_first_frame() -> Protocol:
    return REENACTMENT.model_copy(update={"first_frame": "scored"})


def test_frames_not_delivered_are_missing_and_repeated_ones_count_once(taken: list[Any]) -> None:
    score([delivered(case("a", "x", "cross"), (0, 2, 2, 4))], FID)
    made, real, _ = taken[0]
    assert made == [[100, 101, 103]]
    assert real == [[0, 1, 2, 3, 4]], "the reference is the same for every method"


def test_a_case_the_method_failed_stays_in_the_reference(taken: list[Any]) -> None:
    failed = Judged(case("b", "y", "cross"), None)
    score([delivered(case("a", "x", "cross")), failed], FID)
    made, real, _ = taken[0]
    assert made == [[100, 101, 102, 103, 104], []]
    assert real == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]


def test_windows_begin_with_the_first_frame_and_the_rest_is_unused(taken: list[Any]) -> None:
    score([delivered(case("a", "x", frames=(0, 50)), tuple(range(50)))], FVD)
    assert taken[0][:2] == ([[100, 116, 132]], [[0, 16, 32]])


@pytest.mark.parametrize(
    ("frame_map", "windows"),
    [
        (range(1, 49), [100, 116, 132]),  # the first frame is missing: all windows are in step
        ([*range(20), *range(21, 50)], [100, 132]),  # one frame is missing: one window jumps
        ([*range(16), *range(15, 47)], [100, 116, 132]),  # a repeated frame between two windows
        ([*range(20), *range(19, 47)], [100, 132]),  # in a window
        ([0, 2, 1, *range(3, 48)], [116, 132]),  # out of order
        (range(0, 50, 2), []),  # every second frame: twice as fast as the references
    ],
)
def test_windows_that_jump_do_not_count(
    taken: list[Any], frame_map: Any, windows: list[int]
) -> None:
    score([delivered(case("a", "x", frames=(0, 50)), tuple(frame_map))], FVD)
    assert taken[0][:2] == ([windows], [[0, 16, 32]])


def test_a_reference_is_known_by_content_and_range(taken: list[Any]) -> None:
    one, other = case("a", "x", "cross"), case("b", "x", "cross")
    later = case("c", "x", "cross", (5, 10))
    score([delivered(c) for c in (one, other, later)], FID)
    keys = taken[0][2]
    assert keys[0] == keys[1] != keys[2]


def test_kinds_are_scored_apart_and_empty_ones_say_so(taken: list[Any]) -> None:
    both = [delivered(case("a", "x")), delivered(case("b", "y", "cross"))]
    entries = score(both, FID)
    assert [e.protocol for e in entries] == ["self", "cross"]
    assert [len(made) for made, _, _ in taken] == [1, 1]
    plan: Any = SimpleNamespace(
        metrics=[Active(FID, FID)],
        cases=[both[0].case],
        split=SimpleNamespace(header=SimpleNamespace(protocol=REENACTMENT)),
    )
    (entry,) = set_scores(plan, [], Signals())  # type: ignore[arg-type]
    assert entry.score == NotMeasured("no case was delivered")


def test_portraits_as_reference_do_not_move(taken: list[Any]) -> None:
    entries = score([delivered(case("a", "x", "cross"))], FID, FVD, protocol=SOURCES)
    assert taken == [
        ([[100, 101, 102, 103, 104]], [[-1]], [f"{ord('a'):064x}:0-1"]),
    ]
    assert isinstance(entries[1].score, NotMeasured)
    assert entries[1].score.of_input


def test_absent_metrics_and_metrics_of_cases_have_no_entry(taken: list[Any]) -> None:
    ssim = CANONICAL["ssim.wang-rgb@2"]
    assert score([delivered(case("a", "x"))], ssim) == []
    assert score([delivered(case("a", "x"))], FID, absent="no weights") == []
    assert taken == []


def test_numbers_carry_the_id_the_run_decided_on(taken: list[Any]) -> None:
    stand_in = replace(FID, definition="stand-in")
    plan: Any = SimpleNamespace(
        metrics=[Active(FID, stand_in)],
        cases=[case("a", "x")],
        split=SimpleNamespace(header=SimpleNamespace(protocol=REENACTMENT)),
    )
    (entry,) = set_scores(plan, [delivered(case("a", "x"))], Signals())  # type: ignore[arg-type]
    assert entry.metric == stand_in.id


def test_the_value_is_the_distance_of_what_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpatched: two self cases of one driver, so that its frames enter the reference once."""
    metric = SetMetric(FID, FID.extractors[0], Frechet(ddof=1))
    monkeypatch.setattr(module, "SET_METRICS", (metric,))
    (entry,) = score([delivered(case("a", "x")), delivered(case("b", "x"))], FID)
    assert isinstance(entry.score, SetScore)
    assert (entry.score.clips, entry.score.reference_clips) == (2, 1)
    assert (entry.score.items, entry.score.reference_items) == (8, 4)
    made, real = np.array([101, 102, 103, 104] * 2), np.array([1, 2, 3, 4])
    spread = (np.std(made, ddof=1) - np.std(real, ddof=1)) ** 2
    assert entry.score.value == pytest.approx((made.mean() - real.mean()) ** 2 + spread)
