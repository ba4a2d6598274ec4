"""What reaches the watched folder over HTTP, and what does not."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509

from monitor.fetch import book, process
from monitor.fetch.book import Entry
from monitor.fetch.fetcher import Fetcher
from monitor.fetch.wire import Outcome
from monitor.material import TrustFolders
from monitor.observe import Observer
from monitor.settings import FetchSettings, Settings
from tests.fetch.servers import Server, endless, hang, leads_to, serving
from tests.trust.authorities import Folders, crl, fingerprint, forged, pem
from tests.verify.making import DAY, NOW, intermediate, issue, name, officer, root


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(Server()) as up:
        yield up


class Rig:
    """A store with one root, and a fetcher whose clock the test turns."""

    def __init__(self, folders: Folders, server: Server, *urls: str, **fetch: object) -> None:
        self.folders = folders.make([root()])
        self.server = server
        self.now = NOW
        values = {"enabled": True, "hosts": [server.host], "allow_private": [server.host]}
        values |= {"urls": urls or (server.url("/a.crl"),), "timeout_seconds": 20}
        self.settings = Settings.model_construct(
            state_dir=folders.base / "var",
            verify=folders.settings,
            fetch=FetchSettings.model_validate(values | fetch),
        )
        self.observer = Observer()
        self.trust = TrustFolders(folders.settings)
        self.fetcher = self.again()

    def again(self) -> Fetcher:
        """As after a restart."""
        return Fetcher(
            self.settings, lambda: self.trust.loaded, Observer(), self.clock, lambda: 0.0
        )

    def clock(self) -> datetime:
        return self.now

    async def ask(self, later: timedelta = timedelta()) -> Entry:
        """One round; what is remembered of the first address."""
        self.now += later
        await self.fetcher.fetch_due()
        return next(iter(book.load(self.settings.state_dir).values()))

    def stored(self) -> dict[str, bytes]:
        files = (self.folders.base / "crls").iterdir()
        return {file.name: file.read_bytes() for file in files}


@pytest.fixture
def rig(folders: Folders, server: Server) -> Rig:
    return Rig(folders, server)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


LABEL = f"{fingerprint(root())[:16]}.crl"


async def test_a_list_of_a_known_ca_reaches_the_folder_and_is_in_force(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = crl(root())
    entry = await rig.ask()
    assert entry.outcome is Outcome.NEW
    assert rig.stored() == {LABEL: rig.server.pages["/a.crl"]}
    assert rig.trust.refresh()
    assert rig.trust.loaded.material.crls == (rig.server.pages["/a.crl"],)


async def test_a_list_is_asked_for_again_when_a_quarter_of_its_time_is_left(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = crl(root(), NOW - DAY, days=5)
    entry = await rig.ask()
    assert entry.next_try == NOW + DAY  # the longest pause
    await rig.ask(later=timedelta(hours=23))
    assert len(rig.server.asked) == 1
    entry = await rig.ask(later=timedelta(hours=1))
    assert entry.outcome is Outcome.UNCHANGED
    assert rig.server.asked[1].headers["If-None-Match"]
    assert entry.next_try == NOW + 2 * DAY
    await rig.ask(later=DAY)
    entry = await rig.ask(later=timedelta(hours=18))
    assert entry.next_try is not None
    assert entry.next_try - rig.now <= timedelta(hours=6)


async def test_what_is_remembered_outlives_the_daemon(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = crl(root(), NOW - DAY, days=5)
    await rig.ask()
    rig.fetcher = rig.again()
    await rig.ask(later=timedelta(hours=1))
    assert len(rig.server.asked) == 1


async def test_a_list_that_was_removed_is_fetched_whole_again(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = crl(root())
    await rig.ask()
    (rig.folders.base / "crls" / LABEL).unlink()
    await rig.ask(later=2 * DAY)
    assert LABEL in rig.stored()


async def test_a_newer_list_takes_the_place_of_the_older_and_never_the_other_way(
    rig: Rig,
) -> None:
    older, newer = crl(root(), NOW - 2 * DAY), crl(root(), NOW - DAY)
    rig.server.pages["/a.crl"] = older
    await rig.ask()
    rig.server.pages["/a.crl"] = newer
    assert (await rig.ask(later=DAY)).outcome is Outcome.NEW
    assert rig.stored() == {LABEL: newer}
    rig.server.pages["/a.crl"] = older
    assert (await rig.ask(later=DAY)).outcome is Outcome.OLDER
    assert rig.stored() == {LABEL: newer}


async def test_a_list_older_than_the_operators_own_is_not_stored(rig: Rig) -> None:
    rig.folders.put("crls/by-hand.crl", crl(root(), NOW - DAY))
    rig.trust.refresh()
    rig.server.pages["/a.crl"] = crl(root(), NOW - 2 * DAY)
    assert (await rig.ask()).outcome is Outcome.OLDER
    assert set(rig.stored()) == {"by-hand.crl"}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (crl(forged(root())), Outcome.FORGED),
        (crl(issue(name("Unknown CA"), ca=True)), Outcome.UNKNOWN_CA),
        (crl(root(), NOW + 30 * DAY), Outcome.FUTURE),
        (b"<html>please log in</html>", Outcome.MALFORMED),
        (b"", Outcome.MALFORMED),
        (crl(root())[:-30], Outcome.MALFORMED),
        (pem(officer()), Outcome.UNKNOWN_CA),
        (pem(forged(root())), Outcome.UNKNOWN_CA),
    ],
)
async def test_nothing_but_what_a_known_ca_signed_is_stored(
    rig: Rig, content: bytes, outcome: Outcome
) -> None:
    rig.server.pages["/a.crl"] = content
    assert (await rig.ask()).outcome is outcome
    assert rig.stored() == {}


@pytest.mark.parametrize("size", [900, 200_000])
async def test_an_answer_that_is_too_large_is_cut_off(
    folders: Folders, server: Server, size: int
) -> None:
    rig = Rig(folders, server, max_bytes=1024)
    server.pages["/a.crl"] = b"0" * size if size < 1024 else endless
    wanted = Outcome.MALFORMED if size < 1024 else Outcome.TOO_LARGE
    assert (await rig.ask()).outcome is wanted


async def test_an_announced_size_is_believed_before_reading(
    folders: Folders, server: Server
) -> None:
    rig = Rig(folders, server, max_bytes=1024)
    server.pages["/a.crl"] = b"0" * 5000
    assert (await rig.ask()).outcome is Outcome.TOO_LARGE


async def test_a_server_that_never_answers_costs_its_time_and_nothing_else(
    folders: Folders, server: Server
) -> None:
    rig = Rig(folders, server, server.url("/a.crl"), server.url("/b.crl"), timeout_seconds=1)
    server.pages |= {"/a.crl": hang, "/b.crl": crl(root())}
    assert (await rig.ask()).outcome is Outcome.TIMEOUT
    assert LABEL in rig.stored()


async def test_a_redirect_within_the_list_is_followed(rig: Rig) -> None:
    rig.server.pages |= {"/a.crl": leads_to("/b.crl"), "/b.crl": crl(root())}
    assert (await rig.ask()).outcome is Outcome.NEW


async def test_a_redirect_out_of_the_list_is_refused(rig: Rig) -> None:
    async with serving(Server(pages={"/x": crl(root())})) as other:
        for place in (
            other.url("/x"), f"http://localhost:{rig.server.port}/b.crl", "file:///etc/passwd",
            f"http://{rig.server.host}@localhost/x", "http://[",
        ):  # fmt: skip
            rig.server.pages["/a.crl"] = leads_to(place)
            assert (await rig.ask(later=DAY)).outcome is Outcome.HOST_REFUSED
        assert other.asked == []
    assert rig.stored() == {}


async def test_redirects_without_end_are_left(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = leads_to("/a.crl")
    assert (await rig.ask()).outcome is Outcome.REDIRECTS
    assert len(rig.server.asked) < 10


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_not_asked_unless_its_host_may_have_one(
    folders: Folders, server: Server, host: str
) -> None:
    where = f"{host}:{server.port}"
    server.pages["/a.crl"] = crl(root())
    rig = Rig(folders, server, f"http://{where}/a.crl", hosts=[where], allow_private=[])
    assert (await rig.ask()).outcome is Outcome.ADDRESS_REFUSED
    assert server.asked == []
    rig = Rig(folders, server, f"http://{where}/a.crl", hosts=[where], allow_private=[where])
    assert (await rig.ask(later=DAY)).outcome is Outcome.NEW


async def test_a_server_that_comes_back_is_asked_at_longer_and_longer_intervals(
    folders: Folders,
) -> None:
    server = Server()
    async with serving(server):
        rig = Rig(folders, server)
    pauses: list[timedelta] = []
    for _ in range(4):
        entry = await rig.ask(later=pauses[-1] if pauses else timedelta())
        assert entry.outcome is Outcome.UNREACHABLE
        assert entry.next_try is not None
        pauses.append(entry.next_try - rig.now)
    assert pauses == [timedelta(minutes=m) for m in (1, 2, 4, 8)]
    server.pages["/a.crl"] = crl(root())
    async with serving(server):
        entry = await rig.ask(later=pauses[-1])
    assert (entry.outcome, entry.failures) == (Outcome.NEW, 0)


async def test_what_certificates_of_the_store_name_is_fetched_if_its_host_is_listed(
    folders: Folders, server: Server
) -> None:
    rig = Rig(folders, server, urls=())
    sub = issue(name("Named CA"), root(), ca=True, extensions=[_points(server.url("/named.crl"))])
    elsewhere = issue(
        name("Other CA"), root(), ca=True, extensions=[_points("http://ca.example/x.crl")]
    )
    folders.make([root()], [sub, elsewhere])
    rig.trust.refresh()
    server.pages["/named.crl"] = crl(root())
    await rig.ask()
    assert server.paths() == ["/named.crl"]
    assert set(book.load(rig.settings.state_dir)) == {server.url("/named.crl")}


def _points(url: str) -> tuple[x509.ExtensionType, bool]:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([point]), False


async def test_an_intermediate_that_a_ca_of_the_store_signed_completes_chains(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = pem(intermediate())
    assert (await rig.ask()).outcome is Outcome.NEW
    assert rig.trust.refresh()
    loaded = rig.trust.loaded
    assert [a.certificate.der for a in loaded.intermediates] == [intermediate().der]
    assert [a.certificate.der for a in loaded.anchors] == [root().der]


async def test_nothing_is_asked_when_fetching_is_off(folders: Folders, server: Server) -> None:
    rig = Rig(folders, server, enabled=False)
    await asyncio.wait_for(rig.fetcher.run(), 5)
    assert server.asked == []
    assert not (rig.settings.state_dir / book.NAME).exists()


async def test_a_killed_process_is_a_failure_and_the_next_round_has_a_new_one(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made = await real()
        started.append(made.pid)
        return made

    monkeypatch.setattr(process, "_start", noted)
    rig.server.pages["/a.crl"] = hang
    round_ = asyncio.create_task(rig.ask())  # noqa: TID251 - awaited below
    while not rig.server.asked:
        await asyncio.sleep(0.05)
    os.kill(started[0], signal.SIGKILL)
    assert (await round_).outcome is Outcome.DIED
    rig.server.pages["/a.crl"] = crl(root())
    assert (await rig.ask(later=timedelta(minutes=2))).outcome is Outcome.NEW
    assert len(started) == 2


async def test_a_cancelled_fetcher_leaves_no_process_behind(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[asyncio.subprocess.Process] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made.append(await real())
        return made[0]

    monkeypatch.setattr(process, "_start", noted)
    rig.server.pages["/a.crl"] = hang
    running = asyncio.create_task(rig.fetcher.run())  # noqa: TID251 - cancelled below
    while not rig.server.asked:
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert made[0].returncode is not None


async def test_a_folder_that_cannot_be_written_is_said(rig: Rig) -> None:
    rig.server.pages["/a.crl"] = crl(root())
    (rig.folders.base / "crls").rmdir()
    (rig.folders.base / "crls").write_bytes(b"a file")
    assert (await rig.ask()).outcome is Outcome.NOT_STORED


async def test_a_proxy_is_asked_in_the_servers_place(folders: Folders, server: Server) -> None:
    rig = Rig(
        folders, server, "http://ca.example/a.crl", hosts=["ca.example"], allow_private=[],
        proxy=server.url("/").rstrip("/"),
    )  # fmt: skip
    server.pages["/a.crl"] = crl(root())
    assert (await rig.ask()).outcome is Outcome.NEW
    assert server.asked[0].host == "ca.example"
