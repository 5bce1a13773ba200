"""Which engine runs: named, or by the machine."""

import pytest

from metrics.signals import face_backends
from metrics.signals.face_backends import OFFICIAL, Backend, BackendError, choose


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A CPU machine on which both libraries load."""
    monkeypatch.setattr(face_backends, "has_gpu", lambda: False)
    monkeypatch.setattr(face_backends, "problem_with_mediapipe", lambda: "")
    monkeypatch.setattr(face_backends, "_problem_with_torch", lambda: "")
    return monkeypatch


def test_the_official_runtime_on_a_cpu(machine: pytest.MonkeyPatch) -> None:
    assert choose() == OFFICIAL
    assert choose("torch") == Backend("torch", "cpu")
    assert choose("embedded") == Backend("embedded", "cpu")


def test_torch_on_a_gpu(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(face_backends, "has_gpu", lambda: True)
    assert choose() == Backend("torch", "cuda")
    assert choose("mediapipe") == OFFICIAL


def test_torch_where_the_official_library_cannot_be_loaded(machine: pytest.MonkeyPatch) -> None:
    problem = "libGLESv2.so.2: cannot open shared object file"
    machine.setattr(face_backends, "problem_with_mediapipe", lambda: problem)
    assert choose() == Backend("torch", "cpu")
    with pytest.raises(BackendError, match=r"libGLESv2\.so\.2"):
        choose("mediapipe")


def test_neither(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(face_backends, "problem_with_mediapipe", lambda: "missing")
    machine.setattr(face_backends, "_problem_with_torch", lambda: "No module named 'tflite'")
    with pytest.raises(BackendError, match="tflite"):
        choose()


def test_an_unknown_name(machine: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError, match="there are mediapipe, torch, embedded"):
        choose("dlib")


def test_a_missing_shared_library_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bindings = pytest.importorskip("mediapipe.tasks.python.core.mediapipe_c_bindings")

    def broken(*_: object) -> None:
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(bindings, "load_raw_library", broken)
    assert "libEGL" in face_backends.problem_with_mediapipe()


@pytest.mark.parametrize("backend", [OFFICIAL, Backend("torch", "cuda")])
def test_names_travel_as_text(backend: Backend) -> None:
    assert Backend.parse(str(backend)) == backend
    assert backend.library.startswith(str(backend))
