"""The relay: whom it is taken for, what its answers mean, and what is never sent."""

import asyncio
import smtplib
import socket
import ssl
from pathlib import Path

import pytest

from monitor.report.delivery import relay
from monitor.report.delivery.handing import Result
from monitor.report.delivery.relay import Answer, RelayAway
from monitor.settings import ReportMailSettings
from tests.collect.certificates import Issuer
from tests.support.relay import FakeRelay, relaying

MAIL = b"Subject: thu\r\n\r\n.mot dong\r\n"


async def sent(settings: ReportMailSettings, to: str = "ai@so.example") -> Answer:
    async with relay.session(settings) as session:
        return await session.send("congvu@tinh.example", to, MAIL)


async def why_not(settings: ReportMailSettings) -> str:
    with pytest.raises(RelayAway) as caught:
        await sent(settings)
    return str(caught.value)


def served(folder: Path, name: str = "Relay CA") -> tuple[ssl.SSLContext, Path]:
    issuer = Issuer(folder, name)
    issued = issuer.issue("relay")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context, issuer.path


async def test_a_mail_arrives_with_its_lines_as_they_are() -> None:
    with relaying(FakeRelay()) as fake:
        answer = await sent(fake.settings())
    assert answer == Answer(Result.SENT, "250 2.0.0 taken")
    assert [(each.sender, each.recipient, each.raw) for each in fake.took] == [
        ("congvu@tinh.example", "ai@so.example", MAIL)
    ]


@pytest.mark.parametrize(("tls", "wrapped"), [("starttls", False), ("tls", True)])
async def test_it_logs_in_over_tls_by_the_ca_of_the_settings(
    tmp_path: Path, tls: str, wrapped: bool
) -> None:
    context, ca = served(tmp_path)
    # aiosmtpd lets nobody log in where all is TLS from the first byte.
    logins = None if wrapped else {"congvu": "bi-mat"}
    login = {} if wrapped else {"username": "congvu", "password": "bi-mat"}
    with relaying(FakeRelay(), tls=context, wrapped=wrapped, logins=logins) as fake:
        answer = await sent(fake.settings(tls=tls, tls_ca=ca, **login))
    assert answer.result is Result.SENT


async def test_a_relay_that_another_ca_vouches_for_gets_nothing(tmp_path: Path) -> None:
    context, _ = served(tmp_path)
    _, other = served(tmp_path, "Other CA")
    with relaying(FakeRelay(), tls=context) as fake:
        assert "its certificate is not good" in await why_not(
            fake.settings(tls="starttls", tls_ca=other)
        )
        assert "its certificate is not good" in await why_not(fake.settings(tls="starttls"))
    assert fake.took == []


async def test_a_certificate_of_another_name_is_not_the_relay_s(tmp_path: Path) -> None:
    context, ca = served(tmp_path)
    with relaying(FakeRelay(), tls=context) as fake:
        elsewhere = fake.settings(tls="starttls", tls_ca=ca, host="ip6-localhost")
        # The name leads to the relay, and its certificate is for 127.0.0.1 and localhost.
        with pytest.MonkeyPatch.context() as patch:
            connect = socket.create_connection
            patch.setattr(
                socket, "create_connection",
                lambda address, *rest, **more: connect(("127.0.0.1", address[1]), *rest, **more),
            )  # fmt: skip
            assert "its certificate is not good" in await why_not(elsewhere)
    assert fake.took == []


async def test_a_relay_that_offers_no_tls_gets_nothing_in_clear() -> None:
    with relaying(FakeRelay()) as fake:
        said = await why_not(fake.settings(tls="starttls", username="congvu", password="bi-mat"))
    assert "STARTTLS" in said
    assert fake.took == []


async def test_a_wrong_password_is_told_and_nothing_sent(tmp_path: Path) -> None:
    context, ca = served(tmp_path)
    with relaying(FakeRelay(), tls=context, logins={"congvu": "dung"}) as fake:
        said = await why_not(
            fake.settings(tls="starttls", tls_ca=ca, username="congvu", password="sai")
        )
    assert "535" in said
    assert "sai" not in said


