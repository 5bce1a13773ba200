"""Ending a container: what runs elsewhere goes on when its client is ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from adapters.base import MethodError
from adapters.description import Invocation, invocation
from adapters.elsewhere import stop_elsewhere
from adapters.resident import Resident
from benchmark.config import Config
from benchmark.conformance.trials import Bench, Inputs
from benchmark.errors import UsageProblem
from benchmark.methods import find_method
from benchmark.process import GenerateOptions

COMMAND = "adapters.command:Command"

ENGINE = """
import json, os, signal, socket, subprocess, sys, threading
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen()
running = {}
def serve(client):
    asked = json.loads(client.makefile("r").readline())
    if asked["what"] == "run":
        running[asked["name"]] = p = subprocess.Popen(asked["words"], env={},
            start_new_session=True)
        answer = p.wait()
    elif asked["name"] in running:
        os.killpg(running[asked["name"]].pid, signal.SIGKILL); answer = 0
    else:
        answer = 1
    try: client.sendall(b"%d\\n" % answer)
    except OSError: pass
while True: threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
DOCKER = """
import json, socket, sys
what, flag, name, *words = [*sys.argv[2:3], *(sys.argv[3:] if sys.argv[2] == "run" else ["", *sys.argv[3:]])]
client = socket.socket(socket.AF_UNIX); client.connect(sys.argv[1])
client.sendall(json.dumps({"what": what, "name": name, "words": words}).encode() + b"\\n")
sys.exit(int(client.makefile("r").readline() or 1))
"""  # noqa: E501
HANGS = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[list[str]]:
    """The words that call a container engine which is below no process of the harness."""
    (tmp_path / "engine.py").write_text(ENGINE)
    (tmp_path / "docker.py").write_text(DOCKER)
    door = tmp_path / "engine"
    engine = subprocess.Popen([sys.executable, str(tmp_path / "engine.py"), str(door)])
    while not door.exists():
        time.sleep(0.01)
    yield [sys.executable, str(tmp_path / "docker.py"), str(door)]
    engine.kill()
    engine.wait()


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def contained(docker: list[str], folder: Path, model: Path, **stop: list[str]) -> Bench:
    """A bench whose method hangs in a container; cases may take two seconds."""
    (folder / "hangs.py").write_text(HANGS)
    words = {
        "command": [sys.executable, str(folder / "hangs.py"), str(folder / "pid")],
        "output": "{out}/r.mp4",
        "environment": {"prefix": [*docker, "run", "--name", "bench-{job}"], **stop},
    }
    spec = find_method("ours", Config.model_validate({"methods": {"ours": words}}), folder)
    return Bench(spec, GenerateOptions(2, 0, model), folder, folder / "log")


def gone(pid: int, patience_s: float) -> bool:
    """Whether the process ends in time; if not it is ended here."""
    deadline = time.monotonic() + patience_s
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = alive(pid)
    if left:
        os.kill(pid, signal.SIGKILL)
    return not left


CASE = Inputs(np.zeros((32, 32, 3), np.uint8), np.zeros((3, 32, 32, 3), np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [True, False])
def test_a_container_that_takes_too_long_is_stopped_by_its_engine(
    docker: list[str], tmp_path: Path, face_model: Path, stopped: bool
) -> None:
    stop = {"stop": [*docker, "kill", "bench-{job}"]} if stopped else {}
    bench = contained(docker, tmp_path, face_model, **stop)
    with bench.worker() as worker:
        assert "(timeout)" in bench.run(worker, CASE).reason
        pid = int((tmp_path / "pid").read_text())
        assert gone(pid, 10 if stopped else 0.5) is stopped, (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_container_is_stopped_when_the_harness_is_gone(
    docker: list[str], tmp_path: Path, face_model: Path
) -> None:
    bench = contained(docker, tmp_path, face_model, stop=[*docker, "kill", "bench-{job}"])
    bench = replace(bench, options=replace(bench.options, timeout_s=60))
    with bench.worker() as worker:
        thread = Thread(target=bench.run, args=(worker, CASE))
        thread.start()
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.05)
        assert worker._jobs is not None
        os.close(worker._jobs.fileno())  # as the kernel does when the harness ends
        assert gone(int((tmp_path / "pid").read_text()), 10)
        thread.join()
        worker._jobs = None


def options(**environment: Any) -> dict[str, Any]:
    how = Invocation.model_validate(
        {
            "command": ["x"],
            "output": "{out}/r.mp4",
            "options": {"name": "box"},
            "environment": environment,
        }
    )
    return {"how": invocation(how), "home": {"repository": "", "python": sys.executable}}


def test_the_stop_command_knows_the_job_and_the_options(tmp_path: Path) -> None:
    said = tmp_path / "said"
    code = f"import sys; open({str(said)!r}, 'w').write(' '.join(sys.argv[1:])); sys.exit(3)"
    words = ["{python}", "-c", code, "kill", "{name}-{job}"]
    assert stop_elsewhere(COMMAND, options(stop=words), "abc") == ""
    assert said.read_text() == "kill box-abc"


def test_where_there_is_nothing_to_stop_nothing_is_run() -> None:
    assert stop_elsewhere(COMMAND, options(), "abc") == ""
    strange = {"how": "a dial of a class that runs in process", "home": 3}
    assert stop_elsewhere("mymethod:Class", strange, "abc") == ""


def test_a_stop_command_that_cannot_run_is_said() -> None:
    problem = stop_elsewhere(COMMAND, options(stop=["no-such-engine", "kill"]), "abc")
    assert problem == "cannot run no-such-engine to stop it: No such file or directory"


@pytest.mark.slow
def test_a_stop_command_that_hangs_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.elsewhere._PATIENCE_S", 1.0)
    left = tmp_path / "left"
    words = ["sh", "-c", f"(sleep 3; touch '{left}') & yes"]
    assert stop_elsewhere(COMMAND, options(stop=words), "abc") == "sh did not stop it within 1 s"
    time.sleep(3)
    assert not left.exists()


def test_a_stop_command_may_leave_its_output_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.elsewhere._PATIENCE_S", 2.0)
    assert stop_elsewhere(COMMAND, options(stop=["sh", "-c", "sleep 4 &"]), "abc") == ""


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"stop": ["docker", "kill", "{case}"]}, "belongs to no case: {case} means nothing"),
        ({"prefix": ["docker", "{nmae}"]}, "nothing takes the place of {nmae}"),
    ],
)
def test_words_that_mean_nothing_there_are_refused(
    tmp_path: Path, environment: dict[str, Any], message: str
) -> None:
    words = {"command": ["x"], "output": "{out}/r.mp4", "environment": environment}
    with pytest.raises(UsageProblem) as caught:
        find_method("ours", Config.model_validate({"methods": {"ours": words}}), tmp_path)
    assert message in caught.value.problem


def test_a_worker_has_no_case_that_its_prefix_could_name(tmp_path: Path) -> None:
    (tmp_path / "hook.py").write_text("class Hook: pass")
    how = {"worker": "hook.py:Hook", "environment": {"prefix": ["env", "CASE={case}"]}}
    home = {"repository": str(tmp_path), "python": sys.executable}
    with pytest.raises(MethodError, match=r"its prefix names \{case\}, which means nothing"):
        Resident(invocation(Invocation.model_validate(how)), home)
