"""The harness' side of the worker process that runs a method.

The worker is started once, loads the method and serves case after case. It is ended, with whatever
it started, when a case exceeds its time or the run is over; after a crash or a timeout the next
case gets a fresh one.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self

from adapters.elsewhere import stop_elsewhere
from adapters.output import Capped, pump
from adapters.processes import JOB, end_tree
from benchmark import protocol
from benchmark.errors import BenchError, EnvironmentProblem
from benchmark.methods import MethodSpec
from metrics.signals.face_backends import OFFICIAL

LOAD_TIMEOUT_S = 600.0
_ENDING_S = 5.0


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """How cases are run.

    Attributes:
        timeout_s: Seconds a case may take. Loading the method has `LOAD_TIMEOUT_S`, or this if it
            is longer: what is slow once need not be slow for every case.
        seed: Seed given to the method.
        face_model: Model of the lent face tracker.
        face_backend: Engine of the lent face tracker, as `str` of a `Backend`.
    """

    timeout_s: float
    seed: int
    face_model: Path
    face_backend: str = str(OFFICIAL)


class MethodBroken(BenchError):
    """The method cannot even be loaded; no case can run."""


class Worker:
    """A running method. Use as a context manager.

    Args:
        spec: The method.
        options: How cases are run.
        log: File that receives what the method prints.
        lock: Descriptor of the run's lock, if any: the worker holds it too, so that nobody takes
            the run over while a worker that lost its harness is still ending.
    """

    def __init__(
        self, spec: MethodSpec, options: GenerateOptions, log: Path, lock: int | None = None
    ) -> None:
        self._spec = spec
        self._options = options
        self._log = log
        self._lock = () if lock is None else (lock,)
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs: IO[str] | None = None
        self._answers: IO[str] | None = None
        self._gone = False
        self._mark = ""
        self._printed: Thread | None = None
        self.load_s = 0.0

    def start(self) -> None:
        """Start the process and load the method.

        Raises:
            MethodBroken: If the method's class cannot be loaded.
        """
        self._gone = False
        jobs_out, jobs_in = os.pipe()
        answers_out, answers_in = os.pipe()
        package_root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(p for p in (package_root, os.environ.get("PYTHONPATH", "")) if p)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        job = uuid.uuid4().hex
        self._mark = f"{JOB}={job}"
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-P", "-m", "benchmark.worker", str(jobs_out), str(answers_in)],
            pass_fds=(jobs_out, answers_in, *self._lock),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", JOB: job},
            start_new_session=True,
        )
        os.close(jobs_out)
        os.close(answers_in)
        assert self._process.stdout is not None
        self._printed = pump(self._process.stdout, Capped(self._write_log))
        self._jobs = os.fdopen(jobs_in, "w")
        self._answers = os.fdopen(answers_out, "r")
        load = protocol.Load(
            self._spec.target,
            self._spec.options,
            self._spec.search,
            str(self._options.face_model),
            self._options.face_backend,
        )
        outcome = self._ask("load", load, lambda _: None)
        if isinstance(outcome, str) or outcome["kind"] != "ready":
            reason = outcome if isinstance(outcome, str) else outcome["body"]
            self.stop()
            raise MethodBroken(
                f"method '{self._spec.name}' cannot be loaded: {reason}",
                f"what it printed is in {self._log}",
            )
        self.load_s = float(outcome["body"])

    def _write_log(self, piece: bytes) -> None:
        """Append what the method prints; a disk that is full is said by what is stored on it."""
        with suppress(OSError), self._log.open("ab") as log:
            log.write(piece)

    def run(self, job: protocol.Job, progress: Callable[[int], None]) -> protocol.Result:
        """Run one case; a crash or timeout is a failed result, and ends the process.

        Raises:
            EnvironmentProblem: If the result cannot be stored.
        """
        if self._process is None or self._process.poll() is not None:
            self.start()
        outcome = self._ask("job", job, progress)
        if isinstance(outcome, str):
            self.stop()
            return protocol.Result(reason=outcome)
        if outcome["kind"] == "environment":
            raise EnvironmentProblem(str(outcome["body"]))
        return protocol.result_from(outcome["body"])

    def _ask(
        self, kind: str, body: object, progress: Callable[[int], None]
    ) -> protocol.Message | str:
        """Send a message and wait for the answer; a string says why none came."""
        assert self._jobs is not None
        assert self._process is not None
        try:
            protocol.send(self._jobs, kind, body)
        except BrokenPipeError:
            return self._post_mortem()
        limit = self._options.timeout_s
        if kind == "load":
            limit = max(limit, LOAD_TIMEOUT_S)
        deadline = time.monotonic() + limit
        for message in self._messages(deadline):
            if message["kind"] != "progress":
                return message
            progress(int(message["body"]))
        if self._gone:
            return self._post_mortem()
        return f"no result within {limit:g} s (timeout)"

    def _messages(self, deadline: float) -> Iterator[protocol.Message]:
        """Yield messages until the deadline or the end of the process, which sets ``_gone``."""
        assert self._answers is not None
        descriptor = self._answers.fileno()
        pending = b""
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                if not selector.select(left):
                    return
                piece = os.read(descriptor, 1 << 16)
                if not piece:
                    self._gone = True
                    return
                *lines, pending = (pending + piece).split(b"\n")
                for line in lines:
                    message: dict[str, Any] = json.loads(line)
                    yield message

    def _post_mortem(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return "the method's process closed its pipe and does not end"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"the method's process ended ({how})"

    def stop(self) -> None:
        """End the process and everything that it started, see `adapters.processes`."""
        if self._process is None:
            return
        for stream in (self._jobs, self._answers):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        ended = self._process.returncode is not None
        end_tree(self._process.pid, self._mark, ended=ended)
        self._process.wait()
        spec, job = self._spec, self._mark.partition("=")[2]
        if problem := stop_elsewhere(spec.target, spec.options, job):
            self._write_log(f"{problem}\n".encode())
        if self._printed is not None and self._process.stdout is not None:
            self._printed.join(_ENDING_S)
            self._process.stdout.close()
        self._process = self._jobs = self._answers = self._printed = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
