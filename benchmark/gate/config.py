"""``gate.toml``: what a change may cost. Every setting has a default."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import UsageProblem
from benchmark.names import resolve
from metrics.card import Card
from metrics.registry import CARDS

FILE = "gate.toml"
_DOC = "see docs/gate.md"
# Strict: `relative = true` would be a tolerance of 100 %. The bound keeps products finite.
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Amount = Annotated[float, Field(strict=True, ge=0.0, le=1e9, allow_inf_nan=False)]
Alpha = Annotated[float, Field(strict=True, gt=0.0, lt=1.0)]
ALL, DEFAULT = "all", "default"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Part):
    """What one metric may cost.

    A loss counts only where it exceeds both ``absolute``, in the metric's unit, and ``relative``
    times the baseline's value.
    """

    direction: Literal["lower", "higher", "driver", "any"] | None = None
    """That of the metric's card if not given; ``any``: a change either way is a loss."""
    relative: Amount = 0.01
    absolute: Amount = 0.0
    alpha: Alpha = 0.05
    """Significance, after Holm's correction over all metrics that are judged."""
    min_coverage: Share = 0.95
    coverage_loss: Share = 0.01
    """By how much coverage may fall below the baseline's."""


class MetricLimits(_Part):
    """``[metric.NAME]``: what differs from the general limits."""

    direction: Literal["lower", "higher", "driver", "any"] | None = None
    relative: Amount | None = None
    absolute: Amount | None = None
    alpha: Alpha | None = None
    min_coverage: Share | None = None
    coverage_loss: Share | None = None


class SpeedLimits(_Part):
    """``[speed]``: FPS and latency; slower counts beyond both the percentage and the amount."""

    judge: Literal["auto", "always", "never"] = "auto"
    """``auto``: only where both runs were made on the same machine."""
    percent: Amount = 10.0
    fps: Amount = 1.0
    """Frames a second."""
    latency: Amount = 2.0
    """Milliseconds a frame."""


class GateConfig(Limits):
    """The whole file."""

    metrics: tuple[str, ...] = (DEFAULT,)
    """Names, definitions, protocol ids, ``default`` or ``all``."""
    skip: tuple[str, ...] = ()
    max_failed: Annotated[int, Field(strict=True, ge=0)] = 0
    """Cases that the method may fail."""
    metric: Mapping[str, MetricLimits] = Field(default_factory=dict)
    speed: SpeedLimits = SpeedLimits()

    def names(self, card: Card) -> bool:
        """Say whether ``metrics`` asks for a metric by any of its names."""
        return bool(set(self.metrics) & set(_names(card)))

    def names_exactly(self, card: Card) -> bool:
        """Say whether it asks for just this definition."""
        return bool(set(self.metrics) & set(_names(card)[1:]))

    def wants(self, card: Card) -> bool:
        """Say whether a metric is judged."""
        if self.skips(card.id):
            return False
        names = set(_names(card))
        return (
            ALL in self.metrics
            or bool(names & {*self.metrics, *self.metric})
            or (DEFAULT in self.metrics and card.default)
        )

    def skips(self, metric: str) -> bool:
        """Say whether a protocol id is left out by name, whether this version knows it or not."""
        definition = metric.partition("@")[0]
        return bool({definition.partition(".")[0], definition, metric} & set(self.skip))

    def limits(self, card: Card) -> Limits:
        """Return the limits of a metric; the more exact a name, the more it counts."""
        own = {name: getattr(self, name) for name in Limits.model_fields}
        if card.timing:
            own |= {"relative": self.speed.percent / 100.0}
            own |= {"absolute": getattr(self.speed, card.name, 0.0)}
        for name in _names(card):
            if name in self.metric:
                own |= self.metric[name].model_dump(exclude_none=True)
        return Limits(**own)


def without_stored_speed(config: GateConfig) -> GateConfig:
    """Return a configuration for gates that measure speed anew."""
    return config.model_copy(update={"speed": config.speed.model_copy(update={"judge": "never"})})


def read_gate_config(path: Path | None) -> GateConfig:
    """Read ``path``, or ``gate.toml`` in the working directory if there is one.

    Raises:
        UsageProblem: If a named file is missing, or the file is wrong; says where, and what was
            probably meant.
    """
    chosen = path or Path(FILE)
    if not chosen.is_file():
        if path is not None:
            raise UsageProblem(f"no gate configuration at {path}")
        return GateConfig()
    try:
        data = tomllib.loads(chosen.read_text(encoding="utf-8"))
        _known_keys(data)
        return checked(GateConfig.model_validate(data))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageProblem(f"cannot read {chosen}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageProblem(f"{chosen}: {where}: {first['msg']}", _DOC) from None
    except UsageProblem as problem:
        raise UsageProblem(f"{chosen}: {problem.problem}", problem.remedy) from None


def _known_keys(data: Mapping[str, Any]) -> None:
    _resolve_all(data, GateConfig.model_fields, "setting")
    for name, table in {"speed": data.get("speed"), **_tables(data.get("metric"))}.items():
        known = SpeedLimits if name == "speed" else MetricLimits
        if isinstance(table, dict):
            _resolve_all(table, known.model_fields, f"setting in [{name}]")


def _tables(metric: object) -> dict[str, object]:
    if not isinstance(metric, dict):
        return {}
    return {f"metric.{name}": table for name, table in metric.items()}


def checked(config: GateConfig) -> GateConfig:
    """Refuse names that are no metric's, and directions that are not those of the cards."""
    known = {name: card for card in CARDS.values() for name in _names(card)}
    _resolve_all((n for n in config.metrics if n not in (ALL, DEFAULT)), known, "metric")
    _resolve_all([*config.skip, *config.metric], known, "metric")
    if config.direction not in (None, "any"):
        raise UsageProblem(
            f"direction = '{config.direction}' cannot be for all metrics",
            "leave direction away, or say 'any' to allow no change either way",
        )
    for name in config.metric:
        for card in (card for card in CARDS.values() if name in _names(card)):
            _check_direction(config.limits(card), card)
    return config


def _check_direction(limits: Limits, card: Card) -> None:
    if limits.direction not in (None, "any", card.direction.value):
        raise UsageProblem(
            f"{card.id} is better {card.direction.value}, not {limits.direction}",
            "leave direction away, or say 'any' to allow no change either way",
        )


def _resolve_all(names: Iterable[str], known: Iterable[str], kind: str) -> None:
    listed = list(known)
    for name in names:
        resolve(name, listed, kind)


def _names(card: Card) -> tuple[str, str, str]:
    return card.name, f"{card.name}.{card.definition}", card.id
