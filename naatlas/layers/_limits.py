"""What nothing on the ground can exceed, for all layers that read registers."""

from __future__ import annotations

#: A coal plant of 5,000 MW at 1.5 t/MWh through 8,784 hours: more CO2 than any plant of the three countries.
LARGEST_CO2_T = 5_000 * 8_784 * 1.5
