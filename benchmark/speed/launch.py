"""Our side of the process that measures: started for one point, watched, read with care."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.output import Capped, pump
from adapters.processes import JOB, end_tree
from benchmark.errors import EnvironmentProblem
from benchmark.process import LOAD_TIMEOUT_S, MethodBroken
from benchmark.spec import MethodSpec
from benchmark.speed.clock import RealClock
from benchmark.speed.cohort import cohort_of, stated
from benchmark.speed.device import Device, busy, load_library
from benchmark.speed.load import COMMAND, RESIDENT
from benchmark.speed.machine import Watch
from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import Point

_SEARCHES = 10
_ROOT = str(Path(__file__).resolve().parent.parent.parent)


@dataclass(frozen=True, slots=True)
class Order:
    """A point to be measured.

    Attributes:
        spec: The method, with its chunk among its options.
        options: How.
        device: Where.
        faces: Face model and engine lent to it; ``None`` for methods that are run outside.
        said: What the user says of precision, steps and so on.
        log: Receives what the method prints.
    """

    spec: MethodSpec
    options: PerfOptions
    device: Device
    faces: tuple[str, str] | None
    log: Path
    said: dict[str, str] = field(default_factory=dict)

    @property
    def limit_s(self) -> float:
        """Seconds after which the process is given up."""
        parts = 2 + (_SEARCHES if self.options.mode == "streaming" else 0)
        return LOAD_TIMEOUT_S + parts * self.options.max_s


def measure_apart(order: Order) -> Point:
    """Measure in a process of its own; one that crashes or hangs makes an invalid point.

    Raises:
        MethodBroken: If the method cannot be loaded.
        EnvironmentProblem: If there is no room for it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="perf-") as name:
            folder = Path(name)
            order.log.parent.mkdir(parents=True, exist_ok=True)
            job, out = folder / "job.json", folder / "point.json"
            job.write_text(json.dumps(_plan(order, folder, out)), encoding="utf-8")
            ended = _run(order, job)
            return _read(order, out, ended)
    except OSError as error:
        where = f" in {error.filename}" if error.filename else ""
        raise EnvironmentProblem(
            f"cannot work{where}: {error.strerror or error}", "choose another --out"
        ) from None


def _plan(order: Order, folder: Path, out: Path) -> dict[str, Any]:
    spec = order.spec
    gpu = order.device.open(load_library()) if order.device.which else None
    return {
        "out": str(out),
        "folder": str(folder),
        "options": {**asdict(order.options), "fps": str(order.options.fps)},
        "device": asdict(order.device),
        "busy_before": busy(gpu, RealClock()),
        "faces": order.faces,
        "spec": {
            "name": spec.name,
            "label": spec.label,
            "target": spec.target,
            "options": dict(spec.options),
            "search": spec.search,
            "said": order.said,
        },
    }


def _run(order: Order, job: Path) -> str:
    """Run the process to its end and say how that was; empty if it was orderly."""
    mark = uuid.uuid4().hex
    path = os.pathsep.join(p for p in (_ROOT, os.environ.get("PYTHONPATH", "")) if p)
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-P", "-m", "benchmark.speed.child", str(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={
            **os.environ,
            **order.device.variables,
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            JOB: mark,
        },
        start_new_session=True,
    )
    assert process.stdout is not None
    printed = pump(process.stdout, Capped(lambda piece: _append(order.log, piece)))
    try:
        code = process.wait(order.limit_s)
        how = f"the method's process ended ({_named(code)})" if code else ""
    except subprocess.TimeoutExpired:
        how = f"the method gave no end within {order.limit_s:.0f} s"
    finally:
        end_tree(process.pid, f"{JOB}={mark}", ended=process.returncode is not None)
        process.wait()
        printed.join(5)
        process.stdout.close()
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
    return how


def _append(log: Path, piece: bytes) -> None:
    with suppress(OSError), log.open("ab") as stream:
        stream.write(piece)


def _named(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        name = f"signal {-code}"
    return f"{name}, out of memory?" if name == "SIGKILL" else name


def _read(order: Order, out: Path, ended: str) -> Point:
    if ended or not out.is_file():
        return invalid(order, ended or "the method's process left no result")
    try:
        answer = json.loads(out.read_text(encoding="utf-8"))
        if "broken" in answer:
            raise MethodBroken(
                f"method '{order.spec.name}' cannot be loaded: {answer['broken']}",
                f"what it printed is in {order.log}",
            )
        return Point.model_validate(answer["point"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        return invalid(order, f"what was measured cannot be read: {str(error)[:200]}")


def invalid(order: Order, why: str) -> Point:
    """Return a point without figures, and why there are none."""
    gpu = order.device.open(load_library()) if order.device.which else None
    machine = Watch(RealClock(), gpu, order.device.gpus).end()
    kind = {RESIDENT: "worker", COMMAND: "command"}.get(order.spec.target, "process")
    return Point(
        name=order.spec.name,
        label=order.spec.label,
        chunk=order.options.chunk,
        flaws=(why,),
        cohort=cohort_of(machine, kind, order.options, stated({}, order.said)),
        machine=machine,
    )
