"""The guard around torchvision, on packages that break and work as the real ones do."""

import subprocess
import sys
from pathlib import Path

import pytest

# What torchvision's Python code does at import once its binary extension is loaded, or is not.
_SHAPES = """
import torch
@torch.library.register_fake("torchvision::nms")
def shape(dets, scores, iou_threshold):
    return dets
"""
_EXTENSION = """
import torch
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""
_CHECK = """
from metrics import torchvision_guard as guard
module = guard.import_torchvision()
assert module is guard.import_torchvision()
assert module.shapes.shape is not None
print(len(guard._declared), module.loaded)
"""


def _import_with(place: Path, extension: str) -> "subprocess.CompletedProcess[str]":
    package = place / "torchvision"
    package.mkdir()
    (package / "extension.py").write_text(extension)
    (package / "shapes.py").write_text(_SHAPES)
    (package / "__init__.py").write_text(
        "from torchvision import extension, shapes\nloaded = hasattr(extension, 'library')\n"
    )
    root = Path(__file__).parents[2]
    code = f"import sys; sys.path[:0] = [{str(place)!r}, {str(root)!r}]\n{_CHECK}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("extension", "said"), [("", "1 False"), (_EXTENSION, "0 True")])
def test_helps_only_where_the_extension_is_missing(
    tmp_path: Path, extension: str, said: str
) -> None:
    done = _import_with(tmp_path, extension)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == said


def test_other_failures_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from metrics import torchvision_guard as guard

    def fails(_: str) -> None:
        raise RuntimeError("no space left")

    monkeypatch.setattr(guard.importlib, "import_module", fails)
    with pytest.raises(RuntimeError, match="no space left"):
        guard.import_torchvision()
