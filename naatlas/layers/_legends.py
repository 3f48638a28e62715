"""Two legends of land cover side by side: each row of the table has the class of the North American one too.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize import crosswalk
from naatlas.layers import _cells
from naatlas.layers._nalcms import NALCMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: Table and vocabulary that tell what a class of the IGBP legend is in the North American one.
TABLE, VOCABULARY = "land_cover_nalcms", "igbp"


def combined(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Make the raster and its table, and add ``nalcms_class`` to each row with where it comes from.

    Classes that are one class in both legends get it. The others get a compound class that names all those they may
    be: it says that the legends differ, and is in neither of them.
    """
    told = _cells.combined(spec, tables, work)
    if work.unknown:
        return told
    own = spec.rules(work.edition.name).codes == NALCMS
    walk = crosswalk.load(TABLE, VOCABULARY)
    covers = told.frame["land_cover"]
    rule = {code: "the class itself" if own else walk.rule(code) for code in covers.unique()}
    frame = told.frame.assign(nalcms_class=covers if own else covers.map(walk.codes))
    base = told.provenance[told.provenance["field"].eq("land_cover")]
    rules = base[spec.key].map(dict(zip(frame[spec.key], covers.map(rule), strict=True)))
    added = base.assign(field="nalcms_class", rule=rules)
    keys = [spec.key, "field", "source"]
    provenance = pd.concat([told.provenance, added]).sort_values(keys, ignore_index=True)
    return replace(told, frame=frame, provenance=provenance)
