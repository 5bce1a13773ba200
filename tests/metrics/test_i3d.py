"""I3D: windows, TensorFlow's padding, and how the published program is called."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from metrics.signals import i3d  # noqa: E402
from metrics.signals.extractor import Where  # noqa: E402
from metrics.signals.i3d_network import I3D, SamePool, Unit, same_padding  # noqa: E402
from metrics.signals.random_state import PinnedStateError, he_normal_state  # noqa: E402
from metrics.signals.tflite_model import ModelError  # noqa: E402

PLAIN = Where(runtime="torch")


@given(st.integers(0, 200))
def test_windows_follow_one_another_and_stay_inside(frames: int) -> None:
    starts = i3d.windows(frames).tolist()
    assert len(starts) == frames // i3d.LENGTH
    assert starts == [16 * index for index in range(len(starts))]


def test_a_frame_is_squashed_into_minus_one_to_one() -> None:
    frame = np.zeros((100, 50, 3), dtype=np.uint8)
    frame[50:, :, 0] = 255
    part = i3d.prepare(frame)
    assert part.shape == (224, 224, 3) and part.dtype == np.float32
    assert (part[:110, :, 0] == -1).all() and (part[112:, :, 0] == 1).all()
    assert (part[..., 1:] == -1).all()
    with pytest.raises(ValueError, match="uint8"):
        i3d.prepare(part)


@given(size=st.integers(1, 40), kernel=st.integers(1, 7), stride=st.integers(1, 3))
def test_same_padding_gives_tensorflows_sizes(size: int, kernel: int, stride: int) -> None:
    before, after = same_padding(size, kernel, stride)
    assert 0 <= after - before <= 1
    if kernel >= stride:
        assert (size + before + after - kernel) // stride + 1 == -(-size // stride)


@settings(max_examples=30, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 9)] * 3),
    pool=st.sampled_from(
        [
            ((1, 3, 3), (1, 2, 2)),
            ((3, 3, 3), (2, 2, 2)),
            ((3, 3, 3), (1, 1, 1)),
            ((2, 2, 2), (2, 2, 2)),
        ]
    ),
    seed=st.integers(0, 99),
)
def test_pools_are_maxima_over_what_is_there(
    shape: tuple[int, int, int],
    pool: tuple[tuple[int, int, int], tuple[int, int, int]],
    seed: int,
) -> None:
    kernel, stride = pool
    volume = np.random.default_rng(seed).normal(-5, 1, shape)
    found = SamePool(kernel, stride)(torch.from_numpy(volume)[None, None])[0, 0].numpy()
    assert found.shape == tuple(-(-n // s) for n, s in zip(shape, stride, strict=True))
    for place in np.ndindex(found.shape):
        window = []
        for axis, step in enumerate(place):
            before, _ = same_padding(shape[axis], kernel[axis], stride[axis])
            start = step * stride[axis] - before
            window.append(slice(max(start, 0), start + kernel[axis]))
        assert found[place] == volume[tuple(window)].max()


def test_an_odd_pixel_of_padding_goes_after() -> None:
    unit = Unit(1, 1, kernel=7, stride=2).eval()
    unit.load_state_dict(he_normal_state(unit, 0))
    with torch.no_grad():
        unit.conv_3d.weight.zero_()
        unit.conv_3d.weight[0, 0, 2, 2, 2] = 1.0  # sees the first pixel of what it stands on
    volume = torch.arange(8.0**3).reshape(1, 1, 8, 8, 8)
    with torch.inference_mode():
        found = unit(volume)[0, 0]
    expected = volume[0, 0, ::2, ::2, ::2] / (1 + 1e-3) ** 0.5
    torch.testing.assert_close(found, expected)


def test_the_network_is_the_papers() -> None:
    state = I3D().state_dict()
    assert len(state) == 344
    assert sum(p.numel() for p in I3D().parameters()) == 12_697_264


def test_embedded_weights_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i3d, "EMBEDDED_SHA256", "0" * 64)
    with pytest.raises(PinnedStateError):
        i3d.open_embedded(PLAIN)


@pytest.mark.slow
def test_embedded_features_do_not_depend_on_the_batch() -> None:
    network = i3d.open_embedded(Where())
    rng = np.random.default_rng(0)
    windows = np.stack(
        [
            [i3d.prepare(frame) for frame in rng.integers(0, 256, (16, 30, 40, 3), dtype=np.uint8)]
            for _ in range(3)
        ]
    )
    together = network(windows)
    alone = np.concatenate([network(window[None]) for window in windows])
    assert together.shape == (3, i3d.WIDTH)
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5 * np.abs(alone).max())
    assert np.std(together, axis=0).mean() > 0.01  # it tells windows apart


class Program(torch.nn.Module):
    """Answers as the published program would, and lets the switches show."""

    def forward(
        self,
        x: torch.Tensor,
        rescale: bool = False,
        resize: bool = False,
        return_features: bool = False,
    ) -> torch.Tensor:
        switches = 4.0 * rescale + 2.0 * resize + 1.0 * return_features
        first = x[:, :, 0].mean(dim=(2, 3))
        return torch.cat([first, torch.full_like(x[:, 0, :, 0, 0], switches)], dim=1).repeat(
            1, 400
        )[:, :400]


def saved(module: torch.nn.Module, path: Path) -> Path:
    with pytest.warns(DeprecationWarning):
        torch.jit.script(module).save(str(path))
    return path


def test_the_published_program_gets_prepared_windows_and_gives_features(tmp_path: Path) -> None:
    path = saved(Program(), tmp_path / "i3d_torchscript.pt")
    network = i3d.open_canonical({"i3d": path}, PLAIN)
    window = np.full((1, 16, 224, 224, 3), 0.5, dtype=np.float32)
    window[:, 0, :, :, 0], window[:, 0, :, :, 2] = 0.25, -0.25
    features = network(window)
    assert features.shape == (1, 400)
    np.testing.assert_allclose(features[0, :4], [0.25, 0.5, -0.25, 1.0])


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "i3d_torchscript.pt"
    path.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"i3d_torchscript\.pt"):
        i3d.open_canonical({"i3d": path}, PLAIN)


class Published(torch.nn.Module):
    """Our network as a program with the published one's switches."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        x: torch.Tensor,
        rescale: bool = False,
        resize: bool = False,
        return_features: bool = False,
    ) -> torch.Tensor:
        if rescale:
            x = x * 2 / 255 - 1
        features = self.network(x)
        return features if return_features else features.softmax(dim=1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("runtime", ["auto", "torch"])
def test_a_program_gives_what_the_network_in_it_gives(
    runtime: Literal["auto", "torch"], tmp_path: Path
) -> None:
    network = I3D().eval()
    network.load_state_dict(he_normal_state(network, i3d.SEED))
    with pytest.warns(DeprecationWarning):
        traced = torch.jit.trace(network, torch.zeros(1, 3, 16, 224, 224), check_trace=False)
    path = saved(Published(traced), tmp_path / "i3d_torchscript.pt")
    window = np.random.default_rng(0).uniform(-1, 1, (1, 16, 224, 224, 3)).astype(np.float32)
    published = i3d.open_canonical({"i3d": path}, Where(runtime=runtime))(window)
    with torch.inference_mode():
        direct = network(torch.from_numpy(window).permute(0, 4, 1, 2, 3)).numpy()
    np.testing.assert_allclose(published, direct, rtol=0, atol=1e-5 * np.abs(direct).max())
