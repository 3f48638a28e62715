"""What can go wrong, one class per kind of trouble; every message is one line: what, where, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class AtlasError(Exception):
    """Root of all errors that naatlas raises on purpose; the command line prints it and exits with 1."""


class SpecError(AtlasError):
    """A layer, its words or its style contradict themselves; found when they are loaded."""


class UsageError(AtlasError):
    """The caller asked for something that does not exist; the command line exits with 2."""


class InputError(AtlasError):
    """A national file is missing, damaged, or not laid out as its specification says."""


class UnknownTermsError(AtlasError):
    """Codes, units, columns or places that no table knows; lists all of them at once.

    Parameters
    ----------
    terms
        One line per unknown term: what, where, how many rows, which table to edit.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = tuple(terms)
        super().__init__(
            f"{len(self.terms)} unknown term(s); nothing was built:\n  " + "\n  ".join(self.terms)
        )


class LinkageError(AtlasError):
    """A hand-checked link or correction no longer fits the inputs."""


class AccountError(AtlasError):
    """Rows or quantities that do not add up: a record was lost or counted twice."""


class GateError(AtlasError):
    """The layer may not be published: incomplete words, or a finding of severity error."""


class ProductError(AtlasError):
    """A product cannot be written or read: locked, read-only, full disk, damaged."""


class ClusterError(AtlasError):
    """A cluster cannot be used: no scheduler, no workers, other versions, files that workers do not see."""


class LayersError(AtlasError):
    """Some of several layers could not be built; those that could are published.

    Parameters
    ----------
    failed
        What is in the way of each, by slug.
    asked
        How many layers were asked for.
    """

    def __init__(self, failed: Mapping[str, AtlasError], *, asked: int) -> None:
        self.failed = dict(failed)
        lines = [f"{slug}: {str(error).removeprefix(f'{slug}: ')}" for slug, error in failed.items()]
        told = "\n".join(lines).replace("\n", "\n  ")
        rest = "the others are published" if len(failed) < asked else "nothing was published"
        verb = "was" if len(failed) == 1 else "were"
        super().__init__(f"{len(failed)} of {asked} layers {verb} not built; {rest}:\n  {told}")
