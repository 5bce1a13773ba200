"""Hold the gate's statistics against simulations, and write the tables of docs/statistics.md.

    python benchmarks/gate_statistics.py            # all tables, some minutes
    python benchmarks/gate_statistics.py coverage   # one: coverage, sets, alarms, power

Everything is drawn from fixed seeds: the same numbers on every machine, up to rounding.
"""

# ruff: noqa: E402 - the invented runs lie among the tests
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmark")]

from gate_runs import FLICKER, FPS, LATENCY, LMD, Cast, Invented

from benchmark.gate.config import GateConfig
from benchmark.gate.judge import judge
from benchmark.gate.outcome import Outcome
from benchmark.stats.means import mean_of_cases
from benchmark.stats.people import People
from benchmark.stats.sets import PairedSets, bootstrap_difference, jackknife_difference
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.set_score import SetScore, set_score

PAGE = ROOT / "docs" / "statistics.md"
Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Random = np.random.Generator

NOISES: dict[str, Callable[[Random, int], Floats]] = {
    "normal": lambda random, n: random.normal(size=n),
    "Student t5": lambda random, n: random.standard_t(5, size=n),
    "lognormal": lambda random, n: random.lognormal(size=n) - np.exp(0.5),
}
"""Centred at 0; the last one is skewed as no paired difference should be."""


def one_case(_: Random, people: int) -> Pairs:
    return np.arange(people), np.arange(people)


def uneven(random: Random, people: int) -> Pairs:
    who = np.repeat(np.arange(people), random.integers(1, 6, size=people))
    return who, who


def three_portraits(random: Random, people: int) -> Pairs:
    driving = np.repeat(np.arange(people), 3)
    return people + random.integers(2 * people, size=3 * people), driving


def each_other(random: Random, people: int) -> Pairs:
    driving = np.repeat(np.arange(people), 3)
    return (driving + random.integers(1, people, size=3 * people)) % people, driving


DESIGNS: dict[str, Callable[[Random, int], Pairs]] = {
    "self, one case a person": one_case,
    "self, 1 to 5 cases a person": uneven,
    "cross, 3 portraits a clip": three_portraits,
    "cross, people drive each other": each_other,
}


@dataclass(frozen=True)
class Setting:
    """One cell of the coverage table."""

    design: str
    people: int
    noise: str
    effect: float
    """Size of what people contribute, over what chance does."""


def coverage(setting: Setting, repeats: int = 1000, seed: int = 0) -> float:
    """Return the share of 95 % intervals that hold the true mean, 0."""
    random = np.random.default_rng([seed, setting.people, sum(map(ord, setting.noise))])
    noise = NOISES[setting.noise]
    hits = count = 0
    while count < repeats:
        source, driving = DESIGNS[setting.design](random, setting.people)
        person = noise(random, 3 * setting.people)
        values = noise(random, len(source)) + setting.effect * (
            person[source] + np.where(source == driving, 0.0, person[driving])
        )
        ends = mean_of_cases(values.tolist(), People(source, driving)).interval()
        if ends is None:  # fewer than ten sources were drawn
            continue
        hits += ends[0] <= 0.0 <= ends[1]
        count += 1
    return hits / repeats


def coverage_table() -> Iterator[str]:
    heads = [f"{noise}, {word}" for noise in NOISES for word in ("cases", "people")]
    yield from _head(["cases", "people", *heads])
    lines = [(design, people) for design in DESIGNS for people in (10, 20, 50, 100)]
    columns = [(noise, effect) for noise in NOISES for effect in (0.0, 1.0)]
    every = [Setting(*line, *column) for line in lines for column in columns]
    shares = iter(_each(coverage, [(setting,) for setting in every]))
    for design, people in lines:
        cells = [f"{100 * next(shares):.1f}" for _ in columns]
        yield _row([design, str(people), *cells])


@dataclass(frozen=True)
class Clips:
    """Features of two methods on the same clips, in few dimensions."""

    sets: PairedSets

    @classmethod
    def drawn(cls, random: Random, clips: int, worse: float) -> "Clips":
        real = random.normal(size=(clips, 1, 4)) + 0.7 * random.normal(size=(clips, 4, 4))
        first = real + 0.3 + worse + 0.5 * random.normal(size=real.shape)
        second = real + 0.3 + 0.5 * random.normal(size=real.shape)
        return cls(PairedSets(list(first), list(second), list(real)))

    def score(self, made: Sequence[Floats], distance: Frechet | KernelDistance) -> SetScore:
        keys = [str(i) for i in range(len(made))]
        found = set_score(list(made), list(self.sets.reference), keys, distance)
        assert isinstance(found, SetScore)
        return found


