"""Cohorts: measurements that may be ranked against each other."""

from collections.abc import Mapping
from typing import Any

from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import NOT_STATED, Cohort, MachineReport

STATED = {
    "precision": ("precision", "dtype", "fp16", "half"),
    "compile": ("compile", "torch_compile", "compile_mode"),
    "batch": ("batch", "batch_size"),
    "steps": ("steps", "num_inference_steps", "inference_steps", "sample_steps"),
}
"""Field of the cohort, and the options of methods that state it."""

INCLUDES = {
    "process": "the method; source prepared and set up once a case are apart; input decoded "
    "beforehand, output not stored",
    "worker": "the method in its own process, with its own decoding; set-up once a case apart; "
    "output not stored, the way from there not counted",
    "command": "a whole process a case, with decoding and storing; loading taken off by a fit",
}


def stated(words: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, str]:
    """Return what is stated of precision, compile mode, batch and steps.

    Args:
        words: Options and attributes of the method.
        said: What the user says; goes first.
    """
    found = {}
    for field, names in STATED.items():
        value = said.get(field) or next((_text(n, words[n]) for n in names if n in words), "")
        found[field] = value or NOT_STATED
    return found


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return {"fp16": "fp16", "half": "fp16"}.get(name, "on") if value else "off"
    return str(value)[:60] if isinstance(value, str | int | float) else ""


def cohort_of(
    machine: MachineReport, kind: str, options: PerfOptions, how: Mapping[str, str]
) -> Cohort:
    """Return the cohort of a measurement.

    Args:
        machine: Where it was made.
        kind: ``process``, ``worker`` or ``command``: decides what the seconds include.
        options: How it was made.
        how: What `stated` gave.
    """
    gpu = machine.gpu
    return Cohort(
        device=gpu.name if gpu is not None else f"{machine.cores} x {machine.cpu}",
        power_limit_w=None if gpu is None else gpu.power_limit_w,
        driver="" if gpu is None else gpu.driver,
        gpus=0 if gpu is None else 1,
        size=options.size,
        frames=options.frames,
        fps=float(options.fps),
        mode=options.mode,
        includes=INCLUDES[kind],
        **how,
    )
