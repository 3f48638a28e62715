"""How a layer looks, written once in ``styles/<slug>.yaml`` and used by every product."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from naatlas.errors import SpecError
from naatlas.styles.style import LINE_MM, OPACITY, OUTLINE, Breaks, Exemption, Labels, Style

if TYPE_CHECKING:
    from naatlas.model import LayerData

__all__ = [
    "BASE_PARTS",
    "LINE_MM",
    "OPACITY",
    "OUTLINE",
    "Breaks",
    "Exemption",
    "Labels",
    "Style",
    "load",
    "of",
]

_COLOUR = re.compile(r"#[0-9a-f]{6}")

#: Parts of the base map of the preview that a layer can stand in for.
BASE_PARTS = frozenset({"sea", "land", "lakes", "borders"})
_SCHEMES = ("manual", "quantiles", "fisher_jenks", "equal_interval")
_CHECKS, _ORDERS = ("contrast", "difference"), ("nominal", "sequential", "diverging")


@cache
def load(slug: str) -> Style:
    """Read ``styles/<slug>.yaml``; one that says ``like: <slug>`` is read over that layer's.

    Raises
    ------
    SpecError
        The file is missing, a colour is not ``#rrggbb``, or it says what no product could draw.
    """
    told = _file(slug)
    return read(_file(str(told["like"])) | told if "like" in told else told, slug)


def _file(slug: str) -> dict[str, Any]:
    import yaml

    path = resources.files("naatlas") / "styles" / f"{slug}.yaml"
    if not path.is_file():
        raise SpecError(f"layer {slug}: its style is missing; write naatlas/styles/{slug}.yaml")
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told


def of(data: LayerData) -> Style:
    """Return the style of a layer in its edition."""
    own = data.rules.style if data.spec.raster else ""
    return load(own or data.spec.slug)


def read(told: dict[str, Any], slug: str) -> Style:
    """Make a style of what stands in its file.

    Raises
    ------
    SpecError
        As :func:`load`.
    """
    size, line = told.get("size") or {}, told.get("line") or {}
    breaks = _breaks(told, slug)
    classes: dict[str, dict[str, Any]] = _steps(told, breaks) if breaks else told["classes"]
    style = Style(
        slug=slug,
        field=told["field"],
        class_list=told.get("class_list", ""),
        colours={code: str(entry["colour"]).lower() for code, entry in classes.items()},
        size_field=size.get("field"),
        size_range=tuple(size.get("range_mm", (2.0, 2.0))),
        size_limits=tuple(size.get("limits", (0.0, 1.0))),
        widths_mm={code: float(entry["width_mm"]) for code, entry in classes.items() if "width_mm" in entry},
        unfilled=frozenset(code for code, entry in classes.items() if not entry.get("fill", True)),
        line_mm=float(line.get("width_mm", LINE_MM)),
        outline=str(told.get("outline", OUTLINE)).lower(),
        opacity=float(told.get("opacity", OPACITY)),
        draw=tuple(told.get("draw", ())),
        replaces=frozenset(told.get("replaces", ())),
        breaks=breaks,
        order=told.get("order", "sequential" if breaks else "nominal"),
        labels=_labels(told.get("labels")),
        exempt={check: _exemption(entry) for check, entry in (told.get("exempt") or {}).items()},
        timeline=str(told.get("timeline", "")),
    )
    _check(style)
    return style


def _breaks(told: dict[str, Any], slug: str) -> Breaks | None:
    """Read the steps of a quantity: ``breaks: { limits: [...], scheme: ... }`` with ``colours: [...]``."""
    entry = told.get("breaks")
    if entry is None:
        return None
    where, limits = f"styles/{slug}.yaml: breaks", tuple(float(limit) for limit in entry["limits"])
    if not limits or list(limits) != sorted(set(limits)):
        raise SpecError(f"{where}: limits must ascend")
    if len(told.get("colours") or ()) != len(limits) + 1:
        raise SpecError(f"{where}: {len(limits)} limits need {len(limits) + 1} colours, lowest first")
    scheme = entry.get("scheme", "manual")
    if scheme not in _SCHEMES:
        raise SpecError(f"{where}: no such scheme: {scheme}; there are {', '.join(_SCHEMES)}")
    return Breaks(limits, scheme)


def _steps(told: dict[str, Any], breaks: Breaks) -> dict[str, dict[str, Any]]:
    return {code: {"colour": colour} for code, colour in zip(breaks.codes, told["colours"], strict=True)}


def _labels(told: dict[str, Any] | None) -> Labels | None:
    return Labels(str(told["field"]), float(told["from_scale"])) if told else None


def _exemption(told: dict[str, Any]) -> Exemption:
    return Exemption(frozenset(told["classes"]), " ".join(str(told.get("reason") or "").split()))


def _check(style: Style) -> None:
    """Refuse what no product could draw; names the file."""
    where = f"styles/{style.slug}.yaml"
    colours = style.colours | {"outline": style.outline}
    if bad := [code for code, colour in colours.items() if not _COLOUR.fullmatch(colour)]:
        raise SpecError(f"{where}: colour of {', '.join(bad)} is not #rrggbb")
    if style.draw and sorted(style.draw) != sorted(style.colours):
        raise SpecError(f"{where}: draw must name every class once")
    if lost := sorted(style.replaces - BASE_PARTS):
        raise SpecError(
            f"{where}: replaces names {', '.join(lost)}; there are {', '.join(sorted(BASE_PARTS))}"
        )
    if not 0 <= style.opacity <= 1 or min([style.line_mm, *style.widths_mm.values()]) <= 0:
        raise SpecError(f"{where}: opacity lies between 0 and 1, and widths are above 0")
    if bool(style.class_list) == bool(style.breaks):
        raise SpecError(f"{where}: name the class_list of coded classes, or give breaks; one of them")
    if style.order not in _ORDERS:
        raise SpecError(f"{where}: no such order: {style.order}; there are {', '.join(_ORDERS)}")
    _check_exemptions(style, where)


def _check_exemptions(style: Style, where: str) -> None:
    for check, entry in style.exempt.items():
        if check not in _CHECKS:
            raise SpecError(
                f"{where}: no such check to be exempt from: {check}; there are {', '.join(_CHECKS)}"
            )
        if lost := sorted(entry.classes - set(style.colours)):
            raise SpecError(f"{where}: exempt from {check} names {', '.join(lost)}, which is no class")
        if not entry.reason:
            raise SpecError(f"{where}: exempt from {check}: say why, in reason")
