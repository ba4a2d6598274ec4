"""The product's own documentation as web pages: what panels and alerts link to.

A province's network is often closed: the definition of a figure and the runbook of an alert must be
readable where the figure and the alert are, so the daemon serves the `docs/` that it came with.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import cast

from aiohttp import web
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
"""Beside the package, in a checkout as in /opt/congvu."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, "Noto Sans", sans-serif; max-width: 56rem; margin: 0 auto;
       padding: 1rem 1.25rem 4rem; overflow-wrap: break-word; }
nav { font-size: .875rem; margin-bottom: 1.5rem; }
h1 { line-height: 1.25; } h2 { margin-top: 2.25rem; } :target { background: #ffe9a8; color: #222; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: left; vertical-align: top; }
pre { background: #8882; padding: .75rem; overflow-x: auto; } code { font-size: .9em; }
img { max-width: 100%; }
"""


class Pages:
    """Serves the pages of one folder below `/docs`; only files that lie there when it is made."""

    def __init__(self, folder: Path = DOCS) -> None:
        self._files = {
            path.relative_to(folder).with_suffix("").as_posix(): path
            for path in sorted(folder.rglob("*.md"))
        }
        self._pictures = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.png"))
        }

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get("/docs", self._index), web.get("/docs/{name:.*}", self._page)]

    async def _index(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("/docs/README")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name in self._pictures:
            return web.FileResponse(self._pictures[name], headers=HEADERS)
        path = self._files.get(name.removesuffix(".md").rstrip("/"))
        if path is None:
            raise web.HTTPNotFound(text="no such page; all are listed on /docs/README\n")
        text = await asyncio.to_thread(page, path)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)


@cache
def page(path: Path) -> str:
    """A Markdown file as a whole HTML page; raw HTML in it is shown, not obeyed."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    title = _with_anchors(tokens) or path.stem
    _with_pages_for_files(tokens)
    body = cast("str", reader.renderer.render(tokens, reader.options, {}))
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · congvu</title><style>{STYLE}</style></head><body>"
        f'<nav><a href="/docs/README">congvu · tài liệu</a></nav>{body}</body></html>\n'
    )


def _with_anchors(tokens: Sequence[Token]) -> str:
    """Give headings the anchors that code hosts give them; the text of the first one."""
    seen: dict[str, int] = {}
    first = ""
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _anchor(_plain(inline), seen))
            first = first or _plain(inline)
    return first


def _plain(inline: Token) -> str:
    return "".join(each.content for each in inline.children or () if each.content)


def _anchor(text: str, seen: dict[str, int]) -> str:
    name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
    number = seen.get(name, 0)
    seen[name] = number + 1
    return f"{name}-{number}" if number else name


def _with_pages_for_files(tokens: Sequence[Token]) -> None:
    """Links to other files of the folder lead to their pages."""
    for token in tokens:
        for each in token.children or ():
            href = cast("Mapping[str, str]", each.attrs).get("href", "")
            if each.type == "link_open" and "://" not in href:
                each.attrSet("href", re.sub(r"\.md(?=#|$)", "", href))
