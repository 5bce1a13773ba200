"""Putting mini into the cache: made once, checked on every use."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import adapters.ours
import benchmark.media
from benchmark.errors import BenchError, EnvironmentProblem
from benchmark.splits.manifest import read_manifest
from benchmark.splits.mini import cases
from benchmark.splits.mini.clips import motion_file

_LIBRARIES = ("av", "cv2", "numpy", "PIL")  # they draw and encode


def build(cache_dir: Path, say: Callable[[str], None] = lambda _: None) -> Path:
    """Return the folder of mini, making it first if the cache does not hold it whole.

    The folder's name carries a fingerprint of everything that shapes it (code, numbers, versions
    of the libraries that draw and encode), so that a change makes another folder. It appears
    under that name only when it is complete; builders that meet there do not disturb each other.

    Args:
        cache_dir: Where to put it; made if missing.
        say: Told that it is being made, which takes a few seconds.

    Returns:
        A folder with ``single.jsonl``, ``multi.jsonl`` and ``media/``.

    Raises:
        EnvironmentProblem: If a portrait is missing or changed, or the cache cannot be written.
    """
    final = cache_dir / f"mini-{fingerprint()}"
    if intact(final):
        return final
    say(f"making the embedded split mini in {final}, once; a few seconds")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".mini-", dir=cache_dir))
        try:
            cases.make(work / "new")
            _publish(work, final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write the mini split to the cache {cache_dir}: {error.strerror or error}",
            "make room there or name another cache folder",
        ) from None
    return final


def fingerprint() -> str:
    """Return 12 hex digits that stand for everything that shapes the folder."""
    digest = hashlib.sha256(f"mini {cases.VERSION}".encode())
    for package in (__file__, adapters.ours.__file__, benchmark.media.__file__):
        for path in sorted(Path(str(package)).parent.iterdir()):
            if path.suffix in {".py", ".json"}:
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _LIBRARIES:
        digest.update(f"{name} {import_module(name).__version__}\0".encode())
    return digest.hexdigest()[:12]


def intact(root: Path) -> bool:
    """Return whether ``root`` holds both manifests and every file as the manifests say."""
    try:
        for name in cases.SPLITS:
            split = read_manifest(root / f"{name}.jsonl")
            for case in split.cases:
                source, driving = split.file(case.source), split.file(case.driving)
                if cases.sha256(source) != case.sha256.source:
                    return False
                if cases.sha256(driving) != case.sha256.driving:
                    return False
                if not motion_file(driving).is_file():
                    return False
    except (BenchError, OSError):
        return False
    return True


def _publish(work: Path, final: Path) -> None:
    """Put ``work/new`` in the place of ``final`` unless another builder has done so meanwhile."""
    if intact(final):
        return
    if final.exists():
        _moved(final, work / "damaged")
    if not _moved(work / "new", final) and not intact(final):
        raise EnvironmentProblem(f"cannot put the mini split at {final}", "remove it and try again")


def _moved(old: Path, new: Path) -> bool:
    try:
        old.rename(new)  # fails where a folder that is not empty stands, as it must
    except OSError:
        return False
    return True
