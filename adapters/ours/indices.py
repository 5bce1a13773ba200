"""Which of MediaPipe's 478 landmarks lie where (face mesh numbering, a public interface).

"Right" and "left" are the person's own. Contours of an opening run from one corner to the other;
upper and lower contours of one opening share both corners and pair up point by point.
"""

from dataclasses import dataclass

N_MESH = 468
"""Landmarks of the skin; the remaining ten are the irises."""

N_LANDMARKS = 478

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""The face's outline, a closed loop."""

TRAGI = (234, 454)
"""In front of the ears: the line between them passes near the centre of the head."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening of the skin: two contours from corner to corner.

    Attributes:
        upper: Landmarks of the upper edge, corners included.
        lower: Landmarks of the lower edge, corners included.
        iris: Centre and rim of the iris behind it; empty for the mouth.
    """

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    iris: tuple[int, ...] = ()

    @property
    def loop(self) -> tuple[int, ...]:
        """The closed contour, corners once."""
        return (*self.upper, *self.lower[-2:0:-1])


RIGHT_EYE = Opening(
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (468, 469, 470, 471, 472),
)
LEFT_EYE = Opening(
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
    (473, 474, 475, 476, 477),
)
EYES = (RIGHT_EYE, LEFT_EYE)
MOUTH = Opening(
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
"""The inner edge of the lips."""

OUTER_LIPS = Opening(
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
)

BROWS = (
    *(70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
    *(300, 293, 334, 296, 336, 276, 283, 282, 295, 285),
)
JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
LOWER_CHEEKS = (205, 207, 187, 206, 216, 192, 425, 427, 411, 426, 436, 416)
UPPER_CHEEKS = (118, 117, 50, 36, 347, 346, 280, 266)
FOREHEAD = (10, 109, 338, 67, 297, 103, 332, 151, 108, 337, 69, 299, 104, 333, 9)
NOSE = (1, 2, 4, 5, 195, 197, 6, 168, 98, 327, 64, 294, 48, 278, 129, 358, 45, 275)
SIDES = (127, 162, 234, 93, 356, 389, 454, 323)

STEADY = (
    *(127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356),
    *(234, 454, 33, 133, 362, 263, 168, 6, 197, 195, 151, 8, 122, 351, 193, 417),
)
"""Landmarks that expression hardly moves: outline above the jaw, eye corners, bridge of nose."""
