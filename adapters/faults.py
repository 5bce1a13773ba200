"""What is wrong with a description, in words of whoever wrote it."""

from pydantic import ValidationError

_SAID = {
    "extra_forbidden": "there is no such word",
    "tuple_type": 'write a list: ["...", "..."]',
    "dict_type": "write a table",
    "model_type": "write a table",
    "model_attributes_type": "write a table",
    "string_type": 'write a text: "..."',
    "bool_type": "write true or false",
}


def first_fault(error: ValidationError, *above: str) -> str:
    """Return where the first fault is and what it is: ``command.1: write a text: "..."``.

    Args:
        error: What pydantic says.
        above: Names of the tables that hold what was validated.
    """
    first = error.errors()[0]
    where = ".".join((*above, *map(str, first["loc"])))
    message = _SAID.get(first["type"], first["msg"].removeprefix("Value error, "))
    return f"{where}: {message}" if where else message
