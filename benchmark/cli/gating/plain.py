"""A gate as JSON: everything, raw, for programs."""

import json
from dataclasses import asdict
from typing import Any

from benchmark.cli.gating.page import Page
from benchmark.gate.judge import Finding, Judgement
from benchmark.gate.movers import movers

FORMAT = "portraitbench-gate@1"


def plain(page: Page, judgement: Judgement) -> str:
    """Return the document; numbers are raw values in the metrics' units."""
    document = {
        "format": FORMAT,
        "verdict": page.headline,
        "exit_code": int(page.code),
        "candidate": page.candidate._asdict(),
        "baseline": page.baseline._asdict(),
        "remarks": [{"outcome": outcome.key, "said": said} for outcome, said in page.remarks],
        "metrics": [_finding(finding) for finding in judgement.findings],
        "moved": [
            {"case": m.shift.case.id, "metric": m.finding.card.id, "loss": m.shift.loss}
            for m in movers(judgement.findings)
        ],
        "warnings": list(page.warnings),
    }
    return json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {
        "metric": finding.card.id,
        "kind": finding.kind,
        "unit": finding.card.unit,
        "direction": finding.card.direction.value,
        "outcome": finding.outcome.key,
        "said": finding.said,
    }
    if finding.test is None:
        return found
    effect, loss = finding.test.effect, finding.test.effect.loss
    return {
        **found,
        "before": effect.before,
        "after": effect.after,
        "loss": asdict(loss),
        "interval_of_loss": loss.interval(),
        "method": effect.method,
        "tolerated": finding.test.tolerated,
        "p_value": finding.test.p_value,
        "p_adjusted": finding.p_adjusted,
        "detectable": finding.detectable,
        "coverage": {"before": effect.coverage_before, "after": effect.coverage_after},
        "cases": len(effect.shifts),
    }
