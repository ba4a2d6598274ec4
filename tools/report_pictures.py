"""Pages of a PDF report as pictures for docs/pictures (needs pdftoppm of poppler-utils).

    .venv/bin/python tools/report_pictures.py REPORT.pdf 1=report-signed 3=report-table

Each page named by its number becomes docs/pictures/NAME.png.
"""

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
DOTS_PER_INCH = 80


def main() -> int:
    if len(sys.argv) < 3 or not all("=" in each for each in sys.argv[2:]):
        print(__doc__)  # noqa: T201 - a tool of the command line
        return 2
    for page, name in (each.split("=", 1) for each in sys.argv[2:]):
        call = ["pdftoppm", "-png", "-singlefile", "-r", str(DOTS_PER_INCH), "-f", page,
                sys.argv[1], str(PICTURES / name)]  # fmt: skip
        subprocess.run(call, check=True)  # noqa: S603 - what the caller names
    return 0


if __name__ == "__main__":
    sys.exit(main())
