"""The methods of the papers: each fake comes through, in one process a case or kept loaded."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from known_results import METHODS, Case, bench_of, counting, portrait, truth

from adapters.base import MethodError
from adapters.rows import our_rows

QUICK = ("skyreels-a1", "flashportrait", "emoportraits")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SCALE", "0.125")


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in METHODS],
)
def test_the_adapter_comes_through(tmp_path: Path, name: str) -> None:
    truth(bench_of(name, tmp_path), tmp_path, METHODS[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("skyreels-a1", "IndexError"),
        ("followyouremoji", "no face in driving frame 3"),
        ("aniportrait", "gave 3 frames where its frame rule says 8"),
        ("echomimic", "ended without a result"),
    ],
)
def test_a_frame_without_a_face_is_a_failure(tmp_path: Path, name: str, said: str) -> None:
    driving = counting(8, 64, 64)
    driving[2 if name == "skyreels-a1" else 3] = 255
    case = Case([], source=portrait(), driving=driving)
    with pytest.raises(MethodError, match=said):
        bench_of(name, tmp_path).run(tmp_path, case)


@pytest.mark.slow
def test_without_a_face_in_the_portrait_frames_would_be_out_of_step(tmp_path: Path) -> None:
    case = replace(METHODS["followyouremoji"], source=np.full((64, 64, 3), 255, np.uint8))
    with pytest.raises(MethodError, match="no face in the portrait"):
        bench_of("followyouremoji", tmp_path).run(tmp_path, case)


def test_audio_only_methods_are_excluded_with_the_reason() -> None:
    row = our_rows()["hallo3"]
    assert not row.public
    assert "takes no driving video" in row.why
    sound = {
        name for name, row in our_rows().items() if "not a pure video" in " ".join(row.footnotes)
    }
    assert sound == {"pdfgc", "echomimic"}


def test_the_rule_of_12_frames_a_second_is_its_rounding_at_25() -> None:
    """SkyReels-A1 counts in floating point; at 25 fps that is what the exact rule says."""
    rule = our_rows()["skyreels-a1-long"].frames.rule
    for count in (11, 125, 749, 3000):
        times = np.arange(0, count / 25, 1 / 12)
        theirs = (times * 25).astype(np.int32)
        ours = rule.frame_map(count, Fraction(25))
        assert theirs[theirs < count][: len(ours)].tolist() == ours


def test_rows_name_their_exact_commit_and_what_they_need() -> None:
    for row in our_rows().values():
        if not row.public:
            continue
        assert len(row.commit) == 40, row.name
        assert row.repository.startswith("https://")
        assert row.licence
        assert row.traps
        assert row.weights
