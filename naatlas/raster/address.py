"""Addresses of rasters on object storage and on the web, for GDAL to read them where they are.

Only the address itself is ever told to anybody. Where the storage is and who may read it stands in the environment
(``AWS_...``) of the machine that reads, and GDAL takes it from there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from naatlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: How an address begins, and where GDAL finds what lies there.
_ROOTS = {"s3": "/vsis3/", "https": "/vsicurl/https://"}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
#: Where the SDKs of Amazon look for the endpoint, the first one first.
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

#: What GDAL is told for what is remote, and for nothing else. A raster is one file: what might lie beside it is not
#: asked for. The whole header of a COG comes with the first request. Servers that are busy for a moment are asked
#: again, those that are silent given up. What a worker has seen of a key is forgotten with its handle, for there may
#: be another raster under it tomorrow.
_SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_INGESTED_BYTES_AT_OPEN": "65536",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1000",
    "GDAL_HTTP_LOW_SPEED_TIME": "30",
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "0.5",
    "CPL_VSIL_CURL_NON_CACHED": "/vsis3/:/vsicurl/",
}

_DENIED = (
    "may not be read by whom the environment names; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights on "
    "the bucket"
)
#: What storage answers, as GDAL tells it apart, in our words.
_ANSWERS = {
    "CPLE_AWSObjectNotFoundError": "there is no such key in the bucket; check the address",
    "CPLE_AWSBucketNotFoundError": "there is no such bucket; check the address, and AWS_ENDPOINT_URL for storage that "
    "is not Amazon's",
    "CPLE_AWSInvalidCredentialsError": "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in "
    "the environment, or AWS_NO_SIGN_REQUEST=YES for what is public",
    "CPLE_AWSAccessDeniedError": _DENIED,
    "CPLE_AWSSignatureDoesNotMatchError": _DENIED,
}
_CODE = re.compile(r"HTTP response code: (\d{3})")
_CODES = {"404": "there is nothing at this address", "401": _DENIED, "403": _DENIED}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a raster lies that is no file of this machine: ``s3://bucket/key`` or ``https://host/path``.

    Raises
    ------
    UsageError
        It is no such address, or carries more than the place: what follows a question mark or stands before an @ may
        be a password, and would be written into logs and tables.
    """

    text: str

    def __post_init__(self) -> None:
        told = urlsplit(self.text)
        bare = f"{told.scheme}://{told.hostname or ''}{told.path}"
        if told.username is not None or told.query or told.fragment:
            raise UsageError(
                f"{bare}: the address may hold no user, no question mark and no #; credentials are read from the "
                "environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
            )
        if told.scheme not in _ROOTS or not told.netloc or not told.path.strip("/"):
            raise UsageError(
                f"{bare}: rasters are read from s3://bucket/key, from https://host/path, and from files"
            )

    @property
    def name(self) -> str:
        """The last part of it, as the name of a file is the last part of its path."""
        return self.text.rstrip("/").rsplit("/", 1)[-1]

    @property
    def gdal(self) -> str:
        """What GDAL opens."""
        scheme, _, rest = self.text.partition("://")
        return _ROOTS[scheme.lower()] + rest

    def __str__(self) -> str:
        return self.text


#: Where a raster is.
Place: TypeAlias = "Path | Address"


def is_address(text: str) -> bool:
    """Tell an address from the path of a file."""
    return bool(_ADDRESS.match(text))


def gdal_name(place: Place) -> str:
    """Return what GDAL opens."""
    return place.gdal if isinstance(place, Address) else str(place)


def settings(place: Place) -> dict[str, str]:
    """Return what GDAL must be told to read from a place; nothing for a file of this machine.

    The endpoint is read from the environment here and now, so that each machine has its own; credentials GDAL reads
    there itself.
    """
    if not isinstance(place, Address):
        return {}
    told = dict(_SETTINGS)
    if endpoint := endpoint_url():
        own = urlsplit(endpoint)
        told |= {
            "AWS_S3_ENDPOINT": own.netloc + own.path.rstrip("/"),
            "AWS_HTTPS": "NO" if own.scheme == "http" else "YES",
            # a bucket as part of the name of the host is known at Amazon only
            "AWS_VIRTUAL_HOSTING": os.environ.get("AWS_VIRTUAL_HOSTING", "FALSE"),
        }
    return told


def endpoint_url() -> str:
    """Return the endpoint that the environment names for object storage, empty for that of Amazon."""
    return next((told for name in _ENDPOINTS if (told := os.environ.get(name))), "")


def refusal(address: Address, error: BaseException) -> str:
    """Say in our words, and in one line, why a raster could not be read; none of the words of GDAL or of a server."""
    told = list(_chain(error))
    for kind, words in _ANSWERS.items():
        if any(type(one).__name__ == kind for one in told):
            return f"{address}: {words}"
    text = " ".join(map(str, told))
    if "CURL error" in text:
        return (
            f"{address}: {_host(address)} does not answer; check the network, and AWS_ENDPOINT_URL for storage that is "
            "not Amazon's"
        )
    if code := _CODE.search(text):
        return f"{address}: {_CODES.get(code[1], f'the server answers {code[1]}; try again later')}"
    return f"{address}: is no raster that GDAL can open, or is damaged"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _host(address: Address) -> str:
    told = urlsplit(address.text if address.text.startswith("https") else endpoint_url())
    return f"{told.hostname}:{told.port}" if told.port else told.hostname or "Amazon S3"
