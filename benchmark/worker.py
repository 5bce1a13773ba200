"""The process that runs a method: ``python -m benchmark.worker READ_FD WRITE_FD``.

A method that hangs, crashes or exhausts memory takes this process with it, never the harness.
The method is loaded once; each job's frames are stored as they come. When the harness is gone,
however it ended, the job pipe closes and this process ends at once, in the middle of whatever it
was doing, and what the method started ends with it: nothing may write into a run that a new process
may have taken over.
"""

import importlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from adapters.base import Method, MethodError
from adapters.elsewhere import stop_elsewhere
from adapters.processes import JOB, adopt_orphans, end_others
from benchmark import protocol
from benchmark.errors import EnvironmentProblem


def main(read_fd: int, write_fd: int) -> None:
    """Load the method, then serve jobs until the pipe closes."""
    adopt_orphans()
    inbox: SimpleQueue[protocol.Message] = SimpleQueue()
    threading.Thread(target=_listen, args=(read_fd, inbox), daemon=True).start()
    with os.fdopen(write_fd, "w") as answers:
        method = _load(protocol.Load(**inbox.get()["body"]), answers)
        while method is not None:
            _serve(method, protocol.job_from(inbox.get()["body"]), answers)


def _listen(read_fd: int, inbox: "SimpleQueue[protocol.Message]") -> None:
    """Pass messages on; end the process when there can be no more."""
    loaded: dict[str, Any] = {"target": "", "options": {}}
    with os.fdopen(read_fd, "r") as jobs:
        for line in jobs:
            message = json.loads(line)
            loaded = message["body"] if message["kind"] == "load" else loaded
            inbox.put(message)
    job = os.environ.get(JOB, "none")
    end_others(set(), f"{JOB}={job}")
    stop_elsewhere(loaded["target"], loaded["options"], job)
    os._exit(0)


def _load(load: protocol.Load, answers: IO[str]) -> Method | None:
    start = time.perf_counter()
    try:
        from benchmark.collect import lend

        lend(Path(load.face_model), load.face_backend)
        if load.search:
            sys.path.append(load.search)  # last: its folders must not hide our rooms
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
    except EnvironmentProblem as error:  # a full disk is not the method's doing
        protocol.send(answers, "environment", error.problem)
        return
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
