"""A baseline file: what a run was, signed off, small enough to live in a repository.

JSON, one case and one metric a line, so that a review shows what changed. A hash over the content
tells a file that was cut, merged badly or edited by hand. It is no signature: who may change the
file is a matter of the repository it lives in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import Field, ValidationError

from benchmark.errors import EnvironmentProblem, NotComparable, UsageProblem
from benchmark.gate.side import Count, Line, Part, Sha256, Side

FORMAT: Literal["portraitbench-baseline@1"] = "portraitbench-baseline@1"
ENDING = ".baseline.json"
MAX_BYTES = 64 * 2**20
_LINES = 3
"""Levels of the content that are spread over lines."""
_AGAIN = "bench baseline save makes one from a run"


class SignedOff(Part):
    """Who vouches for it."""

    by: Line = ""
    note: Line = ""
    at: Line


class StoredFeatures(Part):
    """Features of one extractor: in this file, or in one beside it.

    Attributes:
        sha256: Of the safetensors file.
        size: Its bytes.
        data: The file itself, compressed by zlib, in base64; empty if it lies beside.
        file: Its name beside the baseline; empty if it is in here.
    """

    sha256: Sha256
    size: Count
    data: str = ""
    file: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._+-]{0,199})?$")] = ""


class Content(Part):
    """What the hash covers."""

    format: Literal["portraitbench-baseline@1"] = FORMAT
    signed_off: SignedOff
    side: Side
    features: Mapping[Line, StoredFeatures] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline file that was read.

    Attributes:
        path: The file.
        sha256: Hash of its content.
        content: What it holds.
    """

    path: Path
    sha256: str
    content: Content


def content_of(side: Side, by: str = "", note: str = "") -> Content:
    """Return what a baseline file of a run holds, signed off now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Content(signed_off=SignedOff(by=by, note=note, at=now), side=side)


def save_baseline(content: Content, path: Path) -> Baseline:
    """Write a baseline file; it appears when it is whole.

    Raises:
        EnvironmentProblem: If it cannot be written.
    """
    plain = content.model_dump(mode="json")
    digest = _digest(plain)
    text = _spread({"sha256": digest, **plain}, _LINES) + "\n"
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {path}: {error.strerror}", "choose another --out"
        ) from None
    return Baseline(path, digest, content)


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file, which anybody may have written.

    Raises:
        UsageProblem: If there is none, or it is damaged or was edited by hand.
        NotComparable: If it is in another form.
    """
    plain = _parsed(path)
    if plain.get("format") != FORMAT:
        raise NotComparable(f"{path} is not in the form {FORMAT}", _AGAIN)
    stated = plain.pop("sha256", "")
    found = _digest(plain)
    if stated != found:
        raise UsageProblem(
            f"{path} was changed after it was signed off: its content has the sha256 "
            f"{found[:12]}, it states {str(stated)[:12] or 'none'}",
            f"take it from the repository again, or sign off a run anew: {_AGAIN}",
        )
    try:
        return Baseline(path, found, Content.model_validate_json(json.dumps(plain)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(place) for place in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageProblem(f"{path}: {where}: {message}", _AGAIN) from None


def is_baseline(path: Path) -> bool:
    """Say whether a path is meant as a baseline file, and not as a run directory."""
    return path.is_file() or path.suffix == ".json"


def _parsed(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageProblem(f"{path} is larger than {MAX_BYTES >> 20} MiB: no baseline", _AGAIN)
        text = path.read_text(encoding="utf-8")
        plain = json.loads(
            text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_each_once
        )
    except FileNotFoundError:
        raise UsageProblem(f"there is no baseline at {path}", _AGAIN) from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(
            f"cannot read the baseline {path}: {_first_line(error)}", _AGAIN
        ) from None
    if not isinstance(plain, dict):
        raise UsageProblem(f"{path} is no baseline: it holds no object", _AGAIN)
    return plain


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    """Return a number; one too large for a float would become infinite."""
    return value if isfinite(value := float(text)) else _refuse(text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that occurs twice: readers would differ in which one they take."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"'{next(n for n in names if names.count(n) > 1)}' occurs twice")
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _digest(plain: Mapping[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _spread(value: Any, levels: int) -> str:  # noqa: ANN401 - plain data
    """Return JSON with its outer levels one entry a line and the rest compact."""
    if not levels or not isinstance(value, dict | list) or not value:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    if isinstance(value, list):
        return "[\n" + ",\n".join(_spread(item, levels - 1) for item in value) + "\n]"
    entries = (f"{json.dumps(k)}: {_spread(value[k], levels - 1)}" for k in sorted(value))
    return "{\n" + ",\n".join(entries) + "\n}"
