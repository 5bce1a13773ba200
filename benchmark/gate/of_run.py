"""A run as one side of a comparison."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from benchmark.errors import UsageProblem
from benchmark.gate.side import Side
from benchmark.store import CaseScore, RunRecord, SetEntry
from metrics.score import Measured, NotMeasured
from metrics.set_score import SetScore

_WHOLE_CASE = -1
_PROTOCOL = "reenactment@1"  # of runs from before splits had to say
_NOT_A_NUMBER = {"reason": "the value is not a number"}


def side_of(record: RunRecord) -> Side:
    """Return what a gate reads of a run.

    Raises:
        UsageProblem: If ``run.json`` or the journal is not as `bench run` wrote it.
    """
    try:
        _each_once(record.manifest["case_ids"])
        return Side.model_validate(_plain(record))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        said = f"{where}: {message}" if where else message
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
    raise UsageProblem(
        f"{record.paths.root} is damaged: {said}",
        "run.json and journal.sqlite must be as `bench run` wrote them; run it again",
    )


def _each_once(case_ids: list[str]) -> None:
    for place, case_id in enumerate(case_ids):
        if case_id in case_ids[:place]:
            raise ValueError(f"case '{case_id}' is listed twice")


def _plain(record: RunRecord) -> dict[str, Any]:
    manifest = record.manifest
    method, split, options = manifest["method"], manifest["split"], manifest["options"]
    return {
        "run_id": manifest["run_id"],
        "method": {key: method.get(key, "") for key in ("name", "label", "content")},
        "split": {
            **{key: split[key] for key in ("dataset", "split", "version", "sha256")},
            "protocol": split.get("protocol", {}).get("id", _PROTOCOL),
        },
        "cohort": {key: options.get(key) for key in ("max_frames", "limit")},
        "cases": [_case(record, case_id) for case_id in manifest["case_ids"]],
        "complete": record.complete,
        "metrics": _metrics(record),
        "sets": _sets(record.sets),
        "machine": _machine(manifest, "generation"),
        "surroundings": _surroundings(manifest),
    }


def _case(record: RunRecord, case_id: str) -> dict[str, Any]:
    facts = record.manifest["cases"][case_id]
    source, driving = record.manifest.get("people", {}).get(case_id, ("", ""))
    made = record.generated.get(case_id)
    return {
        "id": case_id,
        "kind": facts["protocol"],
        "frames": facts["frames"],
        "people": facts["people"],
        "source": source,
        "driving": driving,
        "outcome": made.outcome.value if made else "missing",
        "reason": made.reason if made else "",
        "clip_sha256": made.clip_sha256 if made else "",
    }


def _metrics(record: RunRecord) -> dict[str, Any]:
    places = {case_id: place for place, case_id in enumerate(record.manifest["case_ids"])}
    found: dict[str, Any] = {
        name: {
            "extractors": facts.get("extractors", {}),
            "absent": facts.get("absent", ""),
            "scores": [],
        }
        for name, facts in record.manifest["metrics"].items()
    }
    for score in record.scores:
        if score.person == _WHOLE_CASE and score.metric in found:
            scores = found[score.metric]["scores"] or [None] * len(places)
            scores[places[score.case_id]] = _entry(score)
            found[score.metric]["scores"] = scores
    return found


def _entry(item: CaseScore) -> Any:  # noqa: ANN401 - plain data of either form
    match item.score:
        case Measured(value, frames, total, driver, unjudged):
            numbers = (value, driver or 0.0)
            if not all(number - number == 0.0 for number in numbers):  # NaN or infinite
                return _NOT_A_NUMBER
            return (value, frames, total, unjudged, driver)
        case NotMeasured(reason, of_input):
            return {"reason": reason, "of_input": of_input}


def _sets(entries: tuple[SetEntry, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        by_metric = found.setdefault(entry.protocol, {})
        match entry.score:
            case NotMeasured(reason, of_input):
                by_metric[entry.metric] = {"reason": reason, "of_input": of_input}
            case SetScore(value=value) if value - value != 0.0:
                by_metric[entry.metric] = _NOT_A_NUMBER
            case score:
                by_metric[entry.metric] = asdict(score)
    return found


def _machine(manifest: Mapping[str, Any], which: str) -> str:
    return str(manifest.get("hardware", {}).get(which, {}).get("label", ""))


def _surroundings(manifest: Mapping[str, Any]) -> dict[str, str]:
    code = manifest.get("code", {})
    commit = str(code.get("commit") or "")[:12]
    return {
        **{str(name): str(version) for name, version in manifest.get("packages", {}).items()},
        "portraitbench commit": f"{commit} (dirty)" if code.get("dirty") else commit,
        "machine of the measuring": _machine(manifest, "measuring"),
        "machine of the clips": _machine(manifest, "generation"),
    }
