"""Every layout, system and heading in layouts.toml has a page or an example that is held."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from separation_measures import load_gold

from moderation.parsing.html.dom import indexed, parsed
from moderation.parsing.html.roles import layouts, section_heading, selectable, systems
from moderation.parsing.html.threads import take_comments
from moderation.parsing.page_html import parse_page_html

_PAGES = Path(__file__).parent / "html_pages"
_DATA = tomllib.loads(
    (resources.files("moderation.parsing.html") / "layouts.toml").read_text("utf-8")
)
#: Layouts of which no development page is read, with what they look like.
_EXAMPLES = {
    "WoltLab": """<h1>Wohin mit dem Laub?</h1>
    <article class="wbbPost message" id="post1"><h3 class="messageAuthor">
    <a class="username">Uwe</a></h3><time datetime="2024-01-02T10:00:00+01:00">2. Januar</time>
    <div class="messageText"><p>Auf den Kompost.</p></div></article>
    <article class="wbbPost message" id="post2"><h3 class="messageAuthor">
    <a class="username">Ina</a></h3><time datetime="2024-01-02T11:00:00+01:00">2. Januar</time>
    <div class="messageText"><p>Wenn man einen hat.</p></div></article>""",
}
_SIGN = re.compile(
    r"(?P<tag>[\w:-]+)?(?:#(?P<id>[\w-]+))?(?:\.(?P<class>[\w-]+))?(?:\[(?P<at>.+)\])?"
)


def system_of(html: str) -> str | None:
    root = parsed(html, "page")
    document = indexed(root, "page")
    thread, _ = take_comments(document, selectable(document), "page")
    return thread.system if thread else None


@pytest.fixture(scope="module")
def read_layouts() -> set[str | None]:
    pages = [page for name in ("development", "development_2") for page in load_gold(_PAGES / name)]
    return {system_of(page.html) for page in pages if page.comments}


@pytest.mark.parametrize("name", [layout.name for layout in layouts()])
def test_each_layout_is_read_on_a_page(name: str, read_layouts: set[str | None]) -> None:
    if name not in _EXAMPLES:
        assert name in read_layouts
        return
    assert system_of(f"<html><body>{_EXAMPLES[name]}</body></html>") == name
    page = parse_page_html(f"<html><body>{_EXAMPLES[name]}</body></html>", "page")
    assert [(one.author, one.text) for one in page.comments] == [
        ("Uwe", "Auf den Kompost."),
        ("Ina", "Wenn man einen hat."),
    ]


def test_the_heading_matches_its_example_and_no_sentence() -> None:
    assert section_heading().fullmatch(_DATA["headings"]["example"])
    assert not section_heading().fullmatch("Der Rat hat am Montag über den Radweg beraten.")


@pytest.mark.parametrize(
    ("name", "sign"),
    [(entry["name"], sign) for entry in _DATA["system"] for sign in entry["signs"]],
)
def test_each_sign_of_a_system_says_where_comments_are(name: str, sign: str) -> None:
    page = parse_page_html(
        "<html><body><h1>Streit um den Radweg</h1><p>Der Rat hat am Montag lange beraten.</p>"
        f"{_element(sign)}</body></html>",
        "page",
    )
    assert page.comment_policy.status == "elsewhere"
    assert name in page.comment_policy.systems


def _element(sign: str) -> str:
    """Return an element that a sign selects."""
    match = _SIGN.fullmatch(sign)
    assert match is not None, sign
    tag = match["tag"] or "div"
    shown = "".join(f' {kind}="{match[kind]}"' for kind in ("id", "class") if match[kind])
    if match["at"]:
        attribute, _, value = match["at"].partition("=")
        shown += f' {attribute.rstrip("*^$")}="{value or 1}"'
    return f"<{tag}{shown}></{tag}>"


def test_all_systems_say_where_their_export_is() -> None:
    assert all(system.export for system in systems())
