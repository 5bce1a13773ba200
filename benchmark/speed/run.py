"""One call of ``bench perf``: every chunk measured in turn, and the record of all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmark import provenance
from benchmark.config import Config
from benchmark.described import once
from benchmark.errors import UsageProblem
from benchmark.process import MethodBroken
from benchmark.spec import MethodSpec
from benchmark.speed.device import Device
from benchmark.speed.launch import Order, invalid, measure_apart
from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import Point, Record
from benchmark.tracker import face_source
from benchmark.variants import named_variant


@dataclass(frozen=True, slots=True)
class Measuring:
    """What is measured.

    Attributes:
        spec: The method.
        config: What ``bench.toml`` says.
        options: How; its chunk is replaced by each of ``chunks``.
        chunks: Chunks to be measured; empty for the method's own.
        device: Where.
        said: What the user says of precision, steps and so on.
        target: Hardware that a claim is about; empty for none.
    """

    spec: MethodSpec
    config: Config
    options: PerfOptions
    device: Device
    chunks: tuple[int, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    target: str = ""


def measure_all(
    what: Measuring, log: Path, say: Callable[[str], None], done: Callable[[Point], None]
) -> Record:
    """Measure every chunk and return the record.

    Args:
        what: What and how.
        log: Receives what the method prints.
        say: Announces what begins.
        done: Called with each point.

    Raises:
        BenchError: If the method has no speed, cannot be loaded, or has no such option; once one
            chunk was measured, the others become invalid points instead.
    """
    refuse_without_speed(what.spec)
    faces = _faces(what.spec, say)
    points = []
    for chunk in what.chunks or (None,):
        spec, options = with_chunk(what, chunk), replace(what.options, chunk=chunk)
        say(f"{spec.name} on {what.device.name}, {options.mode}, {options.size}x{options.size}")
        order = Order(spec, options, what.device, faces, log, dict(what.said))
        try:
            points.append(measure_apart(order))
        except MethodBroken as error:
            if not points:
                raise
            points.append(invalid(order, error.problem))  # what was measured before is kept
        done(points[-1])
    return record_of(what, points)


def refuse_without_speed(spec: MethodSpec) -> None:
    """Refuse controls and finished videos.

    Raises:
        UsageProblem: Says why.
    """
    if spec.no_speed and not once(spec):
        raise UsageProblem(f"{spec.name} has no speed to measure: {spec.no_speed}")


def with_chunk(what: Measuring, chunk: int | None) -> MethodSpec:
    """Return the method with its chunk set, named as ``bench run --method`` names it."""
    if chunk is None:
        return what.spec
    entry = what.config.methods.get(what.spec.name)
    return named_variant(what.spec, entry, f"chunk={chunk}")


def record_of(what: Measuring, points: Sequence[Point]) -> Record:
    """Put points together with what surrounds them."""
    return Record(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        target=what.target,
        options={**asdict(what.options), "fps": str(what.options.fps)},
        code=provenance.code(),
        packages=provenance.packages(),
        points=tuple(points),
    )


def _faces(spec: MethodSpec, say: Callable[[str], None]) -> tuple[str, str] | None:
    if spec.row is not None:  # run outside: it brings its own
        return None
    source = face_source(None, say)
    return str(source.model), str(source.backend)
