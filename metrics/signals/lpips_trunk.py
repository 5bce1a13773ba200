"""What LPIPS v0.1 stands on, as data: trunks, layers, hashes. Nothing heavy is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

IMPORTS = ("torch", "lpips", "torchvision")
SEED = 0
SMALLEST = 32
"""Smaller pictures vanish in AlexNet."""

PREPROCESSING = (
    "RGB in [-1, 1] at native size, minus (-0.030, -0.088, -0.188), over (0.458, 0.448, 0.450); "
    "rectified layers 1-5 (VGG: last of each block), channels of unit length (eps 1e-10), linear "
    "weights of lpips 0.1.4 v0.1"
)


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk that LPIPS stands on.

    Attributes:
        weights: Name of its file in the registry of weights.
        layers: Which modules' outputs are compared, by their index in ``features``.
        linear_sha256: Hash of the linear weights in the package, as `state_sha256` makes it.
        embedded_sha256: Hash of the state of the random trunk.
        piece: Pictures a CPU takes at once, so that temporary arrays stay below 32 MB.
    """

    weights: str
    layers: tuple[int, ...]
    linear_sha256: str
    embedded_sha256: str
    piece: int


TRUNKS: Mapping[str, Trunk] = MappingProxyType(
    {
        "alex": Trunk(
            weights="alexnet",
            layers=(1, 4, 7, 9, 11),
            linear_sha256="a7372088575449004f3b72fd048dcd0db74907c7a5081249012f7a5f1c2e44c5",
            embedded_sha256="4ca3cecde2dcfa58cdb3dda47941fd2e13a8fb4723352de275cea8cc60aa6043",
            piece=4,
        ),
        "vgg": Trunk(
            weights="vgg16",
            layers=(3, 8, 15, 22, 29),
            linear_sha256="bb24c104408fedc1b82743b2c8942f21f9647128452b1520d0d19f09a8a787ca",
            embedded_sha256="89a209f2ed3cef51dadce78b0c2a99cb7b3878cef6f6626977fb4745ea86b7b9",
            piece=1,
        ),
    }
)
"""By the name that lpips gives them, which is the name of the definition in protocol ids."""