def set_coverage(
    name: str, clips: int, worse: float, repeats: int = 300, draws: int = 60
) -> tuple[float, float]:
    """Return the coverage of jackknife and bootstrap of the mean difference at this size."""
    distance = {"Fréchet": Frechet(), "kernel": KernelDistance()}[name]
    random = np.random.default_rng([clips, int(100 * worse)])
    drawn = [Clips.drawn(random, clips, worse) for _ in range(repeats)]
    jackknives = [
        jackknife_difference(c.score(c.sets.first, distance), c.score(c.sets.second, distance))
        for c in drawn
    ]
    truth = float(np.mean([one.value for one in jackknives]))
    bootstraps = [bootstrap_difference(c.sets, distance, draws) for c in drawn]
    shares = []
    for estimates in (jackknives, bootstraps):
        ends = [one.interval() for one in estimates]
        shares.append(float(np.mean([low <= truth <= high for low, high in filter(None, ends)])))
    return shares[0], shares[1]


def sets_table() -> Iterator[str]:
    yield from _head(["distance", "clips", "true difference", "jackknife", "bootstrap"])
    lines = [(n, c, w) for n in ("Fréchet", "kernel") for c in (20, 50) for w in (0.0, 0.2)]
    for (name, clips, worse), found in zip(lines, _each(set_coverage, lines), strict=True):
        word = "none" if not worse else "some"
        yield _row([name, str(clips), word, *(f"{100 * share:.1f}" for share in found)])


def alarms(people: int, relative: float, repeats: int = 10_000) -> tuple[int, int]:
    """Return how often a run of the same method does not pass, of how many.

    Both sides are the same method with another seed: every case moves by a fifth of the spread
    between cases, half of it common to all cases of a person.
    """
    config = GateConfig(relative=relative, speed={"percent": 0.0, "fps": 0.0, "latency": 0.0})
    base = Invented(Cast(people), noise=0.2)
    wrong = 0
    for seed in range(repeats):
        candidate = base.but(seed=2 * seed + 1).side()
        found = judge(candidate, base.but(seed=2 * seed + 2).side(), config)
        wrong += bool(found.exit_code)
    return wrong, repeats


def upper_bound(wrong: int, repeats: int) -> float:
    """Return the upper end of the two-sided 95 % interval of Clopper and Pearson."""
    return float(beta.ppf(0.975, wrong + 1, repeats - wrong))


def alarms_table() -> Iterator[str]:
    yield from _head(["people", "cases", "tolerated", "false alarms", "upper 95 % bound"])
    lines = [(people, relative) for people in (20, 50) for relative in (0.0, 0.01)]
    for (people, relative), found in zip(lines, _each(alarms, lines), strict=True):
        wrong, repeats = found
        bound = f"{100 * upper_bound(wrong, repeats):.1f} %"
        share = f"{wrong} of {repeats}"
        yield _row([str(people), str(3 * people), f"{relative:.0%}", share, bound])


LOSSES = (0.02, 0.03, 0.05, 0.10, 0.20)


def power(people: int, loss: float, repeats: int = 200) -> float:
    """Return how often a planted loss in LMD is found among all metrics, by the defaults."""
    base = Invented(Cast(people), noise=0.2, without=(FLICKER, FPS, LATENCY))
    found = 0
    for seed in range(repeats):
        worse = base.but(seed=2 * seed + 1, changes={LMD: lambda v: v * (1.0 + loss)})
        judged = judge(worse.side(), base.but(seed=2 * seed + 2).side(), GateConfig())
        found += any(f.card.id == LMD and f.outcome is Outcome.REGRESSION for f in judged.findings)
    return found / repeats


def power_table() -> Iterator[str]:
    yield from _head(["people", *(f"{loss:.0%} worse" for loss in LOSSES)])
    lines = (10, 20, 50, 100)
    shares = iter(_each(power, [(people, loss) for people in lines for loss in LOSSES]))
    for people in lines:
        yield _row([str(people), *(f"{next(shares):.0%}" for _ in LOSSES)])


TABLES = {"coverage": coverage_table, "sets": sets_table, "alarms": alarms_table,
          "power": power_table}  # fmt: skip


def _each(function: Callable[..., Any], words: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return the results of calls, made on all cores."""
    with ProcessPoolExecutor(int(os.environ.get("JOBS", "0")) or None) as pool:
        return list(pool.map(function, *zip(*words, strict=True)))


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    yield _row([":--", *["--:"] * (len(names) - 1)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(name: str) -> None:
    """Replace what stands between the marks of a table."""
    lines = "\n".join(TABLES[name]())
    text = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{PAGE} has no marks for {name}")
    PAGE.write_text(f"{before}{start}{lines}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    for asked in sys.argv[1:] or TABLES:
        write(asked)
        print(asked, flush=True)
