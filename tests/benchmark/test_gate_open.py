"""A gate must not fail open: what stands on little, or on nothing, says so or does not pass."""

from gate_runs import FID, FPS, LATENCY, LMD, Cast, Invented, fid
from test_gate_plants import BASE, finding, gate, outcomes

from benchmark.errors import ExitCode
from benchmark.gate.movers import movers
from benchmark.gate.outcome import Outcome
from metrics.score import NotMeasured


def test_a_larger_set_does_not_compare_either() -> None:
    more = gate(BASE, BASE.but(fid=fid(50.0, clips=59)))
    assert finding(more, FID).said == "stands on 60 clips, the baseline on 59 only"
    assert outcomes(more)["other-cases"] == {FID} and more.exit_code is ExitCode.NOT_COMPARABLE


def test_a_pass_says_on_how_few_cases_it_stands() -> None:
    nowhere = NotMeasured("no face in the result")
    dark = NotMeasured("no face in the driving clip", of_input=True)
    scores = {(LMD, f"self-{i:03}"): nowhere for i in range(3)}
    both = BASE.but(scores=scores)
    assert finding(gate(both, both), LMD).said == (
        "judged on 21 of 24 cases: a side has no value of the others"
    )
    unjudgeable = BASE.but(scores=dict.fromkeys(scores, dark))
    assert finding(gate(unjudgeable, unjudgeable), LMD).said == ""
    assert finding(gate(BASE, both), LMD).said.startswith("judged on 21 of 24")


def test_what_the_baseline_never_had_is_named() -> None:
    said = f"not in the baseline, so not judged: {LMD}"
    lacking = BASE.but(without=(LMD,))
    assert gate(BASE, lacking).warnings == (said,)
    for silent in (gate(BASE), gate(lacking, lacking), gate(BASE, lacking, skip=("lmd",))):
        assert silent.warnings == ()
    assert gate(BASE, lacking, metrics=("lmd", "default")).warnings == ()


def test_speed_of_few_people_is_chance_unless_insisted_on() -> None:
    few = Invented(Cast(3))
    slower = few.but(changes={FPS: lambda v: v * 0.5, LATENCY: lambda v: v * 2})
    found = gate(slower, few)
    assert outcomes(found)["not-judged"] == {FPS, LATENCY}
    assert found.exit_code is ExitCode.OK
    assert "no interval" in finding(found, FPS).said
    for strict in ({"speed": {"judge": "always"}}, {"metrics": ("default", "fps", "latency")}):
        assert outcomes(gate(slower, few, **strict))["regression"] == {FPS, LATENCY}
    alone = gate(slower, few, metrics=(), metric={"fps": {}})
    assert [r.outcome for r in alone.remarks] == [Outcome.NOTHING_MEASURED]
    moved = few.but(changes={FPS: lambda v: v * 0.5, LMD: lambda v: v * 1.005})
    assert {m.finding.card.id for m in movers(gate(moved, few).findings)} == {LMD}
