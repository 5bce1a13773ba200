"""Does one person's motion leak into another's face? Fits, chance levels, cards."""

from metrics.leakage.fit import Clip, PersonLeakage, leakage
from metrics.leakage.matrix import LeakageMatrix, matrices
from metrics.leakage.metrics import LEAKAGE
from metrics.leakage.motion import CHANNELS, Channel

__all__ = [
    "CHANNELS",
    "LEAKAGE",
    "Channel",
    "Clip",
    "LeakageMatrix",
    "PersonLeakage",
    "leakage",
    "matrices",
]
