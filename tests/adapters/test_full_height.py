"""A result that shows the canvas at its full height: bars are cut, lost sides laid back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters.base import Geometry
from adapters.description import Result
from adapters.picture import at_full_height, undoing


def picture(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 2, columns, rows * 0 + 9], axis=-1).astype(np.uint8)


def test_bars_at_the_sides_of_a_narrow_canvas_are_cut() -> None:
    canvas = picture(48, 48)
    barred = np.pad(canvas, ((0, 0), (12, 12), (0, 0)))
    assert np.array_equal(at_full_height(barred, canvas), canvas)


def test_a_wide_canvas_gets_its_sides_from_the_portrait() -> None:
    canvas = picture(48, 96)
    made = np.full((48, 72, 3), 200, np.uint8)
    whole = at_full_height(made, canvas)
    assert whole.shape == canvas.shape
    assert (whole[:, 12:84] == 200).all()
    assert np.array_equal(whole[:, :12], canvas[:, :12])
    assert np.array_equal(whole[:, 84:], canvas[:, 84:])


@given(st.integers(2, 12), st.integers(2, 24))
def test_what_a_method_did_comes_undone(tall: int, wide: int) -> None:
    """Whatever the canvas, its middle column comes out where it was, at its height."""
    canvas = picture(8 * tall, 8 * wide)
    height, width = canvas.shape[:2]
    kept = min(width, height * 3 // 2)
    side = (width - kept) // 2
    shown = canvas[:, side : side + kept]
    pad = (height * 3 // 2 - kept) // 2
    frame = np.pad(shown, ((0, 0), (pad, height * 3 // 2 - kept - pad), (0, 0)))
    back = at_full_height(frame, canvas)
    assert abs(back.shape[1] - width) <= 1
    middle = back[:, back.shape[1] // 2, 1].astype(int)
    assert np.abs(middle - width // 2).max() <= 3


def test_the_word_says_so() -> None:
    canvas = picture(48, 48)
    geometry, undo = undoing(Result(geometry="height"), canvas, (48, 48))
    assert geometry is Geometry.RESIZED
    assert undo(np.pad(canvas, ((0, 0), (12, 12), (0, 0)))).shape == (48, 48, 3)
    with pytest.raises(ValueError, match="geometry"):
        Result.model_validate({"geometry": "width"})
