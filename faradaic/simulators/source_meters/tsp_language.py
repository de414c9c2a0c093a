"""The part of Lua that test scripts of TSP instruments are written in, as far as lines of them go.

Assignments (several at once), calls, arithmetic, comparisons, tables, `if`, `for` with numbers,
`while`, `do` and `local`; no functions of one's own, no methods, no `repeat`. Names are global
(Lua 5.0 reference manual for syntax and precedence). A line is a chunk of its own.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

Function = Callable[..., "list[Any]"]
Evaluate = Callable[[dict[str, Any]], "list[Any]"]
Execute = Callable[[dict[str, Any]], None]

STEPS_MAX = 200_000
"""Rounds of loops in one line, after which it is taken as one that never ends."""

_TOKEN = re.compile(
    r"\s*(?:(--[^\n]*)|(0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|([A-Za-z_]\w*)|(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(==|~=|<=|>=|\.\.|[-+*/^%<>=(){}\[\],;.#]))"
)
_KEYWORDS = frozenset(
    {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in"}
    | {"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}
)
_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "^": operator.pow,
}
_COMPARED = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_PRECEDENCE = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("<", ">", "<=", ">=", "~=", "=="), 3),
    "..": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
    "^": 8,
}
_UNARY = 7


class TspSyntaxError(Exception):
    """A line that is no chunk."""


class TspRuntimeError(Exception):
    """A chunk that failed on its way."""


class Namespace:
    """A table of the instrument: attributes that are read and written, and what else it has."""

    def __init__(self, luatype: str) -> None:
        self.luatype = luatype
        self.getters: dict[str, Callable[[], Any]] = {}
        self.setters: dict[str, Callable[[Any], None]] = {}
        self.objects: dict[str, Any] = {}

    def get(self, name: Any) -> Any:
        """An attribute; None, which is nil, where there is none."""
        getter = self.getters.get(name)
        return self.objects.get(name) if getter is None else getter()

    def set(self, name: Any, value: Any) -> None:
        """Write an attribute. Raises `TspRuntimeError`."""
        setter = self.setters.get(name)
        if setter is None:
            raise TspRuntimeError(f"cannot modify `{name}' of {self.luatype}")
        setter(value)


class Parser:
    """One chunk into something that runs."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def chunk(self) -> Execute:
        """The whole text. Raises `TspSyntaxError`."""
        block = self._block()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return block

    # Statements --------------------------------------------------------------------------------

    def _block(self) -> Execute:
        statements: list[Execute] = []
        while self._at < len(self._tokens) and self._peek() not in ("end", "else", "elseif"):
            if not self._take(";"):
                statements.append(self._statement())

        def run(scope: dict[str, Any]) -> None:
            for statement in statements:
                statement(scope)

        return run

    def _statement(self) -> Execute:
        if self._take("if"):
            return self._if()
        if self._take("for"):
            return self._for()
        if self._take("while"):
            condition = self._expression()
            body = self._body("do")

            def loop(scope: dict[str, Any]) -> None:
                for _ in range(STEPS_MAX):
                    if not _true(condition(scope)):
                        return
                    body(scope)
                raise TspRuntimeError("a loop never ends")

            return loop
        if self._peek() == "do":
            return self._body("do")
        self._take("local")
        return self._assignment_or_call()

    def _if(self) -> Execute:
        arms: list[tuple[Evaluate, Execute]] = []
        otherwise: Execute | None = None
        while True:
            condition = self._expression()
            self._need("then")
            arms.append((condition, self._block()))
            if not self._take("elseif"):
                break
        if self._take("else"):
            otherwise = self._block()
        self._need("end")

        def run(scope: dict[str, Any]) -> None:
            for condition, block in arms:
                if _true(condition(scope)):
                    block(scope)
                    return
            if otherwise is not None:
                otherwise(scope)

        return run

    def _for(self) -> Execute:
        name = self._name()
        self._need("=")
        bounds = [self._expression()]
        while self._take(","):
            bounds.append(self._expression())
        body = self._body("do")

        def run(scope: dict[str, Any]) -> None:
            first, last, *step = (_number(bound(scope)) for bound in bounds)
            by, steps = (step or [1.0])[0], 0
            while (first <= last) if by > 0 else (first >= last):
                steps += 1
                if steps > STEPS_MAX or by == 0:
                    raise TspRuntimeError("a loop never ends")
                scope[name] = first
                body(scope)
                first += by

        return run

    def _body(self, opening: str) -> Execute:
        self._need(opening)
        block = self._block()
        self._need("end")
        return block

    def _assignment_or_call(self) -> Execute:
        targets = [self._suffixed()]
        while self._take(","):
            targets.append(self._suffixed())
        if not self._take("="):
            value, store = targets[0]
            if len(targets) > 1 or store is not None:
                raise self._unexpected()

            def call(scope: dict[str, Any]) -> None:
                value(scope)

            return call
        values = self._expressions()
        stores = [store for _, store in targets]
        if any(store is None for store in stores):
            raise self._unexpected()

        def assign(scope: dict[str, Any]) -> None:
            told = values(scope)
            told += [None] * (len(stores) - len(told))
            for store, value in zip(stores, told, strict=False):
                if store is not None:
                    store(scope, value)

        return assign

    # Expressions -------------------------------------------------------------------------------

    def _expressions(self) -> Evaluate:
        parts = [self._expression()]
        while self._take(","):
            parts.append(self._expression())

        def run(scope: dict[str, Any]) -> list[Any]:
            told: list[Any] = []
            for number, part in enumerate(parts, 1):
                got = part(scope)
                told += got if number == len(parts) else got[:1] or [None]
            return told

        return run

    def _expression(self, least: int = 1) -> Evaluate:
        if self._peek() in ("-", "not", "#"):
            sign = self._next()
            operand = self._expression(_UNARY)
            left: Evaluate = lambda scope: [_unary(sign, operand(scope))]  # noqa: E731
        else:
            left = self._simple()
        while _PRECEDENCE.get(self._peek(), 0) >= least:
            sign = self._next()
            power = _PRECEDENCE[sign]
            right = self._expression(power if sign in ("..", "^") else power + 1)
            left = _combined(sign, left, right)
        return left

    def _simple(self) -> Evaluate:
        token = self._peek()
        constants: dict[str, Any] = {"nil": None, "true": True, "false": False}
        if token in constants:
            self._next()
            return lambda scope: [constants[token]]
        if token[:1].isdigit() or (token[:1] == "." and token[1:2].isdigit()):
            self._next()
            number = float(int(token, 16)) if token[:2].lower() == "0x" else float(token)
            return lambda scope: [number]
        if token[:1] in ("'", '"'):
            self._next()
            text = token[1:-1].encode().decode("unicode_escape")
            return lambda scope: [text]
        if token == "{":
            return self._table()
        return self._suffixed()[0]

    def _table(self) -> Evaluate:
        self._need("{")
        values: Evaluate = lambda scope: []  # noqa: E731
        if self._peek() != "}":
            values = self._expressions()
        self._need("}")
        return lambda scope: [{float(n): value for n, value in enumerate(values(scope), 1)}]

    def _suffixed(self) -> tuple[Evaluate, Callable[[dict[str, Any], Any], None] | None]:
        """A name, and what is indexed or called after it; how it is assigned to, None for a call
        and what stands in brackets."""
        store: Callable[[dict[str, Any], Any], None] | None = None
        if self._take("("):
            inside = self._expression()
            self._need(")")
            value: Evaluate = lambda scope: inside(scope)[:1]  # noqa: E731
        else:
            name = self._name()
            value = lambda scope: [scope.get(name)]  # noqa: E731
            store = lambda scope, told: scope.__setitem__(name, told)  # noqa: E731
        while self._peek() in (".", "[", "("):
            opening = self._next()
            if opening == "(":
                value, store = self._called(value), None
                continue
            if opening == ".":
                field = self._name()
                key: Evaluate = lambda scope, field=field: [field]  # type: ignore[misc]  # noqa: E731
            else:
                key = self._expression()
                self._need("]")
            value, store = _indexed(value, key)
        return value, store

    def _called(self, function: Evaluate) -> Evaluate:
        arguments: Evaluate = lambda scope: []  # noqa: E731
        if self._peek() != ")":
            arguments = self._expressions()
        self._need(")")

        def run(scope: dict[str, Any]) -> list[Any]:
            called = _one(function(scope))
            if not callable(called):
                raise TspRuntimeError(f"attempt to call {_kind(called)} value")
            told: list[Any] = called(*arguments(scope))
            return told

        return run

    # Tokens ------------------------------------------------------------------------------------

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise TspSyntaxError("unexpected symbol near `<eof>'")
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise TspSyntaxError(f"`{token}' expected near `{self._peek() or '<eof>'}'")

    def _name(self) -> str:
        token = self._peek()
        if not (token[:1].isalpha() or token[:1] == "_") or token in _KEYWORDS:
            raise self._unexpected()
        return self._next()

    def _unexpected(self) -> TspSyntaxError:
        return TspSyntaxError(f"unexpected symbol near `{self._peek() or '<eof>'}'")


