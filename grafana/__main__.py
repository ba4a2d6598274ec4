"""`python -m grafana [--check]`: writes dashboards/*.json, or says whether they are as built."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana import agency, domains, mail, overview, pipeline, signatures
from grafana.page import as_json

FOLDER = Path(__file__).parent / "dashboards"
BUILDERS: Mapping[str, Callable[[], Dashboard]] = {
    "overview": overview.build,
    "agency": agency.build,
    "signatures": signatures.build,
    "mail": mail.build,
    "domains": domains.build,
    "pipeline": pipeline.build,
}
"""By the names of their files."""


def main(words: list[str]) -> int:
    """1 where a committed file is not what is built now."""
    FOLDER.mkdir(exist_ok=True)
    stale = [
        name
        for name, build in BUILDERS.items()
        if _text(FOLDER / f"{name}.json") != as_json(build())
    ]
    if words == ["--check"]:
        for name in stale:
            print(f"grafana/dashboards/{name}.json is not as built: run python -m grafana")
        return 1 if stale else 0
    for name in stale:
        (FOLDER / f"{name}.json").write_text(as_json(BUILDERS[name]()), encoding="utf-8")
        print(f"wrote grafana/dashboards/{name}.json")
    return 0


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
