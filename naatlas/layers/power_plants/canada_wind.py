"""Canadian Wind Turbine Database: turbines summed to projects, with the traps of the file.

The stated total of a project is derated where the operator may not run all turbines at full rating, stands for
a whole group of projects where the file splits them, and is another project's in a few rows. It is taken only
where the turbines of the project can give it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import Item, finding
from naatlas.framework import places
from naatlas.harmonize.translate import Pick, translate
from naatlas.harmonize.units import factor
from naatlas.layers.power_plants.canada_sources import WIND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import Finding, Severity, Table, Work
    from naatlas.spec import LayerSpec

TOTAL, RATING, DATE = "Total project capacity (MW)", "Turbine rated capacity (kW)", "Commissioning date"
NUMBER, NAME, PROVINCE = "Turbine number in project", "Project name", "Province/Territory"

#: Shares of the turbines' ratings between which a stated total can be the project's own: the strongest derating
#: in the file is 0.78 (Belle River), the largest excess 1.11 (Castle River).
OWN_TOTAL = (0.75, 1.2)

#: A stated total this near the sum of ratings is the same number, rounded.
ROUNDED = 0.01

_RATING = r"\d+(?:\.\d+)?(?:[/-]\d+(?:\.\d+)?)*"
_YEAR = r"\b(?:19|20)\d{2}\b"


@dataclass(frozen=True, slots=True)
class Projects:
    """Wind projects and the turbines that they are made of.

    Attributes
    ----------
    frame
        One row a project, indexed by ``<name> / <state>``: ``name``, ``state``, ``province`` (as published),
        ``capacity_mw`` (missing where the stated total contradicts the turbines), ``stated_mw``, ``rated_mw``,
        ``rule``, ``year_online``, ``years``, ``longitude``, ``latitude`` (mean of the turbines, degrees),
        ``turbines`` (count), ``rows`` (text).
    project
        Key of the project by row of the table; missing where the row names none.
    share_mw
        By row, the turbine's share in the capacity of its project.
    """

    frame: pd.DataFrame
    project: pd.Series
    share_mw: pd.Series


def read(table: Table, spec: LayerSpec, work: Work) -> Projects:
    """Sum turbines to projects; says in findings what the file contradicts itself in."""
    turbines = _turbines(table, spec, work)
    frame = turbines.dropna(subset=["project"]).groupby("project").agg(
        name=("name", "first"), state=("state", "first"), province=("province", "first"),
        stated_mw=("stated_mw", "first"), totals=("stated_mw", "nunique"),
        low_mw=("low_mw", "sum"), rated_mw=("high_mw", "sum"),
        turbines=("name", "size"), of=("of", "max"), year_online=("year_online", "min"),
        longitude=("longitude", "mean"), latitude=("latitude", "mean"),
    )  # fmt: skip
    told = turbines.assign(row=turbines.index.astype("str"), years=table.frame[DATE]).groupby("project")
    frame["rows"] = told["row"].agg(row_ranges)
    frame["years"] = told["years"].agg(lambda text: "; ".join(sorted(set(text.dropna()))))
    frame = _decide(frame)
    _report(frame, work)
    return Projects(frame, turbines["project"], _shares(turbines, frame))


def _turbines(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    picks = (
        Pick(field="capacity_mw", column=TOTAL, unit="MW"),
        Pick(field="year_online", column=DATE, parse=earliest_year),
        Pick(field="longitude", column="Longitude"),
        Pick(field="latitude", column="Latitude"),
    )
    told = translate(table, picks, spec, work).frame.rename(columns={"capacity_mw": "stated_mw"})
    told["province"] = table.frame[PROVINCE]
    told["state"] = places.resolve_state(told["province"], "CAN")
    work.unknown.extend(
        places.unknown_places(f"{WIND}, column {PROVINCE}", table.frame[PROVINCE], told["state"])
    )
    told[["low_mw", "high_mw"]] = ratings_kw(table.frame[RATING]) * factor("kW", "megawatt")
    told["of"] = units_stated(table.frame[NUMBER])
    told["name"] = project_names(table.frame)
    told["project"] = (told["name"] + " / " + told["state"]).astype("string")
    _fill_names(table, told["name"], work)
    _report_cells(table, told, work)
    return told


def earliest_year(text: pd.Series) -> pd.Series:
    """Return the first of the years in a cell: ``2005/2006/2012`` is 2005; missing where there is none."""
    return (
        text.astype("string")
        .str.findall(_YEAR)
        .map(lambda years: min(map(int, years), default=pd.NA), na_action="ignore")
        .astype("Int64")
    )


def ratings_kw(text: pd.Series) -> pd.DataFrame:
    """Return lowest and highest rating in a cell: ``1815/1950`` and ``1800-2300`` give two, ``600`` the same twice."""
    plain = text.astype("string").str.replace(r"\s", "", regex=True)
    found = plain.where(plain.str.fullmatch(_RATING), "").fillna("").str.findall(r"\d+(?:\.\d+)?")
    low, high = (
        found.map(lambda told, pick=pick: pick(map(float, told), default=np.nan)) for pick in (min, max)
    )
    return pd.DataFrame({"low": low, "high": high}, dtype="float64")


def units_stated(text: pd.Series) -> pd.Series:
    """Return how many turbines ``3/60`` speaks of; missing where a spreadsheet made a date of it (``1/6``)."""
    return text.astype("string").str.extract(r"^\s*\d+\s*/\s*(\d+)\s*$")[0].astype("Int64")


def project_names(frame: pd.DataFrame) -> pd.Series:
    """Return the name of the project by turbine; a blank one is filled from its siblings.

    Siblings share province, project total and the letters of the turbine identifier; the name is taken only
    where these have one name between them.
    """
    name = frame[NAME].astype("string").str.split().str.join(" ")
    letters = frame["Turbine identifier"].str.extract(r"^(\D+)")[0]
    keys = [frame[PROVINCE], frame[TOTAL], letters]
    siblings = name.groupby(keys)
    only = siblings.transform("first").where(siblings.transform("nunique") == 1)
    return name.fillna(only)


def row_ranges(rows: pd.Series) -> str:
    """Write row numbers short: ``2-4, 9``."""
    numbers = np.sort(rows.astype("int64").to_numpy())
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _decide(frame: pd.DataFrame) -> pd.DataFrame:
    """Choose the capacity of each project and say why."""
    low, high = OWN_TOTAL
    single = frame["totals"] == 1
    fewer = frame["turbines"].lt(frame["of"]).fillna(value=False).astype(bool)
    part = single & fewer & frame["stated_mw"].gt((1 + ROUNDED) * frame["rated_mw"])
    own = single & frame["stated_mw"].between(low * frame["low_mw"], high * frame["rated_mw"])
    mw = np.select([part, own], [frame["rated_mw"], frame["stated_mw"]], default=np.nan)
    return frame.assign(capacity_mw=mw, part=part, rule=_rules(frame, part, own))


def _rules(frame: pd.DataFrame, part: pd.Series, own: pd.Series) -> NDArray[np.object_]:
    stated, rated = (
        frame[column].map("{:g} MW".format).astype("string") for column in ("stated_mw", "rated_mw")
    )
    turbines = "its " + frame["turbines"].astype("string") + " turbine(s) rated " + rated
    group = " is the total of a larger project of " + frame["of"].astype("string").fillna("?")
    rules = ("ratings of " + turbines + "; the stated " + stated + group, "total of the project; " + turbines)
    contradiction = "the stated " + stated + " contradicts " + turbines
    return np.select(
        [part, own], [rule.astype(object) for rule in rules], default=contradiction.astype(object)
    )


def _shares(turbines: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    total = turbines["project"].map(frame["capacity_mw"].fillna(frame["rated_mw"]))
    rated = turbines["project"].map(frame["rated_mw"])
    return (total * turbines["high_mw"] / rated).fillna(turbines["high_mw"]).astype("float64")


def _fill_names(table: Table, names: pd.Series, work: Work) -> None:
    """Log the names that were filled in from sibling turbines."""
    for row in names.index[table.frame[NAME].isna() & names.notna()]:
        reason = "turbines of one province, project total and identifier letters have this name"
        work.ledger.correct(WIND, int(row), field="name", old="", new=names[row], reason=reason, by="rule")


def _report_cells(table: Table, turbines: pd.DataFrame, work: Work) -> None:
    unread = {RATING: turbines["high_mw"], DATE: turbines["year_online"], NUMBER: turbines["of"]}
    for column, value in unread.items():
        rows = turbines.index[table.frame[column].notna() & value.isna()]
        if rows.empty:
            continue
        cell = table.frame.loc[rows[0], column]
        found = finding(
            "unreadable-cell",
            "warning",
            where=f"{WIND}, column {column}",
            ids=tuple(str(r) for r in rows),
            row=int(rows[0]),
            cell=repr(cell),
        )
        work.findings.append(found)


def _report(frame: pd.DataFrame, work: Work) -> None:
    off = frame["capacity_mw"].sub(frame["rated_mw"]).abs().gt(ROUNDED * frame["rated_mw"])
    told: tuple[tuple[pd.Series, str, Severity], ...] = (
        (off & ~frame["part"], "project-total-differs", "info"),
        (frame["part"], "total-of-a-group", "info"),
        (frame["capacity_mw"].isna(), "total-contradicts-turbines", "warning"),
    )
    work.findings.extend(_finding(frame[hit], rule, severity) for hit, rule, severity in told if hit.any())


def _finding(hit: pd.DataFrame, rule: str, severity: Severity) -> Finding:
    shown = tuple(
        Item("project", name=p["name"], stated=p["stated_mw"], rated=p["rated_mw"])
        for p in hit.head(3).to_dict("records")
    )
    return finding(rule, severity, where=WIND, ids=tuple(hit.index), shown=shown)
