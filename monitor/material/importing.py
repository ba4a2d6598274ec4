"""What may enter the trust folders, and as what (docs/decisions/0013-trust-store.md).

A certificate enters by its fingerprint (a pin), by the signature of a CA that is there already,
or by the operator's explicit word; never by its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from asn1crypto import pem

from monitor.errors import UserError
from monitor.material.demo_mark import is_demo_certificate
from monitor.material.lists import ForgedList, Listed, in_the_future, listed
from monitor.material.loading import FOLDERS, Loaded, load
from monitor.material.pins import Pin, Pins, Role
from monitor.material.reading import Found, Left, What, files_below, read_file
from monitor.material.storing import make_folder, store
from monitor.material.vouching import certifies, responsible, voucher
from monitor.model import TrustClass
from monitor.settings import VerifySettings
from monitor.verify.certificate import Certificate, certificate
from monitor.verify.ocsp import OcspResponse


class Outcome(StrEnum):
    """What became of one object of a file."""

    ADDED = "added"
    PRESENT = "already there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One object that was looked at, what became of it, and why."""

    source: Path
    what: What | None
    """None for a file that could not be read."""
    name: str
    sha256: str | None
    outcome: Outcome
    why: str
    target: Path | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asks for beyond what pins and signatures allow."""

    unpinned: bool = False
    trust_class: TrustClass | None = None
    expired: bool = False


class Refused(Exception):
    """An object may not enter; the text says why and what to do."""


def import_files(
    paths: Iterable[Path], settings: VerifySettings, wish: Wish, now: datetime
) -> list[Step]:
    """Take over what may enter; one step an object, certificates first.

    Raises UserError for what the settings lack and for folders that cannot be written.
    """
    if wish.unpinned and wish.trust_class is None:
        raise UserError("--unpinned needs --class: cong_vu, cong_cong, internal or other")
    importer = _Importer(settings, wish, now)
    for path in paths:
        for file in files_below(path):
            importer.read(file)
    return importer.run()


def label(found: Certificate, pin: Pin | None) -> str:
    """Name of a CA in file names and metrics: its pin's, else the start of its fingerprint."""
    return pin.id if pin else found.sha256[:16]


