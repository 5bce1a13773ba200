"""Scores do not depend on the order of cases, on their neighbours, on batches, stops or caches.

Numbers that no batched network takes part in are equal bit for bit; those of networks to the
rounding of float32, which depends on what else is in a batch: 1e-5 of the value.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import Silent, random_track, rotation

from adapters.base import Frame
from benchmark.clip_pass import OpenExtractor, Tools
from benchmark.config import Config
from benchmark.frame_values import CaseFrames
from benchmark.measure import Measurer, OpenCase, StoredClip, Wanted
from benchmark.media.image import write_png
from benchmark.media.video import read_video
from benchmark.media.write import LOSSLESS, write_video
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.run import run
from benchmark.scores import Timing, score_case
from benchmark.set_scores import Judged, set_scores
from benchmark.signals import SignalStore
from benchmark.splits.manifest import REENACTMENT, Case
from metrics.perceptual import LPIPS, LPIPS_256, LPIPS_FACE
from metrics.registry import CANONICAL, FACE_PIXEL_METRICS, PIXEL_METRICS
from metrics.score import Measured, NotMeasured, Score
from metrics.selection import Active
from metrics.set_score import SetScore
from metrics.signals.batching import Batcher
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face_engine import Detection
from metrics.signals.perceptual import PerceptualExtractor
from metrics.signals.pixel_stream import FacePixelStream, PixelStream
from metrics.signals.streams import FaceExtractor, FrameExtractor, StepExtractor
from metrics.temporal import flicker_step
from metrics.weights import file_sha256

torch = pytest.importorskip("torch")

RELATIVE = 1e-5
SIDE, LENGTH, WIDTH = 40, 6, 16
MAPS = {"a": (0, 1, 2, 3, 4, 5), "b": (0, 0, 2, 3, 5), "c": (5, 3, 4, 0), "d": (1, 2, 3)}
NETWORKS = {"lpips-alex", "arcface", "inception-torch-fidelity"}
AT_HAND = {"face", "flicker-step", "lpips-alex", "arcface"}
METRICS = [
    Active(card, card)
    for card in CANONICAL.values()
    if card.over == "case" and set(card.extractors) <= AT_HAND and not card.timing
]
FID = CANONICAL["fid.torch-fidelity@1"]
Numbers = dict[tuple[str, str, int], Score]


class Faces:
    """A face whose form, expression and pose follow the mean colour of the frame."""

    in_flight = 3
    definition: Any = None
    base = random_track(1, 5)

    def detect(self, frame: Frame) -> Detection:
        red, green, blue = frame.reshape(-1, 3).mean(axis=0, dtype=np.float64) / 255.0
        landmarks = self.base.landmarks + np.float32([0.1, 0.05, 0.0]) * np.float32(red)
        landmarks[:, :80] += np.float32(0.02 * blue)
        pose = np.eye(4, dtype=np.float32)[None]
        pose[0, :3, :3] = rotation(20 * red, 20 * green, 20 * blue)
        shapes = self.base.blendshapes * np.float32(0.5 + green)
        return Detection(landmarks, shapes, pose)

    def submit(self, frame: Frame) -> Future[Detection]:
        future: Future[Detection] = Future()
        future.set_result(self.detect(frame))
        return future


class Linear:
    """A network of one layer in float32: how its sums are rounded depends on the batch."""

    weights = np.random.default_rng(1).normal(0, 0.1, (SIDE * SIDE * 3, WIDTH)).astype(np.float32)

    def __call__(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        flat = batch.reshape(len(batch), -1).astype(np.float32) / np.float32(255)
        return flat @ self.weights[: flat.shape[1]]


def trunk(pictures: NDArray[np.uint8]) -> list[Any]:
    """Stands for the trunk of LPIPS: one layer at half the size."""
    planes = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
    layers = torch.nn.functional.avg_pool2d(planes / 255, 2)
    return [(layer[None],) for layer in layers]


def tools(folder: Path, most: int) -> Tools:
    """Face engine and extractors with batches of at most ``most`` items."""

    def opened(name: str, extractor: Any) -> OpenExtractor:
        return OpenExtractor(name, f"key-{name}", lambda: extractor, SPECS[name].on_face)

    definition = ExtractorDefinition("stand-in", "", "")
    lpips = PerceptualExtractor(definition, trunk, LPIPS.id, LPIPS_FACE.id, LPIPS_256.id)  # type: ignore[arg-type]
    lpips.batcher.most = most
    crops: Any = lambda frame, faces: [frame[: SIDE // 2]] * faces.count  # noqa: E731
    extractors = [
        opened("flicker-step", StepExtractor(definition, flicker_step)),
        opened("lpips-alex", lpips),
        opened("inception-torch-fidelity", FrameExtractor(definition, Batcher(Linear(), most))),
        opened("arcface", FaceExtractor(definition, Batcher(Linear(), most), crops, WIDTH)),
    ]
    return Tools(Faces(), "key-face", extractors, SignalStore(folder))  # type: ignore[arg-type]


@dataclass(frozen=True, repr=False)
class Alone:
    """What comes out where nothing is shared."""

    numbers: Numbers
    frames: dict[str, CaseFrames]
    sets: list[SetScore]


@dataclass(frozen=True, repr=False)
class Lab:
    """Four cases on disk: two driving clips, each with a self and a cross result."""

    root: Path
    cases: dict[str, Case]
    clips: dict[str, StoredClip]

    def file(self, relative: str) -> Path:
        return self.root / relative

    def measurer(self, cache: Path, most: int) -> Measurer:
        held = tools(cache, most)
        wanted = Wanted(tuple(e.name for e in held.extractors), lambda: list(pairs(held)))
        return Measurer(self, held, wanted)  # type: ignore[arg-type]

    def measure(
        self, measurer: Measurer, order: Sequence[str], ahead: int
    ) -> tuple[Numbers, dict[str, CaseFrames]]:
        """Scores of cases opened in this order, ``ahead`` of them before the first ends."""
        numbers: Numbers = {}
        frames: dict[str, CaseFrames] = {}
        waiting: list[tuple[str, OpenCase]] = []

        def finish(most: int) -> None:
            while len(waiting) > most:
                name, one = waiting.pop(0)
                timing = Timing({"total_s": 1.0, "frames_s": []}, 1, "not timed")
                found = score_case(self.cases[name], one.finish(), timing, METRICS)
                numbers.update({(s.case_id, s.metric, s.person): s.score for s in found.scores})
                frames[name] = found.frames

        for name in order:
            waiting.append((name, measurer.open(self.cases[name], self.clips[name])))
            finish(ahead)
        finish(0)
        return numbers, frames

    def fid(self, measurer: Measurer) -> list[SetScore]:
        plan: Any = SimpleNamespace(
            metrics=[Active(FID, FID)],
            cases=list(self.cases.values()),
            split=SimpleNamespace(header=SimpleNamespace(protocol=REENACTMENT)),
        )
        delivered = [Judged(self.cases[name], self.clips[name]) for name in self.cases]
        entries = set_scores(plan, delivered, measurer)
        return [e.score for e in entries if isinstance(e.score, SetScore)]


def pairs(held: Tools) -> Iterator[Any]:
    ids = {metric.base.id for metric in METRICS}
    yield PixelStream(PIXEL_METRICS)
    yield FacePixelStream(FACE_PIXEL_METRICS)
    for one in held.extractors:
        if hasattr(one.extractor, "pairs"):
            yield one.extractor.pairs(ids)


def moving(seed: int, length: int = LENGTH) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    still = rng.integers(0, 200, (SIDE, SIDE, 3))
    return np.stack(
        [np.roll(still, t, axis=1) + rng.integers(0, 50, 3) for t in range(length)]
    ).astype(np.uint8)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    root = tmp_path_factory.mktemp("lab")
    cases: dict[str, Case] = {}
    clips: dict[str, StoredClip] = {}
    for number, (name, places) in enumerate(MAPS.items()):
        driving = f"driving{number // 2}.mkv"
        if not (root / driving).exists():
            write_video(root / driving, moving(number), Fraction(25), LOSSLESS)
        source = f"{name}.png"
        write_png(root / source, read_video(root / driving)[0] if number % 2 == 0 else moving(9)[0])
        cases[name] = Case.model_validate(
            {
                "id": name,
                "protocol": "self" if number % 2 == 0 else "cross",
                "source": source,
                "driving": driving,
                "frames": (0, LENGTH),
                "fps": "25",
                "size": (SIDE, SIDE),
                "sha256": {
                    "source": file_sha256(root / source),
                    "driving": file_sha256(root / driving),
                },
            }
        )
        path = root / f"{name}.mkv"
        write_video(path, moving(100 + number, len(places)), Fraction(25), LOSSLESS)
        clips[name] = StoredClip(path, file_sha256(path), places)
    return Lab(root, cases, clips)


@pytest.fixture(scope="module")
def alone(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """Each case by itself: its own tools, an empty cache, one item a batch."""
    numbers: Numbers = {}
    frames: dict[str, CaseFrames] = {}
    for name in lab.cases:
        found = lab.measure(lab.measurer(tmp_path_factory.mktemp("cache"), 1), [name], 0)
        numbers.update(found[0])
        frames.update(found[1])
    return Alone(numbers, frames, lab.fid(lab.measurer(tmp_path_factory.mktemp("cache"), 1)))


def exact(metric: str) -> bool:
    return not NETWORKS & set(CANONICAL[metric].extractors)


def same(found: Numbers, expected: Numbers) -> None:
    assert set(found) == set(expected)
    for key, score in found.items():
        other = expected[key]
        if exact(key[1]) or isinstance(score, NotMeasured) or isinstance(other, NotMeasured):
            assert score == other, key
            continue
        assert score.value == pytest.approx(other.value, rel=RELATIVE, abs=RELATIVE**2), key
        assert (score.driver is None) == (other.driver is None), key
        if score.driver is not None:
            assert score.driver == pytest.approx(other.driver, rel=RELATIVE), key
        assert replace(score, value=0.0, driver=None) == replace(other, value=0.0, driver=None)


def test_the_lab_measures_something(alone: Alone) -> None:
    numbers, frames, sets = alone.numbers, alone.frames, alone.sets
    measured = {metric for (_, metric, _), score in numbers.items() if isinstance(score, Measured)}
    names = {CANONICAL[metric].name for metric in measured}
    assert {"ssim", "lpips", "lpips_face", "aed", "apd", "id_sim", "flicker", "tlpips"} <= names
    assert len(sets) == 2
    assert set(frames) == set(MAPS)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    order=st.permutations(list(MAPS)),
    ahead=st.integers(0, 3),
    most=st.integers(1, 9),
    stop=st.integers(0, 4),
    keep_cache=st.booleans(),
)
def test_scores_depend_on_the_case_alone(
    lab: Lab,
    alone: Alone,
    tmp_path_factory: pytest.TempPathFactory,
    order: list[str],
    ahead: int,
    most: int,
    stop: int,
    keep_cache: bool,
) -> None:
    """Stopped after ``stop`` cases; goes on with everything opened anew, the cache kept or lost."""
    cache = tmp_path_factory.mktemp("cache")
    before, frames = lab.measure(lab.measurer(cache, most), order[:stop], ahead)
    if not keep_cache:
        cache = tmp_path_factory.mktemp("cache")
    second = lab.measurer(cache, most)
    after, rest = lab.measure(second, order[stop:], ahead)
    same({**before, **after}, alone.numbers)
    for name, found in {**frames, **rest}.items():
        for key, values in found.values.items():
            relative = 0 if exact(key[0]) else RELATIVE
            expected = alone.frames[name].values[key]
            np.testing.assert_allclose(
                values, expected, rtol=relative, atol=RELATIVE**2, err_msg=str(key)
            )
    for mine, theirs in zip(lab.fid(second), alone.sets, strict=True):
        assert mine.value == pytest.approx(theirs.value, rel=RELATIVE)
        assert mine.replicates == pytest.approx(theirs.replicates, rel=RELATIVE)
        assert (mine.items, mine.reference_items) == (theirs.items, theirs.reference_items)


def test_everything_measured_again_on_a_full_cache_is_the_same_bit_for_bit(
    lab: Lab, tmp_path: Path
) -> None:
    """What a batch rounded is kept: only pair metrics, which are not cached, are computed anew."""
    first, _ = lab.measure(lab.measurer(tmp_path, 4), list(MAPS), 1)
    again, _ = lab.measure(lab.measurer(tmp_path, 4), list(MAPS)[::-1], 3)
    of_pairs = {m.card.id for m in (*PIXEL_METRICS, *FACE_PIXEL_METRICS)}
    of_pairs |= {LPIPS.id, LPIPS_FACE.id, LPIPS_256.id}
    for key, score in again.items():
        assert key[1] in of_pairs or score == first[key], key
    same(again, first)


class Stop(Silent):
    """Ends the run after its first case, as Ctrl-C does."""

    def finished(self, case: Any, outcome: Any, reason: str) -> None:
        raise KeyboardInterrupt


@pytest.mark.slow
def test_real_runs_agree_whatever_their_order_stops_and_caches(
    tiny: Any, face_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RunOptions(metrics=("light", "lpips.alex", "tlpips"), profile="embedded")

    def plan(split: Any) -> Any:
        return make_plan(find_method("frozen", Config(), Path()), split, options)

    def numbers(record: Any) -> Numbers:
        return {
            (s.case_id, s.metric, s.person): s.score
            for s in record.scores
            if not s.metric.startswith(("fps", "latency"))
        }

    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "one"))
    expected = numbers(run(plan(tiny.split), tmp_path / "whole", face_model, Silent()))
    assert sum(isinstance(score, Measured) for score in expected.values()) > 20
    warm = numbers(run(plan(tiny.split), tmp_path / "warm", face_model, Silent()))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "two"))
    turned = replace(tiny.split, cases=tuple(tiny.split.cases)[::-1])
    reversed_ = numbers(run(plan(turned), tmp_path / "turned", face_model, Silent()))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "three"))
    with pytest.raises(KeyboardInterrupt):
        run(plan(tiny.split), tmp_path / "stopped", face_model, Stop())
    resumed = numbers(run(plan(tiny.split), tmp_path / "stopped", face_model, Silent()))
    for found in (warm, reversed_, resumed):
        assert set(found) == set(expected)
        for key, score in found.items():
            other = expected[key]
            if key[1].startswith(("lpips", "tlpips")) and isinstance(score, Measured):
                assert isinstance(other, Measured)
                assert score.value == pytest.approx(other.value, rel=RELATIVE, abs=1e-9), key
            else:
                assert score == other, key
