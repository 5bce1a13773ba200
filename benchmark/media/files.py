"""Is it a file, and is all of it there? Asked before any decoder sees it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from av.error import FFmpegError

from benchmark.errors import EnvironmentProblem, UsageProblem

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = 0x18538067
_FIRST_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_MAX_BOXES = 100_000


def require_file(path: Path, kind: str) -> int:
    """Return the size in bytes of the regular file ``path`` (links are followed).

    Args:
        path: Where the file should be.
        kind: What it should be (``image``, ``video``), for the message.

    Raises:
        UsageProblem: If it is missing, unreachable, empty or not a regular file.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise UsageProblem(f"no {kind} at {path}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UsageProblem(f"cannot open the {kind} {path}: {_reason(error)}") from None
    if stat.S_ISDIR(status.st_mode):
        raise UsageProblem(f"{path} is a folder, not a {kind}")
    if not stat.S_ISREG(status.st_mode):
        raise UsageProblem(f"{path} is not a regular file")
    if status.st_size == 0:
        raise UsageProblem(f"{path} is empty (0 bytes)")
    return status.st_size


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn failures of the disk while ``path`` is written into an `EnvironmentProblem`."""
    try:
        yield
    except (OSError, FFmpegError) as error:
        raise EnvironmentProblem(
            f"cannot write {path}: {_reason(error)}", "choose a folder with space and permission"
        ) from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def missing_bytes(path: Path) -> int:
    """Return how many bytes an MP4, Matroska or AVI file lacks by its own account.

    A decoder reads a file that was cut short as a shorter video and says nothing; the sizes that
    the container states do tell. 0 when nothing is missing or the container states no size.
    Sources: ISO/IEC 14496-12 4.2 (boxes), RFC 8794 and RFC 9559 (EBML), Microsoft AVI RIFF.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(12)
        if head[:4] == _EBML:
            end = _matroska_end(file)
        elif head[:4] == b"RIFF":
            end = 8 + int.from_bytes(head[4:8], "little")
        elif head[4:8] in _FIRST_BOXES:
            end = _boxes_end(file, size)
        else:
            end = 0
    return max(0, end - size)


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Return where the last top-level box ends; what is no box ends the walk."""
    end = 0
    for _ in range(_MAX_BOXES):
        if end >= size:
            break
        file.seek(end)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if len(head) < 8 or not head[4:8].isalnum():
            break
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0: the box reaches to the end of the file
            break
        end += length
    return end


def _matroska_end(file: BinaryIO) -> int:
    """Return where the segment ends; 0 for a live stream, which states no size."""
    file.seek(4)
    header = _number(file, keep_marker=False)
    if header is None:
        return 0
    file.seek(header, os.SEEK_CUR)
    if _number(file, keep_marker=True) != _SEGMENT:
        return 0
    length = _number(file, keep_marker=False)
    return 0 if length is None else file.tell() + length


def _number(file: BinaryIO, *, keep_marker: bool) -> int | None:
    """Read an EBML variable-size number; ``None`` for the reserved "unknown" or a bad one."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(width - 1), "big")
    if keep_marker:
        return value
    value &= (1 << 7 * width) - 1
    return None if value == (1 << 7 * width) - 1 else value
