"""The built-in warp as a program of its own that looks at the whole clip and writes a lossy video.

``warp_program.py ROOT MODEL SOURCE DRIVING RESULT SHIFT``: SHIFT 1 shows every motion one frame
late, as methods do that lose their first frame and repeat another. The tint of all frames hangs on
all of the clip, so that replacing one driving frame changes every output.
"""

import sys
from fractions import Fraction
from pathlib import Path


def main() -> None:
    """Animate one case."""
    root, model, source, driving, result = sys.argv[1:6]
    shift = int(sys.argv[6])
    sys.path.insert(0, root)
    import numpy as np

    from adapters.base import FacePair, MethodError, Request, Services
    from adapters.ours import Warp
    from benchmark.collect import LentMedia
    from benchmark.media.write import PREVIEW, write_video
    from benchmark.tracker import LentTracker
    from metrics.signals.face_backends import OFFICIAL

    media, tracker = LentMedia(), LentTracker(Path(model), OFFICIAL)
    portrait, clip = media.image(Path(source)), list(media.frames(Path(driving)))
    request = Request(
        "case",
        "self",
        Path(source),
        Path(driving),
        len(clip),
        Fraction(25),
        (portrait.shape[0], portrait.shape[1]),
        (FacePair(0, 0),),
        Path(result).parent,
        Services(media, tracker),
    )
    try:
        made = list(Warp().animate(request).frames)  # type: ignore[arg-type]
    except MethodError as error:
        raise SystemExit(str(error)) from None
    finally:
        tracker.close()
    # Of the left half: a mirrored frame is another one.
    chance = np.random.default_rng(sum(int(frame[:, :99].sum(dtype=np.int64)) for frame in clip))
    tints = chance.integers(0, 90, (len(made), 1, 1, 3))
    shown = [made[max(i - shift, 0)].astype(int) * 2 // 3 + tints[i] for i in range(len(made))]
    frames = (np.clip(frame, 0, 255).astype(np.uint8) for frame in shown)
    write_video(Path(result), frames, Fraction(25), PREVIEW)


if __name__ == "__main__":
    main()
