"""PDF reports as poppler, another program, reads them."""

import io
import subprocess
import unicodedata
from pathlib import Path

from monitor.report import pdf
from monitor.report.model import Report
from tests.support.needs import program


def made(report: Report) -> bytes:
    out = io.BytesIO()
    pdf.write(report, out)
    return out.getvalue()


def pages(octets: bytes, folder: Path) -> list[str]:
    """The text of each page, its white space as single spaces."""
    text = read(octets, folder, "pdftotext", "-raw", "{}", "-")
    return [" ".join(unicodedata.normalize("NFC", page).split()) for page in text.split("\f")[:-1]]


def facts(octets: bytes, folder: Path) -> dict[str, str]:
    """What `pdfinfo` says, by its own words; `Page 2 size` and so on for each page."""
    lines = read(octets, folder, "pdfinfo", "-l", "999", "-isodates", "{}").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {" ".join(name.split()): value.strip() for name, _, value in pairs}


def read(octets: bytes, folder: Path, name: str, *arguments: str) -> str:
    file = folder / "report.pdf"
    file.write_bytes(octets)
    call = [program(name), *(each.replace("{}", str(file)) for each in arguments)]
    return subprocess.run(call, capture_output=True, check=True, encoding="utf-8").stdout
