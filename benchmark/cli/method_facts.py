"""What is known of a method, as lines for people."""

import shlex
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from adapters.description import Description
from benchmark.spec import MethodSpec


def finding(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return one finding of a conformance run as a head and a text."""
    return f"{rule['verdict']:<13} ", f"{rule['rule']}: {rule['said']}"


def facts(spec: MethodSpec, record: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield what is known of ``spec`` as pairs of a head and a text, to be read as one line.

    Args:
        spec: The method.
        record: Its conformance run, if there is one.
    """
    yield "", f"{spec.label} ({spec.name})"
    if spec.row is None:
        yield "  ", spec.description
        yield _head("class"), spec.target
    else:
        yield from _described(spec.row)
        yield _head("lives in"), spec.options["home"]["repository"]
    if spec.absent is not None:
        yield "  ", f"not here: {spec.absent.problem}"
        yield from (("    ", part) for part in spec.absent.remedy.splitlines())
    if record is not None:
        frames = f"{record['frames']} frames"
        yield "  ", f"checked {record['created']} on {record['hardware']}, {frames}"
        yield from ((f"    {head}", text) for head, text in map(finding, record["rules"]))
    elif spec.absent is None and not spec.control:
        yield "  ", f"unchecked: bench methods check {spec.name}"


def folded(head: str, text: str, width: int) -> list[str]:
    """Return a fact as lines of at most ``width``, further ones below its text.

    Words are kept whole, so that addresses and paths can be copied.
    """
    return wrap(
        text,
        max(width, len(head) + 20),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _head(name: str) -> str:
    return f"  {name:<9} "


def _described(row: Description) -> Iterator[tuple[str, str]]:
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
    pairs += [("weights", f"{item.path} from {item.source}") for item in row.weights]
    pairs += [("trap", trap) for trap in row.traps]
    pairs += [("footnote", note) for note in row.footnotes]
    yield from ((_head(name), text) for name, text in pairs if text)
