"""The licences of the inputs taken together: what each obliges to, and what somebody must look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from naatlas.findings import finding
from naatlas.text import years_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naatlas.model import Finding, InputFile, Severity
    from naatlas.spec import Licence

Flag = Literal["unknown", "no_derivatives", "non_commercial", "share_alike", "unchecked"]

#: Licences by id (SPDX where they have one) that bind what is derived from the data.
_IDS: Mapping[Flag, re.Pattern[str]] = {
    "unknown": re.compile(r"(unknown|none|noassertion)?", re.IGNORECASE),
    "no_derivatives": re.compile(r".*-ND(-.*)?", re.IGNORECASE),
    "non_commercial": re.compile(r".*-NC(-.*)?", re.IGNORECASE),
    "share_alike": re.compile(r".*-SA(-.*)?|ODbL.*|L?A?GPL.*", re.IGNORECASE),
}
#: Flag -> rule and severity.
_RULES: Mapping[Flag, tuple[str, Severity]] = {
    "unknown": ("licence-unknown", "warning"),
    "no_derivatives": ("licence-no-derivatives", "error"),
    "non_commercial": ("licence-non-commercial", "warning"),
    "share_alike": ("licence-share-alike", "warning"),
    "unchecked": ("licence-unchecked", "warning"),
}
FLAGS: tuple[Flag, ...] = tuple(_RULES)


def flags(licence: Licence) -> tuple[Flag, ...]:
    """Return what somebody must look at before a layer under this licence goes out; nothing for a free one."""
    told = [flag for flag, pattern in _IDS.items() if pattern.fullmatch(licence.id)]
    return (*told, *(() if licence.checked else ("unchecked",)))


def flagged(licences: Iterable[tuple[Licence, str]]) -> dict[Flag, tuple[str, ...]]:
    """Return the sources by flag, from pairs of licence and source; a flag that nothing has is left out."""
    told: dict[Flag, dict[str, None]] = {flag: {} for flag in FLAGS}
    for licence, source in licences:
        for flag in flags(licence):
            told[flag][source] = None
    return {flag: tuple(sources) for flag, sources in told.items() if sources}


def findings(inputs: Iterable[InputFile]) -> tuple[Finding, ...]:
    """Return one finding a flag, for report and build output."""
    found = flagged((entry.source.licence, entry.source.id) for entry in inputs)
    return tuple(_finding(flag, sources) for flag, sources in found.items())


def _finding(flag: Flag, sources: tuple[str, ...]) -> Finding:
    rule, severity = _RULES[flag]
    return finding(rule, severity, count=len(sources), sources=years_together(sources))
