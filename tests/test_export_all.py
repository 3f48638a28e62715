"""All products together: layout, agreement, bytes, dates, and the parts that need no file of their own."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from naatlas import export, framework, stamp, text
from naatlas.errors import ProductError, UsageError
from naatlas.export import agreement, canvas, gpkg, numbers, parquet, preview, seal
from tests import export_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData


@pytest.fixture(autouse=True)
def _own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export.all_words, "load", lambda _: samples.WORDS)
    monkeypatch.setattr(export.styles, "load", lambda _: samples.STYLE)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch):
    """Leave the map out where the test is about something else."""
    monkeypatch.setattr(preview, "write", lambda _data, path, **_: path.write_bytes(b"map"))


def everything(folder: Path):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_layout_and_same_bytes_twice(tmp_path: Path):
    data, formats = samples.layer(25), ("gpkg", "shp", "kmz", "parquet")
    one = export.write_all(data, tmp_path / "one", documents=samples.DOCUMENTS, formats=formats)
    two = export.write_all(samples.layer(25), tmp_path / "two", documents=samples.DOCUMENTS, formats=formats)
    assert one == tmp_path / "one" / "test-plants" / "2022"
    stem = "NA_TestPlants_2022"
    products = {f"{stem}{end}" for end in (".gpkg", "_shapefile.zip", ".parquet", "_provenance.parquet")}
    products |= {f"{stem}_{language}.kmz" for language in ("en", "fr", "es")}
    assert set(everything(one)) == products | set(samples.DOCUMENTS) | {
        "preview.png",
        seal.MANIFEST,
        seal.SUMS,
    }
    assert everything(one) == everything(two)
    assert seal.verify(one) == []


@pytest.mark.usefixtures("quick")
def test_variant_has_its_own_folder_and_names(tmp_path: Path):
    export.write_all(samples.layer(3), tmp_path, documents={}, formats=["gpkg"])
    folder = export.write_all(samples.layer(2, variant="min50mw"), tmp_path, documents={}, formats=["gpkg"])
    assert folder.name == "2022-min50mw"
    assert (folder / "NA_TestPlants_2022-min50mw.gpkg").is_file()
    assert seal.verify(tmp_path / "test-plants" / "2022") == []


@pytest.mark.usefixtures("quick")
def test_languages_asked_for(tmp_path: Path):
    folder = export.write_all(samples.layer(3), tmp_path, documents={}, formats=["kmz"], languages=["fr"])
    assert [path.name for path in folder.glob("*.kmz")] == ["NA_TestPlants_2022_fr.kmz"]
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert told["options"] == {"formats": ["kmz"], "languages": ["fr"]}
    assert {"naatlas", "numpy", "gdal", "proj"} <= set(told["versions"])


def test_unknown_wishes_are_refused_before_anything_is_written(tmp_path: Path):
    for wish, words in (
        ({"formats": ["gpkg", "dwg"]}, r"no such format: dwg; there are gpkg, shp, kmz, parquet"),
        ({"languages": ["de"]}, r"languages de: choose among en, fr, es"),
        ({"languages": []}, r"languages \(none\)"),
    ):
        with pytest.raises(UsageError, match=words):
            export.write_all(samples.layer(1), tmp_path, documents={}, **wish)
    for key in ("../x", "/x", "a/../../x", "C:\\x", ""):
        with pytest.raises(UsageError, match="path inside the product"):
            export.write_all(samples.layer(1), tmp_path, documents={key: b""})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_product_that_disagrees_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = export.write_all(samples.layer(5), tmp_path, documents={}, formats=["gpkg"])
    before = everything(folder)
    real = gpkg.write

    def lossy(data: LayerData, path: Path, **more: object) -> None:
        real(data, path, **more)
        samples.tamper(path, "UPDATE test_plants SET units = 0")

    monkeypatch.setattr(gpkg, "write", lossy)
    with pytest.raises(ProductError, match="column units does not say"):
        export.write_all(samples.layer(5), tmp_path, documents={}, formats=["gpkg"])
    assert everything(folder) == before


@pytest.mark.usefixtures("quick")
def test_trouble_of_gdal_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_args: object, **_more: object) -> None:
        raise pyogrio.errors.DataSourceError("sqlite3_open failed:\n disk I/O error")

    monkeypatch.setattr(pyogrio, "write_arrow", fail)
    with pytest.raises(
        ProductError, match=r"2022: a product cannot be written: sqlite3_open failed: disk I/O error$"
    ):
        export.write_all(samples.layer(2), tmp_path, documents={}, formats=["gpkg"])


@pytest.mark.parametrize("count", [0, 1, 30])
def test_geoparquet_says_the_same(tmp_path: Path, count: int):
    data = samples.layer(count)
    parquet.write(data, tmp_path / "a.parquet")
    agreement.check_parquet(data, tmp_path / "a.parquet")
    frame = gpd.read_parquet(tmp_path / "a.parquet")
    assert framework.explain_crs(frame.crs.to_wkt()) == framework.explain_crs(framework.crs().to_wkt())
    geo = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"geo"])
    assert geo["columns"]["geometry"]["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert frame["year_online"].dtype == "Int64"


def test_provenance_table(tmp_path: Path):
    parquet.write_table(samples.layer(6).provenance, tmp_path / "p.parquet")
    assert pq.read_table(tmp_path / "p.parquet")["score"].null_count == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.text(max_size=50))
def test_any_text_survives_parquet(tmp_path: Path, told: str):
    parquet.write(samples.layer(2, texts=(told,)), tmp_path / "t.parquet")
    assert gpd.read_parquet(tmp_path / "t.parquet")["name"].tolist() == [text.clean(told)] * 2


def test_stamp_is_the_newest_vintage_or_the_epoch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert stamp.stamp(samples.layer(1)) == datetime(2022, 3, 1, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert stamp.stamp(samples.layer(1)) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert stamp.stamp(samples.layer(1)) == stamp.EARLIEST
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH='yesterday' is not a number of seconds"):
        stamp.stamp(samples.layer(1))


def test_numbers_in_three_languages():
    assert numbers.format_all([1234.5, -0.25], 1, "en") == ["1,234.5", "-0.2"]
    assert numbers.format_one(1234567.5, 1, "fr") == "1\u202f234\u202f567,5"
    assert numbers.format_one(1234.5, 1, "es") == "1,234.5"
    assert [numbers.format_short(value, "fr") for value in (4000, 0.5, 10)] == ["4\u202f000", "0,5", "10"]
    assert [
        numbers.symbol(unit) for unit in ("megawatt", "metric_ton", "kilogram", "kilometer**2", None)
    ] == [
        "MW",
        "t",
        "kg",
        "km²",
        "",
    ]


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=20) | st.none(), max_size=6), st.integers(0, 3)
)
def test_escaping_a_column_is_escaping_each(texts: list[str | None], start: int):
    column = pd.Series(texts, dtype="str").iloc[start:]
    each = [None if told is None else text.escape(told) for told in texts[start:]]
    assert text.escape_column(column).to_pylist() == each


@given(st.text(st.characters(), max_size=40), st.integers(0, 40))
def test_cut_is_a_beginning_that_fits(told: str, size: int):
    told = text.clean(told)
    short = text.cut(told, size)
    assert told.startswith(short)
    assert len(short.encode()) <= size
    assert short == told or len(told[: len(short) + 1].encode()) > size


def test_legend_values_are_round_and_fall():
    values = canvas.legend_values(samples.STYLE)
    assert values[0] == samples.STYLE.size_limits[1]
    assert values == sorted(values, reverse=True)
    assert len(values) == 3


def test_preview_shows_the_plants(tmp_path: Path):
    data = samples.layer(200)
    preview.write(data, tmp_path / "a.png", look=samples.look("fr"))
    image = Image.open(tmp_path / "a.png")
    assert image.size == (1753, 1240)
    assert set(image.info) <= {"dpi"}
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    coal, wind = (59, 59, 59), (53, 184, 121)
    for wanted in (coal, wind):
        assert min(sum(abs(a - b) for a, b in zip(wanted, colour, strict=True)) for colour in colours) < 60
    nothing = io.BytesIO()
    Image.open(tmp_path / "a.png").save(nothing, format="PNG")
    preview.write(samples.layer(0), tmp_path / "b.png", look=samples.look("fr"))
    assert (tmp_path / "b.png").read_bytes() != (tmp_path / "a.png").read_bytes()


def test_object_and_category_columns_are_cleaned_too():
    values = pd.Series(["a\x00b", None, "\ud800"], dtype=object)
    assert text.clean_column(values).tolist()[::2] == ["a\ufffdb", "\ufffd"]
    assert text.clean_column(values).isna().tolist() == [False, True, False]
    assert text.clean_column(pd.Series(["x"], dtype="category")).tolist() == ["x"]
