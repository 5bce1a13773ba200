"""Repositories of the described methods with a fake in each script's place."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from adapters.description import Description

PROGRAMS = Path(__file__).parent / "programs"

_IMAGEIO = """
import film

class get_reader:
    def __init__(self, path): self.frames = film.read(path)
    def __enter__(self): return self.frames
    def __exit__(self, *error): pass
"""
_TORCH = """
import os

def load(path, **words):
    assert os.path.isfile(path), path

def manual_seed(seed): pass

class cuda:
    is_initialized = staticmethod(lambda: False)
"""
_MEDIAPIPE = """
from contextlib import nullcontext
from types import SimpleNamespace

def detection(min_detection_confidence): return nullcontext()

solutions = SimpleNamespace(face_detection=SimpleNamespace(FaceDetection=detection))
"""

# Where fakes go that do not stand for the second word of a command.
_SCRIPTS: Mapping[str, Mapping[str, str]] = {
    "xnemo": {"scripts/pose2vid_xnemo.py": "xnemo"},
    "skyreels-a1": {"inference.py": "skyreels_a1"},
    "skyreels-a1-long": {"inference_long_video.py": "skyreels_a1"},
    "flashportrait": {"infer.py": "flashportrait"},
    "followyouremoji": {
        "infer.py": "followyouremoji",
        "media_pipe/mp_utils.py": "followyouremoji_landmarks",
    },
    "aniportrait": {"scripts/vid2vid.py": "aniportrait"},
    "wan-animate": {
        "wan/modules/animate/preprocess/preprocess_data.py": "wan_animate_prepare",
        "generate.py": "wan_animate",
    },
    "pdfgc": {"inference.py": "pdfgc"},
    "echomimic": {"infer_audio2vid_pose_acc.py": "echomimic"},
    "emoportraits": {"notebooks/infer.py": "emoportraits"},
}

# What their repositories ship beside the scripts.
_SHIPPED: Mapping[str, Mapping[str, str]] = {
    "xnemo": {
        "scripts/vid2pose.py": "def extract_bbox_mp(): pass",
        "torch.py": _TORCH,
        "blaze_face_short_range.tflite": "model",
        "output/old--bench/split_vid/source_drivenby_driving.mp4": "old",
    },
    "hunyuanportrait": {"results/20250101_source_driving/full_resolution.mp4": "old"},
    "followyouremoji": {
        "configs/infer.yaml": "resolution_w: 512\nvideo_length: 16\nseed: 12580\n",
        "imageio.py": _IMAGEIO,
    },
    "aniportrait": {"output/20240101/0000--seed/source_driving_512x512_3_0000.mp4": "old"},
    "pdfgc": {"test/images/bench/0000.jpg": "old", "test/mp4s/test1.mp4": "old"},
    "echomimic": {"output/20240101/0000/psbk_source_silence_512x512_1_0000.mp4": "old"},
    "megactor": {"configs/inference/megactor-sigma/inference.yaml": "size: [512, 512]"},
    "emoportraits": {"imageio.py": _IMAGEIO, "torch.py": _TORCH, "mediapipe.py": _MEDIAPIPE},
}


def repository_of(row: Description, folder: Path) -> Path:
    """Make the repository of ``row`` in ``folder``: fakes, what it ships, something as weights."""
    scripts = _SCRIPTS.get(row.name)
    if scripts is None:
        scripts = {row.command[1]: row.name.replace("-", "_")}
    for path, program in scripts.items():
        _write(folder / path, (PROGRAMS / f"{program}.py").read_text())
        shutil.copy(PROGRAMS / "film.py", (folder / path).parent)
    shutil.copy(PROGRAMS / "film.py", folder)
    for path, text in _SHIPPED.get(row.name, {}).items():
        _write(folder / path, text)
    for item in row.weights:
        _write(folder / _weights_file(item.path, str(row.options.get("experiment", "one"))), "w")
    return folder


def _weights_file(path: str, experiment: str) -> str:
    """Return a file that is what ``path`` asks for: itself, one that fits, or one in it."""
    folder, _, name = path.rpartition("/")
    place = f"{folder.replace('*', experiment)}/{name.replace('*', 'one')}"
    return place if Path(name).suffix[1:].isalpha() else f"{place}/model"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(text)
