"""The documentation is served beside the figures that it explains."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession, web

from monitor.expose.pages import DOCS, Pages


async def served(folder: Path) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_routes(Pages(folder).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def written(tmp_path: Path) -> AsyncIterator[str]:
    docs = tmp_path / "docs"
    (docs / "runbooks").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("mật khẩu", encoding="utf-8")
    (docs / "README.md").write_text("# Tài liệu\n[b](runbooks/b.md)", encoding="utf-8")
    (docs / "runbooks" / "b.md").write_text(
        "# Thư & văn bản\n\n## `mail_signed`\n\n## Ký số\n\n## Ký số\n\n"
        "[định nghĩa](../indicators.md#mail_signed) [ngoài](https://example.org/a.md)\n\n"
        "<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "[x](javascript:alert(1))\n",
        encoding="utf-8",
    )
    (docs / "indicators.md").write_text(
        "# Chỉ số\n\n[mẫu](../config/congvu.toml) [trang](runbooks/b.md#ký-số) [cả](runbooks/) "
        "[mất](gone.md) [lược đồ](verdict.schema.json) [trên](#chỉ-số)\n",
        encoding="utf-8",
    )
    (docs / "verdict.schema.json").write_text("{}")
    (docs / "shot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    async for url in served(docs):
        yield url


async def fetched(url: str) -> tuple[int, str]:
    async with ClientSession() as session, session.get(url) as answer:
        return answer.status, (await answer.read()).decode("utf-8", "replace")


async def test_a_page_has_its_headings_as_anchors_and_links_to_pages(written: str) -> None:
    status, text = await fetched(f"{written}/docs/runbooks/b")
    assert status == 200
    assert "<title>Thư &amp; văn bản · congvu</title>" in text
    assert 'id="mail_signed"' in text
    assert 'id="ký-số"' in text
    assert 'id="ký-số-1"' in text
    assert 'href="../indicators#mail_signed"' in text
    assert 'href="https://example.org/a.md"' in text
    assert "<td>1</td>" in text


async def test_what_is_written_in_a_page_is_shown_and_never_run(written: str) -> None:
    _, text = await fetched(f"{written}/docs/runbooks/b")
    assert "<script" not in text
    assert 'href="javascript' not in text


async def test_the_index_leads_to_the_list_and_pictures_are_pictures(written: str) -> None:
    status, text = await fetched(f"{written}/docs")
    assert status == 200
    assert 'href="runbooks/b"' in text
    async with ClientSession() as session, session.get(f"{written}/docs/shot.png") as answer:
        assert answer.content_type == "image/png"


async def test_what_is_not_served_is_named_and_is_no_dead_link(written: str) -> None:
    _, text = await fetched(f"{written}/docs/indicators")
    assert '<span title="config/congvu.toml">mẫu</span>' in text
    assert '<span title="docs/gone.md">mất</span>' in text
    assert '<span title="docs/verdict.schema.json">lược đồ</span>' in text
    assert 'href="runbooks/b#k' in text
    assert 'href="runbooks/"' in text
    assert 'href="#ch' in text


async def test_a_folder_lists_its_pages(written: str) -> None:
    for name in ("runbooks/", "runbooks"):
        status, text = await fetched(f"{written}/docs/{name}")
        assert status == 200
        assert '<a href="/docs/runbooks/b">runbooks/b</a>' in text


async def test_no_link_within_the_product_s_pages_is_dead() -> None:
    async for url in served(DOCS):
        for path in DOCS.rglob("*.md"):
            here = f"{url}/docs/{path.relative_to(DOCS).with_suffix('').as_posix()}"
            _, text = await fetched(here)
            for target in set(re.findall(r'href="([^"#]+)', text)):
                if "://" not in target:
                    there = urljoin(here, target)
                    assert (await fetched(there))[0] == 200, f"{path.name}: {target}"


@pytest.mark.parametrize(
    "name", ["secret", "..%2fsecret", "%2e%2e/secret.md", "runbooks/../../secret", "nothing"]
)
async def test_nothing_but_the_pages_of_the_folder_is_served(written: str, name: str) -> None:
    status, text = await fetched(f"{written}/docs/{name}")
    assert status == 404
    assert "mật khẩu" not in text


async def test_every_page_of_the_product_can_be_read() -> None:
    async for url in served(DOCS):
        for path in DOCS.rglob("*.md"):
            name = path.relative_to(DOCS).with_suffix("").as_posix()
            status, text = await fetched(f"{url}/docs/{name}")
            assert status == 200, name
            assert "<h1" in text, name
