"""A registry that changes while the daemon runs: who may sign for a mailbox is judged anew."""

import signal
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.demo.pki import Identity
from tests.daemon.conftest import Start
from tests.verify import making as make
from tests.verify.smime_samples import TEXT, clear_signed, header

MAILBOX, CLERK = "vanthu@mot.example", "lan@mot.example"
RIGHT = f"""
[[mailboxes]]
address = "{MAILBOX}"
agency = "mot"
officers = ["{CLERK}"]
"""


def test_a_right_that_the_registry_gives_mends_the_verdict_of_a_mail_that_is_gone(
    daemon: Start, tmp_path: Path
) -> None:
    root = make.issue(make.name("Gốc", o="Thử nghiệm"), ca=True)
    address = x509.SubjectAlternativeName([x509.RFC822Name(CLERK)])
    clerk = make.issue(
        make.name("Nguyễn Thị Lan", o="Sở Một", ou="Văn thư"), root, extensions=[(address, False)]
    )
    (tmp_path / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    running = daemon(verify={"revocation": "soft", "anchors": str(tmp_path / "root.pem")})
    signer = Identity(clerk.certificate, clerk.key)
    running.send(header(MAILBOX) + clear_signed(TEXT, signer), MAILBOX)

    def recorded() -> list[tuple[object, ...]]:
        return running.sql("SELECT overall, binding, findings FROM message")

    running.wait_for(lambda: bool(recorded()), "the message recorded")
    [(overall, binding, _)] = recorded()
    assert (overall, binding) == ("invalid", "from-mismatch")
    with (running.folder / "agencies.toml").open("a", encoding="utf-8") as registry:
        registry.write(RIGHT)
    assert running.process is not None
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(lambda: recorded()[0][:2] == ("valid", "ok"), "judged again", 60)
    [(_, _, findings)] = recorded()
    assert isinstance(findings, list)
    assert "signed_for_mailbox" in findings
    assert "from_mismatch" not in findings
    assert running.stop() == 0