def _tokens(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise TspSyntaxError(f"unexpected symbol near `{text[at : at + 10].strip()}'")
        at = match.end()
        if not match.group(1):
            yield match.group(match.lastindex or 0)


def _indexed(
    table: Evaluate, key: Evaluate
) -> tuple[Evaluate, Callable[[dict[str, Any], Any], None]]:
    def value(scope: dict[str, Any]) -> list[Any]:
        of, name = _one(table(scope)), _one(key(scope))
        if isinstance(of, Namespace):
            return [of.get(name)]
        if isinstance(of, dict):
            return [of.get(name)]
        raise TspRuntimeError(f"attempt to index {_kind(of)} value")

    def store(scope: dict[str, Any], told: Any) -> None:
        of, name = _one(table(scope)), _one(key(scope))
        if isinstance(of, Namespace):
            of.set(name, told)
        elif isinstance(of, dict):
            of[name] = told
        else:
            raise TspRuntimeError(f"attempt to index {_kind(of)} value")

    return value, store


def _combined(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    def run(scope: dict[str, Any]) -> list[Any]:
        a = left(scope)
        if sign == "and":
            return right(scope)[:1] if _true(a) else a[:1]
        if sign == "or":
            return a[:1] if _true(a) else right(scope)[:1]
        return [_binary(sign, _one(a), _one(right(scope)))]

    return run


def _binary(sign: str, a: Any, b: Any) -> Any:
    match sign:
        case "==":
            return a == b and isinstance(a, bool) is isinstance(b, bool)
        case "~=":
            return not _binary("==", a, b)
        case "..":
            return as_text(a) + as_text(b)
        case "<" | ">" | "<=" | ">=":
            if type(a) is not type(b) or not isinstance(a, float | str):
                raise TspRuntimeError(f"attempt to compare {_kind(a)} with {_kind(b)}")
            return bool(_COMPARED[sign](a, b))
    try:
        return float(_ARITHMETIC[sign](_number([a]), _number([b])))
    except (ArithmeticError, TypeError):
        return float("inf")


def _unary(sign: str, operand: list[Any]) -> Any:
    if sign == "not":
        return not _true(operand)
    if sign == "#":
        return float(len(_one(operand)))
    return -_number(operand)


def _one(values: list[Any]) -> Any:
    return values[0] if values else None


def _true(values: list[Any]) -> bool:
    return _one(values) not in (None, False) or isinstance(_one(values), float)


def _number(values: list[Any]) -> float:
    value = _one(values)
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    raise TspRuntimeError(f"attempt to perform arithmetic on {_kind(value)} value")


def kind_of(value: Any) -> str:
    """What `type` says."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float | int):
        return "number"
    if isinstance(value, str):
        return "string"
    return "function" if callable(value) else "table"


def _kind(value: Any) -> str:
    return f"a {kind_of(value)}"


def as_text(value: Any) -> str:
    """What `tostring` says."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        return f"{value:.14g}"
    if isinstance(value, str):
        return value
    kind = kind_of(value)
    return kind if value is None else f"{kind}: 0x{id(value) & 0xFFFFFF:06x}"
