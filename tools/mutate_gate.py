"""Flip every comparison and condition of the gate's code, one at a time, and see a test fail.

    python tools/mutate_gate.py                  # all; prints the survivors, exits 1 if any is new
    python tools/mutate_gate.py benchmark/gate/judge.py

Each mutant runs the gate's quick tests in a forked process of its own, in which the one module is
compiled from the changed source. Survivors that change nothing a user could see are explained in
`EXPLAINED`; an explanation without its survivor is an error, too.
"""

import ast
import copy
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
CODE = ("benchmark/gate", "benchmark/stats")
_DECISIONS = ("test_gate_edges", "test_gate_plants", "test_gate_open")
_FILES = ("test_baseline_file", "test_gate_plants")
TESTS = {
    "baseline": ("test_baseline_file",),
    "comparable": _DECISIONS,
    "config": ("test_gate_config", "test_gate_plants"),
    "contrast": ("test_compare_cli",),
    "effect": _DECISIONS,
    "interleave": ("test_gate_interleave",),
    "judge": _DECISIONS,
    "movers": ("test_gate_edges", "test_gate_open"),
    "of_run": _FILES,
    "outcome": _DECISIONS,
    "packed": ("test_gate_redraw",),
    "read": ("test_gate_cli",),
    "redraw": ("test_gate_redraw",),
    "side": _FILES,
    "verdict": _DECISIONS,
    "estimate": ("test_stats_means", "test_gate_edges"),
    "means": ("test_stats_means",),
    "people": ("test_stats_means",),
    "sets": ("test_stats_sets",),
    "several": ("test_stats_several",),
}
"""The tests of each module, in the order in which they are run; `features` measures and decides
nothing, and is run by a slow test."""
NOT_QUICK = "not commands and not wrong_words and not unfinished_run and not slow"
LIMIT_S = 300
JOBS = int(os.environ.get("JOBS", "0")) or os.cpu_count() or 1
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE,
    ast.LtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
EDGE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
EXPLAINED: dict[str, str] = {
    "benchmark/gate/contrast.py: finding.test.effect.loss.value > 0 [GtE]": (
        "a difference of exactly 0 is never told apart, so that its sign is not asked for"
    ),
}
"""By `Mutant.name`: why nobody could see the difference."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file: which node, and what is done to it."""

    path: str
    line: int
    what: str
    source: str

    @property
    def name(self) -> str:
        """What identifies it while lines move."""
        return f"{self.path}: {self.what}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield all mutants of a file."""
    tree = ast.parse(path.read_text())
    relative = str(path.relative_to(ROOT))
    for place, node in enumerate(ast.walk(tree)):
        for number in range(_changes(node)):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[place]
            before = ast.unparse(target) if isinstance(target, ast.expr) else ast.unparse(node)
            before = before.splitlines()[0]
            how = _change(target, number)
            yield Mutant(relative, node.lineno, f"{before} [{how}]", ast.unparse(changed))


def _changes(node: ast.AST) -> int:
    match node:
        case ast.Compare(ops=ops):
            return sum(1 + (type(op) in EDGE) for op in ops)
        case ast.BoolOp():
            return 1
        case ast.UnaryOp(op=ast.Not()):
            return 1
        case ast.If(test=test) | ast.IfExp(test=test):
            return int(isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.NamedExpr))
    return 0


def _change(node: ast.AST, number: int) -> str:
    """Change a node in place; return in which way."""
    match node:
        case ast.Compare(ops=ops):
            options = [(i, table[type(op)]) for i, op in enumerate(ops)
                       for table in (OPPOSITE, EDGE) if type(op) in table]  # fmt: skip
            place, kind = options[number]
            ops[place] = kind()
            return kind.__name__
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            return type(node.op).__name__
        case ast.UnaryOp(operand=operand):
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), operand)
            return "without not"
        case ast.If(test=test) | ast.IfExp(test=test):
            node.test = ast.UnaryOp(ast.Not(), test)
            return "negated"
    raise AssertionError(node)


class Changed(MetaPathFinder, Loader):
    """Loads one module from a changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.module = mutant.path.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, _path: object, _target: object = None) -> ModuleSpec | None:
        """Claim the one module."""
        return spec_from_loader(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        code = compile(self.mutant.source, self.mutant.path, "exec")
        exec(code, module.__dict__)


def survives(mutant: Mutant | None) -> bool:
    """Run the tests in a fork; say whether they all passed."""
    child = os.fork()
    if child == 0:
        import signal

        signal.alarm(LIMIT_S)
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        if mutant is not None:
            sys.meta_path.insert(0, Changed(mutant))
        import pytest

        words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts="]
        os._exit(int(pytest.main([*words, "-k", NOT_QUICK, *_files(mutant)])))
    _, status = os.waitpid(child, 0)
    return status == 0


def _files(mutant: Mutant | None) -> list[str]:
    """Return the tests of a mutant's module; all without one."""
    names = TESTS[Path(mutant.path).stem] if mutant else dict.fromkeys(sum(TESTS.values(), ()))
    return [f"tests/benchmark/{name}.py" for name in names]


def _told(mutant: Mutant) -> bool:
    """Return `survives`, and say so at once."""
    alive = survives(mutant)
    if alive:
        mark = "explained" if mutant.name in EXPLAINED else "SURVIVES"
        print(f"{mark}  {mutant.path}:{mutant.line}  {mutant.what}", flush=True)
    return alive


def warm() -> None:
    """Import what is slow and not under test, once, before forking."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "benchmark")]
    import hypothesis  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    import metrics.registry  # noqa: F401

    assert not any(n.startswith(("benchmark.gate", "benchmark.stats")) for n in sys.modules)


def main(words: Sequence[str]) -> int:
    os.chdir(ROOT)
    files = [ROOT / word for word in words] or [
        path
        for folder in CODE
        for path in sorted((ROOT / folder).glob("*.py"))
        if path.stem in TESTS
    ]
    warm()
    if not survives(None):
        print("the tests do not pass without a change")
        return 1
    every = [mutant for path in files for mutant in mutants(path)]
    with ThreadPoolExecutor(JOBS) as pool:
        found = [one for one, alive in zip(every, pool.map(_told, every), strict=True) if alive]
    fresh = [mutant for mutant in found if mutant.name not in EXPLAINED]
    stale = [] if words else sorted(set(EXPLAINED) - {mutant.name for mutant in found})
    for name in stale:
        print(f"explained, but does not survive: {name}")
    print(
        f"{len(every)} mutants, {len(found)} survive, {len(found) - len(fresh)} of them explained"
    )
    return int(bool(fresh or stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
