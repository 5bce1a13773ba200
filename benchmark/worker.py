"""The process that runs a method: ``python -m benchmark.worker READ_FD WRITE_FD``.

A method that hangs, crashes or exhausts memory takes this process with it, never the harness.
The method is loaded once; each job's frames are stored as they come.
"""

import importlib
import os
import sys
import time
from pathlib import Path
from typing import IO, Any

from adapters.base import Method, MethodError
from benchmark import protocol


def main(read_fd: int, write_fd: int) -> None:
    """Load the method, then serve jobs until the pipe closes."""
    import json

    with os.fdopen(read_fd, "r") as jobs, os.fdopen(write_fd, "w") as answers:
        method: Method | None = None
        for line in jobs:
            message = json.loads(line)
            if message["kind"] == "load":
                method = _load(protocol.Load(**message["body"]), answers)
                if method is None:
                    return
            else:
                assert method is not None
                _serve(method, protocol.job_from(message["body"]), answers)


def _load(load: protocol.Load, answers: IO[str]) -> Method | None:
    start = time.perf_counter()
    try:
        from benchmark.collect import lend

        lend(Path(load.face_model))
        if load.search:
            sys.path.insert(0, load.search)
        module, _, name = load.target.partition(":")
        method = getattr(importlib.import_module(module), name)(**load.options)
        if not isinstance(method, Method):
            raise MethodError(f"{load.target} has no animate(request) method")
    except Exception as error:  # whatever a user's class raises is its failure
        protocol.send(answers, "broken", describe(error))
        return None
    protocol.send(answers, "ready", time.perf_counter() - start)
    return method


def _serve(method: Method, job: protocol.Job, answers: IO[str]) -> None:
    from benchmark.collect import collect

    def report(frames: int) -> None:
        protocol.send(answers, "progress", frames)

    try:
        result = collect(method, job, report)
    except Exception as error:  # recorded as the method's failure, with its reason
        _log_traceback(job)
        result = protocol.Result(reason=describe(error))
    protocol.send(answers, "result", result)


def describe(error: BaseException) -> str:
    """Say in one line what went wrong; a `MethodError` speaks for itself."""
    text = " ".join(str(error).split())[:500]
    if isinstance(error, MethodError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _log_traceback(job: protocol.Job) -> None:
    import traceback

    print(f"--- {job.case_id}", file=sys.stderr)
    traceback.print_exc()
    sys.stderr.flush()


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    main(int(arguments[0]), int(arguments[1]))
