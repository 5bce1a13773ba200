"""Train the embedded face engine's student and measure how far to trust it.

    python tools/face_student.py MEDIA MODEL EMBEDDED

MEDIA is the folder of clips that `PEOPLE` names, MODEL is face_landmarker.task, EMBEDDED the
folder with the three networks of the wheel. Writes the student into metrics/signals and the tables
of docs/face_embedded.md. Seeded: the same input gives the same weights on the same machine.

The teacher is the official blendshape network. It is asked about the official landmarks of real
frames and of perturbed ones (a frame plus the difference of two others of the same fold, rolled,
stretched, noisy); the student learns to answer from the embedded landmarks of the same faces.
People are held out by folds: every number in the table is about people the student never saw.
"""

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from face_agreement import IMAGES, signal
from numpy.typing import NDArray
from safetensors.numpy import save_file

from metrics.pose import geodesic_degrees
from metrics.signals.face import BLENDSHAPES
from metrics.signals.face_backends import STUDENT_FILE
from metrics.signals.face_engine import FaceDefinition
from metrics.signals.torch_face import Where, open_embedded, open_official
from metrics.signals.torch_face_bundle import read_bundle
from metrics.signals.torch_face_geometry import CanonicalFace, poses
from metrics.signals.torch_face_networks import (
    BLENDSHAPE_LANDMARKS,
    FaceNetworks,
)
from metrics.signals.torch_face_student import Student, student_input

Floats = NDArray[np.float32]

