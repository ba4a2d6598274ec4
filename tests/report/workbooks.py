"""Workbooks taken apart by hand, without a library that knows Excel."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from monitor.report import xlsx
from monitor.report.model import Report

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def written(report: Report) -> bytes:
    out = io.BytesIO()
    xlsx.write(report, out)
    return out.getvalue()


@dataclass(frozen=True)
class Part:
    """A cell as the file has it."""

    text: str
    kind: str
    """`t` of the cell: `inlineStr`, `n`; `blank` without content."""
    style: int


class Workbook:
    """The parts of a file; every one is well-formed XML or reading it raises."""

    def __init__(self, file: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            self.entries = archive.infolist()
            self.parts: Mapping[str, etree._Element] = {
                each.filename: etree.fromstring(archive.read(each)) for each in self.entries
            }

    @property
    def names(self) -> list[str]:
        return [each.get("name", "") for each in self.parts["xl/workbook.xml"].iter(f"{MAIN}sheet")]

    @property
    def sheets(self) -> list[etree._Element]:
        return [self.parts[f"xl/worksheets/sheet{n}.xml"] for n in range(1, len(self.names) + 1)]

    def sheet(self, name: str) -> etree._Element:
        return self.sheets[self.names.index(name)]

    def cells(self, name: str) -> dict[str, Part]:
        """By reference: B7."""
        return {each.get("r", ""): _part(each) for each in self.sheet(name).iter(f"{MAIN}c")}

    def style(self, part: Part) -> etree._Element:
        return list(self.parts["xl/styles.xml"].iterfind(f"{MAIN}cellXfs/{MAIN}xf"))[part.style]

    def number_format(self, part: Part) -> str:
        wanted = self.style(part).get("numFmtId")
        for each in self.parts["xl/styles.xml"].iter(f"{MAIN}numFmt"):
            if each.get("numFmtId") == wanted:
                return each.get("formatCode", "")
        return f"built in {wanted}"

    def charts(self) -> list[etree._Element]:
        return [part for name, part in self.parts.items() if name.startswith("xl/charts/chart")]

    def relations(self) -> Iterator[etree._Element]:
        for name, part in self.parts.items():
            if name.endswith(".rels"):
                yield from part.iter(RELATION)


def _part(cell: etree._Element) -> Part:
    text = "".join(each.text or "" for each in cell.iter(f"{MAIN}t", f"{MAIN}v"))
    kind = cell.get("t", "n") if len(cell) else "blank"
    return Part(text, kind, int(cell.get("s", "0")))
