"""XML signatures for the verifier's tests, written in canonical form by hand.

Every signed piece is typed as its exclusive canonical form, so no canonicalisation is needed to
make a signature, and none of the code under test.
"""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from tests.verify import making as make

DSIG = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DSIG + "enveloped-signature"
_NS = f' xmlns:ds="{DSIG}"'
_XNS = f' xmlns:xades="{XADES}"'
_DIGESTS = {
    "sha1": DSIG + "sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
}
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}


@dataclass(frozen=True)
class Ref:
    """One reference: what it names, the octets it digests, and how they are derived."""

    uri: str
    octets: bytes
    transforms: tuple[str, ...] = ()
    type: str = ""
    digest: str = "sha256"

    def text(self) -> str:
        """The reference in canonical form; a transform that begins with `<` is taken as it is."""
        steps = "".join(
            t if t[0] == "<" else f'<ds:Transform Algorithm="{t}"></ds:Transform>'
            for t in self.transforms
        )
        kind = f' Type="{self.type}"' if self.type else ""
        value = base64.b64encode(hashlib.new(self.digest, self.octets).digest()).decode()
        return (
            f'<ds:Reference{kind} URI="{self.uri}">'
            + (f"<ds:Transforms>{steps}</ds:Transforms>" if steps else "")
            + f'<ds:DigestMethod Algorithm="{_DIGESTS[self.digest]}"></ds:DigestMethod>'
            f"<ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
        )


def sign_value(
    signed: bytes, identity: make.Identity, digest: str = "sha256", *, der: bool = False
) -> bytes:
    """ECDSA as r and s side by side (or DER), or RSA PKCS#1 v1.5."""
    algorithm = _HASHES[digest]()
    if isinstance(identity.key, rsa.RSAPrivateKey):
        return identity.key.sign(signed, padding.PKCS1v15(), algorithm)
    value = identity.key.sign(signed, ec.ECDSA(algorithm))
    if der:
        return value
    r, s = utils.decode_dss_signature(value)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _method(identity: make.Identity, digest: str) -> str:
    if isinstance(identity.key, rsa.RSAPrivateKey):
        return DSIG + "rsa-sha1" if digest == "sha1" else f"{_MORE}rsa-{digest}"
    return f"{_MORE}ecdsa-{digest}"


def certificate_text(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def properties(
    identity: make.Identity,
    *,
    ident: str = "sp",
    time: str = "",
    names: str = "SigningCertificateV2",
) -> str:
    """SignedProperties in canonical form (inside a document that declares both prefixes)."""
    when = time or make.NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = base64.b64encode(hashlib.sha256(identity.der).digest()).decode()
    return (
        f'<xades:SignedProperties{_XNS} Id="{ident}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{when}</xades:SigningTime><xades:{names}><xades:Cert>"
        f'<xades:CertDigest><ds:DigestMethod{_NS} Algorithm="{_DIGESTS["sha256"]}">'
        f"</ds:DigestMethod><ds:DigestValue{_NS}>{digest}</ds:DigestValue></xades:CertDigest>"
        f"</xades:Cert></xades:{names}></xades:SignedSignatureProperties>"
        f"</xades:SignedProperties>"
    )


def signature(
    *refs: Ref,
    identity: make.Identity | None = None,
    xades: bool = False,
    objects: str = "",
    digest: str = "sha256",
    claims: make.Identity | None = None,
    key_info: str | None = None,
    unsigned: str = "",
    der: bool = False,
    stamp: bool = False,
    countersigned: bool = False,
    ident: str = "sig",
    method: str | None = None,
) -> str:
    """A ds:Signature over references; `claims` is whom SigningCertificate names instead."""
    who = identity or make.officer()
    all_refs = list(refs)
    signed = properties(claims or who, ident=f"sp-{ident}")
    if xades:
        all_refs.append(
            Ref(f"#sp-{ident}", signed.encode(), (EXCLUSIVE,),
                "http://uri.etsi.org/01903#SignedProperties")
        )  # fmt: skip
    info = (
        f'<ds:SignedInfo{_NS}><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}">'
        f"</ds:CanonicalizationMethod>"
        f'<ds:SignatureMethod Algorithm="{method or _method(who, digest)}"></ds:SignatureMethod>'
        + "".join(ref.text() for ref in all_refs)
        + "</ds:SignedInfo>"
    )
    value = base64.b64encode(sign_value(info.encode(), who, digest, der=der)).decode()
    value_element = f'<ds:SignatureValue{_NS} Id="value-{ident}">{value}</ds:SignatureValue>'
    certificates = "".join(
        f"<ds:X509Certificate>{certificate_text(c)}</ds:X509Certificate>"
        for c in (who.certificate, *who.chain)
    )
    if key_info is None:
        key_info = f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>"
    if countersigned:
        mine = Ref(f"#value-{ident}", value_element.encode(), (EXCLUSIVE,))
        inner = signature(mine, identity=make.agency(), ident=f"counter-{ident}")
        unsigned += f"<xades:CounterSignature>{inner}</xades:CounterSignature>"
    if stamp:
        unsigned += _stamped(value_element)
    if xades:
        behind = (
            f"<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{unsigned}"
            "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
        ) if unsigned else ""  # fmt: skip
        objects += (
            f'<ds:Object><xades:QualifyingProperties{_XNS} Target="#{ident}">{signed}{behind}'
            "</xades:QualifyingProperties></ds:Object>"
        )
    return (
        f'<ds:Signature{_NS} Id="{ident}">{info}{value_element}{key_info}{objects}</ds:Signature>'
    )


def _stamped(value_element: str) -> str:
    """A SignatureTimeStamp over the canonical SignatureValue."""
    imprint = hashlib.sha256(value_element.encode()).digest()
    made = asyncio.run(make.timestamper().async_timestamp(imprint, "sha256"))
    text = base64.b64encode(made.dump()).decode()
    return (
        f'<xades:SignatureTimeStamp><ds:CanonicalizationMethod{_NS} Algorithm="{EXCLUSIVE}"/>'
        f"<xades:EncapsulatedTimeStamp>{text}</xades:EncapsulatedTimeStamp>"
        "</xades:SignatureTimeStamp>"
    )


def enveloped(body: str = "<Title>Quyết định</Title>", **options: Any) -> bytes:
    """A document with its signature inside, over the whole of it; options of `signature`."""
    plain = f"<Document>{body}</Document>"
    made = signature(Ref("", plain.encode(), (ENVELOPED, EXCLUSIVE)), **options)
    return f"<Document>{body}{made}</Document>".encode()


def enveloping(body: str = "<Title>Quyết định</Title>", **options: Any) -> bytes:
    """A signature around its content."""
    held = f'<ds:Object{_NS} Id="content">{body}</ds:Object>'
    more = str(options.pop("objects", ""))
    made = signature(Ref("#content", held.encode(), (EXCLUSIVE,)), objects=held + more, **options)
    return made.encode()
