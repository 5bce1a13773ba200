"""The noise floor: what metrics read on clips that differ by next to nothing from the driver.

Everything is measured as in a run: changed clips are stored losslessly, read beside the driving
clip and scored as a case. Metrics of self-reenactment are read off the clip as a self case, those
that are defined for cross-reenactment only as a cross case of the same files.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from adapters.base import Frame
from benchmark.choice import choose_metrics
from benchmark.floor_clips import CHANGES
from benchmark.floor_split import floor_split
from benchmark.instruments import Instruments, instruments
from benchmark.measure import CaseEvidence, Measurer, StoredClip
from benchmark.media.video import read_frames
from benchmark.media.write import LOSSLESS, write_video
from benchmark.methods import MethodSpec
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.readings import WHOLE_CASE
from benchmark.scores import Timing, score_case
from benchmark.signals import SignalStore
from benchmark.splits.case import Case
from metrics.card import Card, Direction
from metrics.floor import CONDITIONS, IDENTICAL, VIDEO_MODE, FloorRecord
from metrics.score import Measured, NotMeasured, Score
from metrics.selection import FACE, Active
from metrics.signals.catalogue import SPECS
from metrics.weights import file_sha256

_NO_TIMING = Timing({"total_s": 0.0, "frames_s": []}, 0, "nothing was generated")
_CONTROL = MethodSpec("floor", "floor", "adapters.controls:Driver", control=True)


@dataclass(frozen=True, slots=True)
class Floor:
    """What was measured.

    Attributes:
        record: Means over clips.
        absent: Metrics without any value, and why: the first reason met.
        partly: Metrics that some clips have no value of: how many clips have one.
    """

    record: FloorRecord
    absent: dict[str, str]
    partly: dict[str, int]


def measure_floor(
    clips: Sequence[Path],
    max_frames: int,
    options: RunOptions,
    model: Path,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Floor:
    """Measure the noise floor on real clips.

    Args:
        clips: Videos of one person each; at the size at which runs measure.
        max_frames: Frames of each clip that are used.
        options: Engine, device, profile and metrics.
        model: What the face engine runs on.
        progress: Told what is measured, how many steps are done, and how many there are.

    Raises:
        UsageProblem: If a clip cannot be read or is too short, or a metric is unknown.
        EnvironmentProblem: If an extractor cannot be opened.
    """
    options = _of_cases(options)
    with tempfile.TemporaryDirectory(prefix="bench-floor-") as place:
        split = floor_split(clips, max_frames, Path(place))
        plan = make_plan(_CONTROL, split, options)
        found: dict[tuple[str, str], list[Score]] = {}
        steps = len(clips) * len(CONDITIONS)
        with instruments(plan, model) as opened:
            store = SignalStore.below(Path(place) / "cache")
            bench = _Bench(plan, replace(opened, tools=replace(opened.tools, store=store)), model)
            for number, (one, other) in enumerate(_pairs(split.cases)):
                for place_of, (condition, evidence) in enumerate(_conditions(bench, one)):
                    name = clips[number].name
                    progress(f"{name} {condition}", number * len(CONDITIONS) + place_of, steps)
                    for metric_id, score in _scores(bench.plan, (one, other), evidence, condition):
                        found.setdefault((metric_id, condition), []).append(score)
    frames = sum(case.n_frames for case in split.cases[::2])
    return _summary(plan, found, len(clips), frames)


def _of_cases(options: RunOptions) -> RunOptions:
    """Return the options without metrics that have no floor, so that nothing is opened for them.

    Raises:
        UsageProblem: If a name is unknown, or nothing is left.
    """
    chosen = choose_metrics(options.metrics, options.skip, options.device)
    without = [card.id for card in chosen if not _has_floor(card)]
    options = replace(options, skip=(*options.skip, *without))
    choose_metrics(options.metrics, options.skip, options.device)
    return options


def _has_floor(card: Card) -> bool:
    return card.over == "case" and not card.timing and not card.still


@dataclass(frozen=True, slots=True)
class _Bench:
    plan: Plan
    opened: Instruments
    model: Path


def _pairs(cases: Sequence[Case]) -> Iterator[tuple[Case, Case]]:
    """Yield the self and the cross case of each clip."""
    yield from zip(cases[::2], cases[1::2], strict=True)


def _conditions(bench: _Bench, case: Case) -> Iterator[tuple[str, CaseEvidence]]:
    """Yield the evidence of a clip under every condition."""
    plan, opened = bench.plan, bench.opened
    measurer = Measurer(plan.split, opened.tools, opened.wanted)
    frames = list(read_frames(plan.split.file(case.driving)))
    first: CaseEvidence | None = None
    for condition in CONDITIONS:
        if condition.name == VIDEO_MODE:
            if first is not None and plan.options.backend.name == "mediapipe":
                yield VIDEO_MODE, _in_video_mode(bench, case, first)
            continue
        changed = CHANGES[condition.name](frames, case.rate, plan.split.root)
        clip = _stored(plan.split.root, changed, case)
        evidence = measurer.open(case, clip).finish()
        clip.path.unlink()
        first = first or evidence
        yield condition.name, evidence


def _stored(root: Path, frames: Iterator[Frame], case: Case) -> StoredClip:
    path = root / "changed.mkv"
    count = write_video(path, frames, case.rate, LOSSLESS)
    return StoredClip(path, file_sha256(path), tuple(range(count)))


def _in_video_mode(bench: _Bench, case: Case, first: CaseEvidence) -> CaseEvidence:
    """Return the evidence of the clip itself, its faces found in VIDEO mode."""
    from metrics.signals.mediapipe_video import VideoLandmarker

    split, tools = bench.plan.split, bench.opened.tools
    driving = split.file(case.driving)
    with (
        tempfile.TemporaryDirectory(dir=split.root) as place,
        VideoLandmarker(bench.model, bench.plan.face, case.rate) as face,
    ):
        apart = replace(tools, face=face, store=SignalStore.below(Path(place)))
        measurer = Measurer(split, apart, bench.opened.wanted)
        clip = StoredClip(driving, case.sha256.driving, tuple(range(case.n_frames)))
        return replace(first, clip=measurer.clip(clip), pairs={})


def _scores(
    plan: Plan, cases: tuple[Case, Case], evidence: CaseEvidence, condition: str
) -> Iterator[tuple[str, Score]]:
    """Yield the scores of a clip, each metric once."""
    done: set[str] = set()
    for case in cases:
        wanted = [m for m in plan.metrics if m.card.id not in done and _counts(m, case, condition)]
        done |= {metric.card.id for metric in wanted}
        for scored in score_case(case, evidence, _NO_TIMING, wanted).scores:
            if scored.person == WHOLE_CASE:
                yield scored.metric, scored.score


def _counts(metric: Active, case: Case, condition: str) -> bool:
    if metric.absent or case.protocol not in metric.card.protocols:
        return False
    return condition != VIDEO_MODE or _on_face(metric)


def _on_face(metric: Active) -> bool:
    """Say whether a metric stands on the face signal and looks at no pixels beside the truth."""
    names = metric.card.extractors
    return bool(names) and all(name == FACE or SPECS[name].on_face for name in names)


def _summary(
    plan: Plan, found: dict[tuple[str, str], list[Score]], clips: int, frames: int
) -> Floor:
    values: dict[str, dict[str, float]] = {}
    absent = {metric.card.id: metric.absent for metric in plan.metrics if metric.absent}
    partly: dict[str, int] = {}
    by_id = {metric.card.id: metric.card for metric in plan.metrics}
    for (metric_id, condition), scores in found.items():
        distance = by_id[metric_id].direction is Direction.DRIVER
        numbers = [_number(s, distance) for s in scores if isinstance(s, Measured)]
        if numbers:
            values.setdefault(metric_id, {})[condition] = fmean(numbers)
            if len(numbers) < clips:
                partly[metric_id] = min(len(numbers), partly.get(metric_id, clips))
        elif condition == IDENTICAL:
            first = scores[0]
            assert isinstance(first, NotMeasured)
            absent[metric_id] = first.reason
    ordered = {metric_id: values[metric_id] for metric_id in by_id if metric_id in values}
    return Floor(FloorRecord(clips, frames, ordered), absent, partly)


def _number(score: Measured, distance: bool) -> float:
    if distance and score.driver is not None:
        return abs(score.value - score.driver)
    return score.value
