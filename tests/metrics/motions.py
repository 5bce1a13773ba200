"""Motion made up for tests: smooth, about a mean, unlike that of others."""

import numpy as np
from numpy.typing import NDArray

Motion = NDArray[np.float64]


def smooth(seed: int, length: int = 125, size: int = 6, amplitude: float = 0.3) -> Motion:
    """Return ``(length, size)``: random courses without what is faster than a quarter second."""
    chance = np.random.default_rng(seed)
    spectrum = np.fft.rfft(chance.normal(size=(length, size)), axis=0)
    spectrum[max(2, length // 8) :] = 0.0
    course = np.fft.irfft(spectrum, length, axis=0)
    course -= course.mean(axis=0)
    result: Motion = amplitude * course / np.sqrt((course**2).sum(axis=1).mean())
    return result
