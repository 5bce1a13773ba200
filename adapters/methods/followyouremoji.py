"""Follow-Your-Emoji on one portrait and one driving video: ``SOURCE DRIVING OUT SEED``.

Its driving input is a file of face landmarks, which its authors make in a notebook; its number of
frames and its seed stand in a configuration file. Both are made here, in the working directory,
then ``infer.py`` runs as the only process of its group. Runs in the method's environment, in the
method's folder. Python 3.8.
"""

from __future__ import annotations

import importlib
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

FIRST = 1
"""Frames at the beginning that get no output."""

SIDE = 512
"""Side of the square that it puts the portrait into."""


def landmarks(video: str) -> list[dict[str, Any]]:
    """Return what its landmark extractor says of each frame, as its notebook does.

    A frame without a face ends it: leaving it out would shift all that follow.
    """
    import numpy as np

    extractor = importlib.import_module("media_pipe.mp_utils").LMKExtractor()
    found = []
    with importlib.import_module("imageio").get_reader(video) as reader:
        for index, frame in enumerate(reader):
            pixels = np.ascontiguousarray(np.asarray(frame)[..., ::-1])  # it wants BGR
            face = extractor(pixels)
            if face is None:
                sys.exit(f"no face in driving frame {index}")
            face["height"], face["width"] = pixels.shape[:2]
            found.append(face)
    return found


def require_face(source: str) -> None:
    """End it if its extractor finds no face in the portrait as it sees it.

    It would go on without aligning anything, and then gives the first frame an output, too: what
    is cut to the right length would be one frame out of step.
    """
    import numpy as np

    picture = importlib.import_module("PIL.Image").open(source).convert("RGB")
    scale = min(SIDE / picture.width, SIDE / picture.height)
    width, height = int(picture.width * scale), int(picture.height * scale)
    x, y = width // 2 - SIDE // 2, height // 2 - SIDE // 2
    seen = picture.resize((width, height)).crop((x, y, x + SIDE, y + SIDE))
    extractor = importlib.import_module("media_pipe.mp_utils").LMKExtractor()
    if extractor(np.ascontiguousarray(np.asarray(seen)[..., ::-1])) is None:
        sys.exit("no face in the portrait")


def configured(text: str, frames: int, seed: int) -> str:
    """Return its configuration with ``video_length`` and ``seed`` replaced."""
    for name, value in (("video_length", frames), ("seed", seed)):
        text, count = re.subn(rf"(?m)^{name}:.*$", f"{name}: {value}", text)
        if count != 1:
            sys.exit(f"configs/infer.yaml has {count} lines '{name}:'")
    return text


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Make its inputs, then become ``infer.py``."""
    import numpy as np

    source, driving, out, seed = sys.argv[1:]
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a plain string
    require_face(source)
    found = landmarks(driving)
    # A list of dictionaries: what infer.py loads is an array of objects, whatever one thinks of it.
    np.save("driving.npy", np.array(found, dtype=object), allow_pickle=True)
    text = Path("configs/infer.yaml").read_text(encoding="utf-8")
    text = configured(text, len(found) - FIRST, int(seed))
    Path("bench.yaml").write_text(text, encoding="utf-8")
    group = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1"}
    os.environ.update(group, MASTER_PORT=str(free_port()))
    places = ["--input_path", source, "--lmk_path", "driving.npy", "--output_path", out]
    command = [sys.executable, "infer.py", "--config", "bench.yaml", *places]
    os.execv(sys.executable, command)  # noqa: S606 - an argument list


if __name__ == "__main__":
    main()
