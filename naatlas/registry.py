"""A layer is found by its file name in ``naatlas/layers``, or by an entry point of an outside package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast

from naatlas import layers
from naatlas.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: Entry point group with which another package offers layers of its own: slug = module.
GROUP = "naatlas.layers"


class Layer(Protocol):
    """What a layer module offers."""

    SPEC: LayerSpec

    def combine(self, tables: Mapping[str, Table], work: Work) -> Combined:
        """Make one frame from the tables of all countries."""


@cache
def _modules() -> dict[str, str]:
    own = {m.name.replace("_", "-"): f"naatlas.layers.{m.name}" for m in pkgutil.iter_modules(layers.__path__)}
    return own | {point.name: point.value for point in entry_points(group=GROUP)}


def slugs() -> tuple[str, ...]:
    """All layers, sorted."""
    return tuple(sorted(_modules()))


@cache
def load(slug: str) -> Layer:
    """Import a layer's module.

    Raises
    ------
    UsageError
        There is no such layer.
    SpecError
        The module's specification carries another slug, or the layers it stands on go in a circle.
    """
    if slug not in _modules():
        raise UsageError(f"no layer {slug!r}; there are {', '.join(slugs())}")
    module = cast("Layer", importlib.import_module(_modules()[slug]))
    if slug != module.SPEC.slug:
        raise SpecError(f"{_modules()[slug]} declares slug {module.SPEC.slug!r}; it must be {slug!r}")
    _refuse_cycles(module.SPEC, (slug,))
    return module


def _refuse_cycles(spec: LayerSpec, above: tuple[str, ...]) -> None:
    for slug in spec.uses:
        if slug in above:
            raise SpecError(f"layers stand on each other in a circle: {' -> '.join((*above, slug))}")
        module = cast("Layer", importlib.import_module(_modules()[slug]))
        _refuse_cycles(module.SPEC, (*above, slug))


def spec(slug: str) -> LayerSpec:
    """Return the specification of a layer."""
    return load(slug).SPEC
