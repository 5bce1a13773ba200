"""Opening the networks that look at whole frames."""

from metrics.perceptual import LPIPS, LPIPS_256, LPIPS_FACE, LPIPS_OF_VGG
from metrics.signals.batching import Batcher
from metrics.signals.extractor import ExtractorDefinition, Files, Where
from metrics.signals.perceptual import PerceptualExtractor
from metrics.signals.streams import FrameExtractor, WindowExtractor


def inception(definition: ExtractorDefinition, files: Files, where: Where) -> FrameExtractor:
    """Open Inception with the front end that the definition's name ends in."""
    from metrics.signals import inception as leaf

    front_end = definition.name.removeprefix("inception-")
    if definition.profile == "embedded":
        return FrameExtractor(definition, Batcher(leaf.open_embedded(where, front_end)))
    return FrameExtractor(definition, Batcher(leaf.open_canonical(files, where, front_end)))


def i3d(definition: ExtractorDefinition, files: Files, where: Where) -> WindowExtractor:
    """Open I3D on windows of frames."""
    from metrics.signals import i3d as leaf

    embedded = definition.profile == "embedded"
    network = leaf.open_embedded(where) if embedded else leaf.open_canonical(files, where)
    return WindowExtractor(definition, Batcher(network), leaf.prepare, leaf.LENGTH)


def lpips(definition: ExtractorDefinition, files: Files, where: Where) -> PerceptualExtractor:
    """Open LPIPS on the trunk that the definition's name ends in."""
    from metrics.signals import lpips_net as leaf

    net = definition.name.removeprefix("lpips-")
    embedded = definition.profile == "embedded"
    network = leaf.open_embedded(where, net) if embedded else leaf.open_canonical(files, where, net)
    if net == "vgg":
        return PerceptualExtractor(definition, network, LPIPS_OF_VGG.id)
    return PerceptualExtractor(definition, network, LPIPS.id, LPIPS_FACE.id, LPIPS_256.id)
