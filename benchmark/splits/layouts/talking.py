"""Layouts of talking-head sets: HDTF, VFHQ-Test, VoxCeleb1 and 2, CelebV-HQ."""

import json
import re
from pathlib import Path
from typing import Any

from benchmark.errors import UsageProblem
from benchmark.splits.layouts.walk import VIDEOS, Ask, Walk
from benchmark.splits.originals import Draft, Found, Group, finished

HDTF_TREE = (
    "expected:  DIR/{RD,WDA,WRA}_NAME_INDEX.mp4   (as the set's own download makes them)\n"
    "beside:    _videos_raw/ and *.txt are left alone"
)
VFHQ_TREE = (
    "expected:  DIR/GT/Interval1_512x512_LANCZOS4/Clip+YTID+Pn+Cn+Fstart-end/00000000.png ...\n"
    "with:      --frame-rate 25   (pictures state no rate)"
)
VOX1_TREE = (
    "expected:  DIR/{train,test}/PERSON#VIDEO#START#END.mp4\n"
    "or:        DIR/{train,test}/PERSON#VIDEO#START#END/0000000.png ...   with --frame-rate 25"
)
VOX2_TREE = "expected:  DIR/mp4/idNNNNN/VIDEO/NNNNN.mp4"
CELEBV_TREE = (
    "expected:  DIR/YTID_N.mp4   (YTID has 11 characters)\n"
    "beside:    celebvhq_info.json, whose attributes become tags, if it is there"
)

_HDTF = re.compile(r"(?P<subset>RD|WDA|WRA)_(?P<person>.+?)(_\d+)+")
_VFHQ = re.compile(r"Clip\+(?P<video>.{11})\+P(?P<person>\d+)\+C\d+\+F\d+-\d+")
_VFHQ_FOLDER = "GT/Interval1_512x512_LANCZOS4"
_VOX1 = re.compile(r"(?P<person>[^#]+)#(?P<video>[^#]+)#\d+#\d+")
_VOX2_PERSON = re.compile(r"id\d{5}")
_VOX2_CLIP = re.compile(r"\d{5}")
_CELEBV = re.compile(r"(?P<video>[A-Za-z0-9_-]{11})_\d+")


def hdtf(root: Path, ask: Ask) -> Found:
    """Read HDTF: clips in one folder; the person is the name without its numbers."""
    walk = Walk(root, HDTF_TREE)
    drafts = []
    for path in walk.entries(root):
        match = _HDTF.fullmatch(path.stem)
        if path.is_dir() and path.name == "_videos_raw":
            walk.skip(path, "raw videos, not clips")
        elif match is None or path.suffix.lower() != ".mp4":
            walk.skip(path, "not named {RD,WDA,WRA}_NAME_INDEX.mp4")
        else:
            identity = f"{match['subset']}_{match['person']}"
            drafts.append(Draft(path, path.name, identity, (f"subset={match['subset']}",)))
    return clips_only(walk, drafts)


def vfhq(root: Path, ask: Ask) -> Found:
    """Read VFHQ-Test: a folder of pictures a clip; the person is video and P number."""
    walk = Walk(root, VFHQ_TREE)
    drafts = []
    for folder in walk.folders(root / _VFHQ_FOLDER, "a folder of frames"):
        match = _VFHQ.fullmatch(folder.name)
        if match is None:
            walk.skip(folder, "not named Clip+YTID+Pn+Cn+Fstart-end")
        elif (clip := walk.frames(folder, ask)) is not None:
            identity = f"{match['video']}+P{match['person']}"
            drafts.append(named(clip, folder.name, identity, ()))
    return clips_only(walk, drafts)


def voxceleb1(root: Path, ask: Ask) -> Found:
    """Read VoxCeleb1 as FOMM's preprocessing leaves it: videos, or folders of frames."""
    walk = Walk(root, VOX1_TREE)
    drafts = []
    for part in walk.entries(root):
        if part.name not in ("train", "test") or not part.is_dir():
            walk.skip(part, "neither train/ nor test/")
            continue
        for path in walk.entries(part):
            match = _VOX1.fullmatch(path.name if path.is_dir() else path.stem)
            clip = None
            if match is None or not (path.is_dir() or path.suffix.lower() in VIDEOS):
                walk.skip(path, "not named PERSON#VIDEO#START#END")
            else:
                clip = walk.frames(path, ask) if path.is_dir() else Draft(path, "")
            if match is not None and clip is not None:
                tags = (f"part={part.name}", f"video={match['video']}")
                drafts.append(named(clip, walk.name(path), match["person"], tags))
    return clips_only(walk, drafts)


def voxceleb2(root: Path, ask: Ask) -> Found:
    """Read VoxCeleb2 as it is published: person, video, utterance."""
    walk = Walk(root, VOX2_TREE)
    drafts = []
    for person in walk.folders(root / "mp4", "a person's folder"):
        if not _VOX2_PERSON.fullmatch(person.name):
            walk.skip(person, "not named idNNNNN")
            continue
        for video in walk.folders(person, "a video's folder"):
            for path in walk.files(video, frozenset({".mp4"})):
                if _VOX2_CLIP.fullmatch(path.stem):
                    name = path.relative_to(root / "mp4").as_posix()
                    drafts.append(Draft(path, name, person.name, (f"video={video.name}",)))
                else:
                    walk.skip(path, "not named NNNNN.mp4")
    return clips_only(walk, drafts)


def celebvhq(root: Path, ask: Ask) -> Found:
    """Read CelebV-HQ; it does not say who is who, so clips of one video count as one person."""
    walk = Walk(root, CELEBV_TREE)
    info = root / "celebvhq_info.json"
    known = _celebv_info(info) if info.exists() else None
    drafts = []
    for path in walk.entries(root):
        match = _CELEBV.fullmatch(path.stem)
        if path == info:
            continue
        if match is None or path.suffix.lower() != ".mp4":
            walk.skip(path, "not named YTID_N.mp4")
        elif known is not None and path.stem not in known:
            walk.skip(path, "not among the clips of celebvhq_info.json")
        else:
            tags = (known or {}).get(path.stem, ())
            drafts.append(Draft(path, path.name, match["video"], tags))
    return clips_only(walk, drafts)


def _celebv_info(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tags of each clip: the emotions that it is labelled with."""
    try:
        clips = json.loads(path.read_text(encoding="utf-8"))["clips"]
        return {str(key): tuple(_emotions(clip)) for key, clip in clips.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageProblem(
            f"cannot read {path}: {type(error).__name__} {error}", "bring the published file"
        ) from None


def _emotions(clip: Any) -> list[str]:  # noqa: ANN401 - JSON
    emotion = clip.get("attributes", {}).get("emotion")
    if not isinstance(emotion, dict):
        return []
    labels = emotion.get("labels", [])
    names = [label["emotion"] if isinstance(label, dict) else label for label in labels]
    return [f"emotion={name}" for name in dict.fromkeys(map(str, names))]


def named(clip: Draft, name: str, identity: str, tags: tuple[str, ...]) -> Draft:
    """Return ``clip`` with what the layout knows about it."""
    return Draft(clip.path, name, identity, tags, clip.frames, clip.rate)


def clips_only(walk: Walk, drafts: list[Draft]) -> Found:
    """Return clips of single people; first frames of other clips are their portraits.

    Raises:
        UsageProblem: If there is no clip.
    """
    if not drafts:
        raise walk.nothing("clips")
    group = Group((), finished(drafts), clips_as_portraits=True)
    return Found({"single": group}, tuple(walk.skipped))
