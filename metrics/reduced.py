"""X-NeMo's protocol: any metric of a result frame beside the true one, with both at 256x256."""

from dataclasses import replace

from metrics.card import Card
from metrics.frame_pair import REDUCED

_SIZE = (
    f"both frames first at {REDUCED}x{REDUCED}: OpenCV INTER_AREA, rounded to uint8, aspect not "
    "kept, nothing enlarged; then "
)
_INFERENCE = (
    f"X-NeMo: 'all metrics computed at a resolution of {REDUCED}x{REDUCED}', without filter or "
    "crop; its clips are square, for others we squeeze as first-order-model@c027484 demo.py does"
)
_NATIVE = "native size"


def reduced_card(card: Card) -> Card:
    """Return the card of a metric at 256x256, under its own id; `frame_pair.reduce_frame`."""
    formula = card.formula.replace(_NATIVE, "that size")
    return replace(
        card,
        definition=f"{card.definition}-{REDUCED}",
        title=f"{card.title} {REDUCED}",
        formula=_SIZE + formula,
        inference=f"{_INFERENCE}; {card.inference}",
        notes=(),
        version=1,
        default=False,
    )
