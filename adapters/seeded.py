"""Runs a script after seeding what it may draw from: ``seeded.py SEED SCRIPT ARGUMENTS``.

Some methods draw from generators that none of their options seeds. This file runs in their
environment: standard library only, Python 3.6 on. numpy and torch are seeded where they are.
"""

import os
import random
import runpy
import sys


def main() -> None:
    """Seed, then become the script."""
    seed, script = int(sys.argv[1]), sys.argv[2]
    random.seed(seed)
    sys.path[0] = os.path.dirname(os.path.realpath(script))  # noqa: PTH120 - as Python does
    try:
        import numpy

        numpy.random.seed(seed % 2**32)  # noqa: NPY002 - the generator that methods draw from
    except ImportError:
        pass
    try:
        import torch

        torch.manual_seed(seed)
    except ImportError:
        pass
    sys.argv = sys.argv[2:]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
