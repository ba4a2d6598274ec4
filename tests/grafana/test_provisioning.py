"""What Grafana is provisioned with names the sources of the dashboards and holds no secret."""

import re

from monitor.record import viewer
from tests.grafana.boards import ROOT

PROVISIONING = ROOT / "grafana" / "provisioning"
DOCS = ROOT / "docs" / "grafana.md"


def texts() -> dict[str, str]:
    return {path.parent.name: path.read_text(encoding="utf-8")
            for path in PROVISIONING.glob("*/*.yaml")}  # fmt: skip


def test_there_is_a_file_for_sources_dashboards_and_contact_points() -> None:
    assert set(texts()) == {"datasources", "dashboards", "alerting"}


def test_the_sources_are_those_that_the_dashboards_ask() -> None:
    sources = texts()["datasources"]
    assert re.findall(r"^ +uid: (\S+)", sources, re.MULTILINE) == [
        "congvu-prometheus", "congvu-postgres",
    ]  # fmt: skip
    assert f"user: {viewer.NAME}\n" in sources
    [connections] = re.findall(r"maxOpenConns: (\d+)", sources)
    assert int(connections) <= viewer.CONNECTIONS


def test_secrets_and_addresses_come_from_the_environment_and_are_told() -> None:
    told = DOCS.read_text(encoding="utf-8")
    for text in texts().values():
        secrets = re.findall(r"^ +(?:password|url|addresses|user\w*): (.+)$", text, re.MULTILINE)
        assert all(each.startswith("$CONGVU_") or each == viewer.NAME for each in secrets)
        for name in re.findall(r"\$(\w+)", text):
            assert f"`{name}`" in told, name
