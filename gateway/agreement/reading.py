"""Bytes of an agreement file to its terms, or to all that is wrong with them at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import ValidationError

from gateway.agreement.terms import AgreementTerms
from gateway.findings import Fault

_REMEDIES = {
    "extra_forbidden": "remove the key, or look up its right name in agreements/README.md",
    "missing": "write the key; nothing in an agreement is left to a default that matters",
}
_LINE = re.compile(r"\(at line (\d+), ")
_HEADER = re.compile(r"(?P<table>[A-Za-z][\w.-]*)\[(?P<number>\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFile:
    """One version of an agreement as it lies in the folder.

    Attributes:
        file: path relative to the checked folder.
        digest: SHA-256 of the file's bytes, hexadecimal: what an audit entry quotes.
        terms: what it says.
        text: the file, to find the line of a fault.
    """

    file: str
    digest: str
    terms: AgreementTerms
    text: str = field(repr=False, default="")

    def row(self, place: str, quoted: str = "") -> str:
        """The key in the file, with the line of the quoted text after it where that text occurs.

        A path often stands in several field sets: it is looked for below the header that the key names, then anywhere.
        """
        lines = list(enumerate(self.text.splitlines(), 1))
        for number, line in [*_below_header(lines, place), *lines] if quoted else ():
            if f'"{quoted}"' in line:
                return f"{place} (line {number})"
        return place


def _below_header(lines: list[tuple[int, str]], place: str) -> list[tuple[int, str]]:
    """The lines from the header of a key such as ``fields.goods.allow[2].paths[1]`` to the next header."""
    named = _HEADER.match(place)
    if named is None:
        return []
    headers = [index for index, (_, line) in enumerate(lines) if line.startswith("[")]
    own = [index for index in headers if lines[index][1].split("#")[0].strip() == f"[[{named['table']}]]"]
    number = int(named["number"])
    if number > len(own):
        return []
    begins = own[number - 1]
    return lines[begins : min((index for index in headers if index > begins), default=len(lines))]


def read_agreement(content: bytes, file: str) -> tuple[AgreementFile | None, tuple[Fault, ...]]:
    """Read one agreement file.

    Args:
        content: the bytes of ``<id>-v<version>.toml``.
        file: its path relative to the checked folder, quoted in every fault.

    Returns:
        The agreement, or None with every fault of its shape.
    """
    try:
        text = content.decode("utf-8-sig")
        raw = tomllib.loads(text)
        terms = AgreementTerms.model_validate(raw)
    except UnicodeDecodeError:
        return None, (Fault(file=file, code="agreement.not-utf-8", message="the file is not UTF-8 text"),)
    except tomllib.TOMLDecodeError as problem:
        line = _LINE.search(str(problem))
        where = line[1] if line else ""
        return None, (Fault(file=file, row=where, code="agreement.not-toml", message=f"not TOML: {problem}"),)
    except ValidationError as problems:
        found = [(one["loc"], one["type"], one["msg"]) for one in problems.errors()]
        return None, tuple(_fault(file, *one) for one in found if not _follows(one[0], one[1], found))
    read = AgreementFile(file=file, digest=hashlib.sha256(content).hexdigest(), terms=terms, text=text)
    return read, _named_as_filed(read)


Problem: TypeAlias = tuple[tuple[int | str, ...], str, str]


def _follows(place: tuple[int | str, ...], kind: str, found: list[Problem]) -> bool:
    """Whether a list is only called too short because an entry of it is at fault."""
    return kind == "too_short" and any(
        other[: len(place)] == place and len(other) > len(place) for other, _, _ in found
    )


def _fault(file: str, place: tuple[int | str, ...], kind: str, message: str) -> Fault:
    code = "agreement.unknown-key" if kind == "extra_forbidden" else "agreement.invalid"
    return Fault(file=file, row=_key(place), code=code, message=message, remedy=_REMEDIES.get(kind, ""))


def _key(place: tuple[int | str, ...]) -> str:
    text = ""
    for step in place:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _named_as_filed(read: AgreementFile) -> tuple[Fault, ...]:
    """A file that is called otherwise than it says would be looked for in vain, or stand twice."""
    terms = read.terms
    expected = f"{terms.id}-v{terms.version}.toml"
    if read.file.rsplit("/", 1)[-1] == expected:
        return ()
    return (
        Fault(
            file=read.file,
            row="id, version",
            code="agreement.file-name",
            message=f"the file says that it is {expected}",
            remedy="rename the file, or write the id and version that its name gives",
        ),
    )
