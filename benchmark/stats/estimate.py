"""A quantity with its uncertainty, or with the reason why that is not known."""

from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

MIN_CLUSTERS = 10
"""With fewer there is no interval: its coverage cannot be vouched for."""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate.

    Attributes:
        value: The estimate.
        clusters: What is independent of each other: people, or groups of clips.
        stderr: Its standard error; ``None`` where there is none to trust.
        reason: Why there is none; empty otherwise.
    """

    value: float
    clusters: int
    stderr: float | None = None
    reason: str = ""

    @property
    def df(self) -> int:
        """Degrees of freedom of Student's t: clusters less one."""
        return self.clusters - 1

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """Return the two-sided interval, or ``None`` without a standard error."""
        if self.stderr is None:
            return None
        reach = quantile(0.5 + confidence / 2.0, self.df) * self.stderr
        return self.value - reach, self.value + reach

    def p_above(self, bound: float) -> float | None:
        """Return the one-sided p-value of "the true value is at most ``bound``".

        ``None`` without a standard error. An error of exactly 0 leaves no doubt either way.
        """
        if self.stderr is None:
            return None
        if self.stderr == 0.0:
            return 0.0 if self.value > bound else 1.0
        return float(stdtr(self.df, (bound - self.value) / self.stderr))

    def detectable(self, alpha: float, power: float = 0.8) -> float | None:
        """Return the smallest true excess that a one-sided test would find with this power.

        ``(t(1 - alpha) + t(power)) · stderr`` (Bloom 1995). ``None`` without a standard error.
        """
        if self.stderr is None:
            return None
        return (quantile(1.0 - alpha, self.df) + quantile(power, self.df)) * self.stderr


def quantile(share: float, df: int) -> float:
    """Return the quantile of Student's t."""
    return float(stdtrit(df, share))


def too_few(clusters: int, of: str) -> str:
    """Say that there are too few clusters for an interval; empty if there are enough.

    Args:
        clusters: How many there are.
        of: What they are, in the plural.
    """
    if clusters >= MIN_CLUSTERS:
        return ""
    return f"no interval: {MIN_CLUSTERS} {of} needed, {clusters} there"
