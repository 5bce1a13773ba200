"""Where the numbers of a run come from, as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from leaderboards.board.gather import Entry
from leaderboards.text import clean, placeless

_LONGEST = 3000


def provenance(entry: Entry) -> list[list[str]]:
    """Return name and text of everything on record about a run; all of it printable lines."""
    return [[clean(name), placeless(text, _LONGEST)] for name, text in _lines(entry) if text]


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    facts, manifest = entry.facts, entry.record.manifest
    method, split = _part(manifest, "method"), facts.split
    yield "run", f"{facts.run_id} in {entry.name}"
    yield "made", str(manifest.get("created", ""))
    yield "method", f"{facts.method.name} ({facts.method.label})"
    yield "content of the method", str(method.get("content", ""))
    yield "options of the method", _pairs(_part(method, "options"))
    yield "split", f"{split.dataset}/{split.split} version {split.version}"
    yield "sha256 of the split", split.sha256
    yield "protocol", split.protocol.id
    yield "options", _pairs(_part(manifest, "options"))
    yield "code", _pairs(facts.code)
    yield "clips made on", _machine(manifest, "generation")
    yield "measured on", _machine(manifest, "measuring")
    yield "conformance", _check(entry)
    yield "training lists", ", ".join(facts.contamination.lists)
    for name, extractor in sorted(_part(manifest, "extractors").items()):
        yield f"extractor {name}", _extractor(extractor)
    yield "packages", _pairs(facts.packages)


def _part(manifest: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a part of a manifest; an empty one where it is not what it should be."""
    found = manifest.get(key)
    return found if isinstance(found, dict) else {}


def _pairs(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(found.items()) if value != {})


def _machine(manifest: Mapping[str, Any], key: str) -> str:
    machine = _part(_part(manifest, "hardware"), key)
    return ", ".join(str(machine[k]) for k in ("label", "platform", "python") if k in machine)


def _extractor(extractor: Any) -> str:  # noqa: ANN401 - from a manifest
    if not isinstance(extractor, dict):
        return ""
    if "absent" in extractor:
        return f"not there: {extractor['absent']}"
    known = ("fingerprint", "profile", "backend", "precision", "weights_sha256", "instead")
    return ", ".join(f"{k} {extractor[k]}" for k in known if extractor.get(k))


def _check(entry: Entry) -> str:
    check = entry.facts.check
    if check.rules is None:
        return "not checked" if check.needed else ""
    return "; ".join(f"{rule.rule} {rule.verdict}" for rule in check.rules)
