"""One document of the exchange axis from end to end, as text."""

from collections.abc import Iterator

from monitor.commands.axis_words import Words
from monitor.record.axis_flow import Delivery, DeliveryState, Flow, Related, SentMessage, Told

HASH = 12


def page(flow: Flow, words: Words) -> Iterator[str]:
    """What it is, its files, what revokes or replaces it, and each receiver's statuses."""
    yield from _head(flow.message, words)
    if flow.files:
        yield f"{words('files')}:"
    for file in flow.files:
        name = file.file_name or "–"
        yield f"  {file.content_hash[:HASH]} {words(file.role)}, {words(file.overall)}: {name}"
    if flow.related:
        yield f"{words('related')}:"
    for relation in flow.related:
        yield "  " + _related(relation, words)
    told = list(flow.statuses)
    for delivery in flow.deliveries:
        own = [each for each in told if _is_of(each, delivery)]
        told = [each for each in told if not _is_of(each, delivery)]
        yield from _delivery(delivery, own, words)
    if told:
        yield f"{words('others')}:"
    for each in told:
        yield f"  {words.when(each.at)} {words(each.status)}: {_whose(each)}"


def _head(message: SentMessage, words: Words) -> Iterator[str]:
    number = "/".join(filter(None, (message.number, message.notation)))
    yield words("title", number=number or words("unnumbered"))
    paper = {True: "yes", False: "no", None: "unknown"}[message.paper]
    sent = words.when(message.sent_at or message.first_received_at)
    if message.sent_at is None:
        sent += f" ({words('sent_unknown')})"
    sender = f"{message.sender_name or '–'} ({message.sender_code})"
    business = words(message.business) if message.business else words("unknown")
    for label, value in (
        ("identifier", message.document_ref),
        ("type", message.document_type),
        ("issued", words.day(message.issued_on)),
        ("sender", sender),
        ("at_sent", sent),
        ("business", business),
        ("paper", words(paper)),
        ("due", words.day(message.due_on)),
        ("container", words(message.container)),
        ("copies", str(message.copies)),
        ("findings", ", ".join(message.findings)),
    ):
        if value:
            yield f"  {words(label)}: {value}"


def _related(relation: Related, words: Words) -> str:
    number = "/".join(filter(None, (relation.number, relation.notation)))
    known = number or relation.document_ref or words("unseen")
    way = "says" if relation.says else "is"
    return words(f"{way}_{relation.business}", number=known, when=words.when(relation.at))


def _delivery(delivery: Delivery, told: list[Told], words: Words) -> Iterator[str]:
    state = words(delivery.state)
    if delivery.late:
        state += f", {words(DeliveryState.LATE)}"
    yield f"{delivery.receiver_name or '–'} ({delivery.organ_code}): {state}"
    if not told:
        yield f"  {words('no_status')}"
    for each in told:
        if each.at < delivery.sent_at:
            after = words("before")
        else:
            after = words("after", duration=words.duration(each.at - delivery.sent_at))
        yield f"  {words.when(each.at)} {words(each.status)} ({after})"


def _is_of(told: Told, delivery: Delivery) -> bool:
    """As deliveries are derived: all codes of an agency are one receiver."""
    same_agency = told.agency is not None and told.agency == delivery.agency
    return told.organ_code == delivery.organ_code or same_agency


def _whose(told: Told) -> str:
    return f"{told.name or '–'} ({told.organ_code})"
