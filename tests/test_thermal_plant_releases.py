"""Which facility of a register is which coal or oil plant; what it reports is neither lost nor counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas import pipeline
from naatlas.layers._thermal_links import linked
from naatlas.layers.thermal_plant_releases import QUANTITIES

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

SLUG = "thermal-plant-releases"


def facilities(*rows: tuple[str, str, float, float, str | None]) -> pd.DataFrame:
    """Facilities of Coahuila: id, name, longitude, latitude, registration number."""
    told = pd.DataFrame(rows, columns=["atlas_id", "name", "longitude", "latitude", "retc_nra"])
    return told.assign(country="MEX", state="MX-COA", sector="electricity")


def plants(*rows: tuple[str, str, float, float, str | None, str]) -> pd.DataFrame:
    """Plants of Coahuila: as facilities, with their primary source."""
    columns = ["atlas_id", "name", "longitude", "latitude", "retc_nra", "primary_source"]
    told = pd.DataFrame(rows, columns=columns)
    return told.assign(country="MEX", state="MX-COA", owner=pd.NA, capacity_mw=100.0)


def pairs(links: pd.DataFrame, decision: str = "linked") -> set[tuple[str, str]]:
    told = links[links["decision"].eq(decision)]
    return set(zip(told["facility"], told["plant"], strict=True))


def test_a_registration_number_decides_whatever_the_names() -> None:
    links = linked(
        facilities(
            ("f1", "Empresa X, SA de CV", -101.0, 28.0, "N1"), ("f2", "Río Escondido", -100.7, 28.5, None)
        ),
        plants(
            ("p1", "Río Escondido", -100.7, 28.5, "N1", "coal"),
            ("p2", "Carbón II", -100.9, 28.9, None, "coal"),
        ),
    )
    assert pairs(links) == {("f1", "p1")}
    assert links.loc[links["facility"].eq("f1"), "score"].tolist() == [100.0]


def test_a_number_that_stands_twice_decides_nothing() -> None:
    links = linked(
        facilities(("f1", "Norte", -101.0, 28.0, "N1"), ("f2", "Sur", -102.0, 26.0, "N1")),
        plants(("p1", "Oriente", -103.0, 27.0, "N1", "coal")),
    )
    assert not pairs(links)


def test_the_facility_of_a_gas_plant_does_not_go_to_the_oil_plant_beside_it() -> None:
    links = linked(
        facilities(("f1", "Central Ciclo Combinado Saltillo", -101.0, 25.4, None)),
        plants(
            ("gas", "Saltillo (Ciclo Combinado)", -101.0, 25.4, None, "natural_gas"),
            ("oil", "Saltillo (Vapor)", -101.001, 25.4, None, "petroleum"),
        ),
    )
    assert ("f1", "oil") not in pairs(links)
    assert ("f1", "gas") in pairs(links)


def test_facilities_of_other_sectors_are_not_compared() -> None:
    mine = facilities(("f1", "Río Escondido", -100.7, 28.5, "N1")).assign(sector="mining")
    assert linked(mine, plants(("p1", "Río Escondido", -100.7, 28.5, "N1", "coal"))).empty


def _conserved(data: LayerData) -> None:
    """Prove that what facilities report is in their plants, once, and only where a link is."""
    frame = data.frame
    links = data.tables["links"]
    sure = links[links["decision"].eq("linked") & links["atlas_id"].isin(frame["atlas_id"])]
    assert not frame["facility_id"].dropna().duplicated().any()
    assert dict(frame.dropna(subset="facility_id")[["atlas_id", "facility_id"]].to_numpy()) == dict(
        sure[["atlas_id", "facility_id"]].to_numpy()
    )
    assert frame.loc[frame["link_status"].ne("linked"), [*QUANTITIES, "mercury_kg"]].isna().all(axis=None)
    # Mercury is one of the toxic substances: no plant can release more of it than of all.
    both = frame.dropna(subset=["mercury_kg", "releases_kg"])
    assert (both["mercury_kg"] <= both["releases_kg"] + 1e-6).all()


@pytest.fixture(scope="module")
def starter() -> LayerData:
    return pipeline.assemble(SLUG)


def test_starter_plants_have_what_their_facilities_report(starter: LayerData) -> None:
    _conserved(starter)
    told = starter.frame.set_index("atlas_id")
    assert set(told["link_status"]) >= {"linked", "not_found"}
    assert told["coal_mw"].fillna(0).add(told["petroleum_mw"].fillna(0)).gt(0).all()


@pytest.mark.national
def test_national_plants_have_what_their_facilities_report(national: Path) -> None:
    data = pipeline.assemble(SLUG, data=national, edition="2017")
    _conserved(data)
    assert data.frame["mercury_kg"].gt(0).sum() > 15
    counts = data.frame.groupby(["country", "link_status"]).size()
    assert counts["MEX", "linked"] >= 20
    assert counts["USA", "linked"] >= 12
    assert counts["CAN", "linked"] >= 16
    # Illinois' largest coal plant, under another name in each register
    prairie = data.frame.set_index("atlas_id").loc["USA-55856"]
    assert prairie["facility_id"] == "USA-6225WPRRST1739N"
    assert prairie["mercury_kg"] == pytest.approx(945.649, abs=0.001)
