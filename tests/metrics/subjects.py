"""The kinds of metrics there are, each put on made-up clips for the contract."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from metric_contract import WHOLE, Subject, measured
from numpy.typing import NDArray
from support import random_track
from torch.nn import functional

from metrics.card import Card, Direction
from metrics.distribution import SetMetric
from metrics.face_pixels import FacePixelMetric
from metrics.frame_pair import REDUCED, FrameError
from metrics.frames import FaceEvidence, FrameValues, reduce_frames
from metrics.ms_ssim import SMALLEST
from metrics.pixels import PixelMetric
from metrics.score import Measured, NotMeasured, Score
from metrics.set_score import set_score
from metrics.signals.extractor import ExtractorDefinition
from metrics.signals.face import FaceSignal, FaceTrack
from metrics.signals.lpips_net import Lpips
from metrics.signals.perceptual import PerceptualExtractor
from metrics.steps import StepMetric

FaceClip = FaceTrack
FEATURES = {"arcface": 512, "emonet": 10, "l2cs": 2, "smirk": 361}
"""Numbers a frame that extractors give of a face; an extractor that is not listed has none."""
DEFINITION = ExtractorDefinition("stand-in", "", "")
NO_FACES = FaceSignal(
    np.zeros(0, np.int64),
    np.zeros((0, 0, 478, 3), np.float32),
    np.zeros((0, 0, 52), np.float32),
    np.zeros((0, 0, 4, 4), np.float32),
    (0, 0),
)
_PORTRAIT_SEED = 99
_CHECKED = hasattr(FaceEvidence, "__post_init__")
"""Whether evidence checks its tracks (`metrics.signals.face_check`), so that metrics refuse."""
WRONG_TRACKS: tuple[Mapping[str, Callable[[Any], Any]], ...] = (
    {"landmarks": lambda a: (a * 1000).astype(np.int32)},
    {"landmarks": lambda a: a[:, :468]},
    {"landmarks": lambda a: a * np.float32(512.0)},
    {"blendshapes": lambda a: a[:, 1:]},
    {"blendshapes": lambda a: a * np.float32(100.0)},
    {"blendshapes": lambda a: a - np.float32(0.5)},
    {"pose": lambda a: a[:, :3, :3]},
    {"pose": lambda a: a * np.float32(2.0)},
    {"size": lambda _: (0, 128)},
)
"""Changes that make a track wrong in type, shape or range."""


_person = cache(random_track)


class FaceSubject(Subject):
    """A metric of `FaceEvidence`: of a person's frames, or of their whole series."""

    def __init__(self, metric: Any) -> None:
        self.metric = metric
        self.card: Card = metric.card
        self.names = [name for name in self.card.extractors if name in FEATURES]
        if not hasattr(metric, "per_frame"):
            self.context = None
        elif self.card.definition.endswith("rel"):
            self.ordered, self.context = True, (WHOLE, 0)
        elif self.card.name == "jitter":
            self.ordered, self.context = True, (1, 1)

    def clip(self, length: int, seed: int) -> FaceTrack:
        rng = np.random.default_rng(seed)
        features = {
            name: rng.normal(0.0, 0.3, (length, FEATURES[name])).astype(np.float32)
            for name in self.names
        }
        return replace(_person(length, seed), features=features)

    def constant(self, length: int) -> FaceTrack:
        zeros = {name: np.zeros((length, FEATURES[name]), np.float32) for name in self.names}
        pose = np.tile(np.eye(4, dtype=np.float32), (length, 1, 1))
        middle = np.full((length, 478, 3), 0.5, dtype=np.float32)
        return FaceTrack(middle, np.zeros((length, 52), np.float32), pose, (128, 128), zeros)

    def take(self, clip: FaceTrack, frames: Sequence[int]) -> FaceTrack:
        return clip.take(np.array(frames, dtype=np.intp))

    def without(self, clip: FaceTrack, frames: Sequence[int]) -> FaceTrack:
        kept = np.arange(len(clip.landmarks))
        kept[list(frames)] = -1
        return clip.take(kept)

    def spoilt(self, clip: FaceTrack, frames: Sequence[int]) -> FaceTrack:
        """Everything but the first landmark, by which a face counts as found."""
        bad = self.without(clip, frames)
        bad.landmarks[:, 0] = clip.landmarks[:, 0]
        return bad

    @property
    def since_start(self) -> bool:
        """Whether it is relative to the first frame, scored or not."""
        return self.context == (WHOLE, 0)

    def evidence(
        self, generated: FaceTrack, reference: FaceTrack, scored: NDArray[np.bool_] | None = None
    ) -> FaceEvidence:
        if scored is None:
            scored = np.ones(len(reference.landmarks), dtype=np.bool_)
        return FaceEvidence(generated, reference, scored, self.clip(1, _PORTRAIT_SEED))

    def score(self, generated: FaceTrack, reference: FaceTrack) -> Score:
        score: Score = self.metric(self.evidence(generated, reference))
        return score

    def values(self, generated: FaceTrack, reference: FaceTrack) -> NDArray[np.float64]:
        found: FrameValues = self.metric.per_frame(self.evidence(generated, reference))
        values: NDArray[np.float64] = found.values
        return values

    def check_identical(self, score: Score) -> None:
        """A metric against the portrait has its best value where the result is the portrait."""
        if self.card.identical is not None:
            super().check_identical(score)
            return
        portrait = self.clip(1, _PORTRAIT_SEED).take(np.zeros(self.length, dtype=np.intp))
        same = measured(self.score(portrait, self.clip(self.length, 1)))
        best = max if self.card.direction is Direction.HIGHER else min
        assert same.value == best(self.card.bounds)
        assert measured(score).value != same.value

    def refused(self) -> Iterator[Callable[[], object]]:
        made, longer = self.clip(4, 1), self.clip(5, 2)
        yield partial(self.score, made, longer)
        if _CHECKED:
            for changes in WRONG_TRACKS:
                yield partial(self._score_of_wrong, made, changes)

    def _score_of_wrong(self, made: FaceTrack, changes: Mapping[str, Any]) -> Score:
        wrong = {name: change(getattr(made, name)) for name, change in changes.items()}
        return self.score(replace(made, **wrong), self.clip(4, 2))


