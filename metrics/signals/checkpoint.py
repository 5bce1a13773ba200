"""Reading published checkpoints of torch without running anything that is in them."""

import pickle
from pathlib import Path

import torch
from torch import nn

from metrics.signals.tflite_model import ModelError


def fill(module: nn.Module, path: Path, prefix: str = "") -> None:
    """Load a checkpoint into a module, which has to have exactly its entries.

    Args:
        module: What to fill.
        path: A file that ``torch.save`` made of a dictionary of tensors.
        prefix: Only entries whose names begin so are taken, without it.

    Raises:
        ModelError: If the file holds anything else; the module is then not to be used.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = {k.removeprefix(prefix): v for k, v in content.items() if k.startswith(prefix)}
        module.load_state_dict(state, strict=True)
    except (pickle.UnpicklingError, RuntimeError, AttributeError, TypeError, EOFError) as error:
        first = str(error).strip().splitlines()[:1]
        raise ModelError(
            f"{path.name} is no checkpoint of {type(module).__name__}: {' '.join(first)}"
        ) from None
