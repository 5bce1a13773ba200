import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import ROOT

from adapters.processes import JOB, descendants, end_tree, marked

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")

LINGER = "import time; time.sleep(600)"
# Starts a child in a session of its own, says its pid, and then does what it is told.
PARENT = """
import os, subprocess, sys, time
from adapters.processes import adopt_orphans
if "adopt" in sys.argv: adopt_orphans()
middle = '''
import os, subprocess, sys
clean = {} if "clean" in sys.argv else dict(os.environ)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                         start_new_session=True, env=clean)
print(child.pid, flush=True)
'''
subprocess.run([sys.executable, "-c", middle, *sys.argv[1:]])  # the middle one ends: an orphan
if "stay" in sys.argv: time.sleep(600)
"""


def gone(pid: int) -> bool:
    for _ in range(200):
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def start(*words: str, mark: str = "none") -> tuple["subprocess.Popen[bytes]", int]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, *words],
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
        env={**os.environ, JOB: mark},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_an_adopted_orphan_in_a_session_of_its_own_is_ended_without_any_mark() -> None:
    process, orphan = start("adopt", "stay", "clean")
    assert orphan in descendants(process.pid)
    end_tree(process.pid, f"{JOB}=nobody")
    assert process.wait(5) == -9
    assert gone(orphan)


def test_a_mark_finds_who_outlived_everybody_above() -> None:
    process, orphan = start(mark="job-17")
    process.wait(10)
    assert orphan not in descendants(process.pid)
    assert orphan in marked(f"{JOB}=job-17")
    assert marked(f"{JOB}=job-1") == set(), "marks are compared whole"
    another, _ = start("stay", mark="job-17")
    end_tree(another.pid, f"{JOB}=job-17")
    another.wait(5)
    assert gone(orphan)


LEAVES = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True, env={})
"""
ADOPTS = """
import os, subprocess, sys
from adapters.processes import adopt_orphans, descendants, end_others
adopt_orphans()
kept = subprocess.Popen([sys.executable, "-c", sys.argv[2]])
before = descendants(os.getpid())
subprocess.run([sys.executable, "-c", *sys.argv[1:]])
assert len(descendants(os.getpid()) - before) == 1
end_others(before, "PORTRAITBENCH_CASE=x")
assert descendants(os.getpid()) == {kept.pid} == before
assert kept.poll() is None
kept.kill()
"""


def test_who_adopts_ends_what_a_child_left_behind_and_spares_the_rest() -> None:
    command = [sys.executable, "-c", ADOPTS, LEAVES, LINGER]
    subprocess.run(command, check=True, timeout=20, cwd=ROOT)
