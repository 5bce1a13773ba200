"""The record of a measurement, ``perf.json``: what was measured, on what, and whether it counts.

One file holds one call of ``bench perf``: a method on a machine, one point for each chunk. It is
read by tables, plots and gates, and treated as hostile: bounded, checked field by field.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import EnvironmentProblem, NotComparable, UsageProblem

FORMAT = "portraitbench-perf@1"
FILE = "perf.json"
NOT_STATED = "not stated"
_MOST_BYTES = 64 << 20

Seconds = Annotated[float, Field(ge=0, le=1e12)]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Rate = Annotated[float, Field(gt=0, le=1e12)]
Text = Annotated[str, Field(max_length=1000)]
Word = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=0, le=10**15)]


class Part(BaseModel):
    """A part of the record: frozen, without unknown fields, without NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GpuSample(Part):
    """What the driver said at one moment; ``None`` for what it does not tell.

    ``at`` in seconds from the start of the timed part, ``power_w`` in watts.
    """

    at: Number
    sm_mhz: Seconds | None = None
    memory_mhz: Seconds | None = None
    celsius: Number | None = None
    power_w: Seconds | None = None
    busy: Seconds | None = None


class GpuReport(Part):
    """One GPU before and during the timed part.

    ``power_limit_w`` in watts, ``energy_j`` in joules over the timed part, ``busy_before`` in per
    cent. ``slowed`` names the driver's reasons that are no part of normal work, ``capped`` whether
    it ran into its power limit, which is.
    """

    name: Word
    driver: Word = ""
    count: Count = 1
    memory_gib: Seconds | None = None
    power_limit_w: Seconds | None = None
    busy_before: Seconds | None = None
    energy_j: Seconds | None = None
    slowed: tuple[Word, ...] = ()
    capped: bool = False
    samples: Annotated[tuple[GpuSample, ...], Field(max_length=100_000)] = ()


class MachineReport(Part):
    """The machine during the timed part. ``others``: share of all cores used by others, 0 to 1."""

    cpu: Word = ""
    cores: Count = 0
    memory_gib: Seconds | None = None
    others: Seconds | None = None
    cpu_mhz: Annotated[tuple[Seconds, ...], Field(max_length=100_000)] = ()
    gpu: GpuReport | None = None


class Cohort(Part):
    """What two rows must share to be compared.

    ``frames`` and ``fps`` are length and rate of the driving video: latency, memory and the speed
    of a method that needs the whole clip depend on them. ``includes`` says what the seconds hold.
    Fields that nobody stated are ``not stated``.
    """

    device: Word
    power_limit_w: Seconds | None = None
    driver: Word = ""
    gpus: Count = 0
    precision: Word = NOT_STATED
    compile: Word = NOT_STATED
    batch: Word = NOT_STATED
    steps: Word = NOT_STATED
    size: Count
    frames: Count
    fps: Rate
    mode: Literal["offline", "streaming"]
    includes: Text

    @property
    def id(self) -> str:
        """The first eight hexadecimal digits of its hash: equal means comparable."""
        plain = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:8]

    @property
    def words(self) -> str:
        """The cohort in one line."""
        power = f"{self.power_limit_w:.0f} W" if self.power_limit_w is not None else ""
        driver = f"driver {self.driver}" if self.driver else ""
        stated = {n: getattr(self, n) for n in ("precision", "compile", "batch", "steps")}
        how = [f"{n} {value}" for n, value in stated.items() if value != NOT_STATED]
        silent = " and ".join(n for n, value in stated.items() if value == NOT_STATED)
        how += [f"{silent} {NOT_STATED}"] if silent else []
        video = f"{self.frames} frames at {self.fps:g} a second"
        canvas = f"{self.size}x{self.size}"
        parts = [self.device, power, driver, canvas, video, self.mode, *how]
        return ", ".join([part for part in parts if part]) + f"; includes: {self.includes}"


class Percentiles(Part):
    """Seconds by nearest rank; ``None`` where there are too few queries (p90: 30, p99: 300)."""

    p50: Seconds | None = None
    p90: Seconds | None = None
    p99: Seconds | None = None


class Latency(Part):
    """Latency by its parts, in seconds.

    ``frames`` is chunk and look-ahead, ``algorithmic_s`` the time in which the camera gives them,
    ``total_s`` that and the median of compute. ``seen`` says whether ``frames`` was observed.
    """

    frames: Count | None = None
    seen: bool = False
    whole_clip: bool = False
    algorithmic_s: Seconds | None = None
    compute_s: Percentiles = Percentiles()
    total_s: Seconds | None = None
    reason: Text = ""