async def test_a_password_that_smtp_cannot_say_is_told(tmp_path: Path) -> None:
    context, ca = served(tmp_path)
    with relaying(FakeRelay(), tls=context, logins={"congvu": "dung"}) as fake:
        said = await why_not(
            fake.settings(tls="starttls", tls_ca=ca, username="congvu", password="đúng")
        )
    assert said == "report_mail: username and password have to be plain ASCII"


async def test_a_relay_that_is_down_is_away() -> None:
    assert "127.0.0.1:" in await why_not(FakeRelay().settings())


async def test_a_relay_that_hangs_does_not_keep_the_daemon_from_stopping() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = FakeRelay(port=silent.getsockname()[1]).settings()
        async with asyncio.TaskGroup() as group:
            trying = group.create_task(sent(settings))
            hung, _ = await asyncio.to_thread(silent.accept)
            trying.cancel()
        # The thread has let go of its socket.
        hung.settimeout(5)
        with hung:
            assert await asyncio.to_thread(hung.recv, 1) == b""


def test_a_connection_given_up_while_it_was_made_waits_for_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        begun = relay._Begun()
        begun.give_up()
        with pytest.raises(smtplib.SMTPServerDisconnected, match="given up") as kept:
            relay._Plain(begun, host, port, timeout=60)
        hung, _ = silent.accept()
        hung.settimeout(5)
        with hung:  # closed at once, although the error is still held
            assert hung.recv(1) == b"", kept


async def test_a_ca_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("không phải chứng thư")
    said = await why_not(FakeRelay().settings(tls="starttls", tls_ca=tmp_path / "ca.pem"))
    assert "report_mail.tls_ca" in said


@pytest.mark.parametrize(
    ("answer", "result"),
    [("550 5.1.1 no such user", Result.REFUSED), ("451 4.7.1 greylisted", Result.FAILED)],
)
async def test_what_is_refused_for_good_is_told_from_what_may_go_later(
    answer: str, result: Result
) -> None:
    with relaying(FakeRelay(refuses={"ai@so.example": answer})) as fake:
        said = await sent(fake.settings())
        assert said == Answer(result, answer)
        assert said.code == answer[:9]
    with relaying(FakeRelay(after_data=answer)) as fake:
        assert await sent(fake.settings()) == Answer(result, answer)


async def test_one_address_that_is_refused_leaves_the_session_to_the_next() -> None:
    with relaying(FakeRelay(refuses={"ai@so.example": "550 5.1.1 no"})) as fake:
        async with relay.session(fake.settings()) as session:
            first = await session.send("congvu@tinh.example", "ai@so.example", MAIL)
            second = await session.send("congvu@tinh.example", "em@so.example", MAIL)
    assert (first.result, second.result) == (Result.REFUSED, Result.SENT)
    assert [each.recipient for each in fake.took] == ["em@so.example"]


async def test_a_connection_that_breaks_before_the_answer_leaves_it_open() -> None:
    with relaying(FakeRelay(breaks=True)) as fake:
        async with relay.session(fake.settings()) as session:
            answer = await session.send("congvu@tinh.example", "ai@so.example", MAIL)
            assert not session.there
    assert answer.result is Result.UNKNOWN
    assert len(fake.took) == 1


async def test_the_size_that_the_relay_takes_is_known() -> None:
    with relaying(FakeRelay(), most_bytes=123_456) as fake:
        async with relay.session(fake.settings()) as session:
            assert session.most_bytes == 123_456


async def test_hostile_words_of_a_relay_are_one_short_line() -> None:
    said = "550 " + "\x1b[31m" + "x" * 500
    with relaying(FakeRelay(refuses={"ai@so.example": said})) as fake:
        answer = await sent(fake.settings())
    assert "\x1b" not in answer.detail
    assert len(answer.detail) <= 200
