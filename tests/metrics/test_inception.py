"""The embedded Inception; parity with the references is in tests/parity."""

import numpy as np
import pytest
import torch

from metrics.signals import inception, random_state
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Where
from metrics.signals.inception_network import PREPARE, build


@pytest.mark.slow
@pytest.mark.parametrize("front_end", inception.PREPROCESSING)
def test_embedded_features_order_noise_blur_and_another_person(front_end: str) -> None:
    network = inception.open_embedded(Where(runtime="torch"), front_end)
    for found in inception.self_test(network):
        assert 10 * found.noise < found.blur < found.other


@pytest.mark.slow
def test_default_weights_would_not() -> None:
    """Why weights are He-normal: with torch's own, no picture differs from another."""
    from metrics.signals.inception_network import example

    network = build()
    for module in network.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    with torch.inference_mode():
        one, other = network.eval()(example())
    assert (one - other).norm() < 1e-3 * one.norm()


def test_other_bits_than_pinned_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inception, "SEED", 1)
    with pytest.raises(random_state.PinnedStateError):
        inception.open_embedded(Where(runtime="torch"), "torch-fidelity")


def test_plans_say_what_the_network_does() -> None:
    """The catalogue reads its sentences and hashes without torch; both must be one."""
    assert set(PREPARE) == set(inception.PREPROCESSING)
    for front_end, sentence in inception.PREPROCESSING.items():
        spec = SPECS[f"inception-{front_end}"]
        assert spec.preprocessing == sentence
        assert spec.embedded is not None
        assert spec.embedded.sha256 == inception.EMBEDDED_SHA256


def test_front_ends_give_the_range_the_network_knows() -> None:
    ends = torch.from_numpy(np.array([0, 255], np.uint8).repeat(300 * 400 * 3))
    pictures = ends.view(2, 300, 400, 3)
    for name, prepare in PREPARE.items():
        low, high = prepare(pictures)[:, 0, 150, 150].tolist()
        top = 1.0 if name == "pytorch-fid" else 127 / 128
        assert (low, high) == pytest.approx((-1.0, top))
