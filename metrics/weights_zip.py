"""One file out of a zip archive that nobody vouches for.

Only the named member is read, never more of it than it should have, and into a path that the caller
chose: names, sizes and links in the archive decide nothing.
"""

import zipfile
import zlib
from pathlib import Path

_PIECE = 1 << 20


class ArchiveError(Exception):
    """The archive does not hold what it should; one sentence."""


def extract_member(archive: Path, member: str, size: int, target: Path) -> None:
    """Write ``member`` of ``archive`` to ``target``.

    Args:
        archive: A zip file.
        member: Path in the archive.
        size: Number of bytes the member must have.
        target: Where to write it; may be left behind half-written on an error.

    Raises:
        ArchiveError: If the file is no zip archive, lacks the member, or the member is damaged,
            encrypted or of another size.
        OSError: If ``target`` cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _extract(opened, member, size, target)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError) as error:
        raise ArchiveError(f"it is no zip archive, or a damaged one ({error})") from None
    except (NotImplementedError, RuntimeError):  # unknown compression; a password
        raise ArchiveError(f"{member} in it cannot be read (compression or password)") from None


def _extract(opened: zipfile.ZipFile, member: str, size: int, target: Path) -> None:
    try:
        info = opened.getinfo(member)
    except KeyError:
        raise ArchiveError(f"it has no {member}") from None
    if info.file_size != size:
        raise ArchiveError(f"{member} in it has {info.file_size:,} bytes instead of {size:,}")
    written = 0
    with opened.open(info) as source, target.open("wb") as sink:
        while piece := source.read(min(_PIECE, size - written + 1)):
            written += len(piece)
            if written > size:  # the archive lied about the size
                raise ArchiveError(f"{member} in it has more bytes than it says")
            sink.write(piece)
    if written != size:
        raise ArchiveError(f"{member} in it ends after {written:,} of {size:,} bytes")
