"""The protocol of the tracker: every number that decides who is who."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrackerDefinition:
    """Everything that can change a track; its fingerprint belongs beside that of the face engine.

    A face costs a person ``(1 - GIoU) / 2 + shape_weight * min(distance / shape_scale, 1)``, of
    its box and its shape against those where the person was last seen. Frame by frame, the
    assignment of least summed cost is taken (Hungarian), over the pairs that pass both gates.

    Attributes:
        name: Name of the definition.
        version: Raised whenever a track could change.
        least_giou: A face whose box has a smaller generalised IoU with the person's last box is
            not this person. Boxes of one size pass up to 1.2 sides apart along an axis, and up to
            half a side along both.
        most_growth: Largest ratio of two box sizes (root of the area) of one person.
        shape_weight: Largest cost of the shape. Where boxes are apart, place decides; where they
            overlap, shape does.
        shape_scale: Distance of two shapes from which on they count as different people.
        bridge_s: Seconds for which a person may be unseen and still be found again; who is away
            for longer is not found again, since nothing but place would say that it is they.
        smallest: Faces smaller than this share of the frame's largest face, or of the usual
            largest, are bystanders: a picture on the wall, a passer-by. They are people only if the
            manifest asks for so many.
    """

    name: str = "iou-shape"
    version: int = 1
    least_giou: float = -0.1
    most_growth: float = 2.0
    shape_weight: float = 0.3
    shape_scale: float = 0.1
    bridge_s: float = 3.0
    smallest: float = 0.25

    @property
    def id(self) -> str:
        """The protocol id, ``tracker.name@version``."""
        return f"tracker.{self.name}@{self.version}"

    def as_dict(self) -> dict[str, Any]:
        """Return the definition as plain data, for fingerprints and records."""
        return {"id": self.id, **asdict(self)}


TRACKER = TrackerDefinition()
"""The tracker of this version of the suite."""
