"""Sheets to hand over or to file, as tagged PDF (PDF/UA-1), made in memory: no temporary file, no font of the machine, no date
inside but the ones that are printed."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import typst

SOURCE: Final = b"""
#let d = json(bytes(sys.inputs.at("sheet")))
#set document(title: d.title, date: none)
#set page("us-letter", margin: (x: 2.2cm, y: 2.4cm), numbering: "1 / 1", header: text(size: 8pt, fill: luma(80), d.organisation))
#set text(lang: d.language, font: "Libertinus Serif", size: 10.5pt)
#set par(leading: 0.62em, spacing: 0.9em)
#show heading: set block(above: 1.4em, below: 0.7em, sticky: true)
#show table.cell.where(y: 0): set text(weight: "semibold")
#set table(stroke: (_, y) => (bottom: 0.4pt + luma(150)), inset: (x: 4pt, y: 5pt))
#heading(level: 1, d.title)
#for words in d.lead { par(words) }
#v(0.4em)
#for section in d.sections {
  if section.heading != "" { heading(level: 2, section.heading) }
  for words in section.text { par(words) }
  if section.facts.len() > 0 {
    terms(..section.facts.map(fact => terms.item(fact.at(0), fact.at(1))))
  }
  if section.items.len() > 0 { list(..section.items.map(words => [#words])) }
  if section.head.len() > 0 {
    table(columns: section.head.len() * (1fr,), table.header(..section.head.map(words => [#words])),
      ..section.rows.flatten().map(words => [#words]))
  }
  for _ in range(section.lines) { v(1.1em); line(length: 100%, stroke: 0.4pt + luma(120)) }
}
"""


@dataclass(frozen=True)
class Section:
    """Whatever of it is filled, in this order. `lines`: empty ones, to write on."""

    heading: str = ""
    text: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: int = 0


@dataclass(frozen=True)
class Sheet:
    title: str
    organisation: str
    language: str
    lead: list[str]
    sections: list[Section]


def pdf(sheet: Sheet) -> bytes:
    """Words reach the program as data, never as its text: nothing anybody typed is carried out."""
    given: dict[str, Any] = {"sheet": json.dumps(asdict(sheet), ensure_ascii=False)}
    made = typst.compile(
        SOURCE, format="pdf", sys_inputs=given, pdf_standards="ua-1", ignore_system_fonts=True
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made
