"""The trust folders as they are in force: read again when they change, never made worse by a file.

Anchors are the operator's word: one that cannot be used is an error. Intermediates, lists and
OCSP responses arrive by copy, rsync or fetcher, and may be half there: such a file is left out and
said so, and what it held before stays in force.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from monitor.errors import UserError
from monitor.material.demo_mark import is_demo_certificate
from monitor.material.lists import ForgedList, Listed, listed
from monitor.material.pins import Pin, Pins
from monitor.material.reading import Found, Left, What, Why, files_below, read_file
from monitor.model import Anchor, TrustClass, TrustMaterial
from monitor.settings import VerifySettings
from monitor.verify.certificate import Certificate, certificate
from monitor.verify.crl import index_of
from monitor.verify.policy import read as read_policy

FOLDERS = ("anchors", "intermediates", "crls")
"""The settings of `[verify]` that name trust folders."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A file that is left out, and why."""

    file: Path
    why: Why


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate of the store."""

    file: Path
    certificate: Certificate
    trust_class: TrustClass | None
    """Of an anchor; None for an intermediate, whose class is its anchor's."""
    pin: Pin | None
    impersonates: Pin | None = None
    """The pin whose name it bears with another key: forged, or renewed by its owner."""


@dataclass(frozen=True, slots=True)
class Held:
    """A revocation list in force and the file that it came in."""

    file: Path
    listed: Listed


