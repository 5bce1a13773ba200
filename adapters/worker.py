"""Runs inside a method's own environment: loads it once, then serves case after case.

Standard library and numpy only, Python 3.8 on; nothing of ours is imported, and this file's folder
is taken off the search path. Started as ``python worker.py HOOK.py:Class`` in the method's
repository, with a JSON line on standard input that says how to load.

The protocol is frames of one JSON line each, on standard input (jobs) and on what was standard
output (answers); an answer with ``"bytes": n`` is followed by n bytes. Standard output itself is
turned to standard error before the method is imported, so that what it prints disturbs nothing.
Answers: ``ready`` (load_s, says), ``frame`` (shape, index, run_s, since_s, stages; then its
pixels), ``done`` (run_s, frames, memory), ``failed`` (reason).

A hook is a class with ``__init__(self, options)`` that loads the method, and ``animate(self, job)``
that yields its frames in order: arrays ``(H, W, 3)``, uint8 or float in [0, 1], or pairs of the
driving index and such an array. ``job`` is a dictionary: source, driving, drivings, audio, out,
work, protocol, seed, frames, fps (text), width, height, case, parts, options. It may have whole
numbers ``chunk_frames`` (frames answered together) and ``look_ahead`` (frames looked at beyond
them), and a dictionary ``stages`` of seconds so far by stage.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import sys
import time
import traceback
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1


def main() -> None:
    """Load the hook, then serve until standard input closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    jobs = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)  # a method that reads its input must not eat our jobs
    sys.path[:] = [os.getcwd(), *sys.path[1:]]  # noqa: PTH109 - a plain string
    load = json.loads(jobs.readline())
    hook = _loaded(load, answers)
    while hook is not None:
        line = jobs.readline()
        if not line:
            return
        _serve(hook, json.loads(line), answers)


def _loaded(load: dict[str, Any], answers: IO[bytes]) -> Any:  # noqa: ANN401 - a foreign class
    start = time.perf_counter()
    try:
        _seed(load["seed"])
        path, _, name = sys.argv[1].rpartition(":")
        sys.path.append(os.path.dirname(path))  # noqa: PTH120 - last: it hides nothing
        spec = importlib.util.spec_from_file_location("portraitbench_hook", path)
        assert spec is not None and spec.loader is not None, path
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        hook = getattr(module, name)(load["options"])
    except Exception as error:
        traceback.print_exc()
        _answer(answers, kind="failed", reason=_described(error))
        return None
    load_s = time.perf_counter() - start
    says = {name: getattr(hook, name, None) for name in ("chunk_frames", "look_ahead")}
    says = {name: int(value) for name, value in says.items() if isinstance(value, int)}
    _answer(answers, kind="ready", format=FORMAT, load_s=load_s, says=says)
    return hook


def _serve(hook: Any, job: dict[str, Any], answers: IO[bytes]) -> None:  # noqa: ANN401
    try:
        os.chdir(job["work"])
        _seed(job["seed"])
        _settle(job)
        run_s, count = _stream(hook, job, answers)
    except Exception as error:
        traceback.print_exc()
        _answer(answers, kind="failed", reason=_described(error))
        return
    _answer(answers, kind="done", run_s=run_s, frames=count, memory=_memory())


def _stream(hook: Any, job: dict[str, Any], answers: IO[bytes]) -> tuple[float, int]:  # noqa: ANN401
    """Send each frame as it comes; only the time inside the method is counted."""
    made: Iterable[Any] = hook.animate(job)
    begin, run_s, count = time.perf_counter(), 0.0, 0
    frames = iter(made)
    while True:
        start = time.perf_counter()
        try:
            item = next(frames)
        except StopIteration:
            return run_s + time.perf_counter() - start, count
        index, picture = item if isinstance(item, tuple) else (None, item)
        picture = _bytes(np.asarray(picture), count)
        _settle(job)
        spent = time.perf_counter() - start
        run_s += spent
        _answer(
            answers,
            picture.tobytes(),
            kind="frame",
            shape=picture.shape,
            index=None if index is None else int(index),
            run_s=spent,
            since_s=time.perf_counter() - begin,
            stages=dict((getattr(hook, "stages", None) or {}).items()),  # a timer reads events
        )
        count += 1


def _settle(job: dict[str, Any]) -> None:
    """Where speed is measured, wait until the GPU has finished what it was asked for."""
    torch = sys.modules.get("torch")
    if job.get("synchronise") and torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()


def _memory() -> dict[str, int]:
    """Return the peaks of torch on the GPU in bytes, where it is in use."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return {}
    cuda = torch.cuda
    return {"allocated": cuda.max_memory_allocated(), "reserved": cuda.max_memory_reserved()}


def _bytes(picture: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"frame {count} must be (H, W, 3), got {picture.shape}")
    if picture.dtype == np.uint8:
        return picture
    if not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(f"frame {count} must be uint8 or float, got {picture.dtype}")
    if not np.isfinite(picture).all():
        raise ValueError(f"frame {count} holds NaN or infinity")
    low, high = float(picture.min()), float(picture.max())
    if low < -0.01 or high > 1.01:  # a network's last digits may lie outside, a range may not
        raise ValueError(f"frame {count} must lie in [0, 1], it is in [{low:g}, {high:g}]")
    scaled: np.ndarray[Any, Any] = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return scaled


def _answer(answers: IO[bytes], payload: bytes = b"", **fields: object) -> None:
    fields["bytes"] = len(payload)
    answers.write(json.dumps(fields).encode() + b"\n" + payload)
    answers.flush()


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the generator that methods draw from
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def _described(error: Exception) -> str:
    text = " ".join(str(error).split())[:500]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


if __name__ == "__main__":
    main()
