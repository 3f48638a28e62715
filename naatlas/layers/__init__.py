"""One module a layer; a file here is a layer, nothing else registers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from naatlas.spec import LayerSpec


@dataclass(frozen=True, slots=True)
class Build:
    """The ``build`` that every layer offers to other programs."""

    spec: LayerSpec

    def __call__(
        self, data: Path | str | None = None, edition: str | None = None, **options: float | str
    ) -> GeoDataFrame:
        """Build the layer in memory and write nothing.

        Parameters
        ----------
        data
            Folder with the national files as published; None for the starter inputs in the package.
        edition
            Data year; None for the layer's default.
        options
            The layer's own options, such as ``min_mw=50``.

        Returns
        -------
        GeoDataFrame
            One row a feature, sorted by key; columns and units as ``spec.fields`` declares (a name ends in its
            unit); geometry in the framework CRS (Lambert azimuthal equal-area on the sphere, metres).

        Raises
        ------
        InputError, UnknownTermsError, AccountError
            The inputs are missing or damaged, carry unknown terms, or do not add up.
        """
        from pathlib import Path

        from naatlas import pipeline  # the one arrow that points back: a convenience for other programs

        folder = None if data is None else Path(data)
        return pipeline.geodataframe(
            pipeline.assemble(self.spec.slug, data=folder, edition=edition, options=options)
        )
