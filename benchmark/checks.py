"""Conformance runs on record: which methods were checked, as they are now.

A record belongs to what the method is made of: when its code, weights or options change it is
unchecked again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark import provenance
from benchmark.conformance.verdict import Finding, Verdict
from benchmark.method_content import method_content
from benchmark.paths import cache_dir
from benchmark.spec import MethodSpec

FORMAT = 1


def record_check(spec: MethodSpec, findings: Sequence[Finding], n_frames: int) -> Path:
    """Keep the findings about ``spec`` as it is now; return the file."""
    record = {
        "format": FORMAT,
        "method": spec.name,
        "content": method_content(spec),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": provenance.code(),
        "hardware": provenance.hardware()["label"],
        "frames": n_frames,
        "rules": [finding.as_dict() for finding in findings],
    }
    path = _file(spec)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def log_of(spec: MethodSpec) -> Path:
    """Return the file that keeps what ``spec`` printed while it was checked."""
    return _file(spec).with_suffix(".log")


def check_of(spec: MethodSpec) -> dict[str, Any] | None:
    """Return the record of ``spec`` as it is now; ``None`` if unchecked."""
    try:
        record: dict[str, Any] = json.loads(_file(spec).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if record.get("format") == FORMAT else None


def stated(spec: MethodSpec, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what ``run.json`` says: whether a check is asked for, and its record if there is one.

    Args:
        spec: The method.
        before: What the run said when it was begun. The method is the same, so its record stays
            true where this machine has none.
    """
    found = check_of(spec)
    if found is None and before is not None and "rules" in before:
        return dict(before)
    return {"needed": needs_check(spec), **(found or {})}


def in_a_word(record: dict[str, Any] | None) -> str:
    """Say what a record comes to: ``unchecked``, ``held``, or which rules are broken."""
    if record is None:
        return "unchecked"
    broken = [rule["rule"] for rule in record["rules"] if rule["verdict"] == Verdict.BROKEN]
    return f"broken: {', '.join(broken)}" if broken else "held"


def needs_check(spec: MethodSpec) -> bool:
    """Say whether tables mark ``spec`` while it is unchecked.

    What this package brings (controls, the built-in method, finished videos) is not marked: its
    own tests hold it to the rules, and nothing is run for videos.
    """
    ours = spec.row is None and not spec.search and spec.target.startswith("adapters.")
    return not ours and (spec.row is None or spec.row.public)


def _file(spec: MethodSpec) -> Path:
    made_of = json.dumps([method_content(spec), dict(spec.options)], sort_keys=True, default=str)
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    return cache_dir() / "checks" / f"{spec.name}-{digest}.json"
