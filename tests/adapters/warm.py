"""A Python that is warm already, so that hundreds of fakes start in no time.

Its command is a small client. It hands arguments, folder, environment and standard streams to a
server that has numpy, av and cv2 loaded, which forks and becomes the script; the client ends with
its code. What a fake sees is what it would see of its own interpreter.
"""

import atexit
import importlib
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path


@cache
def warm_python() -> str:
    """Return the command of a warm Python; the plain one where there is no fork."""
    if not hasattr(os, "fork"):
        return sys.executable
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    client = folder / "python"
    client.write_text(f'#!/bin/sh\nexec "{sys.executable}" -SE "{__file__}" "{folder}" "$@"\n')
    client.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(folder)], stdout=subprocess.PIPE
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.kill)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return str(client)


def call(folder: str) -> int:
    """Be the client: have the server run these arguments, and return the exit code."""
    request = {"argv": sys.argv[2:], "cwd": str(Path.cwd()), "environ": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(f"{folder}/socket")
        socket.send_fds(link, [b"!"], [0, 1, 2])
        link.sendall(json.dumps(request).encode() + b"\n")
        return int(link.makefile().readline() or 1)


def serve(folder: str) -> None:
    """Be the server, until it is killed or nobody is left who could ask."""
    # What fakes and hooks import: each of them has it for nothing then.
    for name in ("argparse", "av", "cv2", "numpy.random", "PIL.Image", "wave"):
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{folder}/socket")
        door.listen(16)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        door.settimeout(5)
        parent = os.getppid()
        while os.getppid() == parent:
            try:
                link, _ = door.accept()
            except TimeoutError:
                continue
            link.setblocking(True)
            if os.fork() == 0:
                answer(link, folder)
                os._exit(0)
            link.close()


def answer(link: socket.socket, folder: str) -> None:
    """Run what one client asks for in a child, and tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(link, 1, 3)
    request = json.loads(link.makefile().readline())
    child = os.fork()
    if child == 0:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        code = become(request, folder)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    link.sendall(f"{os.waitstatus_to_exitcode(status) % 256}\n".encode())


def become(request: dict, folder: str) -> int:
    """Run a script or module as Python would, and return its exit code."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.executable = f"{folder}/python"
    path = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    words = request["argv"]
    module = words[0] == "-m"
    first = request["cwd"] if module else str(Path(words[0]).resolve().parent)
    sys.argv = words[1:] if module else words
    sys.path[:] = [first, *path, *sys.path[1:]]
    sys.dont_write_bytecode = True
    try:
        if module:
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[1]))
