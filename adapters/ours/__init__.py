"""The built-in method: a landmark-driven warp."""

from adapters.ours.method import Warp
from adapters.ours.warp import FaceWarp

__all__ = ["FaceWarp", "Warp"]
