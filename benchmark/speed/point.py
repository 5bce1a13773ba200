"""One point, measured in the way that the options and the method ask for."""

from benchmark.speed.measure import Bench, Loaded, measure_offline
from benchmark.speed.measure_command import measure_command
from benchmark.speed.measure_streaming import measure_streaming
from benchmark.speed.record import Point


def measure(loaded: Loaded, bench: Bench) -> Point:
    """Measure a loaded method; whatever goes wrong is a flaw of the point."""
    if loaded.kind == "command":
        return measure_command(loaded, bench)
    if bench.options.mode == "streaming":
        return measure_streaming(loaded, bench)
    return measure_offline(loaded, bench)
