"""Base and head in turns on one machine."""

from pathlib import Path
from typing import Any

import pytest
from gate_runs import Cast, Invented

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.gate import interleave
from benchmark.gate.config import Limits
from benchmark.gate.interleave import Round, Turns, alternate, interleaved, verdict
from benchmark.gate.outcome import Outcome

LIMITS = Limits(relative=0.10, absolute=1.0)
SIDE = Invented(Cast(1)).side()


class Machine:
    """Slows down with every measurement, by more than the versions differ."""

    def __init__(self) -> None:
        self.speed, self.order = 40.0, ""

    def timer(self, name: str, factor: float) -> Any:
        def once() -> float:
            self.speed *= 0.97
            self.order += name
            return self.speed * factor

        return once


def test_turns_change_places() -> None:
    machine = Machine()
    alternate(machine.timer("b", 1.0), machine.timer("h", 1.0), 4)
    assert machine.order == "bhhbbhhb"


def test_a_drifting_machine_hides_nothing() -> None:
    for factor, outcome in ((1.0, Outcome.PASS), (0.85, Outcome.REGRESSION), (1.2, Outcome.PASS)):
        machine = Machine()
        rounds = alternate(machine.timer("b", 1.0), machine.timer("h", factor), 6)
        assert all(isinstance(one, Round) for one in rounds)
        limits = Limits(relative=0.05, absolute=1.0)
        assert verdict(rounds, limits).outcome is outcome


def test_both_floors_must_be_exceeded() -> None:
    rounds = [Round(20.0, 17.0 + 0.01 * i) for i in range(5)]
    assert verdict(rounds, LIMITS).outcome is Outcome.REGRESSION
    assert verdict(rounds, Limits(relative=0.2, absolute=1.0)).outcome is Outcome.PASS
    assert verdict(rounds, Limits(relative=0.1, absolute=4.0)).outcome is Outcome.PASS
    said = verdict(rounds, LIMITS).said
    assert "20.0 → 17.0 frames a second in 5 rounds, -3.0" in said
    assert "2.0 tolerated, finds 2.0" in said
    assert "-3.0 [-3.0, -3.0]" in said


def test_chance_is_no_regression() -> None:
    rounds = [Round(20.0, 10.0), Round(20.0, 24.0), Round(20.0, 16.0)]
    assert verdict(rounds, LIMITS).outcome is Outcome.PASS


def test_too_few_rounds() -> None:
    with pytest.raises(UsageProblem, match="3 or more, got 2"):
        alternate(lambda: 1.0, lambda: 1.0, 2)
    assert len(alternate(lambda: 1.0, lambda: 1.0, 3)) == 3


def test_what_cannot_be_measured_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, side: Any, device: str | None) -> Any:
        raise EnvironmentProblem("no GPU", "bring one")

    monkeypatch.setattr(interleave, "_timer", broken)
    found = interleaved(("a", "b"), (SIDE, SIDE), Turns(3), LIMITS)
    assert (found.outcome, found.said) == (
        Outcome.ENVIRONMENT,
        "speed, interleaved: no GPU: bring one",
    )


def test_another_method_than_the_runs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    method = SIDE.method.model_copy(update={"content": "another"})
    other = SIDE.model_copy(update={"method": method})
    found = interleaved(("ours", "ours"), (other, SIDE), Turns(3), LIMITS)
    assert found.outcome is Outcome.UNREADABLE
    assert "the method 'ours' here is not the one" in found.said
    unknown = interleaved(("orus", "ours"), (SIDE, SIDE), Turns(3), LIMITS)
    assert "did you mean 'ours'" in unknown.said


def test_measured_by_the_speed_harness(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmark.speed import run

    class Point:
        figures: Any = type("F", (), {"fps": 25.0})()
        flaws: tuple[str, ...] = ()

    monkeypatch.setattr("benchmark.method_content.method_content", lambda _: SIDE.method.content)
    monkeypatch.setattr(run, "measure_all", lambda *_: type("R", (), {"points": [Point()]})())
    seen: list[str | None] = []
    monkeypatch.setattr(
        "benchmark.speed.device.find_device", lambda text, _: seen.append(text) or object()
    )
    found = interleaved(("ours", "ours"), (SIDE, SIDE), Turns(3, "cpu"), LIMITS)
    assert seen == ["cpu", "cpu"]
    assert found.outcome is Outcome.PASS and "25.0 → 25.0" in found.said
    Point.flaws = ("others used the machine",)
    found = interleaved(("ours", "ours"), (SIDE, SIDE), Turns(3), LIMITS)
    assert found.outcome is Outcome.ENVIRONMENT and "others used the machine" in found.said
    Point.flaws, Point.figures = (), None
    found = interleaved(("ours", "ours"), (SIDE, SIDE), Turns(3), LIMITS)
    assert found.outcome is Outcome.ENVIRONMENT and "no figures" in found.said
