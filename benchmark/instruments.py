"""Opening what a plan measures with: the face engine, the extractors, the pair streams."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmark import provenance
from benchmark.clip_pass import OpenExtractor, Tools
from benchmark.errors import EnvironmentProblem
from benchmark.measure import AnyPairStream, Wanted
from benchmark.paths import cache_dir
from benchmark.plan import Plan
from benchmark.signals import SignalStore, fingerprint
from benchmark.tracker import open_face_engine
from metrics.registry import FACE_PIXEL_METRICS, PIXEL_METRICS
from metrics.selection import FACE
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Extractor, ExtractorDefinition, Where
from metrics.signals.pairs import PairStream
from metrics.signals.pixel_stream import FacePixelStream, PixelStream

_MOST_FACE_THREADS = 8
_LONGEST_REASON = 300
"""Characters of what a library says; some print whole tables of missing weights."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a run measures with."""

    tools: Tools
    wanted: Wanted

    def open(self) -> None:
        """Open every extractor now, so that one that cannot be opened ends the run early."""
        for one in self.tools.extractors:
            _ = one.extractor

    def runtimes(self) -> dict[str, str]:
        """Return what the networks that were needed ran on, and why it is not the fastest."""
        opened = [one for one in self.tools.extractors if one.opened]
        return {one.name: found for one in opened if (found := _runtime(one.extractor))}


@contextmanager
def instruments(plan: Plan, face_model: Path) -> Iterator[Instruments]:
    """Open the face engine and every extractor of a plan.

    Raises:
        EnvironmentProblem: If one of them cannot be opened.
    """
    opened = [_open(plan, name) for name in plan.decided.decisions if _runs(plan, name)]
    backend = plan.options.backend
    with open_face_engine(backend, face_model, plan.face, _face_threads()) as face:
        key = f"{FACE}-{fingerprint(plan.face.as_dict())}-{backend.library}"
        tools = Tools(face, key, opened, SignalStore.below(cache_dir()))
        wanted = Wanted(tuple(one.name for one in opened), lambda: _pairs(plan, opened))
        with _threads_given_back():
            yield Instruments(tools, wanted)


def _small_work_on_one_thread(device: str) -> None:
    """Keep torch's own threads out of the work around the networks, on a CPU.

    Resizing and distances take a millisecond a frame. Shared out among threads that find the cores
    taken by networks, decoding and face tracking, they take twenty: the threads wait for each
    other, spinning (benchmarks/evaluation.py: 11 to 14 in place of 19 to 20 processor seconds).
    Networks have threads of their own (`Where.threads`).
    """
    torch = sys.modules.get("torch")
    if torch is not None and device == "cpu":
        torch.set_num_threads(1)


@contextmanager
def _threads_given_back() -> Iterator[None]:
    """Give torch its threads back at the end."""
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch is not None else provenance.cores()
    try:
        yield
    finally:
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(before)


def _runtime(extractor: Extractor) -> str:
    network = getattr(extractor, "lpips", None) or getattr(
        getattr(extractor, "batcher", None), "network", None
    )
    core = getattr(network, "core", None)
    if core is None:
        return ""
    return f"{core.runtime} ({core.fallback})" if core.fallback else str(core.runtime)


def _runs(plan: Plan, name: str) -> bool:
    return name != FACE and plan.decided.decisions[name].profile is not None


def _face_threads() -> int:
    """Threads of the face network; the results do not depend on it."""
    return max(1, min(_MOST_FACE_THREADS, provenance.cores()))


def _open(plan: Plan, name: str) -> OpenExtractor:
    spec, decision = SPECS[name], plan.decided.decisions[name]
    assert decision.profile is not None
    form = spec.form(decision.profile)
    definition = ExtractorDefinition(**plan.definition(name))
    where = Where(device=plan.options.device, threads=provenance.cores())
    module, _, function = form.opener.partition(":")

    def opener() -> Extractor:
        try:
            function_ = getattr(import_module(module), function)
            extractor: Extractor = function_(definition, plan.decided.files, where)
        except Exception as error:  # libraries raise anything where a file is damaged
            raise _cannot_open(name, form.weights, error) from error
        _small_work_on_one_thread(where.device)
        return extractor

    key = f"{name}-{fingerprint(definition.as_dict())}{_libraries(spec.needed(decision.profile))}"
    return OpenExtractor(name, key, opener, spec.on_face)


def _cannot_open(name: str, weights: Sequence[str], error: Exception) -> EnvironmentProblem:
    """Return what a user is told where an extractor does not open."""
    said = " ".join(str(error).split())[:_LONGEST_REASON]
    kind = type(error).__name__
    check = f"check its weights with: bench weights verify {' '.join(weights)}\n" if weights else ""
    return EnvironmentProblem(
        f"cannot open {name}: {kind}{f': {said}' if said else ''}",
        f"{check}leave out what needs it with --skip (bench metrics list), or see: bench doctor",
    )


def _libraries(packages: Sequence[str]) -> str:
    """Return the versions of the libraries that do an extractor's arithmetic; part of its key."""
    return "".join(f"-{package}-{_version(package)}" for package in packages)


def _version(package: str) -> str:
    try:
        return version(package.replace("_", "-"))
    except PackageNotFoundError:
        return "unknown"


def _pairs(plan: Plan, opened: Sequence[OpenExtractor]) -> list[AnyPairStream]:
    """Open the pair streams of the metrics that a plan measures."""
    ids = {metric.base.id for metric in plan.metrics if not metric.absent}
    streams: list[AnyPairStream] = []
    if pixels := [metric for metric in PIXEL_METRICS if metric.card.id in ids]:
        streams.append(PixelStream(pixels))
    if inside := [metric for metric in FACE_PIXEL_METRICS if metric.card.id in ids]:
        streams.append(FacePixelStream(inside))
    for one in opened:
        pair: Callable[[set[str]], PairStream | None] | None = getattr(one.extractor, "pairs", None)
        if pair is not None and (stream := pair(ids)) is not None:
            streams.append(stream)
    return streams
