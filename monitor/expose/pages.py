"""The product's own documentation as web pages: what panels and alerts link to.

A province's network is often closed: the definition of a figure and the runbook of an alert must be
readable where the figure and the alert are, so the daemon serves the `docs/` that it came with.
"""

import asyncio
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import cast
from urllib.parse import quote, unquote

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
thead:not(:has(th:not(:empty))) { display: none; } img { max-width: 100%; }
"""


class Pages:
    """Serves the pages of one folder below `/docs`; only files that lie there when it is made."""

    def __init__(self, folder: Path = DOCS) -> None:
        self._folder = folder
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
        name = name.removesuffix(".md").rstrip("/")
        if path := self._files.get(name):
            text = await asyncio.to_thread(page, path, self._folder)
        elif below := [each for each in self._files if each.startswith(f"{name}/")]:
            text = _listing(name, below)
        else:
            raise web.HTTPNotFound(text="no such page; all are listed on /docs/README\n")
        return web.Response(text=text, content_type="text/html", headers=HEADERS)


@cache
def page(path: Path, folder: Path = DOCS) -> str:
    """A Markdown file of a folder as a whole HTML page; raw HTML in it is shown, not obeyed."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    title = _with_anchors(tokens) or path.stem
    for token in tokens:
        _with_pages_for_files(token.children or (), path.parent, folder)
    return _whole(title, cast("str", reader.renderer.render(tokens, reader.options, {})))


def _listing(name: str, pages: Sequence[str]) -> str:
    """A folder's page: what lies in it."""
    links = (f'<li><a href="/docs/{quote(each)}">{escape(each)}</a></li>' for each in pages)
    return _whole(name, f"<h1>{escape(name)}</h1><ul>{''.join(links)}</ul>")


def _whole(title: str, body: str) -> str:
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


def _with_pages_for_files(tokens: Sequence[Token], here: Path, folder: Path) -> None:
    """Links to other pages lead to them; those to files that are not served are text, which says
    in its title which file of the product it is.
    """
    tag = "a"
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs["href"])
            there = (here / unquote(href.partition("#")[0])).resolve()
            tag = "a" if "://" in href or _is_served(there, folder) else "span"
            if tag == "span":
                token.attrs = {"title": _name_of(there, folder)}
            elif "://" not in href:
                token.attrSet("href", re.sub(r"\.md(?=#|$)", "", href))
        if token.type in {"link_open", "link_close"}:
            token.tag = tag


def _is_served(there: Path, folder: Path) -> bool:
    page_or_list = there.suffix in {".md", ".png"} or there.is_dir()
    return page_or_list and there.exists() and there.is_relative_to(folder.resolve())


def _name_of(there: Path, folder: Path) -> str:
    root = folder.resolve().parent
    return there.relative_to(root).as_posix() if there.is_relative_to(root) else there.name
