"""A gate as JUnit XML, which every CI system shows: one test case a metric."""

import re
from xml.etree import ElementTree as Xml  # only written, never read

from benchmark.cli.gating.page import Page, Row
from benchmark.errors import ExitCode
from benchmark.gate.outcome import Outcome

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""


def junit(page: Page) -> str:
    """Return the report. A regression is a failure, what could not be compared an error."""
    suite = Xml.Element("testsuite", name="bench gate")
    for outcome, said in page.remarks:
        _case(suite, "gate", outcome.key, outcome, said)
    for row in page.rows:
        _case(suite, f"gate.{row.kind}", row.protocol_id, row.outcome, _text(row))
    if not any(outcome.code for outcome in _outcomes(page)) and page.code:
        _case(suite, "gate", "gate", Outcome.NOTHING_MEASURED, page.summary)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _outcomes(page: Page) -> list[Outcome]:
    return [*(outcome for outcome, _ in page.remarks), *(row.outcome for row in page.rows)]


def _case(suite: Xml.Element, group: str, name: str, outcome: Outcome, text: str) -> None:
    case = Xml.SubElement(suite, "testcase", classname=clean(group), name=clean(name))
    if outcome is Outcome.NOT_JUDGED:
        Xml.SubElement(case, "skipped", message=clean(text))
    elif outcome.code is not ExitCode.OK:
        tag = "failure" if outcome.code is ExitCode.FAILED else "error"
        found = Xml.SubElement(
            case, tag, type=outcome.key, message=clean(f"{outcome.title}: {text}")
        )
        found.text = clean(text)
    else:
        Xml.SubElement(case, "system-out").text = clean(text)


def _text(row: Row) -> str:
    numbers = f"{row.before} → {row.after}, {row.change} {row.interval}".strip()
    told = [f"{row.metric}: {numbers}" if row.before else row.metric, *row.details]
    return "; ".join(told)


def clean(text: str) -> str:
    """Return ``text`` without what XML cannot hold."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
