"""What docs/statistics.md promises, simulated with the same code that writes its tables."""

import importlib.util
import sys
from types import ModuleType

import pytest
from support import ROOT

from benchmark.gate.config import GateConfig

SCRIPT = ROOT / "benchmarks" / "gate_statistics.py"


@pytest.fixture(scope="module")
def simulations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gate_statistics", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.mark.slow
@pytest.mark.parametrize("people", [50, 100])
@pytest.mark.parametrize("noise", ["normal", "Student t5"])
def test_intervals_hold_what_they_say(simulations: ModuleType, people: int, noise: str) -> None:
    for design in simulations.DESIGNS:
        for effect in (0.0, 1.0):
            setting = simulations.Setting(design, people, noise, effect)
            share = simulations.coverage(setting, repeats=2000)
            assert 0.93 <= share <= 0.97, f"{setting}: {share}"


@pytest.mark.slow
def test_the_same_method_rarely_fails(simulations: ModuleType) -> None:
    wrong, repeats = simulations.alarms(20, GateConfig().relative, 1000)
    assert repeats >= 1000
    assert simulations.upper_bound(wrong, repeats) <= 0.06


@pytest.mark.slow
def test_a_loss_of_a_tenth_is_found_with_50_people(simulations: ModuleType) -> None:
    assert simulations.power(50, 0.10, 50) >= 0.95


def test_the_bound_by_hand(simulations: ModuleType) -> None:
    # no event in n trials: 1 - 0.025 ** (1 / n)
    assert simulations.upper_bound(0, 1000) == pytest.approx(1 - 0.025 ** (1 / 1000))


def test_the_page_holds_every_table(simulations: ModuleType) -> None:
    page = simulations.PAGE.read_text()
    for name in simulations.TABLES:
        table = page.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]
        assert table.count("\n") > 3, f"python benchmarks/gate_statistics.py {name}"