@cache
def _noise(length: int, side: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (length, side, side, 3), dtype=np.uint8)


class FramesSubject(Subject):
    """A metric of a result frame beside the true one; a missing frame is ``None``."""

    length = 5
    side: int

    def clip(self, length: int, seed: int) -> list[Any]:
        return list(_noise(length, self.side, seed))

    def constant(self, length: int) -> list[Any]:
        return list(np.full((length, self.side, self.side, 3), 255, dtype=np.uint8))

    def take(self, clip: list[Any], frames: Sequence[int]) -> list[Any]:
        return [clip[frame] for frame in frames]

    def without(self, clip: list[Any], frames: Sequence[int]) -> list[Any]:
        return [None if number in frames else frame for number, frame in enumerate(clip)]

    def score(self, generated: list[Any], reference: list[Any]) -> Score:
        everywhere = np.ones(len(reference), dtype=np.bool_)
        found = FrameValues(self.values(generated, reference), everywhere, absent="none came")
        return reduce_frames(found, everywhere)

    def wrong_frames(self) -> Iterator[NDArray[Any]]:
        frame = self.clip(1, 1)[0]
        yield frame.astype(np.float32) / 255.0
        yield frame.astype(np.int16) - 128
        yield frame[..., 0]
        yield np.dstack([frame, frame[..., :1]])
        yield frame[:9, :9]


class PixelSubject(FramesSubject):
    """A pixel metric, on frames as small as it takes them."""

    def __init__(self, metric: PixelMetric) -> None:
        self.metric = metric
        self.card = metric.card
        self.side = 32
        if self.card.definition.endswith("-256"):
            self.side = REDUCED
        elif self.card.name == "ms_ssim":
            self.side = SMALLEST

    def values(self, generated: list[Any], reference: list[Any]) -> NDArray[np.float64]:
        pairs = zip(generated, reference, strict=True)
        return np.array(
            [np.nan if made is None else self.metric.per_frame(made, true) for made, true in pairs]
        )

    def refused(self) -> Iterator[Callable[[], object]]:
        frame = self.clip(1, 1)[0]
        for other in (*self.wrong_frames(), frame[:-1], frame[:0]):
            yield partial(self.metric.per_frame, other, frame)
            yield partial(self.metric.per_frame, frame, other)


class FacePixelSubject(FramesSubject):
    """A pixel metric inside faces; the true frames show one in their upper half."""

    side = 32

    def __init__(self, metric: FacePixelMetric) -> None:
        self.metric = metric
        self.card = metric.card

    def per_frame(self, generated: NDArray[Any], truth: NDArray[Any]) -> float:
        face = random_track(1, 7, (self.side, self.side)).landmarks * np.float32([1.0, 0.5, 1.0])
        return self.metric.per_frame(generated, truth, face)

    def values(self, generated: list[Any], reference: list[Any]) -> NDArray[np.float64]:
        pairs = zip(generated, reference, strict=True)
        return np.array(
            [np.nan if made is None else self.per_frame(made, true) for made, true in pairs]
        )

    def refused(self) -> Iterator[Callable[[], object]]:
        frame = self.clip(1, 1)[0]
        for other in (*self.wrong_frames(), frame[:-1], frame[:0]):
            yield partial(self.per_frame, other, frame)
            yield partial(self.per_frame, frame, other)


class _Trunk:
    """Stands for the trunk of LPIPS: two layers, unit-length colours at two scales."""

    device = torch.device("cpu")

    def __call__(self, planes: torch.Tensor) -> tuple[torch.Tensor, ...]:
        layers = (functional.avg_pool2d(planes + 1.0, size) for size in (4, 8))
        return tuple(layer / layer.norm(dim=1, keepdim=True) for layer in layers)


