"""Features in a baseline file: small ones inside it, large ones beside it under their hash."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.gate.baseline import Baseline, StoredFeatures

Features = NDArray[Any]
INSIDE = 3_400_000
"""Bytes up to which features lie in the file itself: as text a quarter more, which with the scores
of 300 cases stays under 5 MB."""


def pack(made: Mapping[str, Features], path: Path) -> StoredFeatures:
    """Return features as a baseline keeps them; writes a file beside it if they are large.

    Args:
        made: ``(n, D)`` float32 by case.
        path: The baseline file.

    Raises:
        EnvironmentProblem: If the file beside it cannot be written.
    """
    data = save({name: np.ascontiguousarray(made[name], np.float32) for name in sorted(made)})
    digest = hashlib.sha256(data).hexdigest()
    if len(data) <= INSIDE:
        text = base64.b64encode(zlib.compress(data, 9)).decode()
        return StoredFeatures(sha256=digest, size=len(data), data=text)
    beside = path.with_name(f"{digest[:16]}.safetensors")
    part = beside.with_name(f".{beside.name}.part")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(beside)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {beside}: {error.strerror}", "choose another --out"
        ) from None
    return StoredFeatures(sha256=digest, size=len(data), file=beside.name)


def unpack(baseline: Baseline, extractor: str) -> dict[str, Features] | None:
    """Return the features of an extractor by case; ``None`` if the baseline keeps none.

    Raises:
        UsageProblem: If they are damaged, or the file beside the baseline is missing or another.
    """
    stored = baseline.content.features.get(extractor)
    if stored is None:
        return None
    try:
        data = _bytes(stored, baseline.path)
        if hashlib.sha256(data).hexdigest() != stored.sha256:
            raise ValueError("they are not those that were signed off")
        found: dict[str, Features] = load(data)
        _check(found, {case.id for case in baseline.content.side.cases})
    except (OSError, ValueError, KeyError, zlib.error, SafetensorError, binascii.Error) as error:
        raise UsageProblem(
            f"{baseline.path}: the features of {extractor} cannot be read: {error}",
            "bring the file of `bench baseline save` back, or sign off a run anew",
        ) from None
    return found


def _bytes(stored: StoredFeatures, path: Path) -> bytes:
    if stored.file:
        beside = path.with_name(stored.file)
        if beside.stat().st_size != stored.size:
            raise ValueError(f"{beside.name} has another size")
        return beside.read_bytes()
    if stored.size > INSIDE:  # never written so; a small text may unpack to any size
        raise ValueError(f"{stored.size} bytes are too many to lie inside")
    opened = zlib.decompressobj()
    data = opened.decompress(base64.b64decode(stored.data, validate=True), stored.size + 1)
    if len(data) != stored.size:
        raise ValueError("they have another size")
    return data


def _check(found: Mapping[str, Features], cases: set[str]) -> None:
    widths = {array.shape[1:] for array in found.values()}
    if not set(found) <= cases:
        raise ValueError("they are of other cases")
    if len(widths) > 1 or any(len(width) != 1 for width in widths):
        raise ValueError("they differ in shape")
    for array in found.values():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise ValueError("they are no finite numbers")