# Folds by what a file name starts with; a person is in one fold only.
PEOPLE = (
    ("lp_d9.", "lp_d10.", "built_duo"),
    ("lp_d3.", "lp_d12.", "xportrait_12fps", "lp_s42", "lp_s5", "lp_s6", "lp_s8", "lp_s12"),
    ("lp_d6.", "lp_d18.", "multitalk", "echomimic", "lp_s0", "lp_s10", "lp_s9", "lp_d9_shout"),
    ("lp_d13", "lp_s32", "lp_s29", "flash", "fantasy_man", "lp_d30", "xportrait_source"),
    ("fantasy_two", "lp_d0.", "built_trio", "aniportrait", "lp_s7", "lp_d8."),
)
PERTURBED = 16_000  # samples a fold
HIDDEN = (256, 128)
EPOCHS = 30
ROWS = 256
INTER_OCULAR_CM = 6.3  # mean adult interpupillary distance (Dodgson 2004)
EYES = ((33, 133), (362, 263))
# Points that expressions hardly move, spread over the face: eye corners, nose, forehead, temples,
# cheekbones.
RIGID = (
    4, 5, 6, 9, 10, 33, 50, 67, 93, 109, 117, 127, 132, 133, 151, 168, 195, 197, 234, 263, 280,
    297, 323, 338, 346, 356, 361, 362, 454,
)  # fmt: skip
OUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Faces:
    """The same faces seen by both engines, in pixels.

    Attributes:
        fold: ``(N,)``.
        clip: ``(N,)`` number of the file.
        official: ``(N, 478, 3)`` landmarks; x right, y down, z scaled like x.
        embedded: ``(N, 478, 3)``.
        shapes: ``(N, 52)`` official blendshapes.
        pose: ``(N, 4, 4)`` official poses.
        size: ``(N, 2)`` height, width.
    """

    fold: NDArray[np.intp]
    clip: NDArray[np.intp]
    official: Floats
    embedded: Floats
    shapes: Floats
    pose: Floats
    size: NDArray[np.intp]

    def take(self, rows: NDArray[np.bool_]) -> "Faces":
        """Return some of the faces."""
        return Faces(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def fold_of(name: str) -> int | None:
    return next((i for i, starts in enumerate(PEOPLE) if name.startswith(starts)), None)


def collect(media: Path, model: Path, embedded: Path) -> tuple[Faces, list[str]]:
    """Run both engines over all clips; faces are matched by their nearest noses."""
    definition = FaceDefinition("", 4)
    rows: list[tuple[object, ...]] = []
    notes = []
    with (
        open_official(model, definition, Where(threads=2)) as reference,
        open_embedded(embedded, definition, Where(threads=2)) as ours,
    ):
        paths = sorted(p for p in media.rglob("*") if p.suffix in {*IMAGES, ".mp4"})
        for clip, path in enumerate(paths):
            fold = fold_of(path.name)
            if fold is None:
                continue
            theirs, mine = signal(reference, path), signal(ours, path)
            height, width = theirs.size
            scale = np.array([width, height, width], np.float32)
            for t in range(len(theirs.count)):
                for f in range(theirs.count[t]):
                    a = theirs.landmarks[t, f] * scale
                    candidates = mine.landmarks[t, : mine.count[t]] * scale
                    gaps = np.linalg.norm(candidates[:, 1, :2] - a[1, :2], axis=1)
                    if len(gaps) == 0 or gaps.min() > np.linalg.norm(a[33] - a[263]) / 2:
                        continue
                    rows.append(
                        (
                            fold, clip, a, candidates[gaps.argmin()],
                            theirs.blendshapes[t, f], theirs.pose[t, f], theirs.size,
                        )
                    )  # fmt: skip
            same = float((theirs.count == mine.count).mean())
            notes.append(f"{path.relative_to(media)}|{len(theirs.count)}|{100 * same:.1f} %")
            print(notes[-1], file=sys.stderr, flush=True)
    return Faces(*(np.array(column) for column in zip(*rows, strict=True))), notes


def upright(points: Floats) -> tuple[Floats, Floats]:
    """Return ``(N, 478, 2)`` centred, scaled to mean distance 1; and the scale to apply."""
    flat = points[..., :2] - points[:, BLENDSHAPE_LANDMARKS, :2].mean(axis=1, keepdims=True)
    spread = np.linalg.norm(flat[:, BLENDSHAPE_LANDMARKS], axis=-1).mean(axis=1)
    return flat / spread[:, None, None], spread


def perturb(faces: Faces, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Return official and embedded landmarks ``(count, 478, 2)`` of faces that nobody made."""
    official, spread = upright(faces.official)
    embedded = (
        faces.embedded[..., :2]
        - faces.official[:, BLENDSHAPE_LANDMARKS, :2].mean(axis=1, keepdims=True)
    ) / spread[:, None, None]
    # Every clip is asked as often as any other, however long it is.
    weight = 1 / np.bincount(faces.clip)[faces.clip]
    i, j = (rng.choice(len(official), count, p=weight / weight.sum()) for _ in range(2))
    k = np.array([rng.choice(np.flatnonzero(faces.clip == faces.clip[n])) for n in j])
    amount = rng.uniform(0, 1.3, (count, 1, 1)) * (rng.random((count, 1, 1)) > 0.3)
    change = amount * (official[j] - official[k])
    roll = rng.normal(0, 0.15, count)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    turn = turn.transpose(2, 0, 1) * rng.normal(1, 0.04, (count, 2, 1))
    made = [
        np.einsum("nij,npj->npi", turn, shape[i] + change) + rng.normal(0, 0.004, change.shape)
        for shape in (official, embedded)
    ]
    return made[0].astype(np.float32), made[1].astype(np.float32)


def inputs(points: Floats) -> Floats:
    """Return the student's input for ``(N, 478, 2)`` landmarks in any unit."""
    return student_input(points, (1, 1))


def samples(faces: Faces, teacher: FaceNetworks, seed: int) -> tuple[Floats, Floats]:
    """Return inputs and the teacher's answers: real frames, perturbed ones, and both engines'."""
    rng = np.random.default_rng(seed)
    official, embedded = perturb(faces, rng, PERTURBED)
    answers = teacher.blendshapes(official * 200)
    quarter = len(official) // 4
    x = [inputs(embedded), inputs(official[:quarter]), inputs(faces.embedded)]
    y = [answers, answers[:quarter], faces.shapes]
    return np.concatenate(x), np.concatenate(y)


def train(x: Floats, y: Floats, seed: int) -> list[tuple[Floats, Floats]]:
    """Return the layers of a student, rounded to float16 as they are stored."""
    torch.manual_seed(seed)
    sizes = (x.shape[1], *HIDDEN, y.shape[1])
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(sizes)]
    network = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    steps = EPOCHS * (len(x) // ROWS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    inputs_, answers = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for rows in order[: len(x) // ROWS * ROWS].split(ROWS):
            noisy = inputs_[rows] + 0.003 * torch.randn(ROWS, x.shape[1])
            loss = torch.nn.functional.smooth_l1_loss(
                torch.sigmoid(network(noisy)), answers[rows], beta=0.02
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return [
        (p.weight.detach().numpy().astype(np.float16), p.bias.detach().numpy().astype(np.float16))
        for p in layers
    ]


def mean_face(faces: Faces) -> CanonicalFace:
    """Return the mean of the embedded meshes, turned upright by the official rotation.

    Every clip counts alike. Made symmetric; pose is fitted to the points in `RIGID`.
    """
    points = faces.embedded[:, :468].astype(np.float64) * (1, -1, -1)
    points -= points.mean(axis=1, keepdims=True)
    points /= np.linalg.norm(points, axis=-1).mean(axis=1)[:, None, None]
    turned = np.einsum("nji,npj->npi", faces.pose[:, :3, :3].astype(np.float64), points)
    clips = [turned[faces.clip == c] for c in np.unique(faces.clip)]
    face = np.mean([clip.mean(axis=0) for clip in clips], axis=0)
    mirrored = face * (-1, 1, 1)
    partner = np.linalg.norm(face[:, None] - mirrored[None], axis=-1).argmin(axis=1)
    face = (face + mirrored[partner]) / 2
    weights = np.zeros(len(face))
    weights[list(RIGID)] = 1 / len(RIGID)
    eyes = [face[list(corners)].mean(axis=0) for corners in EYES]
    face *= INTER_OCULAR_CM / np.linalg.norm(eyes[0] - eyes[1])
    return CanonicalFace(face, weights)


def inter_ocular(points: Floats) -> Floats:
    return np.linalg.norm(points[:, 468, :2] - points[:, 473, :2], axis=1)


def report(faces: Faces, predicted: Floats, pose: Floats, notes: list[str]) -> str:
    """Return the body of docs/face_embedded.md."""
    lines = ["## Landmarks and pose\n", HEAD_CLIPS]
    names = dict(zip(np.unique(faces.clip), notes, strict=False))
    apart = np.linalg.norm(faces.official[..., :2] - faces.embedded[..., :2], axis=-1)
    apart /= inter_ocular(faces.official)[:, None]
    angle = geodesic_degrees(
        faces.pose[:, :3, :3].astype(np.float64), pose[:, :3, :3].astype(np.float64)
    )
    for clip, note in names.items():
        here = faces.clip == clip
        mesh, iris = apart[here][:, :468].mean(axis=1), apart[here][:, 468:].mean(axis=1)
        turn = angle[here]
        lines.append(
            f"| {note.replace('|', ' | ')} | {100 * mesh.mean():.1f} | "
            f"{100 * np.percentile(mesh, 99):.1f} | {100 * iris.mean():.1f} | "
            f"{turn.mean():.2f} | {np.percentile(turn, 99):.2f} | {turn.max():.2f} |"
        )
    lines += ["\n## Blendshapes, people held out\n", HEAD_SHAPES]
    for index, name in enumerate(BLENDSHAPES):
        a, b = faces.shapes[:, index], predicted[:, index]
        err = np.abs(a - b).mean()
        known = a.std() > 1e-4 and b.std() > 1e-6
        r = f"{np.corrcoef(a, b)[0, 1]:.2f}" if known else "–"
        lines.append(f"| {name} | {a.mean():.3f} | {a.std():.3f} | {err:.4f} | {r} |")
    error = np.abs(faces.shapes - predicted).mean()
    guess = np.abs(faces.shapes - faces.shapes.mean(axis=0)).mean()
    lines.append(
        f"\nMean absolute error over all 52: {error:.4f}; always answering each coefficient's mean "
        f"would err by {guess:.4f}.\n"
    )
    return "\n".join(lines)


HEAD_CLIPS = """| clip | frames | same faces | mesh mean | p99 | iris mean | pose mean | p99 | max |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
HEAD_SHAPES = """| coefficient | mean | std | mean abs. error | correlation |
|---|--:|--:|--:|--:|"""


def main(media: Path, model: Path, embedded: Path) -> None:
    torch.set_num_threads(1)
    faces, notes = collect(media, model, embedded)
    teacher = FaceNetworks(read_bundle(model), torch.device("cpu"), 64)
    face = mean_face(faces)
    pools = [samples(faces.take(faces.fold == fold), teacher, fold) for fold in range(len(PEOPLE))]
    predicted = np.zeros_like(faces.shapes)
    for fold in range(len(PEOPLE)):
        seen = [pool for other, pool in enumerate(pools) if other != fold]
        layers = train(*(np.concatenate(part) for part in zip(*seen, strict=True)), seed=fold)
        student = Student(
            tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in layers), face
        )
        rows = faces.fold == fold
        predicted[rows] = student.blendshapes(faces.embedded[rows], (1, 1))
        error = np.abs(predicted[rows] - faces.shapes[rows]).mean()
        print(f"fold {fold}: {rows.sum()} faces, error {error:.4f}", file=sys.stderr, flush=True)
    layers = train(*(np.concatenate(part) for part in zip(*pools, strict=True)), seed=99)
    tensors = {"face": face.points.astype(np.float32), "fit": face.weights.astype(np.float32)}
    for index, (weight, bias) in enumerate(layers):
        tensors |= {f"weight{index}": weight, f"bias{index}": bias}
    save_file(tensors, OUT / "metrics" / "signals" / STUDENT_FILE)
    pose = np.concatenate(
        [
            poses(lm[None] / np.array([w, h, w], np.float32), (int(h), int(w)), face)
            for lm, (h, w) in zip(faces.embedded, faces.size, strict=True)
        ]
    )
    text = (OUT / "docs" / "face_embedded.md").read_text().split(MARK)[0]
    (OUT / "docs" / "face_embedded.md").write_text(
        f"{text}{MARK}\n\n{report(faces, predicted, pose, notes)}"
    )


MARK = "<!-- written by tools/face_student.py -->"

if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
