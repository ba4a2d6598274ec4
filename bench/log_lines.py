"""Lines of logs as mail systems of a province write them: accounts, scanners, stack traces."""

# ruff: noqa: E501  # lines of logs are as long as they are

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACCOUNTS = 5000
AGENT = "ua=ZimbraWebClient - GC118 (Win)/9.0.0_GA_4178;soapId=5d1f"


def account(chance: random.Random) -> str:
    number = chance.randrange(ACCOUNTS)
    return f"can.bo{number}@so{number % 20}.tinh.example"


def local(at: datetime) -> datetime:
    return at + timedelta(hours=7)


def postfix(chance: random.Random, at: datetime, number: int) -> Iterator[str]:
    stamp = local(at).strftime("%b %e %H:%M:%S") + " mail postfix"
    queue_id, user = f"{number:09X}AB", account(chance)
    client = f"unknown[10.{number % 250}.3.7]"
    if number % 9 == 0:
        yield f"{stamp}/smtpd[2210]: connect from unknown[203.0.113.{number % 250}]"
        yield f"{stamp}/smtpd[2210]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3"
        yield f"{stamp}/smtpd[2210]: lost connection after AUTH from unknown[203.0.113.{number % 250}]"
    service = "submission/smtpd" if number % 2 else "smtpd"
    proof = f", sasl_method=PLAIN, sasl_username={user}" if number % 2 else ""
    yield f"{stamp}/{service}[2211]: connect from {client}"
    yield f"{stamp}/{service}[2211]: Anonymous TLS connection established from {client}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
    yield f"{stamp}/{service}[2211]: {queue_id}: client={client}{proof}"
    yield f"{stamp}/cleanup[2212]: {queue_id}: message-id=<{number}.{number * 7919}@so{number % 20}.tinh.example>"
    yield f"{stamp}/qmgr[901]: {queue_id}: from=<{user}>, size={number % 99999}, nrcpt=2 (queue active)"
    for _ in range(2):
        yield f"{stamp}/lmtp[2213]: {queue_id}: to=<{account(chance)}>, relay=mail.tinh.example[private/dovecot-lmtp], delay=0.09, delays=0.03/0.02/0.03/0.01, dsn=2.0.0, status=sent (250 2.0.0 5GjrDafYTFE7WAAABf1gKA Saved)"
    yield f"{stamp}/qmgr[901]: {queue_id}: removed"
    yield f"{stamp}/{service}[2211]: disconnect from {client} ehlo=2 starttls=1 auth=1 mail=1 rcpt=2 data=1 quit=1 commands=9"


def dovecot(chance: random.Random, at: datetime, number: int) -> Iterator[str]:
    stamp = local(at).strftime("%b %e %H:%M:%S") + " mail dovecot: "
    user, session = account(chance), f"{number:08x}AAAB"
    service = "pop3" if number % 10 == 0 else "imap"
    yield f"{stamp}{service}-login: Login: user=<{user}>, method=PLAIN, rip=10.{number % 250}.3.7, lip=10.0.0.5, mpid={number}, TLS, session=<{session}>"
    yield f"{stamp}{service}({user})<{number}><{session}>: Disconnected: Logged out in=512 out=2048 deleted=0 expunged=0 trashed=0 hdr_count=10 hdr_bytes=900 body_count=2 body_bytes=4711"
    yield f"{stamp}lmtp({account(chance)})<{number}><{session}>: msgid=<{number}@mail.example>: saved mail to INBOX"
    if number % 8 == 0:
        yield f"{stamp}imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<test>, method=PLAIN, rip=203.0.113.9, lip=10.0.0.5, TLS, session=<{session}>"


def zimbra_audit(chance: random.Random, at: datetime, number: int) -> Iterator[str]:
    stamp, user = local(at).strftime("%Y-%m-%d %H:%M:%S,000"), account(chance)
    if number % 3 == 0:
        yield f"{stamp} INFO  [qtp1279309678-{number % 500}:https://mail.tinh.example/service/soap/AuthRequest] [name={user};oip=203.0.113.4, 10.6.7.8;port=47830;{AGENT}{number:x};] security - cmd=Auth; account={user}; protocol=soap;"
    elif number % 17 == 0:
        yield f"{stamp} WARN  [ImapSSLServer-{number % 90}] [ip=10.6.7.8;oip=203.0.113.9;ua=Zimbra/9.0.0_GA_4178;] security - cmd=Auth; account={user}; protocol=imap; error=authentication failed for [{user}], invalid password;"
    else:
        yield f"{stamp} INFO  [ImapSSLServer-{number % 90}] [ip=10.6.7.8;oip=203.0.113.9;via=10.6.7.8(nginx/1.20.0-zimbra);ua=Zimbra/9.0.0_GA_4178;cid={number};] security - cmd=Auth; account={user}; protocol=imap;"


