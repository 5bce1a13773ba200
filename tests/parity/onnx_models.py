"""Networks with the interfaces of insightface's files, but weights that nobody has to license."""

import warnings
from pathlib import Path

import torch
from torch import nn


def _normal(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-5)


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = _normal(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn2 = _normal(outputs)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, padding=1, bias=False)
        self.bn3 = _normal(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1:
            shrink = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shrink, _normal(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(y)) + self.downsample(x)


class IResNet(nn.Module):
    """ArcFace's network, after insightface@7fadd42 recognition/arcface_torch/backbones/iresnet.py.

    ``(3, 4, 14, 3)`` blocks are iresnet50; its state has the reference's names.
    """

    def __init__(self, blocks: tuple[int, ...] = (3, 4, 14, 3)) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn1, self.prelu = _normal(64), nn.PReLU(64)
        width = 64
        for number, count in enumerate(blocks):
            first = _Block(width, 64 << number, 2)
            width = 64 << number
            rest = (_Block(width, width, 1) for _ in range(count - 1))
            self.add_module(f"layer{number + 1}", nn.Sequential(first, *rest))
        self.bn2 = _normal(width)
        self.fc = nn.Linear(width * 7 * 7, 512)
        self.features = nn.BatchNorm1d(512, eps=1e-5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.prelu(self.bn1(self.conv1(x)))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.features(self.fc(self.bn2(x).flatten(1)))


class SmallEmbedder(nn.Sequential):
    """ArcFace's interface with next to nothing in between."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, 8, 16, 16), nn.PReLU(8), nn.Flatten(), nn.Linear(392, 512))


def with_random_state(network: nn.Module, seed: int) -> nn.Module:
    """He-normal weights, batch norms that are not neutral, evaluation."""
    torch.manual_seed(seed)
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight)
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            for values in (part.weight.data, part.running_var):
                values.uniform_(0.5, 1.5)
            for values in (part.bias.data, part.running_mean):
                values.normal_(0, 0.2)
    return network.eval()


class RedMarkDetector(nn.Module):
    """SCRFD's nine outputs, made from one rule: a red cell of 16x16 is a face.

    The score of an anchor is near 1 where the mean red exceeds the mean blue by half the range;
    boxes are `BOX` around it, the five points lie at `OFFSETS` from it, in units of the stride.
    """

    BOX = 4.0
    OFFSETS = ((-1.0, -1.0), (1.0, -1.0), (0.0, 0.25), (-0.75, 1.0), (0.75, 1.0))
    STRIDE = 16

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
        scores, boxes, points = [], [], []
        for stride in (8, 16, 32):
            cells = nn.functional.avg_pool2d(picture, stride)
            red = torch.sigmoid(20 * (cells[:, 0] - cells[:, 2] - 1)) * float(stride == self.STRIDE)
            first = red.reshape(-1, 1)
            score = torch.stack([first, first * 0.0], dim=1).reshape(-1, 1)  # two anchors a cell
            offsets = torch.tensor(self.OFFSETS).reshape(1, 10)
            scores.append(score)
            boxes.append(score * torch.zeros(1, 4) + self.BOX)
            points.append(score * torch.zeros(1, 10) + offsets)
        return (*scores, *boxes, *points)


def export(network: nn.Module, example: torch.Tensor, path: Path, free: dict[int, str]) -> Path:
    """Write an ONNX file with free axes; torch's older exporter needs no further package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"input_names": ["input.1"], "dynamic_axes": {"input.1": free}}
        torch.onnx.export(network, (example,), str(path), dynamo=False, **names)
    return path
