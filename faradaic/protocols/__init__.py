"""What to do: the document, its schema, the checks, the estimates and the compiled plan.

`load.load_protocol` reads and validates, `compile.compile_protocol` resolves for a bench; the
modules are imported by name, so that a command loads only what it uses.
"""

from faradaic.documents.kinds import DocumentKind

PROTOCOL = DocumentKind(
    "protocol",
    "a protocol",
    "faradaic check {}",
    frozenset({"cell", "solution", "electrodes", "reaction", "steps"}),
)

PLATE = DocumentKind(
    "plate",
    "a plate",
    "faradaic plan {}",
    frozenset({"factors", "replicates", "controls", "randomise", "wells", "runs"}),
)
