"""The three languages of the atlas; apart from the rest, because the command line needs them before all else."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "es")
