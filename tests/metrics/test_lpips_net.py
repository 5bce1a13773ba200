"""LPIPS in two steps; parity with the packages is in tests/parity."""

import numpy as np
import pytest
import torch

from metrics.signals import lpips_net, lpips_trunk
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Where
from metrics.signals.lpips_net import Lpips, distance, maps, overall, spatial
from metrics.signals.random_state import PinnedStateError


@pytest.fixture(scope="module")
def alex() -> Lpips:
    return lpips_net.open_embedded(Where(runtime="torch"), "alex")


def _pictures(count: int, height: int = 64, width: int = 80) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_orders_noise_blur_and_another_person(alex: Lpips) -> None:
    for found in lpips_net.self_test(alex):
        assert 10 * found.noise < found.blur < found.other


@pytest.mark.slow
def test_vgg_orders_noise_blur_and_another_person() -> None:
    vgg = lpips_net.open_embedded(Where(runtime="torch"), "vgg")
    for found in lpips_net.self_test(vgg):
        assert 10 * found.noise < found.blur < found.other


def test_equal_pictures_are_zero_apart_and_distance_is_symmetric(alex: Lpips) -> None:
    a, b = alex.features(_pictures(3)), alex.features(_pictures(3)[::-1])
    assert distance(a, a).tolist() == [0, 0, 0]
    assert torch.equal(distance(a, b), distance(b, a))
    assert distance(a, b)[1] == 0
    assert (distance(a, b)[[0, 2]] > 0.001).all()


def test_features_of_a_picture_do_not_depend_on_its_batch(alex: Lpips) -> None:
    pictures = _pictures(7)  # two pieces
    each = alex(pictures)
    whole = alex.features(pictures)
    assert len(each) == 7
    alone = [alex.features(picture[None]) for picture in pictures]
    for index in range(7):
        for one, all_, single in zip(each[index], whole, alone[index], strict=True):
            assert torch.equal(one[0], all_[index])
            torch.testing.assert_close(one, single, rtol=1e-5, atol=1e-6)


def test_maps_amount_to_the_distance(alex: Lpips) -> None:
    a, b = alex.features(_pictures(2)), alex.features(255 - _pictures(2))
    layers = maps(a, b)
    assert [tuple(layer.shape[1:]) for layer in layers] == [
        (15, 19),
        (7, 9),
        (3, 4),
        (3, 4),
        (3, 4),
    ]
    by_hand = sum(layer.double().mean(dim=(1, 2)) for layer in layers)
    torch.testing.assert_close(distance(a, b).double(), by_hand, rtol=1e-6, atol=0)
    assert torch.equal(overall(layers), distance(a, b))
    whole = spatial(a, b, (64, 80))
    assert whole.shape == (2, 64, 80)
    assert whole.mean(dim=(1, 2)).tolist() == pytest.approx(by_hand.tolist(), rel=0.1)


def test_a_change_is_found_where_it_is(alex: Lpips) -> None:
    picture = np.full((1, 256, 256, 3), 120, dtype=np.uint8)
    changed = picture.copy()
    changed[:, 160:, 160:] = _pictures(1, 96, 96)
    found = spatial(alex.features(picture), alex.features(changed), (256, 256))[0]
    assert found[192:, 192:].mean() > 100 * found[:96, :96].mean()


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        (np.zeros((1, 64, 64, 3), np.float32), "got float32"),
        (np.zeros((64, 64, 3), np.uint8), r"got uint8 \(64, 64, 3\)"),
        (np.zeros((1, 3, 64, 64), np.uint8), "got uint8"),
        (np.zeros((1, 31, 64, 3), np.uint8), "32 x 32 pixels or more"),
    ],
)
def test_what_is_no_picture_is_refused(alex: Lpips, pictures: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        alex.features(pictures)


def test_other_linear_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    other = dataclasses.replace(lpips_trunk.TRUNKS["alex"], linear_sha256="0" * 64)
    monkeypatch.setattr(lpips_net, "TRUNKS", {"alex": other})
    with pytest.raises(PinnedStateError, match="other weights than LPIPS"):
        lpips_net.linear_weights("alex")


def test_plans_say_what_the_network_does() -> None:
    """The catalogue reads sentences and hashes without torch; both must be one."""
    for net, trunk in lpips_trunk.TRUNKS.items():
        spec = SPECS[f"lpips-{net}"]
        assert spec.preprocessing == lpips_trunk.PREPROCESSING
        assert spec.canonical.weights == (trunk.weights,)
        assert spec.embedded is not None
        assert spec.embedded.sha256 == trunk.embedded_sha256
