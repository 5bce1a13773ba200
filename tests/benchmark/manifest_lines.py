"""Manifests to break: a good header, a good case, and a way to write them."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEADER = {
    "format": "portraitbench-split@2",
    "dataset": "d",
    "split": "single",
    "version": "1",
    "citation": "",
    "licence": "CC0",
    "pairing": "by hand",
    "crop": "by hand",
    "fps": "native",
}
CASE = {
    "id": "a",
    "protocol": "cross",
    "source": "media/a.png",
    "driving": "media/a.mp4",
    "frames": [0, 10],
    "fps": "25",
    "size": [512, 512],
    "sha256": {"source": "0" * 64, "driving": "1" * 64},
}


COMPONENT = {"id": "component@1", "task": "component"}


def manifest(folder: Path, *cases: dict[str, Any], header: dict[str, Any] | None = None) -> Path:
    path = folder / "single.jsonl"
    lines = [json.dumps(header or HEADER), *(json.dumps(case) for case in cases)]
    path.write_text("\n".join(lines) + "\n")
    return path
