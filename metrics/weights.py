"""The registry of weights: where each file comes from, under which licence, and its hash."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any


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
class Licence:
    """What files of weights come under.

    Attributes:
        name: Name in the registry; what people accept.
        title: Short name, for tables.
        permissive: Whether anybody may use the files for anything.
        says: One sentence for people, no legal text.
        terms: Address of the text.
    """

    name: str
    title: str
    permissive: bool
    says: str
    terms: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights.

    Attributes:
        name: Name in the registry.
        file: File name, in any folder of weights.
        sha256: Hash of the file; nothing else is ever loaded under this name.
        bytes: Size of the file.
        licence: What it comes under.
        auto: Whether ``bench run`` may fetch it without being asked.
        purpose: What it is, in one phrase.
        checked: What vouches for the hash.
        url: Official address; or
        hub: repository of models (``owner/name``), at commit
        revision: (40 hex digits); or
        pypi: the release of a package (``name==version``) whose wheel holds it.
        member: Path in the hub's repository, in the wheel, or in the zip archive at ``url``.
        archive_bytes: Size of that archive; 0 if ``url`` serves the file itself.
        by_hand: Where people find it when the address does not serve it.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    licence: Licence
    auto: bool
    purpose: str
    checked: str
    url: str = ""
    hub: str = ""
    revision: str = ""
    pypi: str = ""
    member: str = ""
    archive_bytes: int = 0
    by_hand: str = ""

    @property
    def address(self) -> str:
        """Where it is downloaded from; empty for a file in a wheel."""
        if self.hub:
            return f"https://huggingface.co/{self.hub}/resolve/{self.revision}/{self.member}"
        return self.url

    @property
    def in_archive(self) -> bool:
        """Whether the address serves a zip archive that holds it."""
        return bool(self.archive_bytes)

    @property
    def download_bytes(self) -> int:
        """How much is downloaded to get it, as far as is known."""
        return self.archive_bytes or self.bytes

    @property
    def source(self) -> str:
        """Where it comes from, for people."""
        if self.pypi:
            return f"{self.member} in the wheel {self.pypi}"
        if self.in_archive:
            return f"{self.member} in {self.url}"
        return self.by_hand or self.address


@cache
def _document() -> Mapping[str, Any]:
    text = files("metrics").joinpath("weights.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def licences() -> Mapping[str, Licence]:
    """Return all known licences by name."""
    return {name: Licence(name=name, **entry) for name, entry in _document()["licences"].items()}


@cache
def registry() -> Mapping[str, Weights]:
    """Return all known weights by name."""
    known = licences()
    return {
        name: Weights(**{**entry, "name": name, "licence": known[entry["licence"]]})
        for name, entry in _document()["weights"].items()
    }


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
    """Check the content of ``path``, by its bytes every time.

    A file is hashed again in every process that uses it: one to two seconds for half a gigabyte.
    What a faster check could remember, size, time and place, does not change when a byte on the
    disk does.

    Raises:
        WeightsError: If the file is not the registered one.
    """
    try:
        size = path.stat().st_size
        actual = file_sha256(path)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror}") from None
    if actual == weights.sha256:
        return
    what = f"sha256 {actual[:12]}… instead of {weights.sha256[:12]}…"
    if size != weights.bytes:
        what = f"{size:,} bytes instead of {weights.bytes:,}"
    raise WeightsError(
        f"{path} is not the registered {weights.file}: {what}",
        f"delete it and run: bench weights fetch {weights.name}",
    )
