"""`python -m grafana.preview`: one PNG a dashboard, out of its JSON and live query results."""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grafana.preview.browser import BUNDLE, HERE, camera, stage
from grafana.preview.postgres import Postgres
from grafana.preview.prometheus import Prometheus
from grafana.preview.query import Request, Sources, answers
from grafana.preview.sizes import height
from grafana.preview.times import duration
from monitor.errors import UserError

_ZONE = "Asia/Ho_Chi_Minh"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m grafana.preview", description=__doc__)
    parser.add_argument("dashboards", nargs="+", type=Path, help="JSON of dashboards")
    parser.add_argument("--prometheus", metavar="URL", help="where Prometheus panels ask")
    parser.add_argument("--postgres", metavar="DSN", help="where PostgreSQL panels ask")
    parser.add_argument("--from", dest="start", metavar="TIME", help="in place of the dashboard's")
    parser.add_argument("--to", dest="end", metavar="TIME", default="now")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="may be repeated"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder")
    parser.add_argument("--zone", default=_ZONE, help="time zone of the reader (%(default)s)")
    parser.add_argument(
        "--scrape-interval", default="30s", help="as in the data source (%(default)s)"
    )
    return parser.parse_args()


def _request(options: argparse.Namespace) -> Request:
    values: dict[str, tuple[str, ...]] = {}
    for pair in options.var:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f"--var {pair}: write it as NAME=VALUE")
        values[name] = (*values.get(name, ()), value)
    return Request(
        now=datetime.now(UTC),
        zone=ZoneInfo(options.zone),
        words=(options.start, options.end) if options.start else None,
        values=values,
        scrape_interval=duration(options.scrape_interval),
    )


def _bundle() -> None:
    """Build the page where its sources are newer; raises UserError without node and npm."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise UserError(f"{program} is missing: apt-get install nodejs npm (node 20 or newer)")
    if not (HERE / "node_modules").is_dir():
        _npm("ci", "--ignore-scripts")
    built = BUNDLE / "main.js"
    newest = max(file.stat().st_mtime for file in (HERE / "src").rglob("*.ts*"))
    if not built.exists() or built.stat().st_mtime < newest:
        _npm("run", "--silent", "bundle")


def _npm(*words: str) -> None:
    done = subprocess.run(["npm", *words], cwd=HERE, check=False)  # noqa: S603, S607 -- fixed words
    if done.returncode != 0:
        raise UserError(f"npm {words[0]} failed in {HERE}")


def _shrink(pictures: list[Path]) -> None:
    words = ["node", "shrink.mjs", *(str(path.resolve()) for path in pictures)]
    if subprocess.run(words, cwd=HERE, check=False).returncode != 0:  # noqa: S603 -- fixed words
        raise UserError("shrink.mjs failed")
    for path in pictures:
        print(f"{path}  {path.stat().st_size / 1024:.0f} KiB")


async def _pictures(options: argparse.Namespace, request: Request) -> tuple[list[Path], list[str]]:
    """Take all pictures: where they are, and what failed on the way, one line each."""
    pictures: list[Path] = []
    failures: list[str] = []
    sources = Sources(
        Prometheus(options.prometheus) if options.prometheus else None,
        Postgres(options.postgres) if options.postgres else None,
    )
    try:
        async with stage() as own, camera() as chromium:
            for path in options.dashboards:
                dashboard = json.loads(path.read_text("utf-8"))
                found = await answers(dashboard, request, sources)
                own.picture = {"dashboard": dashboard, **found.plain(request.zone)}
                picture = await chromium.photograph(own, height(dashboard), request.zone.key)
                target = options.out / f"{path.stem}.png"
                target.write_bytes(picture)
                pictures.append(target)
                failures += [f"{path.name}: panel {panel}: {e}" for panel, e in found.failures]
                failures += [f"{path.name}: in the page: {one}" for one in own.failures]
                own.failures.clear()
    finally:
        for source in (sources.prometheus, sources.postgres):
            if source is not None:
                await source.close()
    return pictures, failures


def main() -> int:
    """0 when every picture was taken and every query answered, 1 otherwise, 2 for wrong use."""
    options = _options()
    try:
        request = _request(options)
        _bundle()
        options.out.mkdir(parents=True, exist_ok=True)
        pictures, failures = asyncio.run(_pictures(options, request))
        _shrink(pictures)
    except (UserError, ValueError, OSError) as error:
        print(f"preview: {error}", file=sys.stderr)
        return 2
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
