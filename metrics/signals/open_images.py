"""Opening the networks that look at whole frames."""

from functools import partial

from metrics.perceptual import LPIPS, LPIPS_256, LPIPS_FACE, LPIPS_OF_VGG
from metrics.signals.batching import Batcher
from metrics.signals.extractor import Batch, ExtractorDefinition, Files, Frame, Network, Where
from metrics.signals.perceptual import PerceptualExtractor
from metrics.signals.streams import (
    FaceExtractor,
    FaceWindowExtractor,
    FrameExtractor,
    WindowExtractor,
)


def inception(definition: ExtractorDefinition, files: Files, where: Where) -> FrameExtractor:
    """Open Inception with the front end that the definition's name ends in."""
    return FrameExtractor(definition, Batcher(_inception(definition, files, where)))


def inception_faces(definition: ExtractorDefinition, files: Files, where: Where) -> FaceExtractor:
    """Open Inception on squares around faces."""
    from metrics.signals import face_crop
    from metrics.signals import inception as leaf

    network = Batcher(_inception(definition, files, where))
    crops = partial(face_crop.crops, side=leaf.SIDE)
    return FaceExtractor(definition, network, crops, leaf.WIDTH)


def _inception(definition: ExtractorDefinition, files: Files, where: Where) -> Network:
    from metrics.signals import inception as leaf

    front_end = definition.name.removeprefix("inception-").removesuffix("-faces")
    if definition.profile == "embedded":
        return leaf.open_embedded(where, front_end)
    return leaf.open_canonical(files, where, front_end)


def i3d(definition: ExtractorDefinition, files: Files, where: Where) -> WindowExtractor:
    """Open I3D on windows of frames."""
    from metrics.signals import i3d as leaf

    network = Batcher(_i3d(definition, files, where))
    return WindowExtractor(definition, network, leaf.prepare, leaf.LENGTH)


def i3d_faces(definition: ExtractorDefinition, files: Files, where: Where) -> FaceWindowExtractor:
    """Open I3D on windows of squares around faces."""
    from metrics.signals import face_crop
    from metrics.signals import i3d as leaf

    def prepare(frame: Frame, place: face_crop.Square) -> Batch:
        return leaf.prepare(face_crop.cut(frame, place, leaf.SIDE))

    network = Batcher(_i3d(definition, files, where))
    return FaceWindowExtractor(
        definition, network, face_crop.squares, prepare, leaf.WIDTH, leaf.LENGTH
    )


def _i3d(definition: ExtractorDefinition, files: Files, where: Where) -> Network:
    from metrics.signals import i3d as leaf

    embedded = definition.profile == "embedded"
    return leaf.open_embedded(where) if embedded else leaf.open_canonical(files, where)


def lpips(definition: ExtractorDefinition, files: Files, where: Where) -> PerceptualExtractor:
    """Open LPIPS on the trunk that the definition's name ends in."""
    from metrics.signals import lpips_net as leaf

    net = definition.name.removeprefix("lpips-")
    embedded = definition.profile == "embedded"
    network = leaf.open_embedded(where, net) if embedded else leaf.open_canonical(files, where, net)
    if net == "vgg":
        return PerceptualExtractor(definition, network, LPIPS_OF_VGG.id)
    return PerceptualExtractor(definition, network, LPIPS.id, LPIPS_FACE.id, LPIPS_256.id)
