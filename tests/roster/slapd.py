"""A real LDAP server with a small province in it: OpenLDAP's slapd in a temporary folder."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.collect.certificates import Issuer
from tests.support import bound
from tests.support.needs import program

SUFFIX = "dc=tinh,dc=example"
PEOPLE, AD, ZIMBRA = (f"ou={name},{SUFFIX}" for name in ("People", "AD", "Zimbra"))
READER, PASSWORD = f"cn=reader,{SUFFIX}", "doc-danh-ba"
CRAMPED = f"cn=cramped,{SUFFIX}"
"""A reader whom the server gives no more than 100 entries."""
ADMIN = f"cn=admin,{SUFFIX}"
MANY = 5000

STRING, TIME, NUMBER, TRUTH = (f"1.3.6.1.4.1.1466.115.121.1.{number}" for number in (15, 24, 27, 7))
SINGLE = {
    "zimbraMailDeliveryAddress": STRING, "zimbraAccountStatus": STRING,
    "zimbraCreateTimestamp": TIME, "zimbraLastLogonTimestamp": TIME,
    "zimbraPasswordLockoutLockedTime": TIME, "zimbraIsSystemResource": TRUTH,
    "zimbraIsSystemAccount": TRUTH, "zimbraCalResType": STRING, "userPrincipalName": STRING,
    "userAccountControl": NUMBER, "lockoutTime": NUMBER, "accountExpires": NUMBER,
    "whenCreated": TIME, "lastLogonTimestamp": NUMBER, "employeeID": STRING,
    "msExchRecipientTypeDetails": NUMBER, "msDS-User-Account-Control-Computed": NUMBER,
    "nsAccountLock": STRING, "pwdAccountLockedTime": TIME, "accountStatus": STRING,
}  # fmt: skip
MULTIPLE = {"zimbraMailAlias": STRING, "proxyAddresses": STRING, "shadowAddress": STRING}


def custom_schema() -> str:
    """Attributes of Zimbra, Active Directory and others that OpenLDAP does not come with."""
    lines = []
    for number, (name, syntax) in enumerate((SINGLE | MULTIPLE).items()):
        single = " SINGLE-VALUE" if name in SINGLE else ""
        lines.append(f"attributetype ( 1.1.1.{number} NAME '{name}' SYNTAX {syntax}{single} )")
    may = " $ ".join(SINGLE | MULTIPLE)
    for number, name in enumerate(("zimbraAccount", "zimbraCalendarResource", "mailUser", "user")):
        lines.append(
            f"objectclass ( 1.1.2.{number} NAME '{name}' SUP top AUXILIARY MAY ( {may} ) )"
        )
    return "\n".join(lines) + "\n"


CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
include {folder}/custom.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
sizelimit 500
database mdb
maxsize 268435456
directory {folder}/data
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
limits dn.exact="{reader}" size.prtotal=unlimited
limits dn.exact="{cramped}" size=100 size.prtotal=100
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by dn.exact="{cramped}" read by * none
"""


@dataclass(frozen=True)
class Slapd:
    """Where it listens, and its authority."""

    ldap: str
    ldaps: str
    ca: Path


@contextlib.contextmanager
def slapd(ldif: str) -> Iterator[Slapd]:
    """The server with these entries, on free ports of this machine; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="congvu-slapd-"))
    try:
        issuer = Issuer(folder)
        issued = issuer.issue("directory")
        (folder / "data").mkdir()
        (folder / "custom.schema").write_text(custom_schema())
        config = folder / "slapd.conf"
        config.write_text(
            CONFIG.format(
                folder=folder, ca=issuer.path, certificate=issued.certificate, key=issued.key,
                suffix=SUFFIX, admin=ADMIN, password=PASSWORD, reader=READER, cramped=CRAMPED,
            )
        )  # fmt: skip
        (folder / "all.ldif").write_text(BASE + ldif)
        slapadd = [program("slapadd"), "-q", "-f", str(config), "-l", str(folder / "all.ldif")]
        subprocess.run(slapadd, check=True, capture_output=True)
        plain, secure = (f"{scheme}://127.0.0.1:{_free_port()}" for scheme in ("ldap", "ldaps"))
        server = bound.start(
            [program("slapd"), "-d", "0", "-h", f"{plain} {secure}", "-f", str(config)],
            stderr=subprocess.DEVNULL,
        )
        try:
            for url in (plain, secure):
                _wait_for(url, server)
            yield Slapd(plain, secure, issuer.path)
        finally:
            server.terminate()
            server.wait(10)
    finally:
        shutil.rmtree(folder)


BASE = f"""dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: tinh
o: tinh

""" + "".join(
    f"dn: {dn}\nobjectClass: organizationalUnit\nou: {dn[3:].partition(',')[0]}\n\n"
    for dn in (PEOPLE, AD, ZIMBRA)
) + "".join(
    f"dn: {dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
    f"cn: {dn[3:].partition(',')[0]}\nuserPassword: {PASSWORD}\n\n"
    for dn in (READER, CRAMPED)
)  # fmt: skip


def entry(base: str, uid: str, classes: str, **attributes: str | list[str]) -> str:
    """One person's entry."""
    lines = [
        f"dn: uid={uid},{base}", "objectClass: inetOrgPerson",
        *(f"objectClass: {name}" for name in classes.split()),
        f"uid: {uid}", f"cn: {uid}", f"sn: {uid}",
    ]  # fmt: skip
    for name, given in attributes.items():
        values = [given] if isinstance(given, str) else given
        lines += [f"{name}: {value}" for value in values]
    return "\n".join(lines) + "\n\n"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    port = int(url.rpartition(":")[2])
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError(f"slapd ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"slapd does not listen on {url}")
