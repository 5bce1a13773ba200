"""The layouts that data come in. Each reads a folder without opening media, and names the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmark.names import resolve
from benchmark.splits.layouts import emotional, listed, portrait_folder, talking
from benchmark.splits.layouts.walk import Ask
from benchmark.splits.originals import Found

__all__ = ["DEFAULT", "LAYOUTS", "Ask", "Layout", "layout"]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which data lie on a disk.

    Attributes:
        title: What it is.
        tree: What it expects, for help and refusals.
        read: Lists what is there.
    """

    title: str
    tree: str
    read: Callable[[Path, Ask], Found]


DEFAULT = "portraits"
LAYOUTS: dict[str, Layout] = {
    DEFAULT: Layout(
        "portraits/ and driving/, single and multi", portrait_folder.TREE, portrait_folder.read
    ),
    "hdtf": Layout("HDTF", talking.HDTF_TREE, talking.hdtf),
    "vfhq-test": Layout("VFHQ-Test", talking.VFHQ_TREE, talking.vfhq),
    "voxceleb1": Layout("VoxCeleb1 after FOMM", talking.VOX1_TREE, talking.voxceleb1),
    "voxceleb2": Layout("VoxCeleb2", talking.VOX2_TREE, talking.voxceleb2),
    "celebv-hq": Layout("CelebV-HQ", talking.CELEBV_TREE, talking.celebvhq),
    "mead": Layout("MEAD", emotional.MEAD_TREE, emotional.mead),
    "nersemble": Layout("NeRSemble v2", emotional.NERSEMBLE_TREE, emotional.nersemble),
    "dfew": Layout("DFEW", emotional.DFEW_TREE, emotional.dfew),
    "fomm": Layout("FOMM-style folder and pairs", listed.FOMM_TREE, listed.fomm),
    "pairs": Layout("a table of pairs", listed.PAIRS_TREE, listed.pairs),
    "huggingface": Layout("Hugging Face folder", listed.HF_TREE, listed.huggingface),
}


def layout(name: str) -> Layout:
    """Return a layout by name.

    Raises:
        UsageProblem: If there is none.
    """
    return LAYOUTS[resolve(name, LAYOUTS, "layout")]
