"""Inside the lips: what the portrait shows there, and a model of teeth and cavity beyond it.

What the portrait shows keeps its distance to the upper lip. Where the opening is wider than the
portrait's there is no picture. There, upper teeth stay with the skull and lower teeth go with the
chin, both behind the lips as the portrait holds them: a lip that is drawn back bares them, a jaw
that drops opens a dark cavity between them. Their colours come from the portrait's skin and lips.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from adapters.ours import indices as at
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.opening import (
    Axes,
    Edges,
    Grid,
    blend,
    edges,
    moved_axes,
    opening_box,
    opening_mask,
    pixel_grid,
    rest_axes,
)

# Lengths in mouth widths.
_SOFT = 0.03  # from what the portrait shows to what it does not
_UPPER_TEETH = 0.03  # by which upper teeth stand out below the upper lip at rest
_LOWER_TEETH = -0.03  # lower ones stand higher than the lower lip, behind the upper ones
_TALLEST_UPPER, _TALLEST_LOWER = 0.17, 0.07  # what is ever seen of a tooth
_TOOTH_EDGE = 0.02  # softness of the edge of a row of teeth
_LIP_SHADOW = 0.05

_CAVITY = np.array([0.26, 0.15, 0.14])  # of the lips' colour
_TONGUE = np.array([0.58, 0.40, 0.40])
_ARCH = 0.86  # of the mouth's width that the rows of teeth take up; beyond is shadow
_TEETH_GREY = 0.5  # how far the skin's colour is greyed to be that of teeth
_CHIN = (152, 175, 199)
_SKIN = (50, 280, 205, 425, 101, 330)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a portrait, ``(3,)`` RGB in [0, 255] each."""

    lips: NDArray[np.float64]
    teeth: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mouth:
    """The mouth of a portrait.

    Attributes:
        source: The portrait.
        rest: ``(478, 3)`` its landmarks, pixel centres at integers.
        axes: Axes of the mouth at rest.
        edges: Inner edges of the lips at rest.
        palette: Colours for what the portrait does not show.
    """

    source: Frame
    rest: Points
    axes: Axes
    edges: Edges
    palette: Palette

    @classmethod
    def of(cls, source: Frame, points: Points) -> "Mouth":
        """Return the mouth of a portrait with landmarks ``points`` (pixel centres at integers)."""
        axes = rest_axes(points, at.MOUTH)
        return cls(source, points, axes, edges(points, at.MOUTH, axes), _palette(source, points))

    def draw(self, frame: Frame, points: Points, head: RigidMotion) -> None:
        """Draw what shows between the lips at ``points`` into ``frame``."""
        height, width = frame.shape[:2]
        box = opening_box(points, at.MOUTH, (height, width))
        if box is None:
            return
        axes = moved_axes(points, at.MOUTH, self.axes, head)
        x, y = pixel_grid(box, axes)
        top, bottom = lips = edges(points, at.MOUTH, axes).at(x)
        rest_top, rest_bottom = self.edges.at(x)
        below = y - top
        map_x, map_y = self.axes.picture(x, rest_top + below)
        shown = cv2.remap(
            self.source, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float64)
        excess = np.maximum((bottom - top) - (rest_bottom - rest_top), 0.0)
        soft = np.minimum(_SOFT, 0.5 * excess) + 1e-9
        unseen = _ramp((below - (rest_bottom - rest_top)) / soft) * _ramp(2.0 * excess / _SOFT)
        if unseen.any():
            inside = self._inside(x, y, lips, self._teeth_edges(x, lips, points, axes, head))
            shown += unseen[..., None] * (inside - shown)
        blend(frame, box, opening_mask(points, at.MOUTH, box), shown.astype(np.float32))

    def _teeth_edges(
        self, x: Grid, lips: tuple[Grid, Grid], points: Points, axes: Axes, head: RigidMotion
    ) -> tuple[Grid, Grid]:
        """Return where the upper teeth end and the lower ones begin, as y at ``x``."""
        bite = edges(head(self.rest), at.MOUTH, axes)
        chin = list(_CHIN)
        drop = (points[chin] - head(self.rest[chin]))[:, :2].mean(axis=0)
        drop_y = float(axes.local(axes.origin + drop)[1])
        upper, lower = bite.at(x)
        top, bottom = lips
        return (
            np.minimum(upper + _UPPER_TEETH, top + _TALLEST_UPPER),
            np.maximum(lower + drop_y + _LOWER_TEETH, bottom - _TALLEST_LOWER),
        )

    def _inside(
        self, x: Grid, y: Grid, lips: tuple[Grid, Grid], teeth: tuple[Grid, Grid]
    ) -> NDArray[np.float64]:
        """Return the modelled inside of the mouth, ``(h, w, 3)``."""
        top, bottom = lips
        down = (y - top) / np.maximum(bottom - top, 1e-6)
        round_ = np.clip(1.0 - (2.0 * x - 1.0) ** 2, 0.0, 1.0)
        tongue = _ramp((down - 0.5) / 0.5) * round_
        colour = (_CAVITY + tongue[..., None] * (_TONGUE - _CAVITY)) * self.palette.lips
        on_arch = (2.0 * x - 1.0) / _ARCH
        light, row = _light_on_teeth(on_arch), _ramp((1.0 - np.abs(on_arch)) / 0.15)
        upper_edge, lower_edge = teeth
        for share, shade in (
            (_ramp((y - lower_edge) / _TOOTH_EDGE), 0.80),
            (_ramp((upper_edge - y) / _TOOTH_EDGE), 0.95),
        ):
            tooth = (shade * light)[..., None] * self.palette.teeth
            colour += (share * row)[..., None] * (tooth - colour)
        shadow = 0.55 + 0.45 * _ramp((y - top) / _LIP_SHADOW)
        result: NDArray[np.float64] = colour * shadow[..., None]
        return result


def _ramp(x: Grid) -> Grid:
    """Return 0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0.0, 1.0)
    result: Grid = x * x * (3.0 - 2.0 * x)
    return result


def _light_on_teeth(x: Grid) -> Grid:
    """Return the light on a row of teeth at ``x`` in [-1, 1]: they stand on an arch, six a side.

    The arch turns away from the light towards its ends; between two teeth runs a faint line, and
    their faces are round.
    """
    angle = np.arcsin(np.clip(x, -1.0, 1.0)) / (np.pi / 2.0)
    apart = np.abs(6.0 * angle - np.rint(6.0 * angle))
    between = 1.0 - 0.16 * np.exp(-((apart / 0.09) ** 2)) - 0.06 * (1.0 - 2.0 * apart)
    result: Grid = between * (0.2 + 0.8 * np.cos(angle * np.pi / 2.0) ** 0.7)
    return result


def _palette(source: Frame, points: Points) -> Palette:
    mask = np.zeros(source.shape[:2], dtype=np.uint8)
    outer = np.rint(points[list(at.OUTER_LIPS.loop), :2]).astype(np.int32)
    inner = np.rint(points[list(at.MOUTH.loop), :2]).astype(np.int32)
    cv2.fillPoly(mask, [outer], 255)
    cv2.fillPoly(mask, [inner], 0)
    lips = np.array(cv2.mean(source, mask)[:3])
    height, width = source.shape[:2]
    x = np.clip(np.rint(points[list(_SKIN), 0]), 0, width - 1).astype(int)
    y = np.clip(np.rint(points[list(_SKIN), 1]), 0, height - 1).astype(int)
    skin = np.median(source[y, x].astype(np.float64), axis=0)
    teeth = skin + _TEETH_GREY * (skin.max() - skin)
    return Palette(lips, teeth)
