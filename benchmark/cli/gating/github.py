"""A gate in a GitHub workflow: annotations on standard output, and the step summary."""

from collections.abc import Iterator

from benchmark.cli.gating.page import Page
from benchmark.errors import ExitCode
from benchmark.gate.outcome import Outcome

_MOST = 10
"""Annotations of a kind that GitHub shows of one step."""


def annotations(page: Page) -> list[str]:
    """Return workflow commands: one error for each thing that is wrong, notices for the rest."""
    wrong = list(_wrong(page))
    lines = [_command("error", outcome.title, said) for outcome, said in wrong[:_MOST]]
    if len(wrong) > _MOST:
        lines[-1] = _command("error", "more", f"{len(wrong) - _MOST + 1} more, see the summary")
    if page.code is ExitCode.OK:
        lines.append(_command("notice", "bench gate", page.summary))
    return lines


def _wrong(page: Page) -> Iterator[tuple[Outcome, str]]:
    for outcome, said in page.remarks:
        if outcome.code is not ExitCode.OK:
            yield outcome, said
    for row in page.rows:
        if row.outcome.code is not ExitCode.OK:
            numbers = f" {row.before} → {row.after}" if row.before else ""
            told = "; ".join([f"{row.metric} ({row.kind}){numbers}", *row.details])
            yield row.outcome, told


def _command(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    """Return text that cannot end the command or begin another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
