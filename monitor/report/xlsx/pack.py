"""The same bytes for the same workbook, whatever the machine's time, zone and umask."""

from pathlib import Path
from zipfile import ZipFile

MODE = 0o600 << 16


def settle(path: Path) -> None:
    """Give every file of the archive the same rights; XlsxWriter gives them 31/1/1980 already.

    Only the directory at the archive's end is written anew, which setting the comment asks for.
    """
    with ZipFile(path, "a") as archive:
        for each in archive.infolist():
            each.external_attr = MODE
        archive.comment = b""
