"""The edges of the gate's decisions: exactly at a limit, one beyond it."""

import pytest
from gate_runs import LMD, SSIM, Cast, Invented

from benchmark.errors import EnvironmentProblem as Machine
from benchmark.errors import ExitCode, NotComparable, UsageProblem
from benchmark.gate.comparable import siblings
from benchmark.gate.config import Limits
from benchmark.gate.effect import Effect, Shift, judged
from benchmark.gate.judge import Finding
from benchmark.gate.movers import movers
from benchmark.gate.outcome import Outcome, exit_code, of_error
from benchmark.gate.side import CaseSide
from benchmark.gate.verdict import Test, coverage_problem
from benchmark.stats.estimate import Estimate, too_few
from metrics.registry import card
from metrics.score import Measured

O = Outcome  # noqa: E741


def effect(loss: Estimate, before: float = 1.0, **changes: object) -> Effect:
    return Effect(before, before + loss.value, loss, "paired", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], ExitCode.NOT_COMPARABLE),
        ([O.NOT_JUDGED], ExitCode.NOT_COMPARABLE),
        ([O.PASS], ExitCode.OK),
        ([O.PASS, O.NOT_JUDGED], ExitCode.OK),
        ([O.PASS, O.REGRESSION, O.OTHER_SPLIT, O.ABSENT_HERE, O.UNREADABLE], ExitCode.FAILED),
        ([O.PASS, O.OTHER_SPLIT, O.ABSENT_HERE, O.UNREADABLE], ExitCode.ENVIRONMENT),
        ([O.PASS, O.OTHER_SPLIT, O.UNREADABLE], ExitCode.NOT_COMPARABLE),
        ([O.PASS, O.UNREADABLE], ExitCode.USAGE),
    ],
)
def test_exit_codes(outcomes: list[Outcome], code: ExitCode) -> None:
    assert exit_code(outcomes) is code


def test_errors_have_outcomes() -> None:
    assert of_error(UsageProblem("x")) is O.UNREADABLE
    assert of_error(NotComparable("x")) is O.OTHER_PROTOCOL
    assert of_error(Machine("x")) is O.ENVIRONMENT


def test_every_outcome_has_its_own_name() -> None:
    assert len({outcome.key for outcome in Outcome}) == len(Outcome)
    assert {outcome for outcome in Outcome if outcome.code is ExitCode.OK} == {O.PASS, O.NOT_JUDGED}


def test_what_is_tolerated_exactly_is_tolerated() -> None:
    limits = Limits(relative=0.5, absolute=0.25)
    for value, lost in ((0.5, False), (0.5000001, True), (-0.6, False)):
        test = Test(effect(Estimate(value, 1)), limits)
        assert (test.tolerated, test.p_value, test.lost(None)) == (0.5, None, lost)
    assert Test(effect(Estimate(0.3, 1), before=0.1), limits).tolerated == 0.25
    assert Test(effect(Estimate(0.3, 1), before=-2.0), limits).tolerated == 1.0


def test_significance_is_reached_at_alpha() -> None:
    test = Test(effect(Estimate(9.0, 20, 1.0)), Limits(alpha=0.05))
    assert test.lost(0.05) and not test.lost(0.0500001)


def test_no_change_either_way_without_an_interval() -> None:
    limits = Limits(relative=0.0, absolute=1.0, direction="any")
    for value, lost in ((1.0, False), (1.5, True), (-1.0, False), (-1.5, True)):
        assert Test(effect(Estimate(value, 1)), limits).lost(None) is lost


def test_two_sided_p_values() -> None:
    loss = Estimate(2.0, 20, 1.0)
    once = Test(effect(loss), Limits(relative=0.0)).p_value
    for value in (2.0, -2.0):
        limits = Limits(relative=0.0, direction="any")
        twice = Test(effect(Estimate(value, 20, 1.0)), limits).p_value
        assert once is not None and twice == pytest.approx(2 * once)
    nothing = Test(effect(Estimate(0.0, 20, 1.0)), Limits(relative=0.0, direction="any"))
    assert nothing.p_value == 1.0


def test_what_can_be_found_includes_what_is_tolerated() -> None:
    test = Test(effect(Estimate(0.0, 20, 1.0)), Limits(relative=0.0, absolute=5.0))
    alone, among = test.detectable(1), test.detectable(10)
    assert alone is not None and among is not None
    assert 7.0 < alone < among
    assert Test(effect(Estimate(0.0, 2)), Limits()).detectable(1) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (1.0, 0.99, ""),
        (1.0, 0.989, "fell from 100.0% to 98.9%"),
        (0.95, 0.95, ""),
        (0.9499, 0.9499, "95.0% needed"),
    ],
)
def test_coverage_at_its_limits(before: float, after: float, said: str) -> None:
    one = effect(Estimate(0.0, 1), coverage_before=before, coverage_after=after)
    found = coverage_problem(one, Limits(coverage_loss=0.01, min_coverage=0.95))
    assert (said in found) if said else not found


