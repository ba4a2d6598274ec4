"""The metric contract of the product (DESIGN "Metrics"; docs/metrics.md).

Counters move at the first decision, so copies and repeats after a crash count once. Labels are
bounded: agencies and configured names, never an address, person, issuer or file name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from monitor import __version__, clock
from monitor.measure import Figure, Scope
from monitor.model import (
    Channel,
    Direction,
    DocumentClass,
    DocumentFacts,
    Finding,
    Origin,
    Outcome,
    Overall,
    Signature,
)
from monitor.record import Decision
from monitor.record.rejudging import Backlog, Changed

BEGUN = (Overall.VALID, Overall.INVALID, Overall.UNSIGNED)
"""Verdicts whose rise an alert or a panel may wait for."""
UNKNOWN_AGENCY = "unknown"
"""Label for what could not be attributed; no agency may have this code."""

REPORT_STAGES = ("close", "write", "sign", "mail")

DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes families of one registry."""

    registry: CollectorRegistry

    def counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)

    def gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(name, help_text, labels, registry=self.registry)


class Metrics:
    """All counters and gauges that are set by events; states are read by `Readings`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = _Maker(registry)
        self._of_captures(make)
        self._of_sources(make)
        self._of_jobs(make)
        self._of_reports(make)
        self._of_upkeep(make)
        self._of_the_daemon(make)

    def _of_captures(self, make: _Maker) -> None:
        """Messages, documents, signatures and what is found in them."""
        self._of_messages(make)
        self._of_documents(make)
        self._findings = make.counter("congvu_findings", "Findings beside verdicts.", "finding")
        self._verdicts_changed = make.counter(
            "congvu_verdicts_changed",
            "Recorded verdicts that became others when they were judged again.",
            "of", "from", "to",
        )  # fmt: skip
        self._verify_duration = Histogram(
            "congvu_verify_duration_seconds",
            "Time a child took for one item, by kind.",
            ["kind"],
            buckets=DURATION_BUCKETS,
            registry=make.registry,
        )

    def _of_messages(self, make: _Maker) -> None:
        self._messages = make.counter(
            "congvu_mail_messages",
            "Messages by agency and direction, copies counted once; automatic mail apart.",
            "agency", "direction",
        )  # fmt: skip
        self._automatic = make.counter(
            "congvu_mail_automatic",
            "Automatic messages (auto-replies, bounces, lists): in no ratio.",
            "direction",
        )
        self._origins = make.counter(
            "congvu_mail_origin",
            "Messages by where they come from; an unknown one counts again once it is found.",
            "origin",
        )
        for origin in Origin:
            self._origins.labels(origin)
        self._spoofed = make.counter(
            "congvu_mail_spoofed",
            "Messages from outside that claim an agency's domain and bear no proof of it.",
            "agency",
        )

    def _of_documents(self, make: _Maker) -> None:
        self._documents = make.counter(
            "congvu_documents",
            "Distinct formal documents by issuing agency, channel and overall verdict.",
            "agency", "channel", "verdict",
        )  # fmt: skip
        self._not_sampled = make.counter(
            "congvu_documents_not_sampled",
            "Distinct formal documents not drawn for verification: in no verdict's count.",
            "agency", "channel",
        )  # fmt: skip
        self._editable = make.counter(
            "congvu_documents_editable",
            "Distinct editable documents (docx, xlsx, odt …) by channel and verdict.",
            "channel", "verdict",
        )  # fmt: skip
        self._unopened = make.counter(
            "congvu_archives_unopened",
            "Archives that could not be opened, by issuing agency and channel: in no ratio.",
            "agency", "channel",
        )  # fmt: skip
        self._relayed = make.counter(
            "congvu_documents_relayed",
            "Documents whose valid signatures all belong to other agencies: in no ratio.",
            "agency", "channel",
        )  # fmt: skip
        self._signatures = make.counter(
            "congvu_signatures",
            "Signatures of documents and messages by indication (ETSI EN 319 102-1).",
            "channel", "format", "indication", "trust_class",
        )  # fmt: skip

    def _of_sources(self, make: _Maker) -> None:
        """Who delivers, and what logs say."""
        self.source_last_event = make.gauge(
            "congvu_source_last_event_timestamp_seconds",
            "When a source last delivered anything.",
            "source",
        )
        self._source_last_look = make.gauge(
            "congvu_source_last_look_timestamp_seconds",
            "When a source that is asked (a mailbox, folder or portal) last answered.",
            "source",
        )
        self._log_lines = make.counter(
            "congvu_log_lines",
            "Lines of logs: read in all, unknown, failed logins, and left out as overlong.",
            "source", "outcome",
        )  # fmt: skip
        self._log_left_out = make.counter(
            "congvu_log_left_out",
            "Addresses of a day and messages in logs that are not kept, by the reason.",
            "source", "reason",
        )  # fmt: skip
        self._log_lag = make.gauge(
            "congvu_log_lag_bytes", "Bytes of a log that are unread.", "source"
        )

    def _of_jobs(self, make: _Maker) -> None:
        """What is done again and again, and when it last ended well."""
        self.record_lag = make.gauge(
            "congvu_record_lag_seconds", "Age of the last recorded item when it was recorded."
        )
        self.measure_last_success = make.gauge(
            "congvu_measure_last_success_timestamp_seconds",
            "When the indicators were last computed.",
        )
        self.accounts_last_success = make.gauge(
            "congvu_accounts_last_success_timestamp_seconds",
            "When accounts and coverage were last looked at; their figures stay until then.",
        )

    def _of_reports(self, make: _Maker) -> None:
        """Scheduled reports."""
        self.report_last_success = make.gauge(
            "congvu_report_last_success_timestamp_seconds",
            "When every report that is scheduled was closed, written and sent; 0 until then.",
        )
        self.report_due = make.gauge(
            "congvu_report_due",
            "Periods to be closed, reports to be written and mails to be sent by now.",
            "stage",
        )
        self.report_failures = make.counter(
            "congvu_report_failures",
            "Attempts to close, write, sign or mail a scheduled report that failed.",
            "stage",
        )
        for stage in REPORT_STAGES:
            self.report_failures.labels(stage)

    def _of_upkeep(self, make: _Maker) -> None:
        """Judging again, retention."""
        self._revalidation_waiting = make.gauge(
            "congvu_revalidation_waiting", "Judgements that are to be made again now."
        )
        self._revalidation_open = make.gauge(
            "congvu_revalidation_open", "Verdicts that may still change: provisional or undecided."
        )
        self._revalidation_stuck = make.gauge(
            "congvu_revalidation_stuck", "Judgements that could not be made again: they stand."
        )
        self.privacy_last_success = make.gauge(
            "congvu_privacy_last_success_timestamp_seconds",
            "When retention and erasure last came to their end.",
        )
        self.revalidation_last_success = make.gauge(
            "congvu_revalidation_last_success_timestamp_seconds",
            "When everything due had last been judged again.",
        )

    def _of_the_daemon(self, make: _Maker) -> None:
        """Its start and version."""
        self.started = make.gauge(
            "congvu_start_timestamp_seconds", "When the daemon was started: often means a loop."
        )
        self.started.set(clock.now().timestamp())
        build = Info("congvu_build", "Version of the daemon.", registry=make.registry)
        build.info({"version": __version__})

    def heard(self, source: str, at: datetime) -> None:
        """A source has delivered: now, or before the start as the record has it."""
        self.source_last_event.labels(source).set(at.timestamp())

    def last_heard(self) -> dict[str, float]:
        """When each source last delivered, in seconds since 1970."""
        return _by_source(self.source_last_event)

    def last_looked(self) -> dict[str, float]:
        """When each source that is asked last answered, in seconds since 1970."""
        return _by_source(self._source_last_look)

    def looked(self, source: str) -> None:
        """A source that is asked has answered, with or without anything new."""
        self._source_last_look.labels(source).set_to_current_time()

    def verified(self, kind: str, seconds: float) -> None:
        self._verify_duration.labels(kind).observe(seconds)

    def verdict_changed(self, change: Changed) -> None:
        """Count a recorded verdict that became another; the counters of first decisions stay."""
        self._verdicts_changed.labels(change.owner, change.before, change.after).inc()

    def revalidation_stands(self, backlog: Backlog) -> None:
        self._revalidation_waiting.set(backlog.waiting)
        self._revalidation_open.set(backlog.open)
        self._revalidation_stuck.set(backlog.stuck)

    def log_read(
        self,
        source: str,
        outcomes: Mapping[str, int],
        left_out: Mapping[str, int],
        newest: datetime | None,
    ) -> None:
        """Count a block of a log that is recorded; `newest` is its newest time-stamp."""
        for outcome, lines in outcomes.items():
            self._log_lines.labels(source, outcome).inc(lines)
        for reason, number in left_out.items():
            self._log_left_out.labels(source, reason).inc(number)
        if newest:
            self.heard(source, newest)

    def log_lag(self, source: str, unread_bytes: int) -> None:
        self._log_lag.labels(source).set(unread_bytes)

    def decided(self, outcome: Outcome, decision: Decision) -> None:
        """Count what was recorded for the first time; a copy moves nothing but its source."""
        header = outcome.header
        self.heard(header.source, header.received_at)
        self.record_lag.set(max(0.0, (clock.now() - header.received_at).total_seconds()))
        self._count_message(outcome, decision)
        for index in decision.new_documents:
            self._count_document(outcome, index)
        for signature in decision.new_signatures:
            self._count_signature(header.channel, signature)
        if decision.new_item:
            self._count_findings(outcome.examined.findings)
            self._count_findings(outcome.attribution.findings)
            if outcome.examined.axis:
                self._count_findings(outcome.examined.axis.findings)

    def agencies_known(self, codes: Iterable[str]) -> None:
        """Begin at 0 what an alert waits for: of a counter that was never seen before Prometheus
        sees no rise.
        """
        for code in codes:
            self._spoofed.labels(code)

    def origin_found(self, origin: Origin, claimed: str | None) -> None:
        """Count where a message comes from; `claimed` is whose domain it claims from outside."""
        self._origins.labels(origin).inc()
        if origin is Origin.UNALIGNED and claimed:
            self._spoofed.labels(claimed).inc()

    def _count_message(self, outcome: Outcome, decision: Decision) -> None:
        attribution, mail = outcome.attribution, outcome.examined.mail
        if decision.first_message and attribution.origin:
            self.origin_found(attribution.origin, attribution.claimed_agency)
        if mail is None or attribution.direction is None:
            return
        if mail.automatic:
            if decision.first_message:
                self._automatic.labels(attribution.direction).inc()
            return
        receivers = list(decision.new_recipient_agencies)
        if decision.first_message:
            self._count_findings([*mail.findings, *outcome.examined.verdict.findings])
            if attribution.direction is not Direction.IN:
                sender = attribution.sender_agency or UNKNOWN_AGENCY
                self._messages.labels(sender, attribution.direction).inc()
            elif not receivers:
                receivers = [UNKNOWN_AGENCY]
        for agency in receivers:
            self._messages.labels(agency, Direction.IN).inc()

    def _count_document(self, outcome: Outcome, index: int) -> None:
        facts: DocumentFacts = outcome.examined.documents[index]
        whose = outcome.attribution.documents[index]
        issuer, channel = whose.issuer or UNKNOWN_AGENCY, outcome.header.channel
        verdict = facts.judgement.verdict
        self._count_findings(verdict.findings)
        if whose.relayed:
            self._relayed.labels(issuer, channel).inc()
        elif facts.document_class is DocumentClass.ARCHIVE:
            self._unopened.labels(issuer, channel).inc()
        elif not outcome.drawing.drawn:
            if facts.document_class is DocumentClass.FORMAL:
                self._not_sampled.labels(issuer, channel).inc()
        elif facts.document_class is DocumentClass.EDITABLE:
            self._editable.labels(channel, verdict.overall).inc()
        else:
            self._documents.labels(issuer, channel, verdict.overall).inc()

    def _count_signature(self, channel: Channel, signature: Signature) -> None:
        # Its findings are among its document's, which are counted once a document.
        if signature.counts:
            trust_class = signature.trust_class or "unknown"
            form = signature.level or signature.format
            self._signatures.labels(channel, form, signature.indication, trust_class).inc()

    def expect(self, figures: Iterable[Figure]) -> None:
        """Begin counters at 0 where something was sent lately: the rise of one that was never seen
        before is not seen by Prometheus, and be it a hundred.
        """
        for figure in figures:
            if figure.scope is not Scope.AGENCY or not figure.denominator + figure.undecided:
                continue
            if figure.indicator == "document_signed" and figure.document_class != "editable":
                for verdict in BEGUN:
                    self._documents.labels(figure.code, figure.channel, verdict)
            elif figure.indicator == "mail_signed":
                for direction in Direction:
                    self._messages.labels(figure.code, direction)

    def _count_findings(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._findings.labels(finding).inc()


def _by_source(family: Gauge) -> dict[str, float]:
    return {
        sample.labels["source"]: sample.value
        for metric in family.collect()
        for sample in metric.samples
    }
