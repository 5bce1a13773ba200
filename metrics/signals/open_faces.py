"""Opening the networks that look at single faces."""

from functools import partial
from importlib import import_module
from typing import Any

from metrics.signals import arcface, identity_descriptor
from metrics.signals.batching import Batcher
from metrics.signals.extractor import ExtractorDefinition, Files, Where
from metrics.signals.streams import FaceExtractor


def identity(definition: ExtractorDefinition, files: Files, where: Where) -> FaceExtractor:
    """Open SCRFD and ArcFace."""
    crops = partial(arcface.crops, detector=arcface.open_detector(files, where))
    network = arcface.open_canonical(files, where)
    return FaceExtractor(definition, Batcher(network), crops, arcface.WIDTH)


def descriptor(definition: ExtractorDefinition, files: Files, where: Where) -> FaceExtractor:
    """Open the classical descriptor that stands in for ArcFace."""
    leaf = identity_descriptor
    return FaceExtractor(definition, Batcher(leaf.open_embedded(where)), leaf.crops, leaf.WIDTH)


def face_network(definition: ExtractorDefinition, files: Files, where: Where) -> FaceExtractor:
    """Open the network whose module is called as the extractor: SMIRK, L2CS-Net, EmoNet."""
    leaf: Any = import_module(f"metrics.signals.{definition.name}")
    network = leaf.open_canonical(files, where)
    return FaceExtractor(definition, Batcher(network), leaf.crops, leaf.WIDTH)
