"""Comparisons with reference implementations, put on record where somebody asks for it.

`tools/parity_report.py` names a file in BENCH_PARITY_RECORD, runs these tests, and turns the file
into docs/parity.md.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

_VARIABLE = "BENCH_PARITY_RECORD"


def _append(entry: dict[str, Any]) -> None:
    if path := os.environ.get(_VARIABLE):
        with open(path, "a", encoding="utf-8") as record:  # noqa: PTH123 - one write, appended
            record.write(json.dumps(entry) + "\n")


@pytest.fixture
def parity_record(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return ``record(metric, reference, version, difference, bound, *, of, on)``.

    It notes a comparison and fails the test if ``difference`` is not within ``bound``.

    * ``metric``: protocol id, or name of the extractor that was compared;
    * ``reference``, ``version``: package or repository, and its version or commit;
    * ``difference``, ``bound``: what was measured, and what is allowed;
    * ``of``: what the difference is, e.g. ``relative L2 of features``;
    * ``on``: what was compared, e.g. ``24 frames of real clips``.
    """

    def record(
        metric: str,
        reference: str,
        version: str,
        difference: float,
        bound: float,
        *,
        of: str,
        on: str,
    ) -> None:
        entry = {"metric": metric, "reference": reference, "version": version, "of": of, "on": on}
        numbers = {"difference": float(difference), "bound": float(bound)}
        _append({**entry, **numbers, "test": request.node.nodeid})
        assert difference <= bound, f"{metric} against {reference}: {difference} > {bound}"

    return record


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note comparisons that were not made, and why."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note files of comparisons that were not made, and why."""
    _note_skip(report)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        _append({"skipped": report.nodeid, "reason": reason})
