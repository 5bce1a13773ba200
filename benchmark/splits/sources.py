"""Where splits come from: a dataset folder of the user's, or the embedded mini."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchError, UsageProblem
from benchmark.names import resolve
from benchmark.paths import cache_dir
from benchmark.splits.manifest import Split, read_manifest

MINI = "mini"
VARIABLE = "BENCH_DATA"
_MAKE_ONE = "bench data import DIR --out OUT makes one"


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One line of ``bench data list``.

    Attributes:
        name: What ``--split`` takes.
        dataset: Dataset and version, as in the header.
        version: Version, as in the header.
        path: The manifest.
        self_cases: Number of self-reenactment cases.
        cross_cases: Number of cross-reenactment cases.
        frames: Driving frames over all cases.
        notice: What every table from the split says.
        problem: Why it cannot be used; empty when it can.
    """

    name: str
    dataset: str
    version: str
    path: str
    self_cases: int = 0
    cross_cases: int = 0
    frames: int = 0
    notice: str = ""
    problem: str = ""


def data_root(option: Path | None) -> Path | None:
    """Return the dataset folder: the option, else ``BENCH_DATA``; ``None`` means mini."""
    if option is not None:
        return option.expanduser()
    named = os.environ.get(VARIABLE, "")
    return Path(named).expanduser() if named else None


def manifests(option: Path | None) -> dict[str, Path]:
    """Return the manifests that can be named, by name.

    Those of the dataset folder are named by their file, those of mini by ``mini/single`` and so
    on. Without a dataset folder the short names mean mini, which is built on first use.

    Raises:
        UsageProblem: If the dataset folder is missing or holds no manifest.
    """
    root = data_root(option)
    if root is None:
        return _mini()
    where = f"{root} (from {VARIABLE})" if root == data_root(None) else str(root)
    if not root.is_dir():
        raise UsageProblem(f"no dataset folder at {where}", _MAKE_ONE)
    found = _in_folder(root)
    if not found:
        raise UsageProblem(f"{where} holds no manifest (*.jsonl)", _MAKE_ONE)
    return found


def _in_folder(root: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(root.glob("*.jsonl")) if path.is_file()}


def _mini() -> dict[str, Path]:
    from benchmark.splits import mini

    return _in_folder(mini.build(cache_dir(), lambda text: print(text, file=sys.stderr)))


def open_split(name: str, data: Path | None) -> Split:
    """Open a split by name.

    Args:
        name: ``single``, ``multi``, or whatever the dataset has; ``mini/single`` means the
            embedded one even where a dataset folder is set.
        data: Dataset folder; ``None`` for ``BENCH_DATA``, and without that for mini.

    Raises:
        UsageProblem: If the name is unknown or the manifest cannot be read.
    """
    prefix, _, short = name.partition("/")
    if prefix == MINI and short:
        known = _mini()
        return read_manifest(known[resolve(short, known, "split of mini")])
    known = manifests(data)
    return read_manifest(known[resolve(name, known, "split")])


def summaries(data: Path | None) -> list[SplitSummary]:
    """Return what there is: the splits of the dataset folder, if one is set, and mini's.

    Raises:
        UsageProblem: If the dataset folder is missing or holds no manifest.
    """
    own = manifests(data)
    rows = [_summary(name, path) for name, path in own.items()]
    if data_root(data) is not None:
        rows += [_summary(f"{MINI}/{name}", path) for name, path in _mini().items()]
    return rows


def _summary(name: str, path: Path) -> SplitSummary:
    try:
        split = read_manifest(path)
    except BenchError as error:
        return SplitSummary(name, "", "", str(path), problem=error.problem)
    selves = sum(case.protocol == "self" for case in split.cases)
    return SplitSummary(
        name=name,
        dataset=split.header.dataset,
        version=split.header.version,
        path=str(path),
        self_cases=selves,
        cross_cases=len(split.cases) - selves,
        frames=sum(case.n_frames for case in split.cases),
        notice=split.header.notice,
    )
