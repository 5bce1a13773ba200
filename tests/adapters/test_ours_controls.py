import cv2
import numpy as np
import pytest
from ours_faces import PORTRAITS, Stage, beside, face, moved
from support import rotation

from adapters.base import FacePair, Method, MethodError
from adapters.ours import Warp
from adapters.ours.cast import Casting, Share, half, shared, straight, swapped
from adapters.ours.controls import Half, Shared, Swapped
from benchmark.splits.mini import portraits

CONTROLS = (Swapped, Shared, Half)
PAIRS = (FacePair(0, 0), FacePair(1, 1))


def cast(casting: Casting, *pairs: tuple[int, int]) -> list[list[tuple[int, float]]]:
    shares = casting([FacePair(*pair) for pair in pairs])
    return [[(share.driving, share.amount) for share in row] for row in shares]


def test_who_plays_whom() -> None:
    two = ((0, 0), (1, 1))
    assert cast(straight, *two) == [[(0, 1)], [(1, 1)]]
    assert cast(swapped, *two) == [[(1, 1)], [(0, 1)]]
    assert cast(shared, *two) == [[(0, 1)], [(0, 1)]]
    assert cast(half, *two) == [[(0, 0.5), (1, 0.5)], [(1, 0.5), (0, 0.5)]]
    assert Share(1) == Share(1, 1.0)


def test_of_three_the_next_to_the_right_and_around() -> None:
    three = ((2, 0), (0, 1), (1, 2))  # listed in no order, driven crosswise
    assert cast(swapped, *three) == [[(1, 1)], [(2, 1)], [(0, 1)]]
    assert cast(shared, *three) == [[(1, 1)]] * 3
    assert cast(swapped, (0, 0), (1, 0), (2, 1)) == [[(1, 1)], [(1, 1)], [(0, 1)]]


@pytest.mark.parametrize("casting", [swapped, shared, half])
def test_one_driver_leaves_nothing_to_exchange(casting: Casting) -> None:
    for pairs in ([(0, 0)], [(0, 0), (1, 0)]):
        with pytest.raises(MethodError, match=f"'{casting.__name__}' needs two driving people"):
            cast(casting, *pairs)


def scene(left: np.ndarray, right: np.ndarray) -> Stage:
    """Two people; the second frame turns each by their own rotation."""
    both = np.hstack([portraits.load(name).image for name in PORTRAITS])
    still = beside(face("astronaut"), face("hopper"))
    turned = beside(moved(face("astronaut"), left), moved(face("hopper"), right))
    return Stage(both, still, [still, turned])


def change(method: Method, stage: Stage) -> tuple[float, float]:
    """How much each half of the picture changes in the second frame."""
    _, second = method.animate(stage.request(((0, 0), (1, 1)))).frames
    difference = np.abs(np.asarray(second).astype(int) - stage.source).mean(axis=(0, 2))
    return float(difference[:512].mean()), float(difference[512:].mean())


def test_the_controls_move_the_faces_that_they_should() -> None:
    """Only the left person moves: whose face follows says whose motion it took."""
    stage = scene(rotation(yaw=10), np.eye(3))
    for method, moving in ((Warp, (True, False)), (Swapped, (False, True)), (Shared, (True, True))):
        left, right = change(method(), stage)
        assert (left > 1.0, right > 1.0) == moving, method
        assert min(left, right) < 0.1 or all(moving)
    left, right = change(Half(), stage)
    assert left > 0.5
    assert right > 0.5
    assert left < change(Warp(), stage)[0]


def test_half_of_two_equal_motions_is_that_motion() -> None:
    twins = beside(face("astronaut"), face("astronaut"))
    turned = [moved(one, rotation(yaw=8, roll=4)) for one in twins]
    both = np.hstack([portraits.load("astronaut").image] * 2)
    stage = Stage(both, twins, [twins, turned])
    whole, mean = ([*m.animate(stage.request(((0, 0), (1, 1)))).frames] for m in (Warp(), Half()))
    np.testing.assert_array_equal(whole[0], mean[0])
    assert np.abs(whole[1].astype(int) - mean[1]).mean() < 0.1
    assert np.abs(whole[1].astype(int) - whole[0]).mean() > 2.0


def test_the_mean_of_opposite_turns_is_no_turn() -> None:
    stage = scene(rotation(yaw=8), rotation(yaw=-8))
    still = np.abs(
        np.subtract(
            *[f.astype(int) for f in Half().animate(stage.request(((0, 0), (1, 1)))).frames]
        )
    )
    turned = np.abs(
        np.subtract(
            *[f.astype(int) for f in Warp().animate(stage.request(((0, 0), (1, 1)))).frames]
        )
    )
    assert still.mean() < 0.4 * turned.mean()


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_says_that_it_needs_two(control: type[Warp]) -> None:
    stage = Stage(portraits.load("astronaut").image, [face()], [[face()]] * 2)
    with pytest.raises(MethodError, match="needs two driving people"):
        control().animate(stage.request())
    assert isinstance(control(), Method)


def trio(first: np.ndarray) -> Stage:
    """Three people side by side, the leftmost far smaller than the others."""
    picture = np.hstack([cv2.resize(portraits.load(n).image, (256, 256)) for n in PORTRAITS])
    small = cv2.resize(portraits.load("astronaut").image, (128, 128))
    source = np.zeros((256, 256 + picture.shape[1], 3), np.uint8)
    source[64:192, 64:192] = small
    source[:, 256:] = picture
    height, width = source.shape[:2]

    def at(name: str, x: int, y: int, side: int, turn: np.ndarray):  # noqa: ANN202
        base = moved(face(name), turn)
        points = base.landmarks * np.array([side / width, side / height, side / width], np.float32)
        shift = np.array([x / width, y / height, 0], np.float32)
        return type(base)(points + shift, base.blendshapes, base.pose)

    people = [
        [
            at("astronaut", 64, 64, 128, turn),
            at("astronaut", 256, 0, 256, np.eye(3)),
            at("hopper", 512, 0, 256, np.eye(3)),
        ]
        for turn in (np.eye(3), first)
    ]
    return Stage(source, people[0], people)


def test_ranks_count_everybody_not_only_the_largest() -> None:
    """Pairs name the two leftmost of three people: the rightmost stays, however large it is."""
    stage = trio(rotation(yaw=12))
    _, second = Warp().animate(stage.request(((0, 0), (1, 1)))).frames
    difference = np.abs(second.astype(int) - stage.source).mean(axis=(0, 2))
    assert difference[:256].mean() > 0.5  # it was the leftmost that turned its head
    assert difference[256:].mean() < 0.1
