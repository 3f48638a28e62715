"""What can be wrong with an installation: libraries, projection data, environment variables."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

#: Libraries that carry compiled code and fail in ways that look like data errors.
_LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "shapely",
    "pyproj",
    "pyogrio",
    "fiona",
    "rasterio",
    "lxml",
    "python_calamine",
)

#: Point at the data of another GDAL or PROJ and break the ones inside the wheels.
_VARIABLES = ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH")

#: Control point of the framework: St. John's, in degrees and metres.
_CONTROL = ((-52.71, 47.56), (3288666.4, 1314371.7))


def examine() -> list[dict[str, object]]:
    """Run all checks.

    Returns
    -------
    list of dict
        ``check``, ``ok`` and ``told`` (what was found, and what to do when it is not right).
    """
    checks = [_python(), *(_library(name) for name in _LIBRARIES), *(_variable(name) for name in _VARIABLES)]
    return [*checks, _projection(), _drivers()]


def _result(check: str, told: str, *, ok: bool = True) -> dict[str, object]:
    return {"check": check, "ok": ok, "told": told}


def _python() -> dict[str, object]:
    here = ".".join(str(part) for part in sys.version_info[:3])
    return _result("python", here, ok=sys.version_info >= (3, 11))


def _library(name: str) -> dict[str, object]:
    try:
        import_module(name)
        return _result(name, version(name.replace("_", "-")))
    except (ImportError, PackageNotFoundError, OSError) as error:
        return _result(
            name, f"cannot be loaded ({error}); install naatlas again in a new environment", ok=False
        )


def _variable(name: str) -> dict[str, object]:
    value = os.environ.get(name)
    if value is None:
        return _result(name, "not set, as it should be")
    return _result(name, f"is set to {value}: it can break the libraries' own data; unset it", ok=False)


def _projection() -> dict[str, object]:
    import numpy as np

    from naatlas import framework

    (lon, lat), expected = _CONTROL
    found = np.array(framework.project(np.array([lon]), np.array([lat]))).ravel()
    off = float(np.abs(found - expected).max())
    return _result("projection", f"control point St. John's within {off:.2f} m", ok=off < 0.1)  # noqa: PLR2004 - metres


def _drivers() -> dict[str, object]:
    import pyogrio

    known = pyogrio.list_drivers(write=True)
    lost = [driver for driver in ("GPKG", "ESRI Shapefile", "FlatGeobuf") if driver not in known]
    return _result(
        "GDAL drivers",
        f"missing: {', '.join(lost)}" if lost else "GPKG, ESRI Shapefile, FlatGeobuf",
        ok=not lost,
    )


def text(checks: list[dict[str, object]]) -> str:
    """Lay the checks out, one a line, and say how it stands at the end."""
    width = max(len(str(check["check"])) for check in checks)
    lines = [f"{'ok  ' if c['ok'] else 'FAIL'}  {c['check']!s:{width}}  {c['told']}" for c in checks]
    failed = sum(not check["ok"] for check in checks)
    return "\n".join([*lines, f"{failed} to mend" if failed else "all is well"])
