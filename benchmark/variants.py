"""One method in several forms: the rows of an ablation table."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmark.config import MethodEntry, Variant
from benchmark.errors import UsageProblem
from benchmark.names import resolve
from benchmark.spec import MethodSpec

SIGN = "+"
"""``ours+no-mca`` is the variant ``no-mca`` of ``ours``."""


def named_variant(spec: MethodSpec, entry: MethodEntry | None, name: str) -> MethodSpec:
    """Return ``spec`` as its variant ``name`` changes it: one that is declared, or ``KEY=VALUE``.

    Raises:
        UsageProblem: If there is no such variant, or an option that the method does not have.
    """
    declared = entry.variants if entry is not None else {}
    if name in declared:
        return _changed(spec, name, declared[name])
    key, sign, value = name.partition("=")
    if not sign:
        resolve(name, declared, f"variant of {spec.name}")  # says which there are
    if not all(c.isalnum() or c in "._-" for c in value) or not value:
        raise UsageProblem(
            f"'{name}' cannot be part of a row's name",
            f"declare it in bench.toml: [methods.{spec.name}.variants.NAME] options = {{ ... }}",
        )
    return _changed(spec, name, Variant(options={key: _read(value)}))


def _read(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError:
        return text


def _changed(spec: MethodSpec, name: str, variant: Variant) -> MethodSpec:
    label = variant.label or f"{spec.label} ({name})"
    changed = replace(spec, name=f"{spec.name}{SIGN}{name}", label=label)
    if variant.extra and not spec.target.startswith("adapters.command:"):
        raise UsageProblem(f"{spec.name} runs no command that 'extra' could be added to")
    if spec.row is None:
        return replace(changed, options={**spec.options, **variant.options})
    how: Mapping[str, Any] = spec.options["how"]
    for key in variant.options:
        resolve(key, how["options"], f"option of {spec.name}")
    more = {
        "options": {**how["options"], **variant.options},
        "command": [*how["command"], *variant.extra],
    }
    return replace(changed, options={**spec.options, "how": {**how, **more}})
