"""What boards show beside scores: tags, values of frames, portraits and clips of runs.

Media are named by content, so that a file is made once: portraits and driving clips by the hash of
the dataset's file and the frame range, results by the hash of their browser copy.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from benchmark.errors import BenchError, NotComparable, UsageProblem
from benchmark.frame_values import CaseFrames, load_frame_values
from benchmark.media.files import missing_bytes, require_file, writing
from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_frames
from benchmark.media.write import PREVIEW, write_video
from benchmark.run_case import open_case
from benchmark.splits.manifest import Case, Split
from benchmark.splits.sources import MINI
from benchmark.store import Outcome, RunRecord
from metrics.weights import file_sha256


@dataclass(slots=True)
class Showcase:
    """Reads runs and their dataset.

    Attributes:
        data: Dataset folder of the runs; ``None`` for ``BENCH_DATA``, or mini.
    """

    data: Path | None
    _splits: dict[str, Split | BenchError] = field(default_factory=dict)
    _cases: dict[str, dict[str, Case]] = field(default_factory=dict)

    def tags(self, record: RunRecord) -> dict[str, tuple[str, ...]]:
        """Return the tags of the cases of a run, by case.

        Raises:
            BenchError: If its split is not there, or no case of it was delivered.
        """
        self._split(record)
        known = self._cases[_hash(record)]
        return {c: known[c].tags for c in record.manifest["case_ids"] if c in known}

    def frames(self, record: RunRecord, case_id: str) -> CaseFrames:
        """Return the values of the frames of a case.

        Raises:
            UsageProblem: If there are none, or the file is damaged.
        """
        made = record.generated.get(case_id)
        if made is None or made.outcome is not Outcome.OK:
            raise UsageProblem("the case has no clip")
        return load_frame_values(record.paths, case_id)

    def portrait(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the portrait of a case into ``folder``, unless it is there; return its file name.

        Raises:
            BenchError: If it cannot be read or written.
        """
        split, case = self._case(record, case_id)
        name = f"{case.sha256.source}.png"
        return _once(folder / name, lambda p: write_png(p, read_image(split.file(case.source))))

    def driving(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the driving clip of a case into ``folder``, unless it is there; return its name.

        Raises:
            BenchError: If it cannot be read or written.
        """
        split, case = self._case(record, case_id)
        start, stop = case.frames
        name = f"{case.sha256.driving}-{start}-{stop}.mp4"

        def make(path: Path) -> None:
            frames = islice(read_frames(split.file(case.driving)), start, stop)
            write_video(path, frames, case.rate, PREVIEW)

        return _once(folder / name, make)

    def result(self, record: RunRecord, case_id: str, folder: Path) -> str:
        """Put the result of a case into ``folder``, unless it is there; return its file name.

        Raises:
            BenchError: If there is none or it cannot be written.
        """
        made, source = record.generated.get(case_id), record.paths.preview(case_id)
        if made is None or made.outcome is not Outcome.OK:
            raise UsageProblem("the case has no clip")
        if source.is_symlink() or source.parent.is_symlink():  # may point to what is not ours
            raise UsageProblem(f"{source} is a link: it is not put into the site")
        require_file(source, "preview")
        if missing_bytes(source) or not _is_mp4(source):
            raise UsageProblem(f"{source} is no whole MP4 video")
        return _once(folder / f"{file_sha256(source)}.mp4", lambda path: _copy(source, path))

    def _case(self, record: RunRecord, case_id: str) -> tuple[Split, Case]:
        split = self._split(record)
        case = self._cases[_hash(record)].get(case_id)
        if case is None:
            raise UsageProblem(f"the split has no case {case_id}")
        most = record.manifest["options"].get("max_frames")
        return split, case if most is None else case.shortened(most)

    def _split(self, record: RunRecord) -> Split:
        """Return the split of a run, opened once; so is the reason why it cannot be."""
        key = _hash(record)
        if key not in self._splits:
            try:
                split = _opened(record, self.data)
                self._cases[key] = {case.id: case for case in split.cases}
                self._splits[key] = split
            except BenchError as error:
                self._splits[key] = error
        found = self._splits[key]
        if isinstance(found, BenchError):
            raise found
        return found


def _hash(record: RunRecord) -> str:
    return str(record.manifest["split"]["sha256"])


def _opened(record: RunRecord, data: Path | None) -> Split:
    options = record.manifest.get("options")
    most = options.get("max_frames") if isinstance(options, dict) else 0
    if most is not None and (not isinstance(most, int) or most < 1):
        raise UsageProblem(f"{record.paths.manifest} does not say how much of each clip was used")
    delivered = [c for c, made in record.generated.items() if made.outcome is Outcome.OK]
    if not delivered:
        raise UsageProblem(f"no case of {record.paths.root.name} was delivered")
    try:
        return open_case(record.paths.root, delivered[0], data).split
    except NotComparable:
        if data is None or record.manifest["split"].get("dataset") != MINI:
            raise
        return open_case(record.paths.root, delivered[0], None).split  # runs of both on one site


def _once(path: Path, make: Callable[[Path], None]) -> str:
    if not path.is_file():
        make(path)
    return path.name


def _is_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:8] == b"ftyp"


def _copy(source: Path, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            shutil.copyfile(source, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
