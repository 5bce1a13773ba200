"""Latency by its parts: what the camera takes, what the method takes, and their sum.

Algorithmic latency is time that no faster machine removes: a method that answers chunks of C
frames and looks A frames ahead has its input (C + A) / fps seconds after the first frame's exposure
began. Compute is what comes on top. "Glass to glass" needs a camera and a screen; without them it
is a model, and is shown with its terms.
"""

from dataclasses import dataclass
from fractions import Fraction

from benchmark.speed.record import Latency, Percentiles


@dataclass(frozen=True, slots=True)
class Reach:
    """Chunk and look-ahead in frames.

    Attributes:
        seen: As counted while the method drew its input; ``None`` if it reads the video itself.
        said: As the method says; ``None`` if it says nothing.
        case: Frames of a case.
    """

    seen: int | None
    said: int | None
    case: int


def latency(reach: Reach, compute: Percentiles, fps: Fraction) -> Latency:
    """Return latency by its parts at an input rate of ``fps``."""
    # A method that goes through the video twice has drawn more than there is to wait for.
    frames = reach.said if reach.seen is None else min(reach.seen, reach.case)
    if frames is None:
        reason = "it reads the driving video itself and does not say how far it looks ahead"
        return Latency(compute_s=compute, reason=reason)
    algorithmic = float(frames / fps)
    total = None if compute.p50 is None else algorithmic + compute.p50
    return Latency(
        frames=frames,
        seen=reach.seen is not None,
        whole_clip=reach.seen is not None and reach.seen >= reach.case > 1,
        algorithmic_s=algorithmic,
        compute_s=compute,
        total_s=total,
    )


@dataclass(frozen=True, slots=True)
class GlassModel:
    """What lies between the glass of the camera and that of the screen, besides the method.

    Attributes:
        camera_s: From the end of an exposure to the frame in memory.
        transport_s: From the machine to the screen's.
        display_hz: Refreshes of the screen a second.
    """

    camera_s: float
    transport_s: float
    display_hz: float

    def terms(self, parts: Latency) -> dict[str, float]:
        """Return the terms in seconds, in order; their sum is the model's latency.

        A frame waits half a refresh on average and is drawn in half of one at mid-screen.

        Args:
            parts: Of the method; needs both algorithmic and compute latency.
        """
        assert parts.algorithmic_s is not None
        assert parts.compute_s.p50 is not None
        return {
            "acquisition and look-ahead": parts.algorithmic_s,
            "camera to memory": self.camera_s,
            "compute (p50)": parts.compute_s.p50,
            "transport": self.transport_s,
            "wait for refresh (mean)": 0.5 / self.display_hz,
            "scan-out to mid-screen": 0.5 / self.display_hz,
        }
