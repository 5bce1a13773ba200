"""Items per second of every network in each runtime, on this machine.

    python benchmarks/networks.py [NAME ...] [--device cuda] [--compile]

Weights are random: rates do not depend on them. All forms of a network see the same batch, in
rounds that alternate between the forms; the best round counts. On a CPU one thread works and its
own time is counted, not the clock on the wall: other work on the machine then hardly matters. The
second table is what is around a network: uint8 pictures in, features as numpy out.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmark import provenance
from metrics.signals import inception, lpips_net, lpips_trunk
from metrics.signals.emonet_network import EmoNet
from metrics.signals.extractor import Where
from metrics.signals.i3d_network import I3D
from metrics.signals.inception_network import PREPARE
from metrics.signals.inception_network import build as build_inception
from metrics.signals.l2cs_network import L2CS
from metrics.signals.pieces import BatchNetwork
from metrics.signals.random_state import he_normal_state
from metrics.signals.runtime import accelerate
from metrics.signals.smirk_network import SmirkEncoder

ROUNDS = 3
PICTURE = (512, 512, 3)


@dataclass(frozen=True)
class Subject:
    """A network, the shape of one of its items, and how many make a batch."""

    build: Callable[[], nn.Module]
    item: tuple[int, ...]
    batch: int
    of_trunk: bool = False


def lpips(net: str) -> nn.Module:
    """The trunk up to the weighted features, as it is run."""
    trunk = lpips_net.build(net)
    trunk.load_state_dict(he_normal_state(trunk, 0))
    return lpips_net.feature_network(trunk, net)


SUBJECTS = {
    "Inception": Subject(build_inception, (3, 299, 299), 8),
    "LPIPS AlexNet": Subject(partial(lpips, "alex"), (3, 512, 512), 4, of_trunk=True),
    "LPIPS VGG": Subject(partial(lpips, "vgg"), (3, 512, 512), 1, of_trunk=True),
    "I3D": Subject(I3D, (3, 16, 224, 224), 2),
    "L2CS (ResNet-50)": Subject(L2CS, (3, 448, 448), 4),
    "SMIRK": Subject(SmirkEncoder, (3, 224, 224), 8),
    "EmoNet": Subject(EmoNet, (3, 256, 256), 8),
}

Form = Callable[[Tensor], Any]


def fresh(subject: Subject) -> nn.Module:
    module = subject.build()
    if not subject.of_trunk:
        module.load_state_dict(he_normal_state(module, 0))
    return module.eval().requires_grad_(False)


def eager(subject: Subject, where: Where) -> Form:
    return fresh(subject).to(where.device)


def compiled(subject: Subject, where: Where) -> Form:
    module: Any = fresh(subject).to(where.device)
    if len(subject.item) == 3:
        module = module.to(memory_format=torch.channels_last)
    form: Form = torch.compile(module)
    return form


def in_runtime(runtime: Any, subject: Subject, where: Where) -> Form:
    example = torch.rand((2, *subject.item))
    network = accelerate(fresh(subject), example, Where(where.device, where.threads, runtime))
    if network.fallback:
        raise RuntimeError(network.fallback)
    return network


def clock(device: str) -> float:
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def alternate(forms: dict[str, Callable[[], Any]], items: int, device: str) -> dict[str, float]:
    """Return items a second of each form, the best of the rounds after a first one."""
    taken: dict[str, list[float]] = {name: [] for name in forms}
    with torch.inference_mode():
        for _ in range(ROUNDS + 1):
            for name, form in forms.items():
                start = clock(device)
                form()
                taken[name].append(clock(device) - start)
    return {name: items / min(times[1:]) for name, times in taken.items()}


def networks(names: list[str], where: Where, ways: dict[str, Any]) -> None:
    print(f"| network | item | batch | {' | '.join(ways)} | opened in |")
    print("|---|---|--:|" + "--:|" * len(ways) + "---|")
    for name in names:
        subject = SUBJECTS[name]
        batch = torch.rand((subject.batch, *subject.item)).to(where.device)
        forms, opened = {}, []
        for way, make in ways.items():
            start = clock(where.device)
            form = make(subject, where)
            with torch.inference_mode():
                form(batch)
            opened.append(f"{clock(where.device) - start:.1f}")
            forms[way] = partial(form, batch)
        rates = alternate(forms, subject.batch, where.device)
        item = "x".join(map(str, subject.item))
        row = " | ".join(f"{rate:.1f} ({rate / rates['eager']:.2f})" for rate in rates.values())
        print(f"| {name} | {item} | {subject.batch} | {row} | {' / '.join(opened)} s |", flush=True)


def surroundings(where: Where) -> None:
    """The same cores with what is around them, beside the cores alone."""
    print("\n| leaf | pictures a second | the bare network | share |\n|---|--:|--:|--:|")
    count = 8
    pictures = np.random.default_rng(0).integers(0, 256, (count, *PICTURE), dtype=np.uint8)
    core = inception.open_embedded(where, "torch-fidelity").core
    planes = torch.rand((count, 3, inception.SIDE, inception.SIDE)).to(core.device)
    forms: dict[str, Callable[[], Any]] = {"": partial(core, planes)}
    for front_end, prepare in PREPARE.items():
        forms[f"inception-{front_end}"] = partial(BatchNetwork(prepare, core), pictures)
    share(alternate(forms, count, where.device))
    for net, trunk in lpips_trunk.TRUNKS.items():
        opened = lpips_net.open_embedded(where, net)
        planes = torch.rand((trunk.piece, 3, *PICTURE[:2])).to(opened.core.device)
        some = pictures[: trunk.piece]
        forms = {"": partial(opened.core, planes), f"lpips-{net}": partial(opened, some)}
        share(alternate(forms, trunk.piece, where.device))


def share(rates: dict[str, float]) -> None:
    bare = rates.pop("")
    for name, rate in rates.items():
        print(f"| {name} | {rate:.1f} | {bare:.1f} | {rate / bare:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *SUBJECTS], metavar="NAME")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="minutes of compiling")
    args = parser.parse_args()
    torch.manual_seed(0)
    where = Where(args.device, 1 if args.device == "cpu" else 0)
    torch.set_num_threads(where.threads or torch.get_num_threads())
    ways: dict[str, Any] = {"eager": eager, "channels last": partial(in_runtime, "torch")}
    if args.compile:
        ways["torch.compile"] = compiled
    if args.device == "cpu":
        ways["ONNX Runtime"] = partial(in_runtime, "auto")
    unit = "items per second of one thread's time" if args.device == "cpu" else "items per second"
    print(f"# Networks in their runtimes on {provenance.hardware()['label']}\n")
    print(f"{unit.capitalize()}, float32; in brackets relative to eager. Best of {ROUNDS} rounds.")
    print(f"torch {version('torch')}, onnxruntime {version('onnxruntime')}.\n")
    networks(args.names or list(SUBJECTS), where, ways)
    if not args.names:
        surroundings(where)
    print("\nWritten by `benchmarks/networks.py`.")


if __name__ == "__main__":
    main()
