from dataclasses import replace

import numpy as np
import pytest
from subjects import WRONG_TRACKS
from support import random_track

from metrics.signals.face import FaceTrack
from metrics.signals.face_check import check_track


def test_tracks_pass_whether_or_not_anybody_was_found() -> None:
    track = replace(random_track(5), features={"x": np.zeros((5, 7), np.float32)})
    check_track(track, 5)
    check_track(track.take(np.array([0, -1, 4])), 3)
    check_track(FaceTrack.absent(4, (10, 10)), 4)
    check_track(FaceTrack.absent(0, (10, 10)), 0)


@pytest.mark.parametrize("changes", WRONG_TRACKS, ids=lambda c: next(iter(c)))
def test_wrong_type_shape_or_range_is_refused(changes: dict[str, object]) -> None:
    track = random_track(5)
    wrong = {name: change(getattr(track, name)) for name, change in changes.items()}  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"expected|orthonormal"):
        check_track(replace(track, **wrong), 5)


def test_length_counts_for_every_array() -> None:
    track = random_track(5)
    with pytest.raises(ValueError, match="landmarks"):
        check_track(track, 4)
    with pytest.raises(ValueError, match="arcface"):
        check_track(replace(track, features={"arcface": np.zeros((4, 512), np.float32)}), 5)
