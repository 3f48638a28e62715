"""A layer is found by its file name in ``naatlas/layers``, or by an entry point of an outside package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from naatlas import layers
from naatlas.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from naatlas.metadata.words import Words
    from naatlas.model import Combined, LayerData, Table, Work
    from naatlas.spec import Language, LayerSpec

    #: Writes content by path below the product folder.
    Documents = Callable[[LayerData, Words, Sequence[Language]], Mapping[str, bytes]]

#: Entry point group with which another package offers layers of its own: slug = module.
GROUP = "naatlas.layers"


class Layer(Protocol):
    """What a layer module offers."""

    SPEC: LayerSpec

    def combine(self, tables: dict[str, Table], work: Work) -> Combined:
        """Make one frame from the tables of all countries.

        The tables are handed over: what a layer takes out when it is done with it, takes no memory any longer.
        """


def entry_points(*, group: str) -> Iterable[EntryPoint]:
    """Entry points of all installed packages; the library that knows them is a fifth of the start-up."""
    from importlib import metadata

    return metadata.entry_points(group=group)


@cache
def _modules() -> dict[str, str]:
    """Map slugs to modules; a file whose name begins with an underscore is no layer."""
    names = [m.name for m in pkgutil.iter_modules(layers.__path__) if not m.name.startswith("_")]
    own = {name.replace("_", "-"): f"naatlas.layers.{name}" for name in names}
    others = {point.name: point.value for point in entry_points(group=GROUP)}
    if doubled := sorted(own.keys() & others.keys()):
        raise SpecError(
            f"{others[doubled[0]]} offers layer {doubled[0]!r}, which naatlas has itself; rename it"
        )
    return own | others


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
        The module cannot be imported or is no layer, its specification carries another slug, or the layers it
        stands on are not there or go in a circle.
    """
    if slug not in _modules():
        from difflib import get_close_matches

        near = get_close_matches(slug, slugs(), n=2)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise UsageError(f"no layer {slug!r}; {meant}there are {', '.join(slugs())}")
    module = _import(slug)
    _follow(module.SPEC, (slug,))
    return module


def _import(slug: str) -> Layer:
    name = _modules()[slug]
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise SpecError(f"layer {slug}: {name} cannot be imported ({error})") from error
    if not hasattr(module, "SPEC") or not hasattr(module, "combine"):
        raise SpecError(f"layer {slug}: {name} must offer SPEC and combine")
    if slug != module.SPEC.slug:
        raise SpecError(f"{name} declares slug {module.SPEC.slug!r}; it must be {slug!r}")
    return cast("Layer", module)


def _follow(spec: LayerSpec, above: tuple[str, ...]) -> None:
    """Go down to all layers that this one stands on; refuse what is missing and what comes back."""
    for slug in spec.uses:
        if slug in above:
            raise SpecError(f"layers stand on each other in a circle: {' -> '.join((*above, slug))}")
        if slug not in _modules():
            raise SpecError(f"layer {spec.slug} uses {slug!r}, which is no layer")
        below = _import(slug).SPEC
        _check_editions(spec, below)
        _follow(below, (*above, slug))


def _check_editions(spec: LayerSpec, below: LayerSpec) -> None:
    """Refuse an edition that stands on one which the other layer does not have."""
    known = {edition.name for edition in below.editions}
    for edition in spec.editions:
        if known and edition.of(below.slug) not in known:
            raise SpecError(
                f"layer {spec.slug}, edition {edition.name}: {below.slug} has no edition "
                f"{edition.of(below.slug)!r}; name one of {', '.join(sorted(known))} in uses of the edition"
            )


def documents(slug: str) -> Documents | None:
    """Return what writes the further pages of a layer, such as profiles: its ``documents``, where it offers that."""
    told: Documents | None = getattr(load(slug), "documents", None)
    return told


def users_first(slugs: Iterable[str]) -> tuple[str, ...]:
    """Put layers before those that they stand on, else in the order given: a run then makes each of them once."""

    def height(slug: str) -> int:
        return 1 + max(map(height, spec(slug).uses), default=0)

    return tuple(sorted(slugs, key=height, reverse=True))


def spec(slug: str) -> LayerSpec:
    """Return the specification of a layer."""
    return load(slug).SPEC


def group(name: str) -> tuple[str, ...]:
    """Return the layers of a group, sorted.

    Raises
    ------
    UsageError
        No layer is in such a group.
    """
    found = tuple(slug for slug in slugs() if spec(slug).group == name)
    if not found:
        known = sorted({spec(slug).group for slug in slugs()} - {""})
        raise UsageError(f"no group {name!r}; there are {', '.join(known)}")
    return found
