"""The three languages of the atlas; apart from the rest, because the command line needs them before all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "es")

#: In which a country's agencies are written to, the first one first.
OF_COUNTRY: Mapping[str, tuple[Language, ...]] = {"CAN": ("en", "fr"), "MEX": ("es",), "USA": ("en",)}
