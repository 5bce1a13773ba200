"""EMOPortraits kept loaded: runs in its environment, see `adapters.worker`. Python 3.8 on.

It has no command line: a class in ``notebooks/infer.py`` is called frame by frame. That file looks
for weights below a folder of its authors' own machine, and uses a name that only their notebook
defines; both are given to it here. Nothing of its code is changed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUTHORS = "/fsx/"
"""Paths below this folder are looked for in the repository instead."""


def at_home(path: object, root: Path) -> object:
    """Return where ``path`` of the authors' machine lies below ``root``; others as they are."""
    if not isinstance(path, (str, Path)) or not str(path).startswith(AUTHORS):
        return path
    parts = Path(path).parts
    for start in range(1, len(parts)):
        here = root.joinpath(*parts[start:])
        if here.exists():
            return str(here)
    return path


def finding(load: Callable[..., Any], root: Path) -> Callable[..., Any]:
    """Return ``torch.load`` that finds the authors' files below ``root``."""

    def found(path: object, *args: Any, **words: Any) -> Any:  # noqa: ANN401 - torch.load's own
        return load(at_home(path, root), *args, **words)

    return found


def only_checkpoint(folder: Path) -> str:
    """Return the name of the one checkpoint in ``folder``."""
    names = sorted(path.name for path in folder.glob("*.pth"))
    if len(names) != 1:
        raise RuntimeError(f"{len(names)} checkpoints in {folder}: name one, checkpoint = ...")
    return names[0]


class EmoPortraits:
    """Loads the first stage once, then animates frame by frame."""

    def __init__(self, options: dict[str, Any]) -> None:
        root = Path.cwd()
        for folder in (root, root / "notebooks"):
            sys.path.insert(0, str(folder))
        torch: Any = importlib.import_module("torch")
        torch.load = finding(torch.load, root)
        self.image = importlib.import_module("PIL.Image")
        self.read = importlib.import_module("imageio").get_reader
        module: Any = importlib.import_module("infer")
        module.mp_face_detection = importlib.import_module("mediapipe").solutions.face_detection
        self.crop = bool(options["crop"])
        checkpoint = options["checkpoint"] or only_checkpoint(
            root / options["folder"] / options["experiment"] / "checkpoints"
        )
        self.wrapper = module.InferenceWrapper(
            experiment_name=options["experiment"],
            model_file_name=checkpoint,
            project_dir=str(root),
            folder=options["folder"],
            print_params=False,
        )

    def animate(self, job: dict[str, Any]) -> Iterator[Any]:
        """Yield 512x512 frames; the portrait is encoded with the first of them."""
        source = self.image.open(job["source"]).convert("RGB")
        with self.read(job["driving"]) as frames:
            for index, frame in enumerate(frames):
                made = self.wrapper.forward(
                    source if index == 0 else None,
                    self.image.fromarray(frame),
                    crop=self.crop,
                    reset_tracking=index == 0,
                )
                yield index, importlib.import_module("numpy").asarray(made[0][0])
