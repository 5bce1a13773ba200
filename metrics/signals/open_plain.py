"""Extractors that need no weights."""

from metrics.signals.extractor import ExtractorDefinition, Files, Where
from metrics.signals.streams import StepExtractor


def flicker_step(definition: ExtractorDefinition, files: Files, where: Where) -> StepExtractor:
    """Open the steps that `metrics.temporal.flicker` averages."""
    from metrics.temporal import flicker_step as step

    return StepExtractor(definition, step)
