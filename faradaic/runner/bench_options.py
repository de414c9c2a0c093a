"""Options of a driver, as a bench file writes them: the keyword arguments of the driver's class.

Their annotations say what may be written (`diameter_m: Length` is written `diameter: 14.4 mm`).
Serial settings can be written beside them; they go into the address.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field, ValidationError, create_model

from faradaic.diagnostics import InputError
from faradaic.documents.document import Document
from faradaic.documents.models import Model, yaml_key
from faradaic.documents.validation import diagnose
from faradaic.instruments.transports.addresses import split_address

SERIAL = {
    "baud": (Annotated[int, Field(strict=True, examples=[9600])] | None, None),
    "bits": (Literal[5, 6, 7, 8] | None, None),
    "parity": (Literal["N", "E", "O"] | None, None),
    "stop": (Literal[1, 1.5, 2] | None, None),
}
"""Options of every driver on a serial port, and of none elsewhere."""

Path = tuple[str | int, ...]


def options_model(driver: Callable[..., Any], *, serial: bool) -> type[Model]:
    """What may be written for a driver."""
    hints = get_type_hints(_called(driver), include_extras=True)
    fields: dict[str, Any] = {
        name: (hints[name], ... if default is inspect.Parameter.empty else default)
        for name, default in _options(driver)
    }
    if serial:
        fields |= {name: (kind, Field(default)) for name, (kind, default) in SERIAL.items()}
    return create_model("ListOfOptions", __base__=Model, **fields)


def read_options(
    driver: Callable[..., Any],
    written: Mapping[str, Any],
    address: str,
    document: Document,
    path: Path,
) -> tuple[dict[str, Any], str]:
    """Options as the driver takes them, and the address with its serial settings.

    Raises `InputError` that points at what is wrong at `path` of the document.
    """
    scheme, _ = split_address(address)
    model = options_model(driver, serial=scheme == "serial")
    try:
        read = model.model_validate(dict(written))
    except ValidationError as error:
        raise InputError(*diagnose(error, document.part(path), model)) from None
    values = {name: getattr(read, name) for name in read.model_fields_set}
    serial = {name: values.pop(name) for name in SERIAL if name in values}
    if scheme == "serial":
        address = with_settings(address, getattr(driver, "serial", ""), serial)
    return values, address


def with_settings(address: str, of_driver: str, written: Mapping[str, Any]) -> str:
    """A serial address with the settings of its driver, but for what it or the options say."""
    port, _, query = address.partition("?")
    settings: dict[str, str] = {}
    for source in (of_driver, query):
        settings |= dict(pair.split("=", 1) for pair in source.split("&") if "=" in pair)
    settings |= {name: str(value) for name, value in written.items() if value is not None}
    return port + ("?" + "&".join(f"{k}={v}" for k, v in settings.items()) if settings else "")


def option_lines(driver: Callable[..., Any]) -> list[str]:
    """The options of a driver, for a list of drivers: `full_scale (needed)`, `gas`, ..."""
    return [
        yaml_key(name) + (" (needed)" if default is inspect.Parameter.empty else "")
        for name, default in _options(driver)
    ]


def _options(driver: Callable[..., Any]) -> list[tuple[str, Any]]:
    """Names of the options, with what they are if nobody says."""
    return [
        (name, one.default)
        for name, one in inspect.signature(_called(driver)).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    ]


def _called(driver: Callable[..., Any]) -> Callable[..., Any]:
    """What takes the options."""
    return driver.__init__ if inspect.isclass(driver) else driver
