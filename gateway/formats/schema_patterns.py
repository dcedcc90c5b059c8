"""Patterns of XML Schema said in the words of JSON Schema, without ever becoming stricter.

The two dialects differ in what a dot, a caret, a dollar and the escapes for digits, blanks and words mean. Each is
written out here; what cannot be translated gives None, and the published JSON Schema then asks less than the validator
does, never more.
"""

from __future__ import annotations

BLANKS = " \\t\\n\\r"
_OUTSIDE = {"d": "\\p{Nd}", "s": f"[{BLANKS}]", "S": f"[^{BLANKS}]", "D": "\\P{Nd}", "-": "-"}
_INSIDE = {"d": "\\p{Nd}", "s": BLANKS, "D": "\\P{Nd}"}
_ESCAPED = "nrt\\|.?*+(){}-[]^"
_BLANK_MATCHERS = (" ", ".", "\\s", "\\D", "\\S", "[^", "\\P", "\\W")


def json_pattern(pattern: str) -> str | None:
    """A whole-value pattern for JSON Schema, or None when it cannot be said there."""
    body = _translate(pattern)
    return None if body is None else f"^(?:{body})$"


def token_pattern(pattern: str) -> str | None:
    """The same for a token, around which blanks may stand; None also when the pattern itself may match a blank."""
    if any(matcher in pattern for matcher in _BLANK_MATCHERS):
        return None
    body = _translate(pattern)
    return None if body is None else f"^[{BLANKS}]*(?:{body})[{BLANKS}]*$"


def token_length_pattern(minimum: int, maximum: int | None) -> str:
    """Length after blanks are collapsed: a run of blanks inside counts as one character."""
    most = "" if maximum is None else str(maximum)
    return f"^[{BLANKS}]*(?:[^{BLANKS}]|[{BLANKS}]+(?=[^{BLANKS}])){{{minimum},{most}}}[{BLANKS}]*$"


def _translate(pattern: str) -> str | None:
    out: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "\\":
            escape = pattern[at : at + 1]
            at += 1
            known = (_INSIDE if inside else _OUTSIDE).get(escape)
            if known is None and escape not in _ESCAPED:
                return None
            out.append(known if known is not None else f"\\{escape}")
        elif inside:
            if sign == "[":
                return None
            inside = sign != "]"
            out.append(sign)
        elif sign == "[":
            inside = True
            negated = pattern[at : at + 1] == "^"
            at += negated
            out.append("[^" if negated else "[")
        else:
            out.append({".": "[^\\n\\r]", "^": "\\^", "$": "\\$"}.get(sign, sign))
    return "".join(out)
