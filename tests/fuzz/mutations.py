"""Ways to spoil a message: its bytes, the tree of an XML document, the tree of a JSON document."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from lxml import etree

Node = etree._Element
SPICES = (
    b"<", b">", b"&", b"\x00", b"\xff", b"\xed\xa0\x80", b"]]>", b"<!--", b"<!DOCTYPE x>", b"<?xml?>", b"&x;", b'"',
    b"'", b"{", b"}", b"[", b"]", b"\\u0000", b"\\ud800", b"1e400", b"NaN", b"-0", b"9" * 400, b" ", b"\t", b"\xc2\xa0",
    b"xmlns:a='urn:a'", b"xsi:nil='true'", b"null", b"true", b"\xef\xbb\xbf", b"\\", b'\\"', b"</", b"/>", b"<a:b>",
)  # fmt: skip
TEXTS = (
    "", " ", "\n", "0", "-1", "1.", ".5", "+3", "1e5", "NaN", "INF", "99999999999999999999999999",
    "0.0000000001", "true", "20240230", "20240229", "20231301250000Z", "20240229120000+99", "102", "304",
    "XX", "zz", "ZZZ", "kgm", "KGM#G", "é", "\u202e", "\U0001f4a9", "中文", "a" * 600, " x ", "CSQU3054383",
    "CSQU3054384", "IMO9074729", "$1", "42A", "97A", "007", "[2]", "{}", "%s%n", "../../etc/passwd", "<b/>",
    "]]>", "&amp;", "a\tb", "\r\n", "²", "١٢٣", "１２", "−1",
)  # fmt: skip
LARGEST = 64 * 1024
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def in_bytes(data: bytes, chance: random.Random) -> bytes:
    """One to four cuts, doublings, swaps or insertions anywhere."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((1, 2, 5, 20, 100)))
        match chance.randrange(5):
            case 0:
                data = data[:start] + data[end:]
            case 1:
                data = data[:start] + data[start:end] * chance.choice((2, 3, 50)) + data[end:]
            case 2:
                data = data[:start] + chance.choice(SPICES) + data[end:]
            case 3:
                data = data[:start] + bytes(chance.randrange(256) for _ in range(3)) + data[end:]
            case _:
                data = data[end:] + data[:start]
    return data


def in_xml(data: bytes, chance: random.Random) -> bytes:
    """One to five changes of the document's tree, in values more often than in structure."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_pis=True))
    for _ in range(chance.randint(1, 5)):
        nodes = list(root.iter(etree.Element))
        _change_xml(chance.choice(nodes), nodes, chance)
    return etree.tostring(root, encoding="UTF-8")


def _change_xml(node: Node, nodes: list[Node], chance: random.Random) -> None:
    if chance.random() < 0.4:
        _change_value(node, nodes, chance)
    else:
        _change_shape(node, nodes, chance)


def _change_value(node: Node, nodes: list[Node], chance: random.Random) -> None:
    match chance.randrange(6):
        case 0:
            names = ["formatCode", "x", f"{XSI}nil", f"{XSI}type", "{urn:a}b", "unitCode"]
            node.set(chance.choice(names), _xml_text(chance))
        case 1 if node.keys():
            del node.attrib[chance.choice(node.keys())]
        case 2:
            node.tail = _xml_text(chance)
        case _:
            leaves = [one for one in nodes if not len(one)]
            chance.choice([*leaves, node]).text = _xml_text(chance)


def _change_shape(node: Node, nodes: list[Node], chance: random.Random) -> None:
    other = chance.choice(nodes)
    parent = node.getparent()
    match chance.randrange(6):
        case 0 if parent is not None:
            parent.remove(node)
        case 1 if parent is not None:
            size = max(1, len(etree.tostring(node)))
            for _ in range(min(chance.choice((1, 3, 40, 3000)), LARGEST // size)):
                node.addnext(copy.deepcopy(node))
        case 2 if parent is not None:
            parent.insert(chance.randrange(len(parent)), node)
        case 3:
            other.append(copy.deepcopy(node))
        case 4:
            node.append(chance.choice([etree.Comment("c"), etree.ProcessingInstruction("p", "i"), etree.Element("a")]))
        case _:
            node.tag = chance.choice([str(other.tag), f"{node.tag}x", f"{{urn:other}}{etree.QName(node).localname}"])


def _xml_text(chance: random.Random) -> str:
    return chance.choice(TEXTS)


def in_json(data: bytes, chance: random.Random) -> bytes:
    """One to five changes of the document's tree."""
    value = json.loads(data)
    for _ in range(chance.randint(1, 5)):
        holders = [one for one in _containers(value) if one]
        if holders:
            _change_json(chance.choice(holders), holders, chance)
    return json.dumps(value, ensure_ascii=chance.random() < 0.3).encode("utf-8", "surrogatepass")


def _change_json(holder: Any, holders: list[Any], chance: random.Random) -> None:
    key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    other = chance.choice(holders)
    match chance.randrange(9):
        case 0 | 1 | 2:
            holder[key] = chance.choice(TEXTS)
        case 3:
            holder[key] = chance.choice(
                [None, True, 1, 1.5, -0.0, 10**30, float("nan"), [], {}, [[]], "\ud800", "\x00"]
            )
        case 4:
            del holder[key]
        case 5:
            size = max(1, len(json.dumps(holder[key])))
            holder[key] = [copy.deepcopy(holder[key]) for _ in range(min(chance.choice((1, 2, 3000)), LARGEST // size))]
        case 6 if isinstance(holder, dict):
            holder[chance.choice(["@formatCode", "value", "a", "", "@", "/~", "dec:Declaration"])] = chance.choice(
                TEXTS
            )
        case 7 if isinstance(holder, list):
            holder.extend(copy.deepcopy(holder[:1]) * chance.choice((1, 30)))
        case _ if isinstance(other, dict):
            other[f"{key}"] = copy.deepcopy(holder[key])
        case _:
            holder[key] = {"value": holder[key]}


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)
