"""Runs methods on the tiny split."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import Silent

from benchmark.config import Config
from benchmark.methods import MethodSpec, find_method
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.run import run
from benchmark.splits.manifest import Split
from benchmark.store import RunRecord


@dataclass
class Lab:
    """Runs methods on the tiny split."""

    split: Split
    model: Path
    folder: Path

    def plan(self, method: str | MethodSpec, **options: Any) -> Plan:
        chosen = find_method(method, Config(), Path()) if isinstance(method, str) else method
        return make_plan(chosen, self.split, RunOptions(**{"metrics": ("light",), **options}))

    def run(self, method: str | MethodSpec, name: str = "", **options: Any) -> RunRecord:
        plan = self.plan(method, **options)
        return run(plan, self.folder / (name or plan.run_id), self.model, Silent())
