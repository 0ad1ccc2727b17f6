"""Where a share lies in a drawing: the little geometry that the page's SVG needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plot:
    """A rectangle of an SVG that shows shares from `least` to 1 rightwards and from `lowest` to 1 upwards."""

    left: float
    top: float
    width: float
    height: float
    least: float = 0.0
    lowest: float = 0.0

    def x(self, share: float) -> float:
        """Return the horizontal place of a share."""
        return round(self.left + self.width * (share - self.least) / (1 - self.least), 1)

    def y(self, share: float) -> float:
        """Return the vertical place of a share."""
        return round(self.top + self.height * (1 - share) / (1 - self.lowest), 1)
