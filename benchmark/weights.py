"""Getting weights for a run: from folders of the user's, from the cache, or by fetching."""

from collections.abc import Callable
from pathlib import Path

from benchmark.errors import EnvironmentProblem
from benchmark.paths import offline, weights_dir, weights_folders
from metrics.weights import Weights, WeightsError, fetch, find, registry


def locate(name: str) -> Path | None:
    """Return the verified file of ``name`` if it is on this machine, without any network.

    Raises:
        EnvironmentProblem: If a file of that name is there and is the wrong one.
    """
    try:
        return find(registry()[name], weights_folders())
    except WeightsError as error:
        raise EnvironmentProblem(error.problem, error.remedy) from None


def require(name: str, say: Callable[[str], None]) -> Path:
    """Return the verified file of ``name``; fetch it if that is allowed, saying so.

    Args:
        name: Name in the registry.
        say: Where to announce a download.

    Raises:
        EnvironmentProblem: If it is neither here nor to be had.
    """
    if path := locate(name):
        return path
    weights = registry()[name]
    if offline():
        raise _missing(weights, "BENCH_OFFLINE forbids fetching it")
    if not weights.auto:
        raise _missing(weights, f"get it with: bench weights fetch {name}")
    say(
        f"fetching {weights.file} ({weights.bytes / 1e6:.1f} MB, {weights.licence}) from its "
        f"official address into {weights_dir()}"
    )
    try:
        return fetch(weights, weights_dir())
    except WeightsError as error:
        raise _missing(weights, error.problem) from None


def _missing(weights: Weights, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{weights.file} is missing: {why}",
        f"bring:  {weights.url}\n"
        f"        ({weights.bytes:,} bytes, sha256 {weights.sha256})\n"
        f"put it: {weights_dir() / weights.file}, or in a folder named by BENCH_WEIGHTS",
    )
