"""Several people in one frame: who is who over time, how many, and whether two change places."""

from metrics.crowd.definition import TRACKER, TrackerDefinition
from metrics.crowd.people import grown, left_to_right, people_in
from metrics.crowd.tracks import Tracks, follow, track_people

__all__ = [
    "TRACKER",
    "TrackerDefinition",
    "Tracks",
    "follow",
    "grown",
    "left_to_right",
    "people_in",
    "track_people",
]