def zimbra_mailbox(chance: random.Random, at: datetime, number: int) -> Iterator[str]:
    stamp, user = local(at).strftime("%Y-%m-%d %H:%M:%S,000 INFO  "), account(chance)
    context = f"[name={user};mid={number % 5000};ip=10.1.0.48;port=40112;{AGENT}{number:x};]"

    def soap(request: str) -> str:
        thread = f"[qtp1606304070-{number % 500}:https://mail.tinh.example/service/soap/{request}] "
        return f"{stamp}{thread}{context} "

    for request in ("GetInfoRequest", "SearchRequest", "NoOpRequest", "GetMsgRequest"):
        yield f"{soap(request)}soap - {request} elapsed={number % 99}"
    if number % 4 == 0:
        yield f"{soap('SendMsgRequest')}smtp - Sending message to MTA at mail.tinh.example: Message-ID=<{number}.JavaMail.zimbra@tinh.example>, replyType=w, sender={user}, nrcpts=1, to=dan@mail.example"
    for _ in range(3):
        lmtp = f"{stamp}[LmtpServer-{number % 40}] [name={account(chance)};mid={number % 5000};ip=10.1.0.48;] "
        yield f"{lmtp}mailop - Adding Message: id={number}, Message-ID=<{number}@mail.example>, parentId=-1, folderId=2, folderName=Inbox."
    yield f"{stamp}[ImapServer-{number % 90}] [name={user};ip=10.1.0.31;oip=203.0.113.247;via=10.1.0.54(nginx/1.20.0-zimbra);ua=Zimbra/9.0.0_GA_4178;] imap - user {user} authenticated, mechanism=LOGIN"
    if number % 50 == 0:
        yield f"{soap('GetMsgRequest')}SoapEngine - handler exception"
        yield from ("        at com.zimbra.soap.SoapEngine.dispatch(SoapEngine.java:471)",) * 8


FIELDS = (
    "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,"
    "source,event-id,internal-message-id,message-id,network-message-id,recipient-address,"
    "recipient-status,total-bytes,recipient-count,related-recipient-address,reference,"
    "message-subject,sender-address,return-path,message-info,directionality,tenant-id,"
    "original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version"
)


def exchange(chance: random.Random, at: datetime, number: int) -> Iterator[str]:
    stamp, user = at.strftime("%Y-%m-%dT%H:%M:%S.450Z"), account(chance)
    context = f'"MDB:12345678-3232, Mailbox:33345678-3232, Event:{number}, MessageClass:IPM.Note, CreationTime:{stamp}, ClientType:OWA"'
    ids = f"<{number}@tinh.example>,6a638d20-1e63-493a-80a2-{number:012x}"
    rest = f"{user},04I: ,Originating,,10.1.22.33,fe80::1%3,S:DeliveryPriority=Normal;S:AccountForest=TINH.EXAMPLE,Email,12345678-3232-{number:x},15.01.2375.007"
    recipients = f"{account(chance)};{account(chance)}"
    if number == 0:
        yield f"#Fields: {FIELDS}"
    for source, event in (
        ("STOREDRIVER", "NOTIFYMAPI"), ("STOREDRIVER", "SUBMIT"), ("STOREDRIVER", "RECEIVE"),
        ("SMTP", "HAREDIRECT"), ("SMTP", "RECEIVE"), ("AGENT", "AGENTINFO"), ("SMTP", "SEND"),
        ("STOREDRIVER", "DELIVER"),
    ):  # fmt: skip
        yield f'{stamp},fe80::1,EX1,fe80::2,EX2,{context},,{source},{event},{number},{ids},{recipients},To,37502,2,,,"V/v báo cáo, số {number}",{user},{rest}'


Maker = Callable[[random.Random, datetime, int], Iterator[str]]
FORMATS: dict[str, tuple[Maker, str]] = {
    "postfix": (postfix, "postfix/"),
    "dovecot": (dovecot, "dovecot:"),
    "zimbra-audit": (zimbra_audit, "cmd=Auth"),
    "zimbra-mailbox": (zimbra_mailbox, "soap - "),
    "exchange-tracking": (exchange, "STOREDRIVER"),
}
"""How lines of a format are made, and what grep looks for."""
