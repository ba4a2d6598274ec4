"""The command line: what there is to call. What each command does is in `monitor/commands/`."""

import errno
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__, settings
from monitor.cli import (
    accounts,
    activity,
    agencies,
    alerts,
    axis,
    documents,
    freemail,
    origins,
    portal,
    posture,
    privacy,
    quarantine,
    register_files,
    report,
    roster,
    sampling,
    trust,
    viewer,
)
from monitor.cli.options import AsJson, Config, InLanguage, a_day
from monitor.errors import CongvuError, OutputGone, UserError
from monitor.model import Revocation

app = typer.Typer(
    name="congvu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Sees, proves and reports how far agencies use official e-mail and digital signatures.",
    epilog="Start with `congvu demo`; connect your own sources: docs/README.md.",
)
app.add_typer(documents.group, name="documents")
app.add_typer(freemail.group, name="freemail")
app.add_typer(quarantine.group, name="quarantine")
app.add_typer(trust.group, name="trust")
app.add_typer(privacy.group, name="privacy")
app.add_typer(agencies.group, name="agencies")
app.add_typer(roster.group, name="roster")
app.add_typer(register_files.group, name="register")
app.add_typer(report.group, name="report")
app.add_typer(axis.group, name="axis")
app.add_typer(portal.group, name="portal")
app.add_typer(activity.group, name="activity")
app.add_typer(accounts.group, name="accounts")
app.add_typer(alerts.group, name="alerts")
app.add_typer(sampling.group, name="sampling")
app.add_typer(viewer.group, name="viewer")
app.command(
    "posture",
    epilog="Examples: `congvu posture --failing`, `congvu posture so-yt.tinh.gov.vn --live`. What "
    "is checked and why, and what to publish: docs/posture.md.",
)(posture.posture)
app.command("origins")(origins.origins)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"congvu {__version__}\n")
        raise typer.Exit


