"""What is known of a method, as lines for people."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.description import Description
from benchmark.spec import MethodSpec


def line(rule: Mapping[str, Any]) -> str:
    """Return one finding of a conformance run as a line."""
    return f"{rule['verdict']:<13} {rule['rule']}: {rule['said']}"


def facts(spec: MethodSpec, record: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what is known of ``spec``; ``record`` is its conformance run, if there is one."""
    yield f"{spec.label} ({spec.name})"
    if spec.row is None:
        yield f"  {spec.description}"
        yield f"  class     {spec.target}"
    else:
        yield from _described(spec.row)
        yield f"  lives in  {spec.options['home']['repository']}"
    if spec.absent is not None:
        yield f"  not here: {spec.absent.problem}"
        yield from (f"    {part}" for part in spec.absent.remedy.splitlines())
    if record is not None:
        yield f"  checked {record['created']} on {record['hardware']}, {record['frames']} frames"
        yield from (f"    {line(rule)}" for rule in record["rules"])
    elif spec.absent is None and not spec.control:
        yield f"  unchecked: bench methods check {spec.name}"


def _described(row: Description) -> Iterator[str]:
    pairs = [
        ("paper", row.paper),
        ("code", f"{row.repository} @ {row.commit}" if row.repository else ""),
        ("licence", row.licence),
        ("excluded" if row.repository else "no code", row.why),
    ]
    if row.public:
        needs = ", ".join(row.environment.system)
        pairs += [
            ("Python", row.environment.python + (f"; {needs}" if needs else "")),
            ("GPU", f"{row.gpu.gb:g} GB ({row.gpu.said})" if row.gpu is not None else ""),
            ("command", shlex.join(row.command)),
            ("self", shlex.join(row.self_flags)),
            ("cross", shlex.join(row.cross)),
            ("worker", row.worker),
            ("result", row.output),
            ("faces", row.faces),
            ("frames", str(row.frames.rule)),
            ("geometry", row.result.geometry),
            ("sound", {"none": "none", "track": "a silent track", "file": "a silent WAV"}
             [row.inputs.audio]),
        ]  # fmt: skip
    yield from (f"  {name:<9} {text}" for name, text in pairs if text)
    yield from (f"  weights   {item.path} from {item.source}" for item in row.weights)
    yield from (f"  trap      {trap}" for trap in row.traps)
    yield from (f"  footnote  {note}" for note in row.footnotes)
