"""What is in an .xlsx file: a ZIP of XML parts, opened with bounds before anything is unpacked.

Limits hold against mistakes (a picture album, a dump) and against files made to eat memory: parts
are read by name and piece by piece, and no part may declare a DTD, so there are no entities.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

MIB = 1024 * 1024
MAX_FILE = 128 * MIB
MAX_DIRECTORY = MIB
"""Of the ZIP's own directory: some 10,000 parts; a list has about 15."""
MAX_SHEET = 768 * MIB
"""Unpacked: more than a million rows of 15 columns."""
MAX_STRINGS = 192 * MIB
"""Unpacked texts of all sheets, which are in memory while a sheet is read."""
MAX_PART = 16 * MIB
BLOCK = 256 * 1024

DTD = "holds a DTD, which no workbook has: do not trust this file"

ENCRYPTED = 0x1
"""Of the general purpose flags of a ZIP's entry (APPNOTE 4.4.4)."""
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError,
)  # fmt: skip
"""What zipfile raises for a file that is not in order."""

_OTHERS = {
    "word/document.xml": "is a Word document: save its table as .xlsx or CSV",
    "xl/workbook.bin": "is an .xlsb workbook: save it as .xlsx",
    "content.xml": "is an OpenDocument file (.ods): save it as .xlsx or CSV",
}


class Refused(Exception):
    """The file cannot be read as a list; the text says why and what to do."""


class Package:
    """The parts of an .xlsx file; Refused for what is none or too large."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        if size > MAX_FILE:
            raise Refused(
                f"is {size // MIB} MiB large, more than {MAX_FILE // MIB}: save the list as CSV"
            )
        _check_directory(file, size)
        try:
            self._zip = zipfile.ZipFile(file)
        except _ZIP_FAULTS as error:
            raise damaged(error) from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        for part, what in _OTHERS.items():
            if part in self._parts:
                raise Refused(what)

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def tree(self, part: str) -> Element:
        """A small part as a whole."""
        data = b"".join(self.blocks(part, MAX_PART))
        try:
            root: Element = ElementTree.fromstring(data, forbid_dtd=True)
        except DefusedXmlException as error:
            raise Refused(DTD) from error
        except (ElementTree.ParseError, ValueError) as error:
            raise damaged(error) from error
        return root

    def blocks(self, part: str, limit: int) -> Iterator[bytes]:
        """The unpacked bytes of a part, piece by piece."""
        info = self._parts.get(part)
        if info is None:
            raise Refused(f"is no workbook (it has no {part}): save it again as .xlsx")
        if info.flag_bits & ENCRYPTED:
            raise Refused("is encrypted: save it without a password")
        if info.file_size > limit:
            unpacked = f"{part} is {info.file_size // MIB} MiB unpacked"
            raise Refused(f"is too large ({unpacked}, more than {limit // MIB}): save it as CSV")
        try:
            with self._zip.open(info) as stream:
                while block := stream.read(BLOCK):
                    yield block
        except _ZIP_FAULTS as error:
            raise damaged(error) from error

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Of a part's relations: id to (kind, part)."""
        path = PurePosixPath(part or ".")
        relations = str(path.parent / "_rels" / f"{path.name}.rels")
        return {
            element.get("Id", ""): (
                element.get("Type", "").rpartition("/")[2],
                _resolved(path.parent, element.get("Target", "")),
            )
            for element in self.tree(relations)
        }


def damaged(error: Exception) -> Refused:
    """For a part that is not what it should be."""
    return Refused(f"is damaged ({error}): open it in a spreadsheet program and save it again")


def _resolved(folder: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    parts: list[str] = list(folder.parts)
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def _check_directory(file: BinaryIO, size: int) -> None:
    """Look at the ZIP's directory before zipfile makes an object of each entry (APPNOTE 4.3.16)."""
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise Refused("is damaged (cut off?): get it again from where it comes from")
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    large = b"PK\x06\x07" in tail[max(0, end - 20) : end]
    if large or directory > MAX_DIRECTORY:
        raise Refused("holds more parts than a workbook has: save the list alone as .xlsx or CSV")
