"""The embedded Inception; parity with the references is in tests/parity."""

import numpy as np
import pytest
import torch

from metrics.signals import inception, random_state
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Where
from metrics.signals.inception_network import PREPARE, build, example
from metrics.signals.pieces import BatchNetwork


@pytest.mark.slow
def test_embedded_features_order_noise_blur_and_another_person() -> None:
    core = inception.open_embedded(Where(runtime="torch"), "torch-fidelity").core
    for prepare in PREPARE.values():
        for found in inception.self_test(BatchNetwork(prepare, core)):
            assert 10 * found.noise < found.blur < found.other


@pytest.mark.slow
def test_weights_of_torchs_own_give_nothing() -> None:
    """Why the stand-in is He-normal."""
    torch.manual_seed(0)
    network = build()
    for module in network.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    with torch.inference_mode():
        assert network.eval()(example()).abs().max() < 1e-6


@pytest.mark.slow
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
