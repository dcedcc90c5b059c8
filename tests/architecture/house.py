"""The house rules as functions over a folder of Python files, so that a planted breach can be shown to be found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLOORS: dict[str, int] = {
    "errors": 0,
    "findings": 0,
    "identifiers": 0,
    "settings": 0,
    "exchange": 1,
    "formats": 1,
    "codes": 1,
    "validation": 2,
    "conversion": 2,
    "agreement": 2,
    "partner": 2,
    "security": 2,
    "audit": 2,
    "case": 2,
    "catalogue": 3,
    "ports": 3,
    "authorisation": 3,
    "pipeline": 4,
    "adapters": 4,
    "bootstrap": 5,
    "api": 6,
    "cli": 6,
    "client": 6,
    "conformance": 6,
    "console": 6,
    "simulator": 6,
}
ENGINES = frozenset(room for room, floor in FLOORS.items() if floor == 2)
SIDE_BY_SIDE = frozenset({frozenset({"pipeline", "adapters"})})
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60

PARTNER_TOKENS = (
    "china", "chinese", "uzbek", "tajik", "russia", "iran", "pakistan", "beijing", "karachi", "tashkent",
    "dushanbe", "moscow", "tehran", "gacc", "weboc", "psw", "decmessage", "esadout", "autopreliminary",
)  # fmt: skip
PARTNER_PATTERNS = (
    r"\bMT[0-9]{4}\b",
    r"\bpk-[a-z]{2}\b",
    r"['\"](?:cn|uz|tj|ru|ir)['\"]",
    r"['\"]pk['\"](?!: \"pk_)",  # databases call their primary keys so
    r"\b(?:PK|CN|UZ|TJ)-[A-Z]",
)
"""What may not stand under gateway/: code knows how, data knows who. A sixth partner's tokens are added here."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place that breaks a house rule."""

    file: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}"


def python_files(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*.py") if "__pycache__" not in path.parts)


def room_of(package: Path, file: Path) -> str:
    first = file.relative_to(package).parts[0]
    return first.removesuffix(".py")


def imports_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            if node.module and node.level == 0:
                yield node.lineno, node.module
                for name in node.names:
                    yield node.lineno, f"{node.module}.{name.name}"
            elif node.level:
                yield node.lineno, "relative"


def _rooms_imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in imports_of(tree):
        parts = name.split(".")
        if parts[0] == "gateway" and len(parts) > 1 and parts[1] in FLOORS:
            yield line, parts[1]


def import_breaches(package: Path) -> list[Breach]:
    """Imports that point up or sideways between engines, rooms that no floor knows, relative imports."""
    breaches = []
    for file in python_files(package):
        room = room_of(package, file)
        where = str(file.relative_to(package.parent))
        if room in {"__init__", "__main__"}:
            continue
        if room not in FLOORS:
            breaches.append(Breach(where, 1, f"the room {room} stands on no floor"))
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        breaches += [Breach(where, line, "relative import") for line, name in imports_of(tree) if name == "relative"]
        for line, target in sorted(set(_rooms_imported(tree))):
            if target == room:
                continue
            if FLOORS[target] > FLOORS[room]:
                breaches.append(Breach(where, line, f"{room} imports upwards: {target}"))
            elif room in ENGINES and target in ENGINES:
                breaches.append(Breach(where, line, f"engine {room} imports its sibling {target}"))
            elif frozenset({room, target}) in SIDE_BY_SIDE:
                breaches.append(Breach(where, line, f"{room} and {target} meet only in ports"))
    return breaches


def circle_breaches(package: Path) -> list[Breach]:
    """Circles between modules, found by depth-first search over the import graph."""
    graph: dict[str, set[str]] = {}
    names = {_module_name(package, file): file for file in python_files(package)}
    for name, file in names.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        graph[name] = {target for _, target in imports_of(tree) if target in names and target != name}
    breaches: list[Breach] = []
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            breaches.append(Breach(str(names[name].relative_to(package.parent)), 1, f"circle: {circle}"))
            return
        if name in done:
            return
        for target in sorted(graph[name]):
            visit(target, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())
    return breaches


def _module_name(package: Path, file: Path) -> str:
    parts = (package.name, *file.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def size_breaches(package: Path) -> list[Breach]:
    """Files over 400 lines and functions over 60."""
    breaches = []
    for file in python_files(package):
        where = str(file.relative_to(package.parent))
        text = file.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > MOST_LINES_OF_A_FILE:
            breaches.append(Breach(where, lines, f"{lines} lines, at most {MOST_LINES_OF_A_FILE}"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > MOST_LINES_OF_A_FUNCTION:
                    rule = f"{node.name} has {size} lines, at most {MOST_LINES_OF_A_FUNCTION}"
                    breaches.append(Breach(where, node.lineno, rule))
    return breaches


def token_breaches(package: Path) -> list[Breach]:
    """Places where a partner, a national format or an agreement is named."""
    words = re.compile("|".join(PARTNER_TOKENS), re.IGNORECASE)
    patterns = re.compile("|".join(PARTNER_PATTERNS))
    breaches = []
    for file in sorted(path for path in package.rglob("*") if path.suffix in {".py", ".sql", ".html", ".toml"}):
        where = str(file.relative_to(package.parent))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            found = words.search(line) or patterns.search(line)
            if found:
                breaches.append(Breach(where, number, f"names {found.group()!r}"))
    return breaches


def channel_breaches(package: Path) -> list[Breach]:
    """The HTTP client library is imported in one module under adapters/ only."""
    importers = []
    for file in python_files(package):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        lines = [line for line, name in imports_of(tree) if name.split(".")[0] in {"httpx", "httpx2"}]
        if lines:
            importers.append((str(file.relative_to(package.parent)), lines[0]))
    outside = [(where, line) for where, line in importers if not where.startswith(f"{package.name}/adapters/")]
    breaches = [Breach(where, line, "httpx outside adapters/") for where, line in outside]
    inside = [(where, line) for where, line in importers if (where, line) not in outside]
    return breaches + [Breach(where, line, "httpx in a second module") for where, line in inside[1:]]