class Memory(Part):
    """Peaks in bytes; ``None`` with nothing to say.

    ``allocated`` and ``reserved`` by torch on the GPU, ``process`` of the method's process or
    processes together, ``before`` of ours before the method was loaded.
    """

    allocated: Count | None = None
    reserved: Count | None = None
    process: Count | None = None
    before: Count | None = None


class Stage(Part):
    """A stage as the adapter names it, in seconds a frame in steady state."""

    name: Word
    frame_s: Number


class Trial(Part):
    """One input rate of the search."""

    fps: Rate
    sustained: bool
    dropped: Count = 0
    why: Text = ""


class Streaming(Part):
    """What came of feeding frames at their real rate.

    ``queue_growth`` in frames a second, ``latency_s`` from the start of a frame's exposure to its
    answer, ``sustained_fps`` the highest input rate that was kept up, ``failed_fps`` the lowest
    that was not.
    """

    input_fps: Rate
    delivered: Count
    dropped: Count
    room: Count
    queue_most: Count
    queue_growth: Number
    latency_s: Percentiles
    late_input_s: Seconds = 0.0
    sustained_fps: Rate | None = None
    failed_fps: Rate | None = None
    trials: Annotated[tuple[Trial, ...], Field(max_length=100)] = ()


class Fit(Part):
    """The line through two lengths of a one-shot command: estimates, not measurements."""

    short_frames: Count
    long_frames: Count
    short_s: tuple[Seconds, ...]
    long_s: tuple[Seconds, ...]
    load_s: Seconds
    frame_s: Rate
    fps: Rate
    fps_low: Rate | None = None
    fps_high: Rate | None = None


class Figures(Part):
    """What was measured; seconds and frames a second."""

    fps: Rate
    estimated: bool = False
    frame_s: Rate
    load_s: Seconds | None = None
    first_cold_s: Seconds | None = None
    first_warm_s: Seconds | None = None
    queries: Count
    seconds: Seconds
    query_frames: Annotated[int, Field(ge=1, le=10**9)]
    query_s: Percentiles
    pending_s: Seconds = 0.0
    stages: Annotated[tuple[Stage, ...], Field(max_length=200)] = ()
    latency: Latency = Latency()
    memory: Memory = Memory()
    frame_j: Seconds | None = None
    streaming: Streaming | None = None
    fit: Fit | None = None


class Point(Part):
    """One chunk of one method.

    ``name`` is the method's with ``+chunk=N`` where a chunk was asked for, as ``bench run`` names
    it. ``figures`` of an invalid point are kept to be looked at and enter no table. ``query_s``
    holds every query of the steady part, to a ten-millionth of a second.
    """

    name: Word
    label: Word
    chunk: Count | None = None
    flaws: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    notes: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    cohort: Cohort
    machine: MachineReport = MachineReport()
    figures: Figures | None = None
    query_s: Annotated[tuple[Seconds, ...], Field(max_length=4_000_000)] = ()

    @property
    def valid(self) -> bool:
        """Whether the figures count."""
        return not self.flaws and self.figures is not None


class Record(Part):
    """One call of ``bench perf``."""

    format: Literal["portraitbench-perf@1"] = "portraitbench-perf@1"
    made: Word = ""
    target: Word = ""
    options: dict[Word, Any] = {}
    code: dict[Word, Any] = {}
    packages: dict[Word, Word] = {}
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=1000)]


def write_record(folder: Path, record: Record) -> Path:
    """Write ``folder/perf.json`` whole or not at all, and return its path.

    Raises:
        EnvironmentProblem: If it cannot be written.
    """
    path = folder / FILE
    part = path.with_name(f"{FILE}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record.model_dump(mode="json"), indent=1, allow_nan=False)
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {path}: {error.strerror or error}", "choose another --out"
        ) from None
    return path


def read_record(where: Path) -> Record:
    """Read a record: the file, or the folder that holds ``perf.json``.

    Raises:
        UsageProblem: If there is none, or it is damaged; says where.
        NotComparable: If it was written in another format.
    """
    path = where / FILE if where.is_dir() else where
    try:
        if not path.is_file():
            raise UsageProblem(f"no measurement at {path}", "make one with: bench perf --method M")
        if path.stat().st_size > _MOST_BYTES:
            raise UsageProblem(f"{path} is larger than {_MOST_BYTES >> 20} MiB: no measurement")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(f"cannot read {path}: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise NotComparable(f"{path} is not in the form {FORMAT}", "measure again")
    try:
        record = Record.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise UsageProblem(f"{path} is damaged: {at}: {first['msg']}") from None
    from benchmark.speed.consistent import contradiction  # it stands on this file

    for number, point in enumerate(record.points):
        if why := contradiction(point):
            raise UsageProblem(f"{path} is damaged: point {number} ({point.name[:60]!r}): {why}")
    return record


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")
