"""Loading what is measured, in the process that measures it."""

import importlib
import inspect
import sys
from collections.abc import Mapping
from typing import Any

from adapters.base import Method, MethodError
from adapters.resident import Resident
from benchmark.speed.clock import Clock
from benchmark.speed.measure import Loaded

RESIDENT = "adapters.resident:Resident"
COMMAND = "adapters.command:Command"
_KINDS = {RESIDENT: "worker", COMMAND: "command"}


def load_method(spec: Mapping[str, Any], device: str, clock: Clock) -> Loaded:
    """Load a method and take the time.

    Args:
        spec: ``target``, ``options``, ``search``, ``name``, ``label``, ``said``; plain data of a
            `benchmark.spec.MethodSpec`.
        device: ``cpu`` or ``cuda:0``, given to a method that has an option ``device``.
        clock: Takes the time.

    Raises:
        MethodError: If it has no option that was asked for, or cannot be animated.
        Exception: Whatever loading raises.
    """
    start = clock.now()
    if spec["search"]:
        sys.path.append(spec["search"])  # last: its folders must not hide our rooms
    module, _, name = spec["target"].partition(":")
    kind = _KINDS.get(spec["target"], "process")
    made: Any = getattr(importlib.import_module(module), name)
    options = dict(spec["options"])
    if kind == "process":
        options = _fitting(made, options, device)
    method = made(**options)
    if not isinstance(method, Method):
        raise MethodError(f"{spec['target']} has no animate(request) method")
    load_s: float | None = clock.now() - start
    if isinstance(method, Resident):
        method.synchronise = True
        load_s = method.load_s  # by its own clock, without the start of its interpreter
    elif kind == "command":
        load_s = None
    words = spec["options"].get("how", {}).get("options", {}) if kind != "process" else options
    return Loaded(method, kind, spec["name"], spec["label"], load_s, words, spec["said"])


def _fitting(made: object, options: dict[str, Any], device: str) -> dict[str, Any]:
    """Return options with the device where it is one, and without a chunk of 1 where it is none."""
    known = inspect.signature(made).parameters if callable(made) else {}
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in known.values())
    if "device" in known:
        options.setdefault("device", device)
    if "chunk" in options and "chunk" not in known and not anything:
        if options["chunk"] != 1:
            raise MethodError("has no option 'chunk': it answers frame by frame")
        del options["chunk"]
    return options