@dataclass
class _Importer:
    settings: VerifySettings
    wish: Wish
    now: datetime
    steps: list[Step] = field(default_factory=list)
    _certificates: list[tuple[Path, Certificate]] = field(default_factory=list)
    _others: list[tuple[Path, Found]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pins = Pins.load(self.settings.pins)
        self.loaded = _as_it_is(self.settings)
        self.trusted = {a.certificate.sha256: a.certificate for a in self.loaded.authorities}
        self._lists = [held.listed for held in self.loaded.lists]

    def read(self, file: Path) -> None:
        try:
            for found in read_file(file):
                if found.what is What.CERTIFICATE:
                    self._certificates.append((file, certificate(found.der)))
                else:
                    self._others.append((file, found))
        except Left as left:
            self.steps.append(Step(file, None, file.name, None, Outcome.REFUSED, str(left)))

    def run(self) -> list[Step]:
        for setting in FOLDERS:
            folder = getattr(self.settings, setting)
            if folder is not None:
                make_folder(folder)
        # Issuers may stand behind what they issued: whoever enters may vouch for others.
        waiting = self._certificates
        while True:
            held_back = [entry for entry in waiting if not self._enter(*entry)]
            if len(held_back) == len(waiting):
                break
            waiting = held_back
        for file, found in waiting:
            self._certificate(file, found)
        for file, other in self._others:
            self._revocation(file, other)
        return self.steps

    # -- certificates ----------------------------------------------------------------------------

    def _enter(self, file: Path, found: Certificate) -> bool:
        """Take a certificate that needs nobody's word but a pin's or a signature's."""
        if self.pins.of(found) or found.sha256 in self.trusted or self._voucher(found):
            self._certificate(file, found)
            return True
        return False

    def _certificate(self, file: Path, found: Certificate) -> None:
        name = str(found.subject)
        try:
            outcome, why, target = self._admitted(found)
        except Refused as refused:
            outcome, why, target = Outcome.REFUSED, str(refused), None
        if outcome is Outcome.ADDED and target:
            store(target, pem.armor("CERTIFICATE", found.der))
            self.trusted[found.sha256] = found
        self.steps.append(Step(file, What.CERTIFICATE, name, found.sha256, outcome, why, target))

    def _admitted(self, found: Certificate) -> tuple[Outcome, str, Path | None]:
        if is_demo_certificate(found.der):
            raise Refused("it was made by `congvu demo` and has no worth outside it")
        if not certifies(found):
            raise Refused("it is no CA certificate: only CAs belong into the trust folders")
        if found.sha256 in self.trusted:
            return Outcome.PRESENT, "nothing to do", None
        pin = self.pins.of(found)
        role, trust_class, why = self._grounds(found, pin)
        if found.not_after < self.now and not self.wish.expired:
            raise Refused(
                f"it expired on {found.not_after:%d/%m/%Y}: add --expired if old signatures need it"
            )
        return Outcome.ADDED, why, self._place(found, role, trust_class)

    def _grounds(self, found: Certificate, pin: Pin | None) -> tuple[Role, TrustClass | None, str]:
        """As what it enters, and why."""
        if pin:
            return pin.role, pin.trust_class, f"its fingerprint is the pin {pin.id}"
        issuer = self._voucher(found)
        forged = self.pins.impersonated(found)
        if forged and not self._same_operator(issuer, forged):
            raise Refused(
                f"FORGED? It bears the name of {forged.id} ({forged.name}) but has another key. "
                f"The real one has SHA-256 {forged.sha256}. Do not use this file; ask where it "
                "came from"
            )
        if issuer:
            who = label(issuer, self.pins.of(issuer))
            return Role.INTERMEDIATE, None, f"it is signed by {who}, which is in the store"
        if not self.wish.unpinned:
            raise Refused(
                "its fingerprint is no pin, and no CA of the store signed it: compare its "
                "SHA-256 with a source you trust, then add --unpinned --class CLASS, or a pin "
                "to verify.pins"
            )
        role = Role.ANCHOR if found.self_signed else Role.INTERMEDIATE
        return role, self.wish.trust_class, "unpinned, on your word"

    def _voucher(self, found: Certificate) -> Certificate | None:
        return voucher(found, self.trusted.values())

    def _same_operator(self, issuer: Certificate | None, forged: Pin) -> bool:
        """Did the owner of a name sign another key of that name? A CA may renew its own."""
        pin = self.pins.of(issuer) if issuer else None
        return pin is not None and pin.operator is not None and pin.operator == forged.operator

    def _place(self, found: Certificate, role: Role, trust_class: TrustClass | None) -> Path:
        name = f"{found.sha256}.pem"
        if role is Role.INTERMEDIATE:
            return _configured(self.settings.intermediates, "intermediates") / name
        folder = (trust_class or TrustClass.OTHER).value
        return _configured(self.settings.anchors, "anchors") / folder / name

    # -- revocation data -------------------------------------------------------------------------

    def _revocation(self, file: Path, found: Found) -> None:
        name = "OCSP response"
        try:
            if found.what is What.CRL:
                one = self._list(found.der)
                name = f"list of {one.authority.subject}" if one.authority else "list"
                outcome, why, target = self._admitted_list(one)
            else:
                outcome, why, target = self._admitted_response(found.der)
        except Refused as refused:
            outcome, why, target = Outcome.REFUSED, str(refused), None
        if outcome is Outcome.ADDED and target:
            store(target, found.der)
        self.steps.append(Step(file, found.what, name, None, outcome, why, target))

    def _list(self, der: bytes) -> Listed:
        try:
            one = listed(der, self.trusted.values())
        except ForgedList:
            raise Refused(
                "FORGED? It bears the name of a CA of the store and is not signed by its key; if "
                "that CA has a new key, import its new certificate first"
            ) from None
        if one is None or one.authority is None:
            raise Refused("no CA of the store signed it: import its CA's certificate first")
        return one

    def _admitted_list(self, one: Listed) -> tuple[Outcome, str, Path | None]:
        if in_the_future(one, self.now):
            raise Refused(f"it was issued in the future ({one.this_update:%d/%m/%Y %H:%M} UTC)")
        if any(old.same_series(one) and not one.replaces(old) for old in self._lists):
            return Outcome.PRESENT, "the list in force is as new or newer", None
        why = f"issued {one.this_update:%d/%m/%Y}"
        if one.stale(self.now) and one.next_update:
            why += f"; STALE since {one.next_update:%d/%m/%Y}: fetch a newer one"
        self._lists.append(one)
        return Outcome.ADDED, why, place_of_list(one, self.settings, self.pins)

    def _admitted_response(self, der: bytes) -> tuple[Outcome, str, Path | None]:
        signer = responsible(OcspResponse(der), self.trusted.values())
        if signer is None:
            raise Refused("no CA of the store answers for it: import its CA's certificate first")
        target = place_of_response(der, self.settings)
        if target.exists():
            return Outcome.PRESENT, "nothing to do", None
        return Outcome.ADDED, f"signed for {signer.subject}", target


def place_of_list(one: Listed, settings: VerifySettings, pins: Pins) -> Path:
    """The file of a list whose CA is known: one for all lists of a series, the newest in it."""
    if one.authority is None:
        raise ValueError("a list of an unknown CA has no place")
    name = one.stem(label(one.authority, pins.of(one.authority)))
    return _configured(settings.crls, "crls") / f"{name}.crl"


def place_of_response(der: bytes, settings: VerifySettings) -> Path:
    """The file of an OCSP response, by its content."""
    return _configured(settings.crls, "crls") / f"{sha256(der).hexdigest()[:32]}.ors"


def _as_it_is(settings: VerifySettings) -> Loaded:
    """The store before an import; folders that are yet to be made are empty."""
    missing = {part: None for part in FOLDERS if not _there(getattr(settings, part))}
    return load(settings.model_copy(update=missing))


def _there(path: Path | None) -> bool:
    return path is not None and path.exists()


def _configured(folder: Path | None, setting: str) -> Path:
    if folder is None:
        raise UserError(
            f"verify.{setting} is not set: name a folder for it in the settings (docs/trust.md)"
        )
    if folder.is_file():
        raise UserError(f"verify.{setting}: {folder} is a file; name a folder to import into")
    return folder
