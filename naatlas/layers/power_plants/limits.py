"""Which values of the power plants are compared with their peers, and what physics allows at most.

The ceilings ask what a plant could emit at worst if it ran at full capacity all 8,784 hours of a leap year on
the dirtiest fuel of its kind at the poorest efficiency still in use, without any control. With heat rates of
3.6 GJ/MWh / 0.25 = 14.4 GJ of fuel per MWh for boilers and 3.6 / 0.33 = 10.9 for reciprocating engines:

- CO2: lignite 0.101 t/GJ x 14.4 = 1.45, rounded up to 1.5 t/MWh; blast furnace gas at 0.260 t/GJ in a boiler of
  35 % (10.3 GJ/MWh) gives 2.7 t/MWh. The larger, rounded up to 3: 8,784 x 3 = 26,352 t per MW and year.
- NOx: an uncontrolled small diesel engine, 1.9 kg/GJ (4.41 lb/MMBtu) x 10.9 = 21 kg/MWh: 184 t per MW and year.
- SO2: petroleum coke, 7 % sulphur, 31 MJ/kg: 0.07 x 2 / 0.031 = 4.5 kg/GJ x 14.4 = 65 kg/MWh: 571 t per MW.
- CH4: a gas engine that lets 3 % of its fuel slip: 10.9 GJ/MWh / 0.050 GJ/kg x 0.03 = 6.5 kg/MWh: 57 t per MW.
- N2O: fluidised bed, 0.061 kg/GJ x 14.4 = 0.88 kg/MWh: 7.7 t per MW and year.
- Hg: lignite with 0.5 mg/kg at 10 MJ/kg: 0.05 g/GJ x 14.4 = 0.72 g/MWh: 6.3 kg per MW and year.

A plant that also sells heat or burns waste gas of its own works may lie above with reason: the report says so.

The absolute ceiling of CO2 is that of the largest fuel-fired plant of the three countries, below 5,000 MW, at
the rate of coal: 5,000 x 8,784 x 1.5 = 65.9 million t. A car parts plant of RETC 2012 stands there with
613,481,131 t.
"""

from __future__ import annotations

from naatlas.layers.power_plants.fields import GAPS, POLLUTANTS
from naatlas.spec import OutlierRule

_HOURS = 8784

#: Pollutant -> worst case in the field's unit per MWh, and where that is.
_WORST_PER_MWH = {
    "co2": (3.0, "3 t/MWh, blast furnace gas"),
    "co2e": (3.0, "3 t/MWh, blast furnace gas"),
    "nox": (0.021, "21 kg/MWh, uncontrolled diesel engine"),
    "so2": (0.065, "65 kg/MWh, petroleum coke with 7 % sulphur"),
    "ch4": (0.0065, "6.5 kg/MWh, gas engine with 3 % slip"),
    "n2o": (0.00088, "0.88 kg/MWh, fluidised bed"),
    "hg": (0.00072, "0.72 g/MWh, lignite with 0.5 mg/kg"),
}
_LARGEST_MW, _COAL_CO2_PER_MWH = 5000, 1.5
_LARGEST = _LARGEST_MW * _HOURS * _COAL_CO2_PER_MWH
_LARGEST_WHY = f"a coal plant of {_LARGEST_MW:,} MW, {_HOURS:,} h, {_COAL_CO2_PER_MWH} t/MWh"


def _rate(pollutant: str) -> OutlierRule:
    worst, why = _WORST_PER_MWH[pollutant]
    field = POLLUTANTS[pollutant][0]
    return OutlierRule(
        field=field,
        per="capacity_mw",
        ceiling=worst * _HOURS,
        why=f"{_HOURS:,} h x {why}, if it makes no heat beside",
    )


def _amount(pollutant: str) -> OutlierRule:
    ceiling = _LARGEST if pollutant in {"co2", "co2e"} else None
    why = _LARGEST_WHY if ceiling else ""
    return OutlierRule(field=POLLUTANTS[pollutant][0], ceiling=ceiling, why=why)


_SEEN = tuple(pollutant for pollutant in POLLUTANTS if pollutant not in GAPS)

OUTLIER_RULES: tuple[OutlierRule, ...] = (
    OutlierRule(field="capacity_mw"),
    *(_rate(pollutant) for pollutant in _SEEN),
    *(_amount(pollutant) for pollutant in _SEEN),
)
