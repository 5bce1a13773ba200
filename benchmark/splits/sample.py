"""A small subset of a split that looks like the whole: stratified, by lot, with a stated seed."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.errors import UsageProblem
from benchmark.splits.case import Case, Split
from benchmark.splits.manifest import read_manifest, write_manifest
from benchmark.splits.pairing import rank

BY_PROTOCOL = "protocol"
_MOST_STRATA = 10_000


def sample(split: Split, n: int, seed: int, by: Sequence[str], out: Path) -> Split:
    """Write a manifest of ``n`` cases beside the split's own.

    Each stratum gets its share of ``n`` by largest remainder; within it the cases of smallest
    ``sha256('SEED/case id')`` are taken. Cases keep their order.

    Args:
        split: The whole.
        n: Cases to draw.
        seed: Seed of the draw.
        by: What makes a stratum: ``protocol``, ``people``, or the key of a tag.
        out: Manifest to write, in the folder of the split.

    Raises:
        UsageProblem: If there are fewer cases, too many strata, or ``out`` exists.
    """
    if out.parent.resolve() != split.root.resolve():
        raise UsageProblem(f"{out} does not lie in {split.root}, where the media are")
    if out.exists():
        raise UsageProblem(f"{out} exists", "name another")
    if not 1 <= n <= len(split.cases):
        raise UsageProblem(f"cannot draw {n} of {len(split.cases)} cases")
    sizes: Counter[tuple[str, ...]] = Counter()
    for case in split.cases:
        sizes[stratum(case, by)] += 1
        if len(sizes) > _MOST_STRATA:
            raise UsageProblem(f"more than {_MOST_STRATA:,} strata by {', '.join(by)}")
    wanted = shares(sizes, n)
    lots: dict[tuple[str, ...], list[int]] = {key: [] for key in sizes}
    for case in split.cases:
        key = stratum(case, by)
        lot = -int.from_bytes(rank(seed, case.id)[:16], "big")  # heapq keeps the smallest on top
        if len(lots[key]) < wanted[key]:
            heapq.heappush(lots[key], lot)
        elif wanted[key]:
            heapq.heappushpop(lots[key], lot)
    limits = {key: -lots[key][0] for key in sizes if wanted[key]}

    def drawn() -> Iterator[Case]:
        for case in split.cases:
            limit = limits.get(stratum(case, by), -1)
            if int.from_bytes(rank(seed, case.id)[:16], "big") <= limit:
                yield case

    text = f"a sample of {n} of {len(split.cases)} cases of {split.header.split}"
    header = split.header.model_copy(
        update={
            "split": out.stem,
            "pairing": f"{text} (sha256 {split.sha256[:12]}), strata by {', '.join(by)}, smallest "
            f"sha256('{seed}/case id') of each; {split.header.pairing}",
        }
    )
    header = type(header).model_validate(header.model_dump())  # the name may not fit
    write_manifest(out, header, drawn())
    return read_manifest(out)


def stratum(case: Case, by: Sequence[str]) -> tuple[str, ...]:
    """Return what ``case`` is in each respect of ``by``; ``-`` where it says nothing."""
    tags: dict[str, str] = {}
    for tag in case.tags:
        key, equals, value = tag.partition("=")
        tags.setdefault(key, value if equals else "yes")
    own = {BY_PROTOCOL: case.protocol, "people": str(len(case.pairs))}
    return tuple(own.get(key, tags.get(key, "-")) for key in by)


def shares(sizes: Counter[tuple[str, ...]], n: int) -> dict[tuple[str, ...], int]:
    """Divide ``n`` over strata in proportion to their sizes, by largest remainder."""
    total = sum(sizes.values())
    share = {key: n * size // total for key, size in sizes.items()}
    rest = sorted(sizes, key=lambda key: (-(n * sizes[key] % total), key))
    for key in rest[: n - sum(share.values())]:
        share[key] += 1
    return share
