"""Files a person writes: read them, say at line and column what is wrong, change an entry.

It does not know what a show or a rig is: a pydantic model says.

    words       how problems name things
    reading     YAML to a `Document`, with the place of every key and value
    forms       a document against a pydantic model
    writing     one entry of a file changed, and not a letter more
"""

from visuals.document.forms import check, validate
from visuals.document.reading import MAX_BYTES, Document, Keys, plain_value, read
from visuals.document.words import nearest
from visuals.document.writing import amend, amend_list

__all__ = [
    "MAX_BYTES",
    "Document",
    "Keys",
    "amend",
    "amend_list",
    "check",
    "nearest",
    "plain_value",
    "read",
    "validate",
]
