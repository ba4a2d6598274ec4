"""`congvu check-config`: everything the settings name, read once and judged."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from monitor import clock, material, settings
from monitor.activity.logs import problems
from monitor.agencies import Registry
from monitor.commands.check_names import name_problems, unknown_in_domains
from monitor.commands.check_reports import report_problems, unknown_in_mails
from monitor.errors import UserError
from monitor.measure.plan import Plan, unknown_scopes
from monitor.measure.plan import read as read_plan
from monitor.roster import ldap
from monitor.settings import ImapSource, MailSource, Settings


def check(config: Path | None) -> int:
    """Print every problem found; 0 when there is none. Raises UserError for unusable settings."""
    loaded = settings.load(config)
    problems = list(find_problems(loaded))
    for problem in problems:
        sys.stderr.write(f"congvu: {problem}\n")
    if not problems:
        sys.stdout.write(f"{config or 'defaults'}: {_summary(loaded)}\n")
    return 2 if problems else 0


def find_problems(loaded: Settings) -> Iterator[str]:
    """Problems that only a look outside the file shows."""
    if loaded.agencies.registry:
        yield from _problem(lambda: Registry.load(loaded.agencies.registry))  # type: ignore[arg-type]
    if loaded.measure.targets:
        yield from _problem(lambda: read_plan(loaded.measure.targets))  # type: ignore[arg-type]
    yield from _problem(lambda: material.load(loaded.verify))
    tls = (loaded.smtp.tls_certificate, loaded.smtp.tls_key, loaded.smtp.tls_client_ca)
    for path in filter(None, (*tls, loaded.http.tls_certificate, loaded.http.tls_key)):
        if not path.is_file():
            yield f"{path}: no such file"
    for folder in loaded.watched:
        if not folder.path.is_dir():
            yield f"source {folder.name}: {folder.path} is not a folder; create it"
    yield from _passwords(loaded)
    yield from _loopback(loaded)
    yield from problems(loaded.logs)
    for directory in loaded.directories:
        yield from _problem(partial(ldap.check, directory))
    yield from report_problems(loaded)
    yield from name_problems(loaded)
    yield from _unknown_agencies(loaded)


def _loopback(loaded: Settings) -> Iterator[str]:
    """Mail that a filter on the gateway itself hands on again comes from its loopback address:
    where only that is believed, everything that passes the filter was submitted inside.
    """
    for source in loaded.mail_origins:
        believed = [hop for hop in source.trusted_hops if hop.is_loopback]
        if not believed and any(network.is_loopback for network in source.internal_networks):
            yield (
                f"source {source.name}: internal_networks has 127.0.0.1 and trusted_hops does not, "
                "so all mail that a local filter hands on counts as sent by officials: move it to "
                "trusted_hops"
            )


def _passwords(loaded: Settings) -> Iterator[str]:
    logging_in: tuple[MailSource | ImapSource, ...] = (*loaded.mail_sources, *loaded.imap)
    for source in logging_in:
        if source.password_file:
            for problem in _problem(source.password):
                yield f"source {source.name}: {problem}"
    for mailbox in loaded.imap:
        if mailbox.ca and not mailbox.ca.is_file():
            yield f"source {mailbox.name}: {mailbox.ca}: no such file"


def _unknown_agencies(loaded: Settings) -> Iterator[str]:
    if not loaded.agencies.registry:
        return
    try:
        registry = Registry.load(loaded.agencies.registry)
        plan = read_plan(loaded.measure.targets) if loaded.measure.targets else Plan()
    except UserError:
        return  # already reported
    known = registry.codes()
    for line in unknown_scopes(plan, known, registry.levels):
        yield f"{loaded.measure.targets}: {line}"
    today = registry.at(clock.vietnam_day(clock.now()))
    yield from unknown_in_mails(loaded, known)
    yield from unknown_in_domains(loaded, registry)
    speaking = [(folder.name, code) for folder in loaded.folders for code in folder.agencies]
    for name, code in (*speaking, *((portal.name, portal.agency) for portal in loaded.portals)):
        if code not in known and today.by_code(code) is None:
            yield f"source {name}: agency {code} is not in {loaded.agencies.registry}"


def _problem(read: Callable[[], object]) -> Iterator[str]:
    try:
        read()
    except UserError as error:
        yield str(error)


def _summary(loaded: Settings) -> str:
    trust = material.load(loaded.verify).material
    return (
        f"good: {len(loaded.mail_origins)} sources of mail, {len(loaded.folders)} folders, "
        f"{len(loaded.axis)} of the exchange axis, {len(loaded.portals)} portals, "
        f"{len(loaded.logs)} logs, {len(loaded.directories)} directories, "
        f"{len(loaded.dns.resolvers)} resolvers, {len(loaded.gateways)} hosts of the gateway, "
        f"{len(trust.anchors)} trust anchors, {len(trust.crls)} revocation lists"
    )