@app.callback()
def common(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Sees, proves and reports how far agencies use official e-mail and digital signatures."""


@app.command()
def run(config: Config = None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C.

    Takes journal copies by SMTP and documents from folders, verifies, records and exposes.
    Exit status 0 after an orderly stop, 1 when a part of it failed.
    """
    from monitor.daemon import Daemon

    raise typer.Exit(Daemon(settings.load(config)).run_until_signalled())


@app.command()
def demo(
    state: Annotated[Path, typer.Option(help="Folder of the demo's state.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same province and mails.")] = 1,
    rate: Annotated[float, typer.Option(help="Messages a second.", min=0.1, max=200)] = 2.0,
    story: Annotated[
        bool,
        typer.Option(
            "--story",
            help="Replay eight weeks around Tết in minutes, with Prometheus and Alertmanager.",
        ),
    ] = False,
    pace: Annotated[
        float, typer.Option(help="Seconds at each look of the story.", min=1, max=60)
    ] = 4.0,
    scale: Annotated[
        float, typer.Option(help="Share of the story's letters to send.", min=0.1, max=1)
    ] = 1.0,
) -> None:
    """Run the daemon with a fictional province that feeds it.

    Everything is generated and labelled as demo data, in a database of its own. With --story, whose
    state is best a folder of its own (--state var/story), it shows which alerts a province would
    have had: a department stops signing, a source dies, forged documents come, and there is Tết.
    """
    if story:
        from monitor.commands.story import tell_story

        raise typer.Exit(tell_story(state, seed, pace, scale))
    from monitor.commands.demo import demo as run_demo

    raise typer.Exit(run_demo(state, seed, rate))


@app.command("check-config")
def check_config(config: Config = None) -> None:
    """Read the settings and everything they name, and say what is wrong; starts nothing."""
    from monitor.commands.check_config import check

    raise typer.Exit(check(config))


@app.command()
def doctor(config: Config = None) -> None:
    """What is connected, what is stale, and what to do about it."""
    from monitor.commands.doctor import doctor as examine

    raise typer.Exit(examine(settings.load(config)))


@app.command()
def verify(
    files: Annotated[list[str], typer.Argument(help="Files to judge.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Trust anchors: PEM/DER file or folder. An empty folder: no anchors."),
    ] = None,
    intermediates: Annotated[
        list[Path] | None, typer.Option(help="CA certificates that complete chains.")
    ] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="Certificate revocation lists.")] = None,
    at: Annotated[
        str,
        typer.Option(
            help="Validation time: `best` (time-stamp, else claimed, else now) or ISO 8601."
        ),
    ] = "best",
    now: Annotated[str | None, typer.Option(help="Replaces the clock (ISO 8601).")] = None,
    revocation: Annotated[
        Revocation, typer.Option(help="Missing revocation data: indeterminate, or a finding.")
    ] = Revocation.REQUIRE,
    content: Annotated[Path | None, typer.Option(help="What a detached signature signs.")] = None,
    online: Annotated[
        bool,
        typer.Option("--online", help="Fetch what is lacking from [fetch] hosts; else no network."),
    ] = False,
    as_json: AsJson = False,
    brief: Annotated[bool, typer.Option("--brief", help="One sentence a file.")] = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Judge the signatures of files: PDF, S/MIME mail, CMS, XML, ASiC and Office containers.

    Exit status 0 when all are valid, 1 when some file is not, 2 for a mistake in the call.
    """
    from monitor.commands.verify import Request
    from monitor.commands.verify import verify as judge

    loaded = settings.load(config)
    request = Request(
        tuple(files), tuple(trust or ()), tuple(intermediates or ()), tuple(crl or ()),
        at, now, revocation, content, as_json, brief, language or loaded.language, online,
    )  # fmt: skip
    raise typer.Exit(judge(request, loaded))


@app.command()
def replay(
    paths: Annotated[
        list[Path], typer.Argument(help="mbox, Maildir, .eml file, folder or spool segment.")
    ],
    source: Annotated[str, typer.Option(help="Configured mail source that the mails came from.")],
    config: Config = None,
) -> None:
    """Hand stored mails to the daemon as if they had been captured.

    The same mail replayed twice counts once. A replayed mail's receipt proves no earlier
    existence than today, so signatures are judged by their time-stamps or by now.
    """
    from monitor.commands.replay import replay as hand_over

    raise typer.Exit(hand_over(paths, source, settings.load(config)))


@app.command()
def coverage(
    agency: Annotated[
        str | None, typer.Option(help="Code of one agency: its days, one by one.")
    ] = None,
    since: Annotated[
        datetime | None,
        a_day("--from", "First Vietnam day; 7 days ago."),
    ] = None,
    until: Annotated[datetime | None, a_day("--to", "Last Vietnam day; today.")] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """How much of what the gateway's log, or an agency's register, says was sent was captured.

    A broken journal rule shows here, agency by agency, and not as falling adoption.
    """
    from monitor.clock import now, vietnam_day
    from monitor.commands.coverage import coverage as compare

    last = until.date() if until else vietnam_day(now())
    first = since.date() if since else last - timedelta(days=7)
    raise typer.Exit(compare((first, last), agency, as_json, settings.load(config)))


@app.command()
def targets(
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Plan file; the setting measure.targets unless given.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """How far the plan's targets are reached: units short, days left, the straight line.

    What has no data, too little, or too much that could not be checked is not assessed: never 0%.
    """
    from monitor.commands.targets import targets as standing

    raise typer.Exit(standing(plan, agency, as_json, settings.load(config)))


@app.command()
def recompute(
    since: Annotated[
        datetime | None,
        a_day("--from", "First Vietnam day; the first recorded."),
    ] = None,
    until: Annotated[
        datetime | None,
        a_day("--to", "Last Vietnam day; the last recorded."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only compare: change nothing, status 1 on a difference."),
    ] = False,
    config: Config = None,
) -> None:
    """Compute all facts and figures anew from what is recorded, and say what was different.

    Nothing, if all is well. Days whose rows retention has removed are left as they are.
    """
    from monitor.commands.recompute import recompute as compute

    first, last = since.date() if since else None, until.date() if until else None
    raise typer.Exit(compute(first, last, check, settings.load(config)))


def _call() -> None:
    """Raises OutputGone or BrokenPipeError where nobody reads the output any more."""
    output = sys.stdout
    try:
        app()
    finally:
        if sys.stdout is not output:  # Typer met the end of the reader, and hides it
            raise OutputGone
        output.flush()  # at exit Python would complain


def main() -> None:
    """Entry point: a mistake is one plain message and status 2, never a traceback."""
    try:
        _call()
    except (OutputGone, BrokenPipeError):
        _leave_output()
        raise SystemExit(128 + signal.SIGPIPE) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _leave_output()
        what = error.filename or "the output"
        sys.stderr.write(f"congvu: {what}: cannot be written whole: {error.strerror}\n")
        raise SystemExit(2) from None
    except UserError as error:
        sys.stderr.write(f"congvu: {error}\n")
        raise SystemExit(2) from None
    except CongvuError as error:
        sys.stderr.write(f"congvu: {type(error).__name__}: {error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _leave_output() -> None:
    """What is left in the buffer cannot be written at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
