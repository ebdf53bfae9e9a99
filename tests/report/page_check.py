"""Reading a page back: its elements, its text by section, and whether it is well formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input", "source", "use"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    section: str
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A parsed page; `faults` lists tags that do not match."""

    html: str
    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self._section = "top"
        self.feed(self.html)
        self.close()
        self.faults += [f"<{element.tag}> is never closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._section)
        if tag == "section":
            self._section = element.section = element.attributes["id"]
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, self._section))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(
                f"</{tag}> at line {self.getpos()[0]} closes {self._open[-1].tag if self._open else '-'}"
            )
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        words = data.replace("\u00a0", " ")
        self.sections[self._section] = self.sections.get(self._section, "") + words + (" " if self._apart() else "")
        for element in self._open:
            element.text += words

    def _apart(self) -> bool:
        """Tell whether a reader sees the next words beside these, rather than right after them."""
        return bool(self._open) and self._open[-1].tag in {"dd", "dt", "td", "th", "b", "small"}

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def section(self, name: str) -> str:
        """The words of a section on one line."""
        return " ".join(self.sections[name].split())
