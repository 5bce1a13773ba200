"""The process that measures one point: ``python -m benchmark.speed.child JOB.json``.

A process of its own, so that its peak of memory is the method's, that a crash is a result, and that
it sees the chosen GPU and no other. It ends with whatever it started when its standard input
closes: then nobody waits for it any more.
"""

import json
import os
import sys
import threading
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from adapters.base import Media, Services
from adapters.processes import JOB, adopt_orphans, end_others
from benchmark.speed.clock import RealClock
from benchmark.speed.device import CPU, CudaSync, Device, load_library, used_cuda
from benchmark.speed.load import load_method
from benchmark.speed.machine import Watch
from benchmark.speed.material import prepare_material
from benchmark.speed.measure import Bench, Loaded, told
from benchmark.speed.memory import MemoryWatch
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import Point
from benchmark.speed.subject import Tools, nothing_to_wait_for
from benchmark.speed.validity import BUSY_GPU

_UNSEEN = (
    "the method did not use torch on the GPU: what the GPU still works on when a frame is handed "
    "over is not waited for"
)
_LOOKS = 3
"""Samples that are needed to say that a GPU stood still."""


def main(job: Path) -> None:
    """Measure, and write the point, or why there is none, to the path that the job names."""
    adopt_orphans()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    plan: dict[str, Any] = json.loads(job.read_text(encoding="utf-8"))
    out = Path(plan["out"])
    part = out.with_suffix(".part")
    part.write_text(json.dumps(_result(plan)), encoding="utf-8")
    part.replace(out)


def _result(plan: dict[str, Any]) -> dict[str, Any]:
    options = PerfOptions(**{**plan["options"], "fps": Fraction(plan["options"]["fps"])})
    device = Device(**plan["device"])
    material = prepare_material(options, Path(plan["folder"]), _services(plan["faces"]))
    memory = MemoryWatch.start(used_cuda)
    clock = RealClock()
    try:
        loaded = load_method(plan["spec"], device.name, clock)
    except Exception as error:  # whatever a user's class raises is its failure
        import traceback

        traceback.print_exc()
        text = " ".join(str(error).split())[:500]
        return {"broken": text or type(error).__name__}
    sync = nothing_to_wait_for if device.kind == CPU else CudaSync()
    gpu = device.open(load_library() if device.which else None)
    watch = Watch(clock, gpu, device.gpus, plan["busy_before"])
    point = measure(loaded, Bench(material, Tools(clock, sync), watch, memory, options))
    if (close := getattr(material.request.services.faces, "close", None)) is not None:
        close()
    return {"point": blind(point, loaded, device).model_dump(mode="json")}


def blind(point: Point, loaded: Loaded, device: Device) -> Point:
    """Mark a point that was to be on a GPU and was not: its figures are the processor's.

    Torch in this process knows; of other programs the driver tells whether the GPU did anything.
    """
    if device.kind == CPU:
        return point
    torch = sys.modules.get("torch") if loaded.kind == "process" else None
    gpu = point.machine.gpu
    seen = [sample.busy for sample in gpu.samples if sample.busy is not None] if gpu else []
    worked = bool(seen) and median(seen) > BUSY_GPU
    waited = bool(told(loaded.method, "memory"))  # a worker's, where its torch uses the GPU
    if loaded.kind == "process":
        waited = used_cuda() is not None
    why = ""
    if torch is not None and not waited and not worked:
        why = "the method's torch did nothing on it; for the processor: --device cpu"
        if not torch.cuda.is_available():
            why = "this environment's torch sees none (a build for the CPU?)"
    elif not waited and len(seen) >= _LOOKS and not any(seen):
        why = "it stood still while the method ran; for the processor: --device cpu"
    if why:
        return point.model_copy(update={"flaws": (f"the GPU was not used: {why}", *point.flaws)})
    if waited or loaded.kind == "command":  # the end of a process waits for its GPU
        return point
    return point.model_copy(update={"notes": (*point.notes, _UNSEEN)})


class _NoFaces:
    def __call__(self, frame: object, max_faces: int) -> list[Any]:
        raise RuntimeError("no face tracker is lent to a method that is run outside")


def _services(faces: list[str] | None) -> Services:
    from benchmark.collect import LentMedia
    from benchmark.tracker import LentTracker
    from metrics.signals.face_backends import Backend

    media: Media = LentMedia()
    if faces is None:
        return Services(media, _NoFaces())
    return Services(media, LentTracker(Path(faces[0]), Backend.parse(faces[1])))


def _end_with_parent() -> None:
    os.read(0, 1)
    end_others(set(), f"{JOB}={os.environ.get(JOB, 'none')}")
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
