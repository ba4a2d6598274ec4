"""A list that is imported while the daemon runs is in force within seconds, database included."""

import subprocess
import sys

from tests.daemon.conftest import Start

LIST = """\
code,name,level,domains,valid_to,successors
mot-hai,Sở Thử nghiệm,Sở,mot.example; hai.example,,
mot,,,,2025-06-30,mot-hai
hai,,,,2025-06-30,mot-hai
"""


def test_an_imported_list_is_taken_up_by_a_running_daemon(daemon: Start) -> None:
    running = daemon()
    (running.folder / "list.csv").write_text(LIST, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "monitor", "agencies", "import", str(running.folder / "list.csv"),
         "--from", "2025-07-01", "--apply", "--config", str(running.config)],
        check=True,
        capture_output=True,
    )  # fmt: skip

    def heirs() -> list[tuple[object, ...]]:
        return running.sql(
            "SELECT a.code, h.code FROM agency_holder('2025-07-01') x"
            " JOIN agency a USING (agency_id) JOIN agency h ON h.agency_id = x.holder_id"
            " WHERE a.agency_id <> 0 ORDER BY 1"
        )

    expected = [("hai", "mot-hai"), ("mot", "mot-hai"), ("mot-hai", "mot-hai")]
    running.wait_for(lambda: [tuple(row) for row in heirs()] == expected, "the merger", 30)
    running.wait_for(
        lambda: (
            'congvu_agency_info{agency="mot-hai",level="department",'
            'name="Sở Thử nghiệm",parent=""}' in running.metrics()
        ),
        "the new agency in the metrics",
        10,
    )
    assert running.stop() == 0
