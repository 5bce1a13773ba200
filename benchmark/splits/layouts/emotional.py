"""Layouts of sets with acted or labelled expressions: MEAD, NeRSemble, DFEW."""

import re
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.splits.layouts.talking import clips_only, named
from benchmark.splits.layouts.walk import Ask, Walk, table
from benchmark.splits.originals import Draft, Found

MEAD_TREE = (
    "expected:  DIR/{M,W}NNN/video/VIEW/EMOTION/level_N/NNN.mp4\n"
    "or:        DIR/{M,W}NNN#EMOTION#level_N#NNN.mp4\n"
    "choose:    --where view=front"
)
NERSEMBLE_TREE = (
    "expected:  DIR/NNN/sequences/SEQUENCE/images/cam_SERIAL.mp4\n"
    "choose:    --where camera=222200037   (a frontal one)"
)
DFEW_TREE = (
    "expected:  DIR/Clip/clip_224x224/NNNNN/*.jpg\n"
    "           DIR/EmoLabel_DataSplit/{train,test}(single-labeled)/set_{1..5}.csv\n"
    "with:      --frame-rate 25   (pictures state no rate); choose: --where set_1=test"
)

MEAD_VIEWS = ("down", "front", "left_30", "left_60", "right_30", "right_60", "top")
MEAD_EMOTIONS = "angry contempt disgusted fear happy neutral sad surprised".split()
DFEW_EMOTIONS = dict(enumerate("happy sad neutral angry surprise disgust fear".split(), start=1))
_PERSON = re.compile(r"[MW]\d{3}")
_LEVEL = re.compile(r"level_[123]")
_TAKE = re.compile(r"\d{3}")
_CAMERA = re.compile(r"cam_(?P<serial>\d+)\.mp4")


def mead(root: Path, ask: Ask) -> Found:
    """Read MEAD: the published folders, or the flat names that several papers use."""
    walk = Walk(root, MEAD_TREE)
    drafts = []
    for entry in walk.entries(root):
        if entry.is_dir() and _PERSON.fullmatch(entry.name):
            drafts += _mead_person(walk, entry)
        elif (flat := _mead_flat(entry)) is not None:
            drafts.append(flat)
        else:
            walk.skip(entry, "neither a folder {M,W}NNN nor a clip PERSON#EMOTION#level_N#NNN.mp4")
    return clips_only(walk, drafts)


def _mead_person(walk: Walk, person: Path) -> list[Draft]:
    drafts = []
    for part in walk.entries(person):
        if part.name != "video":
            walk.skip(part, "not video/")
    for view in walk.folders(person / "video", "a view"):
        for emotion in walk.folders(view, "an emotion"):
            for level in walk.folders(emotion, "a level"):
                if reason := _mead_strange(view.name, emotion.name, level.name):
                    walk.skip(level, reason)
                    continue
                tags = (f"view={view.name}", f"emotion={emotion.name}", f"level={level.name[-1]}")
                for path in walk.files(level, frozenset({".mp4"})):
                    if _TAKE.fullmatch(path.stem):
                        drafts.append(Draft(path, walk.name(path), person.name, tags))
                    else:
                        walk.skip(path, "not named NNN.mp4")
    return drafts


def _mead_strange(view: str, emotion: str, level: str) -> str:
    if view not in MEAD_VIEWS:
        return f"'{view}' is not one of {', '.join(MEAD_VIEWS)}"
    if emotion not in MEAD_EMOTIONS:
        return f"'{emotion}' is not one of {', '.join(MEAD_EMOTIONS)}"
    if not _LEVEL.fullmatch(level):
        return "not named level_1, level_2 or level_3"
    if emotion == "neutral" and level != "level_1":
        return "neutral has level_1 only"
    return ""


def _mead_flat(path: Path) -> Draft | None:
    parts = path.stem.split("#")
    if path.suffix.lower() != ".mp4" or len(parts) != 4:
        return None
    person, emotion, level, take = parts
    strange = _mead_strange("front", emotion, level)
    if strange or not _PERSON.fullmatch(person) or not _TAKE.fullmatch(take):
        return None
    return Draft(path, path.name, person, (f"emotion={emotion}", f"level={level[-1]}"))


def nersemble(root: Path, ask: Ask) -> Found:
    """Read NeRSemble: every camera is a clip; calibrations are left alone."""
    walk = Walk(root, NERSEMBLE_TREE)
    drafts = []
    for person in walk.folders(root, "a person's folder"):
        if not re.fullmatch(r"\d{3}", person.name):
            walk.skip(person, "not named NNN")
            continue
        for part in walk.entries(person):
            if part.name not in ("sequences", "calibration"):
                walk.skip(part, "neither sequences/ nor calibration/")
        for sequence in walk.folders(person / "sequences", "a sequence"):
            for part in walk.entries(sequence):
                if part.name != "images":
                    walk.skip(part, "not images/")
            for path in walk.files(sequence / "images", frozenset({".mp4"})):
                match = _CAMERA.fullmatch(path.name)
                if match is None:
                    walk.skip(path, "not named cam_SERIAL.mp4")
                    continue
                tags = (f"sequence={sequence.name}", f"camera={match['serial']}")
                drafts.append(Draft(path, walk.name(path), person.name, tags))
    return clips_only(walk, drafts)


def dfew(root: Path, ask: Ask) -> Found:
    """Read DFEW: folders of frames with labels; it does not say who is who."""
    walk = Walk(root, DFEW_TREE)
    tags = _dfew_labels(root / "EmoLabel_DataSplit")
    clips = {}
    for folder in walk.folders(root / "Clip" / "clip_224x224", "a folder of frames"):
        if folder.name not in tags:
            walk.skip(folder, "in no label table")
        elif (clip := walk.frames(folder, ask)) is not None:
            clips[folder.name] = named(clip, folder.name, "", tags[folder.name])
    walk.skipped += [f"{name}: labelled, but not there" for name in tags if name not in clips]
    return clips_only(walk, list(clips.values()))


def _dfew_labels(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the tags of each clip: its emotion, and its part in each of the five sets."""
    emotions: dict[str, str] = {}
    parts: dict[str, dict[str, str]] = {}
    for part in ("train", "test"):
        for number in range(1, 6):
            path = folder / f"{part}(single-labeled)" / f"set_{number}.csv"
            if not path.exists():
                continue
            for line, row in table(path, ("video_name", "label")):
                name, emotion = _dfew_row(path, line, row)
                if emotions.setdefault(name, emotion) != emotion:
                    raise UsageProblem(f"{path}:{line}: {name} has another label elsewhere")
                if parts.setdefault(name, {}).setdefault(f"set_{number}", part) != part:
                    raise UsageProblem(f"{path}:{line}: {name} is in train and test of one set")
    if not emotions:
        raise UsageProblem(f"no label tables in {folder}", DFEW_TREE)
    return {
        name: (f"emotion={emotions[name]}", *(f"{s}={p}" for s, p in sorted(parts[name].items())))
        for name in sorted(emotions)
    }


def _dfew_row(path: Path, line: int, row: dict[str, str]) -> tuple[str, str]:
    name, label = row["video_name"].strip(), row["label"].strip()
    number = label.isdecimal() and label.isascii() and int(label[:3])
    if not (name.isdecimal() and name.isascii()) or number not in DFEW_EMOTIONS:
        raise UsageProblem(f"{path}:{line}: expected a clip's number and a label from 1 to 7")
    return name.zfill(5), DFEW_EMOTIONS[int(number)]
