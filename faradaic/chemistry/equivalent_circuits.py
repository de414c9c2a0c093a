"""Equivalent circuits written as text: "R0+(C1|(R1+W1))".

`+` is series, `|` is parallel; where both meet, parentheses say which comes first. An element is a
letter and a number:

R  resistance, ohm                       C  capacitance, F
L  inductance, H                         W  semi-infinite diffusion, sigma (1 - j)/sqrt(omega)
Q  constant phase element, 1/(Y (j omega)^n), with Y in S s^n and n up to 1
T  diffusion through a film, R tanh(sqrt(j omega tau))/sqrt(j omega tau), with R in ohm, tau in s
O  the same with a reflecting end: coth in place of tanh

Randles 1947, Warburg 1899; Brug et al. 1984 for Q. A cell of Randles is "R0+(C1|(R1+W1))".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import InputError

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
_Impedance = Callable[[Floats, Floats], Complex]

_TOKEN = re.compile(r"\s*([A-Z][0-9]{0,3}|[+|()])")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a circuit, always above zero."""

    name: str
    """The element, and the number's own name where it has two: "R1", "Q1.n"."""
    unit: str

    @property
    def kind(self) -> str:
        """Get the letter of the element, with the number's own name: "R", "Q.n"."""
        return self.name[0] + self.name[self.name.find(".") :] if "." in self.name else self.name[0]


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit with its parameters in the order in which they were written."""

    text: str
    parameters: tuple[Parameter, ...]
    impedance_ohm: _Impedance
    """(angular frequencies in rad/s (n,), parameters (k,)) -> impedance (n,).

    For parameters (k, m, 1) it is (m, n)."""

    def spectrum_ohm(self, frequency_Hz: ArrayLike, values: Mapping[str, float]) -> Complex:
        """The impedance at frequencies (n,) with values by the names of the parameters.

        Z'' is negative for a capacitive cell. Raises `InputError` (E561) for a frequency or a value
        that cannot be, and where not exactly the parameters have values.
        """
        names = [parameter.name for parameter in self.parameters]
        if sorted(names) != sorted(values):
            given = ", ".join(values) or "nothing"
            raise _impossible(f"{self.text} is given {given}", f"give {', '.join(names)}")
        for name, value in values.items():
            # a resistance of nothing is a wire
            if not (0.0 < value < np.inf or (name[0] == "R" and value == 0.0)):
                raise _impossible(f"{name} is {value:g}", "give a value above zero, and finite")
            if name.endswith(".n") and value > 1.0:
                raise _impossible(f"{name} is {value:g}", "an exponent is at most 1")
        omega = 2.0 * np.pi * checked_frequencies_Hz(frequency_Hz)
        return self.impedance_ohm(omega, np.array([values[name] for name in names]))


def checked_frequencies_Hz(frequency_Hz: ArrayLike) -> Floats:
    """Frequencies as an array (n,). Raises `InputError` (E561) for one that is not above zero."""
    try:
        frequencies = np.atleast_1d(np.asarray(frequency_Hz, dtype=np.float64))
    except (TypeError, ValueError):
        raise _impossible("frequency_Hz holds what is no number", "give numbers, in Hz") from None
    for frequency in frequencies.flat:
        if not 0.0 < frequency < np.inf:
            what = f"a frequency is {frequency:g} Hz (frequency_Hz)"
            raise _impossible(what, "give one above zero, and finite")
    return frequencies


def _impossible(message: str, remedy: str) -> InputError:
    return InputError.of(message, help=remedy, code="E561")


def _parallel(a: Complex, b: Complex) -> Complex:
    return a * b / (a + b)


def _diffusion(omega: Floats, p: Floats) -> Complex:
    root = np.sqrt(1j * omega * p[1])
    return np.asarray(p[0] * np.tanh(root) / root)


def _reflected(omega: Floats, p: Floats) -> Complex:
    root = np.sqrt(1j * omega * p[1])
    return np.asarray(p[0] / (np.tanh(root) * root))


_ELEMENTS: dict[str, tuple[tuple[tuple[str, str], ...], _Impedance]] = {
    "R": ((("", "ohm"),), lambda w, p: np.asarray(p[0] + 0j * w)),
    "C": ((("", "F"),), lambda w, p: 1.0 / (1j * w * p[0])),
    "L": ((("", "H"),), lambda w, p: 1j * w * p[0]),
    "W": ((("", "ohm/s^0.5"),), lambda w, p: p[0] * (1.0 - 1j) / np.sqrt(w)),
    "Q": (((".Y", "S s^n"), (".n", "1")), lambda w, p: 1.0 / (p[0] * (1j * w) ** p[1])),
    "T": (((".R", "ohm"), (".tau", "s")), _diffusion),
    "O": (((".R", "ohm"), (".tau", "s")), _reflected),
}


def parse_circuit(text: str) -> Circuit:
    """Read a circuit. Raises `InputError` for text that is not one."""
    return _Parser(text).circuit()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        self._parameters: list[Parameter] = []
        at, stripped = 0, text.rstrip()
        while at < len(stripped):
            match = _TOKEN.match(stripped, at)
            if match is None or len(text) > _LONGEST:
                raise self._refusal(f"{stripped[at : at + 10]!r} cannot be read")
            self._tokens.append(match[1])
            at = match.end()
        self._tokens.reverse()  # to be popped

    def circuit(self) -> Circuit:
        impedance = self._network()
        if self._tokens:
            raise self._refusal(f"there is a {self._tokens[-1]!r} too many")
        return Circuit(self._text, tuple(self._parameters), impedance)

    def _network(self) -> _Impedance:
        parts, signs = [self._part()], set()
        while self._tokens and self._tokens[-1] in "+|":
            signs.add(self._tokens.pop())
            parts.append(self._part())
        if len(signs) > 1:
            raise self._refusal("'+' and '|' meet without parentheses")
        if signs == {"|"}:
            return lambda w, p: reduce(_parallel, (part(w, p) for part in parts))
        return lambda w, p: reduce(operator.add, (part(w, p) for part in parts))

    def _part(self) -> _Impedance:
        token = self._tokens.pop() if self._tokens else "end"
        if token == "(":
            inner = self._network()
            if not self._tokens or self._tokens.pop() != ")":
                raise self._refusal("a ')' is missing")
            return inner
        if token[0] not in _ELEMENTS:
            raise self._refusal(f"there is {token!r} where an element should be")
        numbers, impedance = _ELEMENTS[token[0]]
        names = [token + name for name, _ in numbers]
        if names[0] in {parameter.name for parameter in self._parameters}:
            raise self._refusal(f"{token} stands there twice")
        first = len(self._parameters)
        self._parameters += [
            Parameter(name, unit) for name, (_, unit) in zip(names, numbers, strict=True)
        ]
        last = len(self._parameters)
        return lambda w, p: impedance(w, p[first:last])

    def _refusal(self, what: str) -> InputError:
        message = f"circuit {self._text[:_LONGEST]!r}: {what}"
        help_ = 'write series as +, parallel as |, as in "R0+(C1|(R1+W1))"; elements: '
        return InputError.of(message, help=help_ + ", ".join(_ELEMENTS), code="E765")
