"""Mexico's pollutant release register (RETC): one function for eighteen years in three layouts.

Each year is a pair of files: ``es`` lists the establishments that report, with coordinates and, from 2006 on,
their industry code (SCIAN, the Mexican NAICS); ``em`` lists what each of them releases, one row a substance.
They share the registration number (NRA) within a year; it may change from year to year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.framework.places import resolve_state, unknown_places
from naatlas.harmonize.names import split_company
from naatlas.harmonize.translate import Pick, numbers, translate
from naatlas.layers._retc_files import layout
from naatlas.sources.coordinates import parse, suspects

if TYPE_CHECKING:
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: SCIAN 2211: generation, transmission and distribution of electricity.
_SCIAN = "2211"

#: CFE's generating subsidiaries, which some establishments put before the plant.
_SUBSIDIARY = (
    r"(?i)^(?:cfe|comisi[oó]n federal de electricidad)[ ,.]*"
    r"(?:ge?neraci[oó]n)?[ ,.]*(?:[iv1-9]+\b)?[ ,.]*(?:eps\b)?[ ,.|]*"
)


def year_of(table: Table) -> int:
    """Return the data year of a table."""
    return int(table.source.vintage)


def establishments(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Read the establishments of a year.

    Returns
    -------
    DataFrame
        By row: ``nra``, ``name`` (as published), ``company``, ``plant`` (parts of it), ``state`` (code),
        ``longitude``, ``latitude`` (degrees; missing where the text cannot be read or lies outside Mexico),
        ``power`` (electricity sector), ``coded`` (its industry code is electricity), ``generates`` (in the
        sector, and its industry code does not deny it).
    """
    heads, _ = layout(year_of(table))
    text = table.frame
    told = translate(
        table, (Pick(field="sector", column=heads.sector, crosswalk="retc_sector/retc"),), spec, work
    )
    frame = pd.DataFrame({"nra": text[heads.nra].str.strip(), "name": text[heads.name]})
    frame[["company", "plant"]] = split_name(text[heads.name])
    frame["state"] = resolve_state(text[heads.state], "MEX")
    work.unknown.extend(unknown_places(table.source.id, text[heads.state], frame["state"]))
    frame[["longitude", "latitude"]] = _points(text[heads.longitude], text[heads.latitude])
    frame["power"] = told.frame["sector"].eq("power").fillna(value=False).astype(bool)
    scian = (
        text[heads.scian].str.strip() if heads.scian else pd.Series(pd.NA, index=text.index, dtype="string")
    )
    frame["coded"] = scian.str.startswith(_SCIAN).fillna(value=False).astype(bool)
    frame["generates"] = frame["power"] & (frame["coded"] | scian.isna())
    return frame


def _points(longitude: pd.Series, latitude: pd.Series) -> pd.DataFrame:
    """Points, as evidence for linkage only: swapped pairs count as meant, others outside the country not."""
    lon = parse(longitude, axis="lon", positive_west=True)["degrees"]
    lat = parse(latitude, axis="lat")["degrees"]
    told = suspects(lon, lat, "MEX")
    swapped = told["suspicion"].str.startswith("swapped").fillna(value=False)
    bad = told["suspicion"].notna()
    told = told[["candidate_lon", "candidate_lat"]].where(swapped)
    columns = {
        "longitude": lon.mask(bad, told["candidate_lon"]),
        "latitude": lat.mask(bad, told["candidate_lat"]),
    }
    return pd.DataFrame(columns)


def split_name(names: pd.Series) -> pd.DataFrame:
    """Part "COMPANY,PLANT", and take CFE's generating subsidiary away from the plant.

    Returns
    -------
    DataFrame
        ``company`` and ``plant``; the plant is missing where nothing but the subsidiary is named.
    """
    told = split_company(names)
    plant = told["plant"].str.strip(' ."').str.replace(_SUBSIDIARY, "", regex=True).str.strip()
    return told.assign(plant=plant.mask(plant.eq("")))


def releases(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Read what goes to the air, in tonnes whatever unit each row states.

    Returns
    -------
    DataFrame
        By row: ``nra``, ``power`` (electricity sector), ``pollutant`` (atlas code, missing for others),
        ``tonnes``, ``national`` (value and unit as published), ``silent`` (the register says nothing on air).
    """
    _, heads = layout(year_of(table))
    text = table.frame
    picks = (
        Pick(field="sector", column=heads.sector, crosswalk="retc_sector/retc"),
        Pick(field="pollutant", column=heads.substance, crosswalk="retc_pollutant/retc"),
        # Of the layer's fields the one in tonnes: it converts the release of any substance.
        Pick(field="co2_t", column=heads.air, unit_column=heads.unit),
    )
    told = translate(table, picks, spec, work)
    frame = pd.DataFrame({"nra": text[heads.nra].str.strip(), "pollutant": told.frame["pollutant"]})
    frame["power"] = told.frame["sector"].eq("power").fillna(value=False).astype(bool)
    frame["tonnes"] = told.frame["co2_t"]
    frame["national"] = text[heads.air].str.strip() + " " + text[heads.unit].str.strip()
    frame["rule"] = (
        told.rule("pollutant", text.index) + "; unit " + text[heads.unit].str.strip() + "; air only"
    )
    elsewhere = pd.DataFrame({c: numbers(text[c]) for c in heads.others}).sum(axis=1) > 0
    # Some years leave air empty, others fill in 0 where all went to water, soil or waste: both say nothing.
    frame["silent"] = frame["tonnes"].isna() | (frame["tonnes"].eq(0) & elsewhere)
    return frame
