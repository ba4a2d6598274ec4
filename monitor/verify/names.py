"""Name constraints (RFC 5280 4.2.1.10) on mail addresses, host names and directory names."""

from collections.abc import Callable

from monitor.verify import ber
from monitor.verify.certificate import NAME_CONSTRAINTS, Certificate, Name

_MAIL, _HOST, _DIRECTORY = 1, 2, 4


def permitted(issuer: Certificate, subject: Certificate) -> bool:
    """Do an issuer's constraints allow the names of a certificate below it?

    A critical constraint on another kind of name that the certificate bears refuses it.
    """
    extension = issuer.extensions.get(NAME_CONSTRAINTS)
    if extension is None:
        return True
    names = _names(subject)
    for subtrees in ber.read(extension.value).children:
        bases = [tree.children[0] for tree in subtrees.children]
        if subtrees.tag == 0xA0 and not _all_inside(names, bases):
            return False
        if subtrees.tag == 0xA1 and any(
            _within(kind, value, base) for kind, value in names for base in bases
        ):
            return False
    return True


def _names(subject: Certificate) -> list[tuple[int, object]]:
    names: list[tuple[int, object]] = []
    if subject.subject.attributes:
        names.append((_DIRECTORY, subject.subject))
    names += [(_MAIL, address) for address in subject.emails]
    for kind, content in subject.alternative_names:
        if kind == _HOST:
            names.append((_HOST, content.decode("latin-1").lower()))
        elif kind == _DIRECTORY:
            names.append((_DIRECTORY, Name(ber.read(content))))
        elif kind not in {_MAIL, _HOST, _DIRECTORY}:
            names.append((kind, content))
    return names


def _all_inside(names: list[tuple[int, object]], bases: list[ber.Node]) -> bool:
    """Every name of a kind that is constrained lies in one of that kind's subtrees."""
    constrained = {base.tag & 0x1F for base in bases}
    return all(
        any(_within(kind, value, base) for base in bases)
        for kind, value in names
        if kind in constrained
    )


def _within(kind: int, value: object, base: ber.Node) -> bool:
    if base.tag & 0x1F != kind:
        return False
    check = _CHECKS.get(kind)
    return check is not None and check(value, base)


def _mail_within(value: object, base: ber.Node) -> bool:
    address, constraint = str(value), base.content.decode("latin-1").lower()
    if "@" in constraint:
        return address == constraint
    host = address.rpartition("@")[2]
    return host.endswith(constraint) if constraint.startswith(".") else host == constraint


def _host_within(value: object, base: ber.Node) -> bool:
    host, constraint = str(value), base.content.decode("latin-1").lower().lstrip(".")
    return not constraint or host == constraint or host.endswith("." + constraint)


def _directory_within(value: object, base: ber.Node) -> bool:
    constraint = Name(base.children[0]).key
    return isinstance(value, Name) and value.key[: len(constraint)] == constraint


_CHECKS: dict[int, Callable[[object, ber.Node], bool]] = {
    _MAIL: _mail_within,
    _HOST: _host_within,
    _DIRECTORY: _directory_within,
}
