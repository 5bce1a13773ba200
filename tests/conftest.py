"""Fixtures that tests share: the face model and real media where they are at hand."""

import os
from pathlib import Path

# Before torch is loaded: several test processes share the cores, and threads that wait by spinning
# take time from all of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from support import SHARED


@pytest.fixture(scope="session")
def face_model() -> Path:
    """The official face model, from BENCH_WEIGHTS, ../shared/weights or the cache."""
    from benchmark.paths import weights_folders
    from metrics.weights import find, registry

    found = find(registry()["face_landmarker"], [*weights_folders(), SHARED / "weights"])
    if found is None:
        pytest.skip("face_landmarker.task is not here (set BENCH_WEIGHTS)")
    return found


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """Folder of the embedded engine's networks, where they are on this machine."""
    from benchmark.paths import weights_folders
    from metrics.signals.face_backends import EMBEDDED_MODELS
    from metrics.weights import find, registry

    for folder in [*weights_folders(), SHARED / "weights"]:
        if all(find(registry()[name], [folder]) for name in EMBEDDED_MODELS):
            return folder
    pytest.skip("the embedded networks are not here (bench weights fetch embedded_face_mesh)")


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Real portraits and clips, where they are at hand."""
    if not (SHARED / "media").is_dir():
        pytest.skip("../shared/media is not here")
    return SHARED / "media"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache; one cache a session, so that mini is built once."""
    if "BENCH_TEST_CACHE" not in os.environ:
        os.environ["BENCH_TEST_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    monkeypatch.setenv("BENCH_CACHE", os.environ["BENCH_TEST_CACHE"])
    monkeypatch.setenv("XDG_DATA_HOME", os.environ["BENCH_TEST_CACHE"])  # accepted licences
    monkeypatch.delenv("BENCH_DATA", raising=False)
