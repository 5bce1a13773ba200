"""Runs written by hand for plots: invented faces in the cache, grey videos, hostile names."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from support import rotation

from benchmark.media.image import write_png
from benchmark.media.write import CANONICAL, LOSSLESS, write_video
from benchmark.paths import cache_dir
from benchmark.signals import Media, SignalStore, face_arrays, fingerprint
from benchmark.splits.manifest import Case, Header, read_manifest, write_manifest
from benchmark.store import CaseScore, Generated, Journal, Outcome, RunPaths
from benchmark.store import write_manifest as write_run
from benchmark.tracker import face_definition
from metrics.score import Measured
from metrics.signals.face import N_BLENDSHAPES, N_LANDMARKS, FaceSignal
from metrics.signals.face_backends import OFFICIAL
from metrics.weights import file_sha256

SIDE, FRAMES, FPS = 32, 24, 25
AED = "aed.mediapipe51@1"


def motion(seed: int) -> np.ndarray:
    """A course of three angles, degrees."""
    return 10.0 * np.random.default_rng(seed).uniform(-1.0, 1.0, (FRAMES, 3))


def faces(*courses: np.ndarray) -> FaceSignal:
    """One face a course, from the left."""
    shape = (len(courses[0]), len(courses))
    landmarks = np.zeros((*shape, N_LANDMARKS, 3), np.float32)
    blendshapes = np.full((*shape, N_BLENDSHAPES), 0.5, np.float32)
    pose = np.tile(np.eye(4, dtype=np.float32), (*shape, 1, 1))
    for slot, course in enumerate(courses):
        points = np.random.default_rng(slot).uniform(0.1, 0.9, (N_LANDMARKS, 3))
        landmarks[:, slot] = points / (len(courses), 1, 1) + (slot / len(courses), 0, 0)
        blendshapes[:, slot, 1:4] += course / 25.0
        for t, turns in enumerate(course):
            pose[t, slot, :3, :3] = rotation(*turns)
    return FaceSignal(np.full(shape[0], shape[1]), landmarks, blendshapes, pose, (SIDE, SIDE))


@dataclass
class Lab:
    """A dataset of one driver and several cases, and runs of it.

    Attributes:
        folder: Where everything lies.
        changes: Further fields of the cases, by case.
        task: Task of the split.
    """

    folder: Path
    changes: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {
            "one": {"tags": ("emotion=happy",)},
            "two": {"tags": ("emotion=<b>sad</b>",)},
        }
    )
    task: str = "reenactment"
    cases: dict[str, Case] = field(default_factory=dict)
    shade: int = 10

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dataset(self) -> "Lab":
        (self.data / "media").mkdir(parents=True)
        driving, source = self.data / "media" / "$d_$.mp4", self.data / "media" / "p.png"
        pixels = np.zeros((FRAMES, SIDE, SIDE, 3), np.uint8)
        pixels += np.arange(FRAMES, dtype=np.uint8)[:, None, None, None] * 8
        write_video(driving, pixels, Fraction(FPS), CANONICAL)
        write_png(source, pixels[3])
        sha = {"source": file_sha256(source), "driving": file_sha256(driving)}
        header = Header(
            dataset="lab", split="s", version="1", citation="", licence="", pairing="", crop="",
            fps=str(FPS), protocol={"id": f"{self.task}@1", "task": self.task},
        )  # fmt: skip
        for name, changes in self.changes.items():
            self.cases[name] = Case.model_validate(
                {
                    "id": name, "protocol": "cross", "source": "media/p.png",
                    "driving": "media/$d_$.mp4", "frames": (0, FRAMES), "fps": str(FPS),
                    "size": (SIDE, SIDE), "sha256": sha, **changes,
                }
            )  # fmt: skip
        write_manifest(self.data / "s.jsonl", header, list(self.cases.values()))
        keep(Media(sha["source"], (0, 1)), faces(np.zeros((1, 3))))
        keep(Media(sha["driving"], (0, FRAMES)), faces(motion(0)))
        return self

    def run(self, name: str, made: Mapping[str, np.ndarray], label: str = "") -> Path:
        """Write a run whose results move as given; a case that is not given was not reached."""
        paths = RunPaths(self.folder / name)
        paths.clip("x").parent.mkdir(parents=True)
        split = read_manifest(self.data / "s.jsonl")
        record = {
            "format": "portraitbench-run@1",
            "run_id": name,
            "method": {"name": name, "label": label or name},
            "split": {"dataset": "lab", "split": "s", "version": "1", "sha256": split.sha256},
            "case_ids": list(self.cases),
            "cases": {c: {"protocol": "cross", "frames": FRAMES, "people": 1} for c in self.cases},
            "options": {"max_frames": None},
            "metrics": {AED: {}},
            "extractors": {"face": {**face_definition(8).as_dict(), "backend": str(OFFICIAL)}},
        }
        write_run(paths, record)
        with closing(Journal(paths.journal)) as journal:
            for number, (case, course) in enumerate(made.items()):
                self.shade += 1  # another content, another key in the cache
                pixels = np.full((FRAMES, SIDE, SIDE, 3), self.shade, np.uint8)
                write_video(paths.clip(case), pixels, Fraction(FPS), LOSSLESS)
                sha = file_sha256(paths.clip(case))
                keep(Media(sha, (0, FRAMES)), faces(course))
                frame_map = tuple(range(FRAMES))
                journal.record_generated(Generated(case, Outcome.OK, "", sha, frame_map))
                score = Measured(0.1 * (number + 1) + 0.01 * len(name), FRAMES, FRAMES)
                journal.record_scores([CaseScore(case, "cross", AED, -1, score)])
        return paths.root


def keep(media: Media, signal: FaceSignal) -> None:
    key = f"face-{fingerprint(face_definition(8).as_dict())}-{OFFICIAL.library}"
    SignalStore.below(cache_dir()).save(key, media, face_arrays(signal))
