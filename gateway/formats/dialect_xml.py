"""Reading a document in a dialect: its elements get the names, the place and the date form of the schema.

The parsed tree is changed in place; the bytes that were signed are never touched. What the dialect does not name stays
as it is, so that the validator finds it: an element of a foreign namespace keeps it, an unknown one keeps its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from gateway.formats.codec_source import clark
from gateway.formats.dialect import Dialect
from gateway.formats.dialect_dates import from_xml_schema, unread
from gateway.formats.dialect_notes import Notes
from gateway.formats.dialect_order import put_in_order
from gateway.formats.generation.facets import admits
from gateway.formats.head import FormatHead
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.prepare import namespace_of
from gateway.formats.structure import Element, Structure

_DATE_LEAF = "DateTimeString"
_FORM = "formatCode"


@dataclass(frozen=True, slots=True)
class _Class:
    """What is asked of one class again and again."""

    by_local: dict[str, list[Element]]
    tags: frozenset[str]
    date: Element | None


class DialectReader:
    """Reads documents of one dialect as documents of one format; may be used again and from several threads.

    Args:
        dialect: what is written otherwise.
        structure: of the format that results.
        head: of that format; its defaults are put into the envelope.
    """

    def __init__(self, dialect: Dialect, structure: Structure, head: FormatHead) -> None:
        self.dialect = dialect
        self.structure = structure
        self.head = head
        self.renamed = frozenset(dialect.renamed.values())
        self._classes: dict[int, _Class] = {}

    def read(self, document: XmlElement, notes: Notes) -> XmlElement:
        """Give a document the form of the format.

        Args:
            document: the envelope, or the body of a dialect without one; it must not be used afterwards.
            notes: gets every repair.

        Returns:
            The document element of the format.
        """
        root = self.structure.root
        spaceless = not namespace_of(str(document.tag))
        if self.dialect.enveloped:
            document.tag = clark(root)
        else:
            document = _enveloped(document, root, notes)
        if spaceless:
            notes.add("profile.namespace-absent", document, root.namespace)
        _Repair(self, notes, spaceless=spaceless).all(document)
        return document

    def of(self, element: Element) -> _Class:
        """What is asked of a class again and again."""
        known = self._classes.get(id(element))
        if known is None:
            by_local: dict[str, list[Element]] = {}
            for child in element.children:
                by_local.setdefault(child.local, []).append(child)
            children = element.children
            date = children[0] if len(children) == 1 and children[0].local == _DATE_LEAF else None
            known = _Class(by_local, frozenset(clark(child) for child in children), date)
            self._classes[id(element)] = known
        return known


def _enveloped(body: XmlElement, root: Element, notes: Notes) -> XmlElement:
    envelope = etree.Element(clark(root))
    envelope.sourceline = body.sourceline
    envelope.append(body)
    notes.add("profile.body-only", envelope, root.local)
    return envelope


class _Repair:
    """The repair of one document."""

    def __init__(self, reader: DialectReader, notes: Notes, *, spaceless: bool) -> None:
        dialect = reader.dialect
        self._reader = reader
        self._dialect = dialect
        self._notes = notes
        self._watched = reader.renamed
        self._spaces = dialect.namespaces | {""} if spaceless and dialect.absent else dialect.namespaces

    def all(self, document: XmlElement) -> None:
        """Everything below the document element, then the envelope."""
        self._class(document, self._reader.structure.root)
        self._texts(document)
        self._defaults(document)

    def _class(self, node: XmlElement, element: Element, above: str = "") -> None:
        """All children of a class; ``above`` is the name of the class around it."""
        known = self._reader.of(element)
        whole = f"{above}/{element.key}"
        taken: dict[str, int] = {}
        for child in self._children(node, element):
            ours = str(child.tag) in known.tags or self._is_ours(child)
            if ours and not self._is_aside(node, child, element.local, whole):
                self._child(node, child, element, taken)
        if self._dialect.may_reorder(element.local) and put_in_order(node, element):
            self._notes.add("profile.order", node)

    def _is_ours(self, node: XmlElement) -> bool:
        return namespace_of(str(node.tag)) in self._spaces

    def _children(self, node: XmlElement, element: Element) -> list[XmlElement]:
        """The children of a class, without the elements that the dialect puts around some of them."""
        for child in list(node) if self._dialect.unwrapped else ():
            local = str(child.tag).rpartition("}")[2]
            if (element.local, local) in self._dialect.unwrapped and self._is_ours(child) and _only_holds(child):
                self._notes.add("profile.unwrapped", node, name=local)
                place = node.index(child)
                node[place : place + 1] = list(child)
        return list(node)

    def _is_aside(self, parent: XmlElement, child: XmlElement, *classes: str) -> bool:
        """Whether no format has a place for a child of these names of one class; then it is taken out."""
        local = str(child.tag).rpartition("}")[2]
        if (child.tail or "").strip() or not any((name, local) in self._dialect.aside for name in classes):
            return False
        parent.remove(child)
        self._notes.add("profile.left-aside", parent, name=local)
        return True

    def _child(self, parent: XmlElement, child: XmlElement, element: Element, taken: dict[str, int]) -> None:
        tag = str(child.tag)
        local = tag.rpartition("}")[2]
        name = self._dialect.today(element.local, local)
        meant = _meant(self._reader.of(element).by_local.get(name, []), tag, taken)
        if meant is None:
            self._unknown(child, name, element.namespace)
            return
        if self._dialect.empty_absent and _says_nothing(child, meant):
            parent.remove(child)
            self._notes.add("profile.empty", parent, name=local)
            return
        child.tag = clark(meant)
        if name in self._watched:
            self._notes.names.add(line_of(child), name, local)
        if name != local:
            self._notes.add("profile.tag", child, f"{name} for {local}")
        if not meant.is_leaf:
            date = self._reader.of(meant).date if self._dialect.dates else None
            if date is None or len(child):
                self._class(child, meant, element.local)
            else:
                self._date(child, date)

    def _unknown(self, node: XmlElement, name: str, space: str) -> None:
        """An unknown element gets the namespace of its parent, so that the validator names it as what it is."""
        for inner in node.iter():
            tag = str(inner.tag)
            if namespace_of(tag) in self._spaces:
                inner.tag = f"{{{space}}}{tag.rpartition('}')[2]}" if space else tag.rpartition("}")[2]
        node.tag = f"{{{space}}}{name}" if space else name

    def _date(self, node: XmlElement, leaf: Element) -> None:
        """A date without child elements: its text goes into the leaf that the schema has for it.

        A text in none of the dialect's styles goes there as it is, for the validator to name.
        """
        text, form = (node.text or "").strip(), node.attrib.get(_FORM)
        if not text and form is None:
            return
        styles, notes = self._dialect.dates, self._notes
        if form is not None and "attribute" in styles:
            del node.attrib[_FORM]
            text, form = self._in_known_form(node, text, str(form).strip())
            notes.add("profile.date", node, "formatCode at DateTimeString")
        elif form is None and "date-time" in styles:
            written = from_xml_schema(text) or unread(text)
            text, form = written.text, written.code or None
            if written.precision_lost:
                notes.add("profile.date-precision", node)
            if written.moved_to_utc:
                notes.add("profile.date-zone", node)
            notes.add("profile.date", node, f"{_DATE_LEAF} of form 102, 204 or 304")
        inner = etree.SubElement(node, clark(leaf))
        inner.sourceline = node.sourceline
        inner.text, node.text = text, None
        if form is not None:
            inner.set(_FORM, str(form))

    def _in_known_form(self, node: XmlElement, text: str, form: str) -> tuple[str, str]:
        """The date in a form of the format; a text that is not all digits is left as it came."""
        other = self._dialect.date_forms.get(form)
        if other is None or not (text.isascii() and text.isdigit()):
            return text, form
        self._notes.add("profile.date-form", node, other.code)
        return f"{text}{other.text}", other.code

    def _texts(self, document: XmlElement) -> None:
        """Texts of the envelope in today's form."""
        for child in document:
            local = str(child.tag).rpartition("}")[2]
            today = self._dialect.values.get(local, {}).get((child.text or "").strip())
            if today is not None:
                child.text = today
                self._notes.add("profile.envelope", child, f"{today} in {local}")

    def _defaults(self, document: XmlElement) -> None:
        """What the format fixes in its envelope, where the document does not say it."""
        root = self._reader.structure.root
        present = {str(child.tag) for child in document}
        later = {clark(element) for element in root.children}
        for element in root.children:
            later.discard(clark(element))
            text = self._reader.head.defaults.get(element.key)
            if text is None or clark(element) in present:
                continue
            leaf = etree.Element(clark(element))
            leaf.sourceline, leaf.text = document.sourceline, text
            following = (place for place, child in enumerate(document) if str(child.tag) in later)
            document.insert(next(following, len(document)), leaf)
            self._notes.add("profile.default", document, element.key)


def _only_holds(node: XmlElement) -> bool:
    """Whether an element has nothing but elements."""
    texts = (node.text, node.tail, *(child.tail for child in node))
    return len(node) > 0 and not node.attrib and not any((text or "").strip() for text in texts)


def _says_nothing(node: XmlElement, element: Element) -> bool:
    """Whether an element is empty, with all that stands in it, where the schema asks for something."""
    if (node.tail or "").strip() or any(inner.attrib or (inner.text or "").strip() for inner in node.iter()):
        return False
    return element.type is None or not admits(element.type, "")


def _meant(candidates: list[Element], tag: str, taken: dict[str, int]) -> Element | None:
    """The element that a child stands for: the one of its very name, else by order among those of its local name."""
    if not candidates:
        return None
    exact = next((one for one in candidates if clark(one) == tag), None)
    if exact is not None:
        return exact
    position = taken[candidates[0].local] = taken.get(candidates[0].local, 0) + 1
    for candidate in candidates[:-1]:
        if candidate.maximum is None or position <= candidate.maximum:
            return candidate
        position -= candidate.maximum
    return candidates[-1]
