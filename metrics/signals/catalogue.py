"""Every extractor there is, as data: its weights, its stand-in, what it looks at, what it costs.

Nothing heavy is imported here: plans and tables read this without torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from metrics.signals import (
    arcface,
    emonet,
    face_crop,
    i3d,
    identity_descriptor,
    inception,
    l2cs,
    lpips_trunk,
    smirk,
)
from metrics.signals.extractor import ExtractorDefinition, Profile

Layout = Literal["frame", "step", "window", "face", "face-window"]
WINDOWS: tuple[Layout, ...] = ("window", "face-window")
OF_FACES: tuple[Layout, ...] = ("face", "face-window")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to open an extractor.

    Attributes:
        opener: ``module:function``; takes the definition, the verified files by name and a
            `Where`, and returns the extractor.
        weights: Names in the registry of weights.
        sha256: Hash of the state that an embedded form generates.
        imports: Packages it cannot be opened without.
        preprocessing: Where it differs from the other form's.
    """

    opener: str
    weights: tuple[str, ...] = ()
    sha256: str = ""
    imports: tuple[str, ...] = ()
    preprocessing: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """An extractor before it is opened.

    Attributes:
        name: Name in cards, records and caches.
        layout: What the first axes of its array count.
        preprocessing: Size, filter, range, crop and colour order.
        canonical: With official weights (or without any).
        embedded: With stand-ins; ``None`` if there are none.
        on_face: Whether it stands on the face signal.
        paired: Whether it also compares a result with the true frame.
        heavy: Off by default on a CPU.
        version: Raised when its code changes what comes out.
        imports: Packages that neither form can be opened without.
    """

    name: str
    layout: Layout
    preprocessing: str
    canonical: Form
    embedded: Form | None = None
    on_face: bool = False
    paired: bool = False
    heavy: bool = False
    version: int = 1
    imports: tuple[str, ...] = ()

    def form(self, profile: Profile) -> Form:
        """Return the form of a profile, which must exist."""
        chosen = self.canonical if profile == "canonical" else self.embedded
        assert chosen is not None
        return chosen

    def definition(
        self, profile: Profile, weights_sha256: str, needs: str = ""
    ) -> ExtractorDefinition:
        """Return what is computed in a profile."""
        return ExtractorDefinition(
            self.name,
            weights_sha256,
            self.form(profile).preprocessing or self.preprocessing,
            profile,
            version=self.version,
            needs=needs if self.on_face else "",
        )

    def needed(self, profile: Profile) -> tuple[str, ...]:
        """Return the packages that a profile cannot be opened without."""
        return (*self.imports, *self.form(profile).imports)


FLICKER_STEP = Spec(
    name="flicker-step",
    layout="step",
    preprocessing="uint8 RGB at native size",
    canonical=Form("metrics.signals.open_plain:flicker_step"),
)

_IMAGES = "metrics.signals.open_images"
_FACES = "metrics.signals.open_faces"


def _inception(front_end: str, heavy: bool) -> Spec:
    opener = f"{_IMAGES}:inception"
    return Spec(
        name=f"inception-{front_end}",
        layout="frame",
        preprocessing=inception.PREPROCESSING[front_end],
        canonical=Form(opener, inception.WEIGHTS),
        embedded=Form(opener, sha256=inception.EMBEDDED_SHA256),
        heavy=heavy,
        imports=inception.IMPORTS,
    )


def _lpips(net: str, heavy: bool) -> Spec:
    opener, trunk = f"{_IMAGES}:lpips", lpips_trunk.TRUNKS[net]
    return Spec(
        name=f"lpips-{net}",
        layout="step",
        preprocessing=lpips_trunk.PREPROCESSING,
        canonical=Form(opener, (trunk.weights,)),
        embedded=Form(opener, sha256=trunk.embedded_sha256),
        heavy=heavy,
        imports=lpips_trunk.IMPORTS,
    )


_NETWORKS = (
    _inception("torch-fidelity", heavy=False),
    _inception("pytorch-fid", heavy=True),
    _inception("clean-fid", heavy=True),
    Spec(
        name="i3d-k400",
        layout="window",
        preprocessing=i3d.PREPROCESSING,
        canonical=Form(f"{_IMAGES}:i3d", i3d.WEIGHTS),
        embedded=Form(f"{_IMAGES}:i3d", sha256=i3d.EMBEDDED_SHA256),
        imports=("torch",),
    ),
    Spec(
        name="inception-torch-fidelity-faces",
        layout="face",
        preprocessing=f"{face_crop.WHERE} to {inception.SIDE}x{inception.SIDE}; "
        + inception.PREPROCESSING["torch-fidelity"],
        canonical=Form(f"{_IMAGES}:inception_faces", inception.WEIGHTS),
        embedded=Form(f"{_IMAGES}:inception_faces", sha256=inception.EMBEDDED_SHA256),
        on_face=True,
        heavy=True,
        imports=inception.IMPORTS,
    ),
    Spec(
        name="i3d-k400-faces",
        layout="face-window",
        preprocessing=f"{face_crop.WHERE} to {i3d.SIDE}x{i3d.SIDE}, the square of a window's first "
        f"frame in all of its frames; {i3d.PREPROCESSING}",
        canonical=Form(f"{_IMAGES}:i3d_faces", i3d.WEIGHTS),
        embedded=Form(f"{_IMAGES}:i3d_faces", sha256=i3d.EMBEDDED_SHA256),
        on_face=True,
        heavy=True,
        imports=("torch",),
    ),
    _lpips("alex", heavy=False),
    _lpips("vgg", heavy=True),
    Spec(
        name="arcface",
        layout="face",
        preprocessing=arcface.PREPROCESSING,
        canonical=Form(f"{_FACES}:identity", arcface.WEIGHTS, imports=arcface.IMPORTS),
        embedded=Form(
            f"{_FACES}:descriptor",
            sha256=identity_descriptor.EMBEDDED_SHA256,
            preprocessing=identity_descriptor.PREPROCESSING,
        ),
        on_face=True,
    ),
    Spec(
        name="smirk",
        layout="face",
        preprocessing=smirk.PREPROCESSING,
        canonical=Form(f"{_FACES}:face_network", smirk.WEIGHTS),
        on_face=True,
        imports=("torch", *smirk.IMPORTS),
    ),
    Spec(
        name="l2cs",
        layout="face",
        preprocessing=l2cs.PREPROCESSING,
        canonical=Form(f"{_FACES}:face_network", l2cs.WEIGHTS),
        on_face=True,
        heavy=True,
        imports=("torch", *l2cs.IMPORTS),
    ),
    Spec(
        name="emonet",
        layout="face",
        preprocessing=emonet.PREPROCESSING,
        canonical=Form(f"{_FACES}:face_network", emonet.WEIGHTS),
        on_face=True,
        imports=emonet.IMPORTS,
    ),
)
_WARP_STEP = Spec(
    name="warp-step",
    layout="step",
    preprocessing="grey frames, shorter side at most 256, Farneback (0.5, 3, 15, 3, 5, 1.2)",
    canonical=Form("metrics.signals.warp:open_warp_step"),
    heavy=True,
)

SPECS: Mapping[str, Spec] = MappingProxyType(
    {spec.name: spec for spec in (FLICKER_STEP, _WARP_STEP, *_NETWORKS)}
)
"""Extractors by name, in the order they are opened. The face signal stands outside: it is an
engine of its own (`metrics.signals.face_backends`)."""
