"""What a layer says and how it looks, in one language: handed from writer to writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naatlas.export.numbers import format_short, symbol
from naatlas.export.phrases import PHRASES
from naatlas.metadata.marks import marked
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import Field, Language
    from naatlas.styles import Style

#: The class list whose names the framework keeps, because there are about a hundred of them.
STATES = "state"


@dataclass(frozen=True, slots=True)
class Look:
    """Words and style of a layer, and the language to use.

    Attributes
    ----------
    folders
        Coded fields that make the folders of the KML, outer one first; None for those of a layer of the atlas.
    view
        Longitude and latitude that the KML opens at, and the metres from where one looks; None for North America.
    """

    words: Words
    style: Style
    language: Language
    folders: tuple[str, ...] | None = None
    view: tuple[float, float, float] | None = None

    def text(self, name: str) -> str:
        """Return a prose text of the layer, such as ``title``."""
        return self.words.text(name, self.language)

    def label(self, field: str) -> str:
        """Return the name of a field."""
        return self.words.label(field, self.language)

    def phrase(self, name: str, *values: object) -> str:
        """Return one of the phrases that only pictures and KML need, with its blanks filled in."""
        return PHRASES[name][self.language].format(*values)

    def heading(self, data: LayerData) -> str:
        """Return the title of the layer, after what keeps the product out of any release, such as DRAFT."""
        return marked(self.words.title(data.edition), data.marks)[self.language]

    def title(self, data: LayerData) -> str:
        """Return the heading with the edition, and the variant where it is not the default product."""
        return f"{self.heading(data)}, {span(data.folder)}"

    def class_name(self, code: str, class_list: str) -> str:
        """Return the name of one coded value; states and provinces are named by the framework.

        Raises
        ------
        KeyError
            A value that the class list does not have: the check against the specification must come first.
        """
        if class_list == STATES:
            from naatlas.framework.places import state_name

            return state_name(code, self.language)
        return self.words.class_label(class_list, code, self.language)

    def class_names(self) -> dict[str | None, str]:
        """Return the names of the classes of the style in legend order; that of None is for features without class."""
        breaks, codes = self.style.breaks, list(self.style.colours)
        named = (
            [self._step_name(*breaks.bounds(code)) for code in codes]
            if breaks
            else [self.class_name(code, self.style.class_list) for code in codes]
        )
        return dict(zip(codes, named, strict=True)) | {None: self.phrase("not_stated")}

    def _step_name(self, low: float | None, high: float | None) -> str:
        ends = [format_short(end, self.language) for end in (low, high) if end is not None]
        if low is not None and high is not None:
            return self.phrase("step", *ends)
        return self.phrase("step_first" if low is None else "step_last", *ends)

    def heading_of(self, field: Field) -> str:
        """Return the name of a field with the symbol of its unit, as the heading of numbers."""
        unit, label = symbol(field.unit), self.label(field.name)
        return f"{label} ({unit})" if unit else label

    def label_columns(self, fields: Sequence[Field]) -> tuple[str, ...]:
        """Return the columns of the names that stand on the map, the first that is filled counts; empty for none."""
        labels = self.style.labels
        return labels.columns(frozenset(field.name for field in fields), self.language) if labels else ()
