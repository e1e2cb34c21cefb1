"""How is XML read and written? The few elements that SOAP log-in and Bulk API 1 need; no document type is let in."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.sax.saxutils import escape

_FORBIDDEN = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd"
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class UnreadableXml(ValueError):
    """The body is not XML that this org reads."""


def read_xml(body: bytes) -> Element:
    """The root element. Raises UnreadableXml, also for a document type, with which a small body could grow large."""
    if b"<!DOCTYPE" in body.upper() or b"\0" in body:
        raise UnreadableXml("A document type is not allowed.")
    parser = XMLParser()  # noqa: S314 - entities need a document type
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableXml(str(error)) from None
    return root


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def texts(element: Element) -> dict[str, str]:
    """The children's texts by local name."""
    return {local(child): child.text or "" for child in element}


def find(element: Element, name: str) -> Element | None:
    """The first element of that local name, at any depth."""
    return next((each for each in element.iter() if local(each) == name), None)


def tag(name: str, inner: object = None, *, raw: bool = False) -> str:
    """An element; `inner` is text to escape, or XML as it is with `raw`. None is xsi:nil."""
    if inner is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(inner, bool):
        inner = "true" if inner else "false"
    text = str(inner)
    return f"<{name}>{text if raw else escape(text.translate(_FORBIDDEN))}</{name}>"


def tags(pairs: Iterable[tuple[str, object]]) -> str:
    """One element after another."""
    return "".join(tag(name, value) for name, value in pairs)
