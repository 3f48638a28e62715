"""What a layer says and how it looks, in one language: handed from writer to writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naatlas.export.phrases import PHRASES
from naatlas.metadata.marks import marked

if TYPE_CHECKING:
    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import Language
    from naatlas.styles import Style

#: The class list whose names the framework keeps, because there are about a hundred of them.
STATES = "state"


@dataclass(frozen=True, slots=True)
class Look:
    """Words and style of a layer, and the language to use."""

    words: Words
    style: Style
    language: Language

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
        return marked(self.words.texts["title"], data.marks)[self.language]

    def title(self, data: LayerData) -> str:
        """Return the heading with the edition, and the variant where it is not the default product."""
        return f"{self.heading(data)}, {data.folder}"

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
