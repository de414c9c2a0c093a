"""Interatomic potentials: energies and forces, by name, with an identity that includes versions."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

from pydantic import Field, field_validator

from faradaic.diagnostics import refusal
from faradaic.documents.models import Model, Text, problem
from faradaic.optional_libraries import how_to_install

DEFAULT = "chgnet"

_NEEDS = {"chgnet": "chgnet", "gfn1": "tblite", "gfn2": "tblite", "emt": "ase"}
"""Package of each name."""


class PotentialChoice(Model):
    """What a study writes of its potential: names and options as in `Potential`.

    A document is data: Python is named by what a person types, never by it.
    """

    name: Text = Field(examples=["gfn2"])
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _is_data(cls, name: str) -> str:
        if ":" in name:
            raise problem(
                f"{name!r} is Python, which a document can't ask to be run",
                code="E830",
                help=f"one of {', '.join(_NEEDS)}; or, if you trust it, leave `name` out and type"
                f" `--potential {name}`",
            )
        return name

    def typed(self, name: str | None) -> PotentialChoice:
        """With the name that a person typed, if any, in place of the document's."""
        return self if name is None else type(self).model_construct(name=name, options=self.options)


@dataclass(frozen=True, slots=True)
class Potential:
    """A potential and its options.

    Names: "chgnet" (universal, weights inside its package; Deng et al., Nat. Mach. Intell. 5,
    1031, 2023; option `device`, "cpu" unless given), "gfn1" and "gfn2" (xTB by tblite; Grimme et
    al., JCTC 13, 1989, 2017 and Bannwarth et al., JCTC 15, 1652, 2019), "emt" (ASE's effective
    medium theory, a few metals, for trials), or "module:callable" for any function or class that
    returns an ASE calculator; the options are its keyword arguments.

    Raises `InputError`: E830 for an unknown name or options that are not JSON values, E831 where
    the package is not installed.
    """

    name: str = DEFAULT
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            json.dumps(dict(self.options), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise refusal(
                "E830",
                f"the options of potential {self.name!r} are not plain values: {error}",
                "give numbers, texts, true or false, lists and mappings of these",
            ) from None
        if self.name in _NEEDS:
            package = _NEEDS[self.name]
            remedy = how_to_install(package)
        elif ":" in self.name:
            package = self.name.partition(":")[0].partition(".")[0]
            remedy = f"install the package that has {package}"
        else:
            raise refusal(
                "E830",
                f"there is no potential {self.name!r}",
                f"one of {', '.join(_NEEDS)}, or module:callable for an ASE calculator",
            )
        if not package or importlib.util.find_spec(package) is None:
            raise refusal("E831", f"potential {self.name!r} needs {package}, not installed", remedy)

    @property
    def method(self) -> str:
        """What the energies are of, with versions: "CHGNet 0.3.0 (chgnet 0.4.2)".

        Energies of two methods never meet in one hull. Options that change energies are part of
        it; the device of a potential is not.
        """
        options = dict(self.options)
        if self.name == "chgnet":
            options.pop("device", None)
            text = f"CHGNet {options.pop('model', _CHGNET_MODEL)} (chgnet {_version('chgnet')})"
        elif self.name in _XTB:
            text = f"{_XTB[self.name]} (tblite {_version('tblite')})"
        elif self.name == "emt":
            text = f"EMT (ase {_version('ase')})"
        else:
            text = f"{self.name} ({_distribution(self.name)})"
        return f"{text} {json.dumps(options, sort_keys=True)}" if options else text

    def calculator(self) -> Any:
        """A new ASE calculator. Raises `InputError` (E832) where it cannot be made."""
        try:
            # Some calculators announce themselves on stdout, which belongs to the command.
            with contextlib.redirect_stdout(io.StringIO()):
                return self._make()
        except Exception as error:
            raise refusal(
                "E832",
                f"potential {self.name!r} could not be set up: {type(error).__name__}: {error}",
                f"check its options: {dict(self.options)}",
            ) from error

    def _make(self) -> Any:
        options = dict(self.options)
        if self.name == "chgnet":
            from chgnet.model import CHGNet
            from chgnet.model.dynamics import CHGNetCalculator

            device = options.pop("device", "cpu")
            model = options.pop("model", _CHGNET_MODEL)
            model = CHGNet.load(model_name=model, use_device=device, verbose=False)
            # An atom without neighbours within the cutoff would get an energy without meaning.
            return CHGNetCalculator(
                model=model, use_device=device, **{"on_isolated_atoms": "error", **options}
            )
        if self.name in _XTB:
            from tblite.ase import TBLite

            return TBLite(**{"method": _XTB[self.name], "verbosity": 0, **options})
        if self.name == "emt":
            from ase.calculators.emt import EMT

            return EMT(**options)
        module, _, attribute = self.name.partition(":")
        return getattr(importlib.import_module(module), attribute)(**options)


_CHGNET_MODEL = "0.3.0"
"""Of the weights; "chgnet" 0.4 has them inside."""
_XTB = {"gfn1": "GFN1-xTB", "gfn2": "GFN2-xTB"}


@cache
def _version(distribution: str) -> str:
    """Of an installed distribution; read once."""
    return metadata.version(distribution)


@cache
def _distribution(name: str) -> str:
    package = name.partition(":")[0].partition(".")[0]
    for distribution in metadata.packages_distributions().get(package, [package]):
        with contextlib.suppress(metadata.PackageNotFoundError):
            return f"{distribution} {_version(distribution)}"
    return "no version"
