"""Bytes out of gzip and zip files, without trusting what they say of themselves."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

from naatlas.errors import InputError

#: A file that unpacks to less than this is never called a bomb, however well it is packed.
HARMLESS_BYTES = 64 * 2**20
#: Deflate cannot exceed about 1,030; spreadsheets and registers stay well below 100.
MAX_RATIO = 250
#: No national register comes near this size unpacked.
MAX_UNPACKED_BYTES = 8 * 2**30

_CHUNK = 2**20
_ENCRYPTED = 0x1


def read_bytes(path: Path, *, name: str, member: str | None = None) -> bytes:
    """Return the bytes of a file, unpacked if it is gzipped or a member of a zip.

    Parameters
    ----------
    name
        How messages call the file.
    member
        Path inside the zip; ignored where the file is not a zip, because then it is the unpacked twin.

    Raises
    ------
    InputError
        The file is empty, damaged, a bomb, encrypted, or has no such member.
    """
    packed = kind_of(path, name=name)
    if packed == "gzip":
        return _gunzip(path, name)
    if packed == "zip":
        return _unzip(path, name, member)
    return path.read_bytes()


def kind_of(path: Path, *, name: str) -> Literal["gzip", "zip", "plain"]:
    """Tell by its first bytes how a file is packed.

    Raises
    ------
    InputError
        The file cannot be opened, is empty, or is called a zip and is none.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise InputError(f"{name}: cannot be opened ({error.strerror}); check its permissions") from error
    if not head:
        raise InputError(f"{name}: the file is empty; download it again")
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PK") and zipfile.is_zipfile(path):
        return "zip"
    if path.suffix.lower() == ".zip":
        raise InputError(f"{name}: not a zip file, or cut off; download it again")
    return "plain"


def check_zip(path: Path, *, name: str) -> list[zipfile.ZipInfo]:
    """Return the members of a zip after looking for climbing paths, bombs and encryption.

    Raises
    ------
    InputError
        The zip is damaged or one of the members must not be unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{name}: damaged or cut off ({error}); download it again") from error
    for info in members:
        _check_member(info, name)
    unpacked, packed = sum(i.file_size for i in members), sum(i.compress_size for i in members)
    check_size(unpacked, packed, name)
    return members


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    inside = info.filename
    posix, windows = PurePosixPath(inside.replace("\\", "/")), PureWindowsPath(inside)
    if ".." in posix.parts or posix.is_absolute() or windows.drive:
        raise InputError(f"{name}: member {inside!r} climbs out of the archive; do not use this file")
    if info.flag_bits & _ENCRYPTED:
        raise InputError(f"{name}: member {inside!r} is encrypted; unpack it and put the file beside the zip")
    check_size(info.file_size, info.compress_size, f"{name}, member {inside!r}")


def check_size(unpacked: int, packed: int, name: str) -> None:
    """Refuse what unpacks to far more than it was packed into."""
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > HARMLESS_BYTES and unpacked > MAX_RATIO * max(packed, 1)):
        raise InputError(
            f"{name}: would unpack {packed:,} bytes to {unpacked:,} or more, which looks like a zip bomb; "
            "do not use this file"
        )


def _unzip(path: Path, name: str, member: str | None) -> bytes:
    inside = member_of(path, name=name, member=member)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(inside) as stream:
            # zipfile stops at the size in the directory and checks the sum, so that a false size is an error.
            data = stream.read()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise InputError(f"{name}: member {member!r} is damaged ({error}); download it again") from error
    if not data:
        raise InputError(f"{name}: member {member!r} is empty; download it again")
    return data


def member_of(path: Path, *, name: str, member: str | None) -> zipfile.ZipInfo:
    """Find a member of a zip whose members have all been looked at.

    Raises
    ------
    InputError
        The zip is damaged or dangerous, or has no such member.
    """
    members = {info.filename: info for info in check_zip(path, name=name)}
    files = [inside for inside in members if not inside.endswith("/")]
    if member not in members:
        wanted = "no member is declared" if member is None else f"has no member {member!r}"
        raise InputError(f"{name}: is a zip and {wanted}; it holds {', '.join(files) or 'nothing'}")
    return members[member]


def _gunzip(path: Path, name: str) -> bytes:
    packed = path.stat().st_size
    parts: list[bytes] = []
    unpacked = 0
    try:
        with gzip.open(path) as stream:
            while part := stream.read(_CHUNK):
                parts.append(part)
                unpacked += len(part)
                check_size(unpacked, packed, name)
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(f"{name}: damaged or cut off gzip file ({error}); download it again") from error
    data = b"".join(parts)
    if not data:
        raise InputError(f"{name}: the file is empty inside; download it again")
    return data
