"""How the command line ends: one line on stderr for whatever goes wrong, an exit status, and clean output."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from naatlas.errors import AtlasError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

#: Exit statuses: the data failed, the caller asked for what does not exist, Ctrl-C as shells count it.
DATA_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

DEBUG_HELP = "Show the traceback of an unexpected error, for a report to the maintainers."


class FilePath(click.Path):
    """A path as pathlib has it; that is loaded when a path is given, for it takes a tenth of the start-up."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the path; the folder ``.`` by its name, for messages begin with the name of what was found."""
        from pathlib import Path

        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        return path if path.name else path.resolve()


class RasterPath(FilePath):
    """A raster that is there: a file, or an address such as ``s3://bucket/key``."""

    def __init__(self, *, dir_okay: bool = False) -> None:
        super().__init__(exists=True, dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the path or the address; whether something is at an address, shows when it is opened."""
        from naatlas.raster.address import Address, is_address

        if isinstance(value, str) and is_address(value):
            return Address(value)
        return super().convert(value, param, ctx)


class Commands(click.Group):
    """A group of commands that never shows a traceback unless it is asked for one."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # noqa: ANN401 - as click has it
        """Run a command; every error becomes one line and an exit status."""
        run: Callable[..., Any] = super().main  # its overloads say the same at length
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        _survive_narrow_encodings()
        try:
            status = run(*args, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(WRONG_USAGE)
        except click.ClickException as error:
            _fail(_in_one_line(error), error.exit_code)
        except click.Abort:
            _stop()
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the subcommand; Ctrl-C and what click handles itself pass on to :meth:`main`."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except UsageError as error:
            _fail(error, WRONG_USAGE)
        except AtlasError as error:
            _fail(error, DATA_FAILED)
        except KeyboardInterrupt:
            _stop()
        except MemoryError:
            _fail("out of memory; close other programs, or use a machine with more of it", DATA_FAILED)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            _fail(f"{error.strerror or error}{where}", DATA_FAILED)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            _fail(_bug(error), DATA_FAILED)


def _fail(message: object, status: int) -> NoReturn:
    click.echo(f"naatlas: {message}", err=True)
    sys.exit(status)


def _stop() -> NoReturn:
    if sys.stderr.isatty():
        click.echo(err=True)  # the terminal has written ^C
    _fail("stopped; the last good product is as it was", INTERRUPTED)


def _in_one_line(error: click.ClickException) -> str:
    """Say click's own errors as all others are said."""
    told = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{told}; see {context.command_path} --help" if context else told


def _bug(error: Exception) -> str:
    told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return (
        f"unexpected {told} ({_place(error.__traceback__)}); this is a bug in naatlas, not in your data: "
        "run it again as naatlas --debug ... and report what it prints"
    )


def _place(traceback: TracebackType | None) -> str:
    """Name the module and line of naatlas in which the error came up, the deepest one."""
    place = "naatlas"
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.startswith("naatlas."):
            place = f"{module}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _survive_narrow_encodings() -> None:
    """Show a question mark for what a Windows pipe has no letter for; it must not end a build."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def print_json(told: object) -> None:
    """Print valid JSON: no NaN in it, and plain ASCII where the output is not UTF-8."""
    import json

    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    click.echo(json.dumps(_plain(told), ensure_ascii=ascii_only, indent=2, allow_nan=False, default=_scalar))


def _plain(told: object) -> object:
    """Replace numbers that JSON does not have by null."""
    if isinstance(told, dict):
        return {str(name): _plain(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_plain(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told


def _scalar(told: Any) -> object:  # noqa: ANN401 - whatever json does not know
    """Take numpy's numbers for numbers and everything else for text."""
    return _plain(told.item()) if hasattr(told, "item") else str(told)
