"""PD-FGC on one portrait and one driving video: ``SOURCE DRIVING WORK SEED``.

It wants folders of frames and a sound. It cuts a fixed part out of every picture, so that pictures
are padded here by what it cuts; and it counts its frames by the sound, at 25 a second whatever the
driving video's rate. Runs in the method's environment, in the method's folder. Python 3.8.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

SIDE, CUT = 224, 16
"""Side of its pictures; it cuts so much at the left and the right, and twice as much below."""
RATE, SOUND_RATE = 25, 16_000


def padded(cv2: Any, picture: Any) -> Any:  # noqa: ANN401 - a module and an array
    """Return ``(224, 224, 3)`` whose part that PD-FGC keeps is the whole picture."""
    inner = cv2.resize(picture, (SIDE - 2 * CUT, SIDE - 2 * CUT), interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(inner, 0, 2 * CUT, CUT, CUT, cv2.BORDER_REPLICATE)


def write_frames(cv2: Any, driving: str, folder: Path) -> int:  # noqa: ANN401
    """Write the frames of a video as numbered pictures; return how many there are."""
    film = cv2.VideoCapture(driving)
    count = 0
    there, frame = film.read()
    while there:
        cv2.imwrite(str(folder / f"{count:06d}.png"), padded(cv2, frame))
        count += 1
        there, frame = film.read()
    film.release()
    return count


def write_silence(path: Path, frames: int) -> None:
    """Write silence that lasts as long as ``frames`` frames at 25 a second."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SOUND_RATE)
        sound.writeframes(bytes(2 * frames * SOUND_RATE // RATE))


def main() -> None:
    """Make its inputs, run it, and make sure that its pictures are there."""
    source, driving, work, seed = sys.argv[1:]
    cv2 = importlib.import_module("cv2")
    inputs = Path(work) / "bench_inputs"
    frames, sound, portrait = inputs / "frames", inputs / "silence.wav", inputs / "source.png"
    frames.mkdir(parents=True)
    write_silence(sound, write_frames(cv2, driving, frames))
    cv2.imwrite(str(portrait), padded(cv2, cv2.imread(source)))
    words = [sys.executable, "inference.py", "--all", "--name", "bench"]
    words += ["--audio_path", str(sound), "--app_img_path", str(portrait)]
    for part in ("--pose_path", "--exp_path", "--eye_path"):
        words += [part, str(frames)]
    sys.stdout.flush()
    code = subprocess.run(  # noqa: S603 - an argument list
        [*words, "random_seed", seed], check=False, env=os.environ
    ).returncode
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
