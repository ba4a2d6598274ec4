"""Mails that bear DKIM signatures: the examples of the RFCs, and mails signed by dkimpy.

key = SigningKey.rsa()
raw = key.sign(LETTER, "so.tinh.example", "mail")
zone = Zone({**key.record("so.tinh.example", "mail")})
"""

import base64
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


RFC6376 = crlf("""\
DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
""")
"""RFC 6376 A.3 with its errata 3192 (one blank in "game. Are") and 4926 (folds by six blanks)."""

RFC6376_KEY = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
    "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
    "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
"""RFC 6376 C."""

RFC8463 = crlf("""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

""")
"""RFC 8463 A.3."""

RFC8463_KEYS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "brisbane._domainkey.football.example.com": {
        "TXT": ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]
    },
    "test._domainkey.football.example.com": {
        "TXT": [
            (
                "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
                "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
                "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
                "Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
            )
        ]
    },
}
"""RFC 8463 A.2."""

LETTER = crlf("""\
From: Van thu <van.thu@so.tinh.example>
To: <van.thu@xa.tinh.example>
Subject: =?utf-8?q?Gi=E1=BA=A5y_m=E1=BB=9Di?=
Date: Mon, 02 Nov 2026 08:30:00 +0700
Message-ID: <thu.1@so.tinh.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Kinh gui   Uy ban nhan dan xa,\t

Moi du hop.


""")


@dataclass(frozen=True)
class SigningKey:
    """A key and how dkimpy signs with it."""

    private: RSAPrivateKey

    @classmethod
    def rsa(cls, bits: int = 1024) -> "SigningKey":
        return cls(_made(bits) if bits >= 1024 else _short(bits))

    def sign(
        self,
        raw: bytes,
        domain: str,
        selector: str,
        *,
        ways: str = "relaxed/relaxed",
        **more: object,
    ) -> bytes:
        """The mail with a signature on top; `more` is dkimpy's."""
        pem = self.private.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        header, body = ways.encode().split(b"/")
        signed = dkim.sign(
            raw, selector.encode(), domain.encode(), pem, canonicalize=(header, body), **more
        )
        return bytes(signed) + raw

    def published(self, tags: str = "v=DKIM1; k=rsa") -> str:
        """Its record."""
        der = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return f"{tags}; p={base64.b64encode(der).decode()}"

    def record(
        self, domain: str, selector: str, tags: str = "v=DKIM1; k=rsa"
    ) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Its name and record, for a `Zone`."""
        return {f"{selector}._domainkey.{domain}": {"TXT": [self.published(tags)]}}


@cache
def _made(bits: int) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def _short(bits: int) -> RSAPrivateKey:
    """A key that nobody should have and that cryptography does not make."""
    chance = random.Random(bits)
    p, q = _prime(bits // 2, chance), _prime(bits // 2, chance)
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(65537, p * q)
    return RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _prime(bits: int, chance: random.Random) -> int:
    while True:
        number = chance.getrandbits(bits) | 1 | (3 << (bits - 2))
        if number % 65537 != 1 and all(pow(a, number - 1, number) == 1 for a in (2, 3, 5, 7)):
            return number
