"""Which faces of which frames enter scores over sets: people by their tracks, not by the slot."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmark.measure import StoredClip
from benchmark.set_features import Judged, beside
from benchmark.signals import ClipSignals
from benchmark.splits.case import REENACTMENT, Case, Protocol
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal

FID, FVD = "inception-torch-fidelity-faces", "i3d-k400-faces"
LENGTH = 40
SOURCES = Protocol(id="portraits@1", reference="sources")


def signals(order: list[list[int]], base: float) -> ClipSignals:
    """People at their places, detected in some order; person p in frame t reads base + 1000p + t.

    A window reads as its first frame.
    """
    most = max(len(people) for people in order)
    landmarks = np.full((len(order), most, N_LANDMARKS, 3), np.nan, np.float32)
    values = np.full((len(order), most, 1), np.nan, np.float32)
    corners = np.array([(0.05, 0.4, 0.0), (0.2, 0.6, 0.0)], np.float32)
    for t, people in enumerate(order):
        for slot, person in enumerate(people):
            place = corners + np.float32([0.3 * person, 0.0, 0.0])
            landmarks[t, slot] = place[np.arange(N_LANDMARKS) % 2]
            values[t, slot] = base + 1000 * person + t
    shape = (len(order), most)
    face = FaceSignal(
        np.array([len(people) for people in order]),
        landmarks,
        np.zeros((*shape, N_BLENDSHAPES), np.float32),
        np.tile(np.eye(4, dtype=np.float32), (*shape, 1, 1)),
        (100, 200),
    )
    return ClipSignals(face, {FID: values, FVD: values[: len(order) // 16 * 16 : 16]})


class Signals:
    """A crosswise case of two people, detected now in this order and now in that."""

    def __init__(self, made: list[list[int]] | None = None) -> None:
        self.made = made or [[0, 1] if t % 2 else [1, 0] for t in range(LENGTH)]

    def source(self, case: Case) -> ClipSignals:
        return signals([[1, 0]], 300_000)

    def driver(self, case: Case) -> ClipSignals:
        return signals([[1, 0] if t % 3 else [0, 1] for t in range(case.n_frames)], 200_000)

    def clip(self, clip: StoredClip) -> ClipSignals:
        return signals(self.made, 100_000)


def case(pairs: list[tuple[int, int]], kind: str = "cross") -> Case:
    return Case.model_validate(
        {
            "id": "one",
            "protocol": kind,
            "source": "s.png",
            "driving": "d.mp4",
            "frames": (0, LENGTH),
            "fps": "25",
            "size": (100, 200),
            "pairs": [{"source": s, "driving": d} for s, d in pairs],
            "sha256": {"source": "1" * 64, "driving": "2" * 64},
        }
    )


def taken(
    extractor: str,
    one: Case,
    made: list[list[int]] | None = None,
    rules: Protocol = REENACTMENT,
    frame_map: tuple[int, ...] = tuple(range(LENGTH)),
) -> tuple[list[int], list[int], str]:
    measurer: Any = Signals(made)
    clip = StoredClip(Path("one.mkv"), "3" * 64, frame_map)
    found = beside(extractor, Judged(one, clip), rules, measurer)
    return found.made[:, 0].astype(int).tolist(), found.real[:, 0].astype(int).tolist(), found.key


def test_people_are_followed_whatever_the_order_of_the_detector() -> None:
    made, real, key = taken(FID, case([(1, 0)]))
    assert made == [101_000 + t for t in range(LENGTH)], "the driven person alone"
    assert real == [200_000 + t for t in range(LENGTH)], "beside their driver alone"
    assert key == f"{'2' * 64}:0-{LENGTH}:0"


def test_several_people_are_pooled() -> None:
    made, real, key = taken(FID, case([(0, 1), (1, 0)]))
    assert made == [100_000 + 1000 * p + t for p in range(2) for t in range(LENGTH)]
    assert real == [200_000 + 1000 * p + t for p in range(2) for t in range(LENGTH)]
    assert key.endswith(":0,1")


def test_the_first_frame_of_a_self_case_is_in_neither_set() -> None:
    made, real, _ = taken(FID, case([(0, 0)], "self"))
    assert made == [100_000 + t for t in range(1, LENGTH)]
    assert real == [200_000 + t for t in range(1, LENGTH)]


def test_who_is_not_found_gives_no_item() -> None:
    gone = [[0, 1] if t < 10 else [0] for t in range(LENGTH)]
    made, real, _ = taken(FID, case([(0, 0), (1, 1)]), gone)
    assert made == [100_000 + t for t in range(LENGTH)] + [101_000 + t for t in range(10)]
    assert len(real) == 2 * LENGTH, "the reference is the same for every method"
    alone, _, _ = taken(FID, case([(0, 0)]), [[]] * (LENGTH - 1) + [[0]])
    assert alone == [100_000 + LENGTH - 1]


def test_windows_belong_to_whoever_is_there_in_their_first_frame() -> None:
    made, real, _ = taken(FVD, case([(1, 0)], "self"))
    assert made == [101_000, 101_016], "from the first frame on; the last is not full"
    assert real == [200_000, 200_016]
    gone = [[0, 1] if t < 10 else [0] for t in range(LENGTH)]
    assert taken(FVD, case([(0, 0), (1, 1)]), gone)[0] == [100_000, 100_016, 101_000]


def test_windows_that_jump_do_not_count() -> None:
    late = (*range(10), *range(9, LENGTH - 1))
    made, real, _ = taken(FVD, case([(1, 0)], "self"), frame_map=late)
    assert (made, real) == ([101_016], [200_000, 200_016])


def test_by_other_rules_the_portraits_of_the_driven_are_the_reference() -> None:
    made, real, key = taken(FID, case([(1, 0)]), rules=SOURCES)
    assert real == [301_000]
    assert made[0] == 101_000
    assert key == f"{'1' * 64}:0-1:1"