@dataclass(frozen=True, slots=True)
class Loaded:
    """Trust material, and what an operator wants to know of it."""

    material: TrustMaterial
    crl_issued: Mapping[str, datetime]
    """thisUpdate of each revocation list (RFC 5280 5.1.2.4), by its file's name."""
    anchors: tuple[Authority, ...] = ()
    intermediates: tuple[Authority, ...] = ()
    lists: tuple[Held, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Every CA certificate at hand."""
        return self.anchors + self.intermediates


@dataclass(frozen=True, slots=True)
class _Stamp:
    """By which a file is known to be unchanged."""

    inode: int
    size: int
    modified_ns: int


@dataclass(frozen=True)
class _Read:
    """What is kept of one file between two looks."""

    stamp: _Stamp
    found: tuple[Found, ...]
    why: Why | None = None
    """Why its present content is not `found`."""


def anchors(path: Path, pins: Pins | None = None) -> list[Anchor]:
    """Anchors of a file or folder; sub-folders `cong_vu`, `cong_cong`, `internal` set the class.

    Raises UserError for a file that holds none or cannot be read.
    """
    return [_anchor(found) for found in _anchors(path, pins or Pins.load())]


def _anchors(path: Path, pins: Pins) -> list[Authority]:
    classes = {c.value: c for c in TrustClass}
    found = []
    for file in files_below(path):
        below = file.relative_to(path).parts[:-1] if path.is_dir() else ()
        folder = next((classes[p] for p in below if p in classes), TrustClass.OTHER)
        for der in _strictly(file, What.CERTIFICATE):
            known = certificate(der)
            found.append(_authority(file, known, folder, pins))
    return found


def _authority(
    file: Path, found: Certificate, trust_class: TrustClass | None, pins: Pins
) -> Authority:
    return Authority(file, found, trust_class, pins.of(found), pins.impersonated(found))


def _anchor(found: Authority) -> Anchor:
    pin = found.pin
    return Anchor.model_construct(
        certificate=found.certificate.der,
        trust_class=found.trust_class or TrustClass.OTHER,
        trusted_from=pin.trusted_from if pin else None,
        trusted_until=pin.trusted_until if pin else None,
    )


def ders(paths: list[Path], what: What) -> tuple[bytes, ...]:
    """DER of every object of a kind in files and folders; raises UserError for an unusable file."""
    return tuple(d for path in paths for file in files_below(path) for d in _strictly(file, what))


def _strictly(file: Path, what: What) -> list[bytes]:
    try:
        found = read_file(file)
    except Left as left:
        raise UserError(f"{file}: {left}") from None
    return [each.der for each in found if each.what is what]


def load(settings: VerifySettings, *, real: bool = False) -> Loaded:
    """The trust material of the configuration; a folder that is not set is empty.

    `real` refuses CAs of the demo altogether; without it a store must be one or the other.
    Raises UserError for an anchor that cannot be used and for a folder that is not there.
    """
    return TrustFolders(settings, real=real).loaded


@dataclass
class TrustFolders:
    """The configured folders and what of them is in force."""

    settings: VerifySettings
    real: bool = False
    loaded: Loaded = field(init=False)
    _stamps: dict[Path, _Stamp] = field(init=False)
    _files: dict[Path, _Read] = field(default_factory=dict)
    _in_force: dict[Path, tuple[Listed, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stamps = self._seen()
        self.loaded = self._load()

    def refresh(self) -> bool:
        """Take changed files over; False when nothing that judges has changed.

        Raises UserError and OSError, and what was in force stays.
        """
        stamps = self._seen()
        if stamps == self._stamps:
            return False
        before = self.loaded
        self.loaded = self._load()
        self._stamps = stamps
        return before.material != self.loaded.material

    def _seen(self) -> dict[Path, _Stamp]:
        settings = self.settings
        for setting in FOLDERS:
            folder = getattr(settings, setting)
            if folder is not None and not folder.exists():
                raise UserError(
                    f"verify.{setting}: {folder}: no such folder; make it, or congvu trust import "
                    "does"
                )
        folders = (settings.anchors, settings.intermediates, settings.crls)
        files = [file for folder in folders if folder for file in files_below(folder)]
        single = [file for file in (settings.pins, settings.policy) if file and file.exists()]
        return {file: _stamp(file) for file in (*files, *single)}

    def _load(self) -> Loaded:
        settings = self.settings
        pins = Pins.load(settings.pins)
        roots = _anchors(settings.anchors, pins) if settings.anchors else []
        self._refuse_demo(roots)
        problems: list[Problem] = []
        middle = self._intermediates(roots, pins, problems)
        held, responses = self._revocation([a.certificate for a in (*roots, *middle)], problems)
        issued: dict[str, datetime] = {}
        for one in held:
            issued[one.file.stem] = max(
                issued.get(one.file.stem, one.listed.this_update), one.listed.this_update
            )
        return Loaded(
            self._material(roots, middle, held, responses), issued,
            tuple(roots), tuple(middle), tuple(held), tuple(problems),
        )  # fmt: skip

    def _material(
        self,
        roots: list[Authority],
        middle: list[Authority],
        held: list[Held],
        responses: list[bytes],
    ) -> TrustMaterial:
        settings = self.settings
        ders = [one.listed.der for one in held]
        indexes = [index_of(der) for der in ders]
        return TrustMaterial.model_construct(
            anchors=tuple(map(_anchor, roots)),
            intermediates=tuple(a.certificate.der for a in middle),
            crls=tuple(der for der, made in zip(ders, indexes, strict=True) if made is None),
            indexed=tuple(made for made in indexes if made is not None),
            ocsps=tuple(responses),
            policy=read_policy(settings.policy) if settings.policy else None,
            revocation=settings.revocation,
            public_ca_cutoff=settings.public_ca_cutoff,
        )

    def _refuse_demo(self, roots: list[Authority]) -> None:
        demo = [a.file for a in roots if is_demo_certificate(a.certificate.der)]
        if demo and (self.real or len(demo) < len(roots)):
            raise UserError(
                f"{demo[0]}: a CA of the demo province: remove it from verify.anchors, it has no "
                "worth outside `congvu demo`"
            )

    def _intermediates(
        self, roots: list[Authority], pins: Pins, problems: list[Problem]
    ) -> list[Authority]:
        demo = any(is_demo_certificate(a.certificate.der) for a in roots)
        found = []
        for file, objects in self._tolerantly(
            self.settings.intermediates, {What.CERTIFICATE}, problems
        ):
            known = [certificate(o.der) for o in objects]
            if not demo and any(is_demo_certificate(c.der) for c in known):
                problems.append(Problem(file, Why.DEMO))
                continue
            found += [_authority(file, c, None, pins) for c in known]
        return found

    def _revocation(
        self, authorities: list[Certificate], problems: list[Problem]
    ) -> tuple[list[Held], list[bytes]]:
        """Lists and OCSP responses; a list that is forged or older changes nothing."""
        held: dict[Path, tuple[Listed, ...]] = {}
        responses: list[bytes] = []
        for file, objects in self._tolerantly(self.settings.crls, {What.CRL, What.OCSP}, problems):
            before = self._in_force.get(file, ())
            now, why = _judged([o.der for o in objects if o.what is What.CRL], before, authorities)
            if why is not None:
                problems.append(Problem(file, why))
            held[file] = now
            responses += [o.der for o in objects if o.what is What.OCSP]
        self._in_force = held
        return [Held(file, one) for file, lists in held.items() for one in lists], responses

    def _tolerantly(
        self, folder: Path | None, kinds: set[What], problems: list[Problem]
    ) -> Iterable[tuple[Path, tuple[Found, ...]]]:
        """Every file of a folder with what it holds, or held when it could last be read."""
        for file in files_below(folder) if folder else ():
            read = self._read(file, kinds)
            if read.why is not None:
                problems.append(Problem(file, read.why))
            yield file, read.found

    def _read(self, file: Path, kinds: set[What]) -> _Read:
        before = self._files.get(file)
        stamp = _stamp(file)
        if before and before.stamp == stamp:
            return before
        try:
            found = tuple(o for o in read_file(file) if o.what in kinds)
            why = None if found else Why.WRONG_KIND
        except Left as left:
            found, why = (), left.why
        self._files[file] = read = _Read(stamp, found or (before.found if before else ()), why)
        return read


def _judged(
    ders: list[bytes], before: tuple[Listed, ...], authorities: list[Certificate]
) -> tuple[tuple[Listed, ...], Why | None]:
    """The lists of one file that are in force from now on, and why its present ones are not."""
    try:
        now = tuple(one for der in ders if (one := listed(der, authorities)))
    except ForgedList:
        return before, Why.FORGED
    if any(old.replaces(new) for old in before for new in now):
        return before, Why.OLDER
    return now, None


def _stamp(file: Path) -> _Stamp:
    status = file.stat()
    return _Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
