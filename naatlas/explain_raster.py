"""The product of a raster laid out as the tables of a GeoPackage, so that its rows are explained by the same code."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pandas as pd

from naatlas import registry
from naatlas.errors import ProductError

if TYPE_CHECKING:
    from pathlib import Path


def tables(product: Path) -> sqlite3.Connection:
    """Return a data base in memory with the table of the raster, its provenance and its sources.

    Parameters
    ----------
    product
        The GeoTIFF; table, provenance and manifest lie beside it.

    Raises
    ------
    ProductError
        Something of the product is not beside it.
    """
    try:
        manifest = json.loads((product.parent / "manifest.json").read_text(encoding="utf-8"))
        origins = pd.read_parquet(product.with_name(f"{product.stem}_provenance.parquet"))
        frame = _table(product)
    except (OSError, ValueError) as error:
        raise ProductError(
            f"{product}: the product is not whole beside it ({error}); build it again, with --format tif, csv"
        ) from error
    layer = str(manifest["layer"])
    base = sqlite3.connect(":memory:")
    name = layer.replace("-", "_")
    frame.to_sql(name, base, index=False)
    origins.astype({"field": "str"}).to_sql("provenance", base, index=False)
    spec = registry.spec(layer)
    inputs = pd.DataFrame(manifest["inputs"]).rename(columns={"source": "id"})
    inputs["publisher"] = [spec.source(source).publisher for source in inputs["id"]]
    inputs.to_sql("sources", base, index=False)
    base.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)")
    base.execute("INSERT INTO gpkg_contents VALUES (?, 'features')", (name,))
    base.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)")
    return base


def _table(product: Path) -> pd.DataFrame:
    """Read the table of the raster, whichever of its forms is there."""
    if (path := product.with_name(f"{product.stem}_table.parquet")).is_file():
        return pd.read_parquet(path)
    return pd.read_csv(product.with_suffix(".csv"), encoding="utf-8", keep_default_na=False, na_values=[""])