class PerceptualSubject(FramesSubject):
    """An LPIPS metric on a stand-in trunk; the true frames show a face in their upper half."""

    side = 32

    def __init__(self, card: Card) -> None:
        self.card = card
        lpips: Any = Lpips(_Trunk(), 0)  # type: ignore[arg-type]
        self.extractor = PerceptualExtractor(DEFINITION, lpips, "")
        if card.name == "lpips_face":
            self.extractor.face_id = card.id
        elif card.definition.endswith("-256"):
            self.extractor.reduced_id, self.side = card.id, REDUCED
        else:
            self.extractor.frame_id = card.id

    def values(self, generated: list[Any], reference: list[Any]) -> NDArray[np.float64]:
        stream = self.extractor.pairs({self.card.id})
        assert stream is not None
        there = [i for i, frame in enumerate(generated) if frame is not None]
        if not there:
            return np.full(len(reference), np.nan)
        for i in there:
            stream.add(generated[i], reference[i], i)
        values = np.full(len(reference), np.nan)
        found = stream.finish(self._faces(len(reference)))[self.card.id]
        if isinstance(found, str):
            raise FrameError(found)
        values[there] = found
        return values

    def _faces(self, length: int) -> FaceSignal:
        one = random_track(1, 7, (self.side, self.side))
        track = one.take(np.zeros(length, dtype=np.intp))
        landmarks = track.landmarks[:, None] * np.float32([1.0, 0.5, 1.0])
        count = np.ones(length, dtype=np.int64)
        return FaceSignal(
            count, landmarks, track.blendshapes[:, None], track.pose[:, None], track.size
        )

    def refused(self) -> Iterator[Callable[[], object]]:
        frame = self.clip(1, 1)[0]
        for other in self.wrong_frames():
            yield partial(self.values, [other], [frame])
            yield partial(self.values, [frame], [other])


class StepSubject(Subject):
    """A metric of numbers between neighbouring frames: a clip is such numbers."""

    def __init__(self, metric: StepMetric) -> None:
        self.metric = metric
        self.card = metric.card

    def clip(self, length: int, seed: int) -> NDArray[np.float64]:
        return np.random.default_rng(seed).uniform(0.1, 0.9, length)

    def constant(self, length: int) -> NDArray[np.float64]:
        return np.zeros(length)

    def take(self, clip: NDArray[np.float64], frames: Sequence[int]) -> NDArray[np.float64]:
        return clip[list(frames)]

    def without(self, clip: NDArray[np.float64], frames: Sequence[int]) -> NDArray[np.float64]:
        lost = clip.copy()
        lost[list(frames)] = np.nan
        return lost

    def score(self, generated: NDArray[np.float64], reference: NDArray[np.float64]) -> Score:
        return self.metric.score(list(generated), list(reference), len(reference))

    def values(
        self, generated: NDArray[np.float64], reference: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        pairs = zip(generated, reference, strict=True)
        return np.array([measured(self.metric.score([g], [d], 1)).value for g, d in pairs])

    def refused(self) -> Iterator[Callable[[], object]]:
        yield partial(self.metric.score, [0.5, 0.5], [0.5], 3)
        yield partial(self.metric.score, [0.5, 0.5], [0.5, 0.5], 1)


@dataclass(frozen=True)
class _Features:
    """The items of each case's clip."""

    clips: tuple[NDArray[np.float64], ...]


class SetSubject(Subject):
    """A metric of two sets of vectors: a clip is a set, its frames are cases."""

    context = None
    length = 8

    def __init__(self, metric: SetMetric) -> None:
        self.metric = metric
        self.card = metric.card

    def clip(self, length: int, seed: int) -> _Features:
        rng = np.random.default_rng(seed)
        return _Features(tuple(rng.normal(seed, 1.0, (12, 4)) for _ in range(length)))

    def constant(self, length: int) -> _Features:
        return _Features(tuple(np.zeros((12, 4)) for _ in range(length)))

    def take(self, clip: _Features, frames: Sequence[int]) -> _Features:
        return _Features(tuple(clip.clips[frame] for frame in frames))

    def without(self, clip: _Features, frames: Sequence[int]) -> _Features:
        empty = np.zeros((0, 4))
        return _Features(tuple(empty if i in frames else c for i, c in enumerate(clip.clips)))

    def spoilt(self, clip: _Features, frames: Sequence[int]) -> _Features:
        bad = [c * np.nan if i in frames else c for i, c in enumerate(clip.clips)]
        return _Features(tuple(bad))

    def score(self, generated: _Features, reference: _Features) -> Score:
        keys = [clip.tobytes().hex() for clip in reference.clips]
        found = set_score(generated.clips, reference.clips, keys, self.metric.distance)
        if isinstance(found, NotMeasured):
            return found
        return Measured(found.value, found.clips, found.cases)

    def check_identical(self, score: Score) -> None:
        """An unbiased distance lies a little below 0: each item meets itself in the other set."""
        if self.card.identical is not None:
            super().check_identical(score)
        else:
            assert measured(score).value < 0.0

    def refused(self) -> Iterator[Callable[[], object]]:
        sets = self.clip(4, 1).clips
        yield partial(self.metric.distance, sets[0], sets[1][:, :3])
        yield partial(self.metric.distance, sets[0], sets[1][0])
        yield partial(set_score, sets, sets[:3], ["a", "b", "c"], self.metric.distance)
