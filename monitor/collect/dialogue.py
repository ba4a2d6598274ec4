"""The dialogue of a session (RFC 5321, LMTP: RFC 2033) without I/O: a line in, an answer out.

No answer about a message is permanent: whatever a gateway gets wrong, or we do, delays its copy
and never makes it bounce. 5xx remains for commands that carry no message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from monitor.collect import commands
from monitor.collect.admission import NOTHING_SHOWN, Admission, Client, Proof
from monitor.collect.data import Budget
from monitor.collect.events import Refusal
from monitor.collect.login import MECHANISMS, Credentials, Exchange, Fault
from monitor.settings import MailSource, SmtpSettings

MAX_LINE_BYTES = 16 * 1024
MAX_BAD_COMMANDS = 20
MAX_WRONG_LOGINS = 3
MAX_JUNK_COMMANDS = 100
"""NOOP, RSET, VRFY and greetings since the last message; past it each is a bad command."""


class Then(Enum):
    """What the connection does after it sent the answer."""

    GO_ON = auto()
    READ_DATA = auto()
    START_TLS = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    reply: bytes
    then: Then = Then.GO_ON


OK = Answer(b"250 2.0.0 OK\r\n")
_RECIPIENT_OK = Answer(b"250 2.1.5 OK\r\n")
_SENDER_OK = Answer(b"250 2.1.0 OK\r\n")
_GO_AHEAD = Answer(b"354 End data with <CR><LF>.<CR><LF>\r\n", Then.READ_DATA)
_BYE = Answer(b"221 2.0.0 Bye\r\n", Then.CLOSE)
_TLS_READY = Answer(b"220 2.0.0 Ready to start TLS\r\n", Then.START_TLS)
_TLS_NEEDED = Answer(b"454 4.7.0 Must issue a STARTTLS command first\r\n")
_NO_TLS = Answer(b"454 4.7.0 TLS not available\r\n")
_NOT_KNOWN = Answer(b"500 5.5.1 Command not recognized\r\n")
_NOT_HERE = Answer(b"502 5.5.1 Command not implemented\r\n")
_NO_VERIFY = Answer(b"252 2.5.0 Cannot verify\r\n")
_HELP = Answer(b"214 2.0.0 See RFC 5321\r\n")
_SEQUENCE = Answer(b"451 4.5.1 Bad sequence of commands\r\n")
_SYNTAX = Answer(b"451 4.5.2 Syntax error in parameters\r\n")
_NOT_FOR_YOU = Answer(b"450 4.7.1 Recipient not accepted from this client\r\n")
_TOO_MANY_RECIPIENTS = Answer(b"452 4.5.3 Too many recipients\r\n")
_TOO_FAST = Answer(b"451 4.7.0 Too many messages, try again in a minute\r\n")
_NO_ROOM = Answer(b"452 4.3.1 Insufficient storage, try again later\r\n")
_NO_MECHANISM = Answer(b"504 5.5.4 Mechanism not recognized\r\n")
_LOGIN_OUT_OF_PLACE = Answer(b"503 5.5.1 Not now\r\n")
_LOGIN_MALFORMED = Answer(b"501 5.5.2 Cannot decode\r\n")
_LOGIN_CANCELLED = Answer(b"501 5.7.0 Authentication cancelled\r\n")
_LOGGED_IN = Answer(b"235 2.7.0 Authentication successful\r\n")
# Not 535: whoever bounces on it loses copies until the password is mended.
_LOGIN_REFUSED = Answer(b"454 4.7.0 Authentication failed\r\n")
_LOGIN_GIVEN_UP = Answer(b"421 4.7.0 Authentication failed too often\r\n", Then.CLOSE)
_TOO_MANY_ERRORS = Answer(b"421 4.7.0 Too many errors\r\n", Then.CLOSE)
SESSION_OVER = Answer(b"421 4.7.0 Enough for one session, connect again\r\n", Then.CLOSE)
LINE_TOO_LONG = Answer(b"421 4.5.2 Command line too long\r\n", Then.CLOSE)
SHUTTING_DOWN = Answer(b"421 4.3.2 Service shutting down, try again later\r\n", Then.CLOSE)
TIMED_OUT = Answer(b"421 4.4.2 Timeout\r\n", Then.CLOSE)
FAULT = Answer(b"451 4.3.0 Local error, try again later\r\n")


def turned_away(refusal: Refusal) -> bytes:
    """What a client reads instead of a greeting."""
    if refusal is Refusal.CLIENT_NOT_ALLOWED:
        return b"421 4.7.1 Client not accepted\r\n"
    if refusal is Refusal.SHUTTING_DOWN:
        return SHUTTING_DOWN.reply
    return b"421 4.7.0 Too many connections, try again later\r\n"


@dataclass(frozen=True, slots=True)
class Manner:
    """How an intake speaks on one of its ports."""

    lmtp: bool
    tls_offered: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    source: MailSource


class Dialogue:
    """One session's state between its commands."""

    def __init__(
        self,
        settings: SmtpSettings,
        admission: Admission,
        budget: Budget,
        client: Client,
        manner: Manner,
        refused: Callable[[Refusal], None],
    ) -> None:
        self.helo: str | None = None
        self.mail_from: str | None = None
        self.recipients: list[Recipient] = []
        self.proof = NOTHING_SHOWN
        self._settings = settings
        self._admission = admission
        self._budget = budget
        self._client = client
        self._manner = manner
        self._secure = False
        self._refused = refused
        self._tried_recipients = 0
        self._declared_size = 0
        self._messages = 0
        self._junk = 0
        self._bad = 0
        self._wrong_logins = 0
        self._login: Exchange | None = None
        self._verbs = _LMTP_VERBS if manner.lmtp else _SMTP_VERBS

    def greeting(self) -> bytes:
        """The line that opens a session."""
        name = "LMTP" if self._manner.lmtp else "ESMTP"
        return f"220 {self._settings.hostname} {name}\r\n".encode()

    def command(self, line: bytes) -> Answer:
        """Answer one command line, given without its CRLF."""
        if self._login:
            return self._login_goes_on(self._login, line)
        verb, argument = commands.split(line)
        action = self._verbs.get(verb)
        return action(self, argument) if action else self._spoilt(_NOT_KNOWN)

    def secured(self, certificate: str | None) -> None:
        """TLS is up: forget all that was said in the clear (RFC 3207 4.2)."""
        self._secure = True
        self.proof = Proof(certificate)
        self.helo = None
        self.reset()

    def reset(self) -> None:
        """Ready for the next MAIL."""
        self.mail_from = None
        self.recipients = []
        self._tried_recipients = 0
        self._declared_size = 0

    @property
    def is_over(self) -> bool:
        """Whether the session has brought as many messages as one may.

        Said after the last message rather than to the next: Postfix puts a mail off when its
        MAIL is answered 421, but takes a new connection when it finds a kept one closed.
        """
        return self._messages >= self._settings.max_messages_per_session

    def message_done(self) -> None:
        """A message was read to its end, whatever became of it."""
        self._messages += 1
        self._junk = 0
        self.reset()

    # -- commands -------------------------------------------------------------------------------

    def _helo(self, argument: bytes) -> Answer:
        return self._greet(argument, f"250 {self._settings.hostname}\r\n")

    def _ehlo(self, argument: bytes) -> Answer:
        # SIZE 0 is "no fixed maximum" (RFC 1870): a client that read a limit would bounce.
        words = ["PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._manner.tls_offered and not self._secure:
            words.append("STARTTLS")
        if self._login_offered:
            words.append(f"AUTH {MECHANISMS}")
        lines = [f"250-{word}\r\n" for word in (self._settings.hostname, *words[:-1])]
        return self._greet(argument, "".join(lines) + f"250 {words[-1]}\r\n")

    def _greet(self, argument: bytes, reply: str) -> Answer:
        if not argument:
            return self._spoilt(_SYNTAX)
        self.helo = commands.text(argument[:255])
        self.reset()
        return self._junked(Answer(reply.encode()))

    def _mail(self, argument: bytes) -> Answer:
        if self._settings.require_tls and not self._secure:
            self._refused(Refusal.TLS_REQUIRED)
            return self._spoilt(_TLS_NEEDED)
        if self.helo is None or self.mail_from is not None:
            return self._spoilt(_SEQUENCE)
        given = commands.path(b"FROM:", argument)
        if given is None:
            return self._spoilt(_SYNTAX)
        if not self._admission.may_send(self._client.address):
            self._refused(Refusal.MESSAGE_RATE)
            return self._spoilt(_TOO_FAST)
        self.mail_from = given.address
        self._declared_size = given.size
        return _SENDER_OK

    def _rcpt(self, argument: bytes) -> Answer:
        if self.mail_from is None:
            return self._spoilt(_SEQUENCE)
        given = commands.path(b"TO:", argument)
        if given is None or not given.address:
            return self._spoilt(_SYNTAX)
        self._tried_recipients += 1
        if self._tried_recipients > self._settings.max_recipients:
            if self._tried_recipients == self._settings.max_recipients + 1:
                self._refused(Refusal.RECIPIENTS)
            return _TOO_MANY_RECIPIENTS
        source = self._admission.source_for(given.address, self._client.sources, self.proof)
        if isinstance(source, Refusal):
            self._refused(source)
            # Beside an accepted recipient it must not end the session that brings that one's copy.
            return _NOT_FOR_YOU if self.recipients else self._spoilt(_NOT_FOR_YOU)
        self.recipients.append(Recipient(given.address, source))
        return _RECIPIENT_OK

    def _data(self, argument: bytes) -> Answer:
        if argument or not self.recipients:
            return self._spoilt(_SYNTAX if argument else _SEQUENCE)
        largest = min(self._settings.max_message_bytes, self._budget.limit)
        if not self._budget.has(min(self._declared_size, largest) or 1):
            self._refused(Refusal.BUFFERS_FULL)
            return _NO_ROOM
        return _GO_AHEAD

    def _starttls(self, argument: bytes) -> Answer:
        if argument:
            return self._spoilt(_SYNTAX)
        if not self._manner.tls_offered or self._secure:
            return self._spoilt(_NO_TLS)
        return _TLS_READY

    @property
    def _login_offered(self) -> bool:
        return self._secure and self._client.asks_login

    def _auth(self, argument: bytes) -> Answer:
        if not self._login_offered:
            return self._spoilt(_TLS_NEEDED if self._client.asks_login else _NOT_HERE)
        if self.helo is None or self.mail_from is not None or self.proof.logins:
            return self._spoilt(_LOGIN_OUT_OF_PLACE)
        mechanism, _, first = argument.partition(b" ")
        try:
            exchange = Exchange(mechanism)
        except KeyError:
            return self._spoilt(_NO_MECHANISM)
        if first:
            return self._login_goes_on(exchange, first.strip())
        return self._challenged(exchange)

    def _challenged(self, exchange: Exchange) -> Answer:
        self._login = exchange
        return Answer(b"334 " + exchange.challenge() + b"\r\n")

    def _login_goes_on(self, exchange: Exchange, line: bytes) -> Answer:
        self._login = None
        given = exchange.answer(line)
        if given is None:
            return self._challenged(exchange)
        if isinstance(given, Fault):
            cancelled = given is Fault.CANCELLED
            return self._spoilt(_LOGIN_CANCELLED if cancelled else _LOGIN_MALFORMED)
        return self._judged(given)

    def _judged(self, given: Credentials) -> Answer:
        found = self._admission.log_in(given, self._client)
        if not isinstance(found, Refusal):
            self.proof = replace(self.proof, logins=found)
            return _LOGGED_IN
        self._refused(found)
        self._wrong_logins += 1
        return _LOGIN_GIVEN_UP if self._wrong_logins >= MAX_WRONG_LOGINS else _LOGIN_REFUSED

    def _rset(self, _argument: bytes) -> Answer:
        self.reset()
        return self._junked(OK)

    def _noop(self, _argument: bytes) -> Answer:
        return self._junked(OK)

    def _vrfy(self, _argument: bytes) -> Answer:
        return self._junked(_NO_VERIFY)

    def _help(self, _argument: bytes) -> Answer:
        return self._junked(_HELP)

    def _quit(self, _argument: bytes) -> Answer:
        return _BYE

    def _not_here(self, _argument: bytes) -> Answer:
        return self._spoilt(_NOT_HERE)

    # -- bounds ---------------------------------------------------------------------------------

    def _junked(self, answer: Answer) -> Answer:
        self._junk += 1
        return self._spoilt(answer) if self._junk > MAX_JUNK_COMMANDS else answer

    def _spoilt(self, answer: Answer) -> Answer:
        """Count an error; a client that makes too many is asked to begin anew."""
        self._bad += 1
        if self._bad <= MAX_BAD_COMMANDS:
            return answer
        self._refused(Refusal.BAD_COMMANDS)
        return _TOO_MANY_ERRORS


# Made once: a dialogue is made for each connection.
_VERBS: Mapping[bytes, Callable[[Dialogue, bytes], Answer]] = {
    b"MAIL": Dialogue._mail,
    b"RCPT": Dialogue._rcpt,
    b"DATA": Dialogue._data,
    b"RSET": Dialogue._rset,
    b"NOOP": Dialogue._noop,
    b"QUIT": Dialogue._quit,
    b"VRFY": Dialogue._vrfy,
    b"HELP": Dialogue._help,
    b"STARTTLS": Dialogue._starttls,
    b"EXPN": Dialogue._not_here,
    b"AUTH": Dialogue._auth,
    b"BDAT": Dialogue._not_here,
    b"TURN": Dialogue._not_here,
    b"ETRN": Dialogue._not_here,
}
_SMTP_VERBS = {**_VERBS, b"EHLO": Dialogue._ehlo, b"HELO": Dialogue._helo}
_LMTP_VERBS = {**_VERBS, b"LHLO": Dialogue._ehlo}
