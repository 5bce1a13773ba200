"""Import torchvision, also where it was built for another torch.

A CPU build of torch beside the package index's CUDA build of torchvision fails at import with
``operator torchvision::nms does not exist``: torchvision's binary extension does not load, and its
Python code then registers shapes for two operators that nobody declared. Nothing here calls these
operators, so declaring them is enough. Declaring them before a healthy import would abort the
process, because the extension declares them too: therefore import first, and only then help.
"""

import importlib
import sys
import threading
from types import ModuleType
from typing import Any

_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_declared: list[Any] = []  # a torch Library takes its declarations with it when it dies
_lock = threading.Lock()


def import_torchvision() -> ModuleType:
    """Return torchvision; call this before anything that imports it (lpips, timm, torchmetrics).

    Returns:
        The module. Where its binary extension does not fit this torch, its operators
        (non-maximum suppression and friends) cannot be called; networks and transforms work.

    Raises:
        ImportError: If torchvision is not installed.
        RuntimeError: If it fails for another reason than the missing operators.
    """
    with _lock:
        try:
            return importlib.import_module("torchvision")
        except RuntimeError as error:
            if _declared or "operator torchvision::" not in str(error):
                raise
        _forget()
        _declare()
        return importlib.import_module("torchvision")


def _forget() -> None:
    """Drop what the failed import left behind."""
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]


def _declare() -> None:
    import torch

    declare: Any = torch.library.Library  # not annotated in torch
    library = declare("torchvision", "DEF")
    for operator in _OPERATORS:
        library.define(operator + _SCHEMA)
    _declared.append(library)