def test_too_few_ends_at_ten() -> None:
    assert too_few(9, "people") and not too_few(10, "people")


def test_other_definitions_come_nearest_first() -> None:
    assert siblings("ssim.wang-rgb@1") == ["ssim.wang-rgb@2"]
    stem = "fid.torch-fidelity-embedded-b446dae2"
    assert siblings(f"{stem}@9")[0] == f"{stem}@1"
    assert siblings("ssim.wang-rgb@2") == []
    assert siblings("nobody.knows@1") == []


def test_what_is_judged_of_a_score() -> None:
    flicker, ssim = card("flicker.vbench@1"), card(SSIM)
    assert judged(flicker, Measured(0.5, 1, 1, driver=0.75)) == 0.25
    assert judged(flicker, Measured(0.5, 1, 1)) == 0.5
    assert judged(ssim, Measured(0.5, 1, 1, driver=0.75)) == 0.5


def shift(name: str, before: float, loss: float) -> Shift:
    case = CaseSide(id=name, kind="self", frames=1, people=1, outcome="ok")
    return Shift(case, before, before + loss, loss)


def finding(metric: str, *shifts: Shift, outcome: Outcome = O.PASS) -> Finding:
    test = Test(effect(Estimate(0.0, 1), shifts=shifts), Limits())
    return Finding("self", card(metric), outcome, test=test)


def test_the_cases_that_moved_most() -> None:
    # LMD's spread is 1, SSIM's 0.1: a loss of 0.3 in SSIM is three spreads
    lmd = finding(LMD, shift("a", 1.0, 2.0), shift("b", 2.0, -4.0), shift("c", 3.0, 0.0))
    ssim = finding(SSIM, shift("a", 0.5, 0.3), shift("b", 0.6, 0.1), shift("c", 0.7, 0.0))
    found = movers([lmd, ssim])
    assert [(m.shift.case.id, m.finding.card.id) for m in found] == [("b", LMD), ("a", SSIM)]
    assert [round(m.size, 6) for m in found] == [-4.0, 3.0]
    assert len(movers([finding(LMD, *(shift(f"c{i}", float(i), 1.0) for i in range(9)))])) == 5


def test_one_case_or_equal_ones_move_by_their_size() -> None:
    assert movers([finding(LMD, shift("a", 2.0, 1.0))])[0].size == 0.5
    assert movers([finding(LMD, shift("a", 0.0, 1.0))])[0].size == 1.0
    same = movers([finding(LMD, shift("a", 4.0, 1.0), shift("b", 4.0, 2.0))])
    assert [mover.size for mover in same] == [0.5, 0.25]


def test_what_did_not_pass_is_looked_at_first() -> None:
    passed = finding(LMD, shift("a", 1.0, 9.0))
    lost = finding(SSIM, shift("b", 1.0, 0.1), outcome=O.REGRESSION)
    assert [mover.shift.case.id for mover in movers([passed, lost])] == ["b"]
    gone = Finding("self", card(SSIM), O.DISAPPEARED)
    assert [mover.shift.case.id for mover in movers([passed, gone])] == ["a"]


def test_speed_and_what_was_not_tested_move_nothing() -> None:
    assert movers([finding("fps.offline@1", shift("a", 1.0, 9.0))]) == []
    assert movers([Finding("self", card(LMD), O.DISAPPEARED)]) == []


def test_equal_moves_keep_the_first_metric() -> None:
    first = finding(LMD, shift("a", 1.0, 1.0))
    second = finding(SSIM, shift("a", 1.0, -1.0))
    assert movers([first, second])[0].finding is first


def test_one_case_only() -> None:
    from benchmark.gate.config import GateConfig
    from benchmark.gate.judge import judge

    one = Invented(Cast(1)).but(changes={})
    side = one.side()
    single = side.model_copy(
        update={
            "cases": side.cases[:1],
            "metrics": {
                n: m.model_copy(update={"scores": m.scores[:1]}) for n, m in side.metrics.items()
            },
        }
    )
    found = judge(single, single, GateConfig())
    assert found.exit_code is ExitCode.OK
    assert {f.said for f in found.findings} == {"no interval: 10 people needed, 1 there"}


def test_either_way_is_found_later_than_one_way() -> None:
    loss = effect(Estimate(0.0, 20, 1.0))
    either = Test(loss, Limits(relative=0.0, direction="any")).detectable(1)
    assert either == Test(loss, Limits(relative=0.0)).detectable(2)
