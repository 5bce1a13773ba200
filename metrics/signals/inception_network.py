"""The Inception network that FID is defined by, and three ways to bring pictures into it.

It is assembled from torch-fidelity's blocks (5e211a9 ``feature_extractor_inceptionv3.py``). The
extractor class there is not used: it unpickles whatever it is given, and has one front end.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from metrics.signals import resize
from metrics.signals.inception import SIDE
from metrics.torchvision_guard import import_torchvision


def build() -> nn.Module:
    """Return the network without the classifier, weights undefined, names as in the file.

    It takes ``(B, 3, 299, 299)`` float32 and returns ``(B, 2048)``.
    """
    import_torchvision()
    from torch_fidelity import feature_extractor_inceptionv3 as blocks

    conv: Any = blocks.BasicConv2d
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    with torch.device("meta"):  # no time is spent on weights that are replaced
        layers["Conv2d_1a_3x3"] = conv(3, 32, kernel_size=3, stride=2)
        layers["Conv2d_2a_3x3"] = conv(32, 32, kernel_size=3)
        layers["Conv2d_2b_3x3"] = conv(32, 64, kernel_size=3, padding=1)
        layers["MaxPool_1"] = nn.MaxPool2d(3, stride=2)
        layers["Conv2d_3b_1x1"] = conv(64, 80, kernel_size=1)
        layers["Conv2d_4a_3x3"] = conv(80, 192, kernel_size=3)
        layers["MaxPool_2"] = nn.MaxPool2d(3, stride=2)
        layers["Mixed_5b"] = blocks.InceptionA(192, pool_features=32)
        layers["Mixed_5c"] = blocks.InceptionA(256, pool_features=64)
        layers["Mixed_5d"] = blocks.InceptionA(288, pool_features=64)
        layers["Mixed_6a"] = blocks.InceptionB(288)
        layers["Mixed_6b"] = blocks.InceptionC(768, channels_7x7=128)
        layers["Mixed_6c"] = blocks.InceptionC(768, channels_7x7=160)
        layers["Mixed_6d"] = blocks.InceptionC(768, channels_7x7=160)
        layers["Mixed_6e"] = blocks.InceptionC(768, channels_7x7=192)
        layers["Mixed_7a"] = blocks.InceptionD(768)
        layers["Mixed_7b"] = blocks.InceptionE_1(1280)
        layers["Mixed_7c"] = blocks.InceptionE_2(2048)
        layers["AvgPool"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
    return nn.Sequential(layers).to_empty(device="cpu")


def example() -> Tensor:
    """Return two pictures as the network takes them, ``(2, 3, 299, 299)``."""
    ramp = torch.linspace(-1, 1, 3 * SIDE * SIDE).reshape(3, SIDE, SIDE)
    return torch.stack([ramp, torch.sin(40 * ramp)])


def _torch_fidelity(pictures: Tensor) -> Tensor:
    return (resize.tf1_bilinear(pictures, (SIDE, SIDE)) - 128) / 128


def _pytorch_fid(pictures: Tensor) -> Tensor:
    return resize.torch_bilinear(pictures, (SIDE, SIDE)) * (2 / 255) - 1


def _clean_fid(pictures: Tensor) -> Tensor:
    return (resize.pil_bicubic(pictures, (SIDE, SIDE)).clamp_(0, 255) - 128) / 128


PREPARE: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        # torch-fidelity 5e211a9, feature_extractor_inceptionv3.py:111-119
        "torch-fidelity": _torch_fidelity,
        # pytorch-fid b9c1811, inception.py:148-151
        "pytorch-fid": _pytorch_fid,
        # clean-fid e88c4d6, resize.py:13-50 and inception_torchscript.py:52
        "clean-fid": _clean_fid,
    }
)
"""``(B, H, W, 3)`` uint8 to ``(B, 3, 299, 299)`` float32 on any device, by front end; what each
does is in `metrics.signals.inception.PREPROCESSING`."""
