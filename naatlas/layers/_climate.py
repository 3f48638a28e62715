"""What precipitation and temperature share: normals of the Climatic Research Unit, twelve months of 10-minute cells.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.spec import Licence, RasterFile, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.model import Table, Work
    from naatlas.raster.align import Raster

    Floats = NDArray[np.float64]

CRU = Licence(
    id="CRU-citation",
    name="Free use with citation of New et al. (2002)",
    attribution="New, M., D. Lister, M. Hulme and I. Makin (2002). A high-resolution data set of surface climate over "
    "global land areas. Climate Research 21: 1-25.",
    url="https://crudata.uea.ac.uk/cru/data/hrg/tmc/",
    checked=False,
)
MONTHS = tuple(range(1, 13))


def normals(name: str, *, title: str, valid: tuple[float, float]) -> Source:
    """Return the source of the twelve monthly means of 1961 to 1990, one band a month, ``nan`` over water."""
    return Source(
        id=f"cru-cl2-{name}",
        country=None,
        title=title,
        publisher="Climatic Research Unit, University of East Anglia",
        landing_page="https://crudata.uea.ac.uk/cru/data/hrg/tmc/",
        licence=CRU,
        # The last year of the thirty: what the normals describe ended then.
        vintage="1990",
        path=f"climate/raw/cru_cl2_{name}_monthly_1961_1990_na_10min.tif",
        layout=RasterFile(kind="quantity", bands=MONTHS, crs="EPSG:4326", valid=valid),
        columns=(),
    )


def of_months(
    compute: Callable[[Sequence[Floats]], Floats],
) -> Callable[[Mapping[str, Table], Work], Raster]:
    """Return what makes the raster of a year of the twelve months; a cell without one of them has no data.

    Parameters
    ----------
    compute
        Twelve windows, January first, NaN where there is no data, to one.
    """

    def make(tables: Mapping[str, Table], work: Work) -> Raster:  # noqa: ARG001 - as every maker is called
        from naatlas.layers._cells import Derived

        (table,) = tables.values()
        return Derived(table.rasters, compute)

    return make
