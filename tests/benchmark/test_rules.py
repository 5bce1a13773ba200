from fractions import Fraction
from pathlib import Path

import av
import clips
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import UsageProblem
from benchmark.media.footage import FrameFolder, VideoFile
from benchmark.media.image import write_png
from benchmark.media.video import probe, read_video
from benchmark.splits import prepare
from benchmark.splits.rules import Rules

rates = st.fractions(min_value=1, max_value=120, max_denominator=1001)
counts = st.integers(1, 400)


@given(n=counts, native=rates)
def test_native_frames_are_taken_one_by_one(n: int, native: Fraction) -> None:
    rules = Rules()
    assert list(rules.choose(range(n), native)) == list(range(n))
    assert rules.prepared(n, native) == n
    assert rules.rate(native) == native


@given(n=counts, native=rates, fps=rates, limit=st.none() | st.integers(2, 300))
def test_what_is_chosen_is_what_was_promised(
    n: int, native: Fraction, fps: Fraction, limit: int | None
) -> None:
    rules = Rules(fps=fps, max_frames=limit)
    needed = rules.needed(native)
    reached = n if needed is None else min(n, needed)
    chosen = list(rules.choose(range(reached), native))
    assert len(chosen) == rules.prepared(reached, native) == rules.prepared(n, native)
    assert chosen == [int(i * native / fps) for i in range(len(chosen))]
    if chosen:
        assert chosen[0] == 0
        assert limit is not None or n - chosen[-1] <= max(1, native / fps + 1)


@given(n=counts, native=rates, fps=rates)
def test_the_prepared_clip_lasts_as_long_as_the_original(
    n: int, native: Fraction, fps: Fraction
) -> None:
    made = Rules(fps=fps).prepared(n, native)
    assert 0 <= made / fps - n / native < 1 / fps


def test_frames_by_hand() -> None:
    assert list(Rules(fps=Fraction(25)).choose(range(12), Fraction(50))) == [0, 2, 4, 6, 8, 10]
    assert list(Rules(fps=Fraction(25)).choose(range(7), Fraction(30))) == [0, 1, 2, 3, 4, 6]
    assert list(Rules(fps=Fraction(24)).choose(range(3), Fraction(12))) == [0, 0, 1, 1, 2, 2]
    assert list(Rules(max_frames=2).choose(range(9), Fraction(12))) == [0, 1]


@pytest.mark.parametrize(
    "options",
    [
        {"side": 63},
        {"side": 513},
        {"side": 8192},
        {"longest": 0},
        {"fps": Fraction(1, 2)},
        {"fps": Fraction(2000)},
        {"max_frames": 1},
    ],
)
def test_rules_out_of_range(options: dict) -> None:
    with pytest.raises(UsageProblem):
        Rules(**options)


def test_rules_survive_being_written_down() -> None:
    rules = Rules(side=256, longest=640, fps=Fraction(30000, 1001), audio="silent")
    assert Rules.of(rules.as_dict()) == rules


def made(path: Path, target: Path, rules: Rules) -> Path:
    clip = VideoFile(path)
    found = prepare.survey_clip(clip, "single", clips.BoxTracker(), rules, lambda: None)
    crop = prepare.window("single", found.size, found.box, rules)
    prepare.prepare_clip(prepare.ClipWork(clip, found, crop, rules), target, lambda: None)
    return target


@pytest.fixture
def fifty(tmp_path: Path) -> Path:
    frames = [clips.scene((40 + 2 * i, 40, 70 + 2 * i, 70)) for i in range(20)]
    return clips.encode(tmp_path / "a.mp4", frames, rate=Fraction(50), crf="1")


def test_frames_are_chosen_and_never_blended(fifty: Path, tmp_path: Path) -> None:
    native = read_video(made(fifty, tmp_path / "n.mp4", Rules()))
    half = made(fifty, tmp_path / "h.mp4", Rules(fps=Fraction(25)))
    info = probe(half)
    assert (info.n_frames, info.fps) == (10, 25)
    for i, frame in enumerate(read_video(half)):
        off = [abs(frame.astype(int) - other).mean() for other in native]
        assert min(range(20), key=off.__getitem__) == 2 * i
        assert off[2 * i] < 1


def test_a_silent_track_as_long_as_the_pictures(fifty: Path, tmp_path: Path) -> None:
    path = made(fifty, tmp_path / "s.mp4", Rules(audio="silent", side=256))
    again = made(fifty, tmp_path / "t.mp4", Rules(audio="silent", side=256))
    assert path.read_bytes() == again.read_bytes()
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        assert sound.codec_context.sample_rate == 48000
        assert float(sound.duration * sound.time_base) == pytest.approx(0.4, abs=0.03)
        loudest = max(abs(frame.to_ndarray()).max() for frame in container.decode(audio=0))
    assert loudest == 0
    info = probe(path)
    assert (info.n_frames, info.fps, info.size) == (20, 50, (256, 256))


def test_other_sizes(fifty: Path, tmp_path: Path) -> None:
    assert probe(made(fifty, tmp_path / "x.mp4", Rules(side=256))).size == (256, 256)
    assert prepare.window("multi", (100, 200), None, Rules(longest=640)).to == (320, 640)


def test_a_folder_of_frames_is_footage(tmp_path: Path) -> None:
    pictures = []
    for i in range(3):
        pictures.append(tmp_path / f"{i}.png")
        write_png(pictures[-1], clips.scene((60 + i, 40, 90, 70)))
    folder = FrameFolder(tmp_path, tuple(pictures), Fraction(25))
    assert (folder.claimed(), folder.rate(), folder.pixel_aspect()) == (3, 25, 1)
    assert len(list(folder.frames())) == 3
    hashes = {
        folder.sha256(),
        FrameFolder(tmp_path, tuple(pictures), Fraction(30)).sha256(),
        FrameFolder(tmp_path, tuple(pictures[::-1]), Fraction(25)).sha256(),
        FrameFolder(tmp_path, tuple(pictures[:2]), Fraction(25)).sha256(),
    }
    assert len(hashes) == 4
