"""Names of codes in a language: classes from the words, states from the framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from naatlas.metadata.words import Words
    from naatlas.spec import Language

#: The class list whose names the framework keeps, because there are about a hundred of them.
STATES = "state"


def names(values: pd.Series, class_list: str, words: Words, language: Language) -> pd.Series:
    """Return the names of coded values; missing stays missing.

    Raises
    ------
    KeyError
        A value that the class list does not have: the check against the specification must come first.
    """
    codes = values.dropna().unique()
    return values.map({code: name(code, class_list, words, language) for code in codes}).astype("str")


def name(code: str, class_list: str, words: Words, language: Language) -> str:
    """Return the name of one coded value."""
    if class_list == STATES:
        from naatlas.framework.places import state_name

        return state_name(code, language)
    return words.class_label(class_list, code, language)
