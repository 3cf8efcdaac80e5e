"""Persons that nobody can mistake, planted wherever a file has a person: a message that shows one is noticed."""

from __future__ import annotations

import re

EMAIL = "zebulon.quizzard{}@wobblethorpe.example"
NAME = "Zebulon Quizzard"
PHONE = "+44 7700 900123"
STREET = "17 Wobblethorpe Lane"
PERSON_COLUMNS = re.compile(r"\bname$|first name|last name|address|street|phone|company", re.IGNORECASE)
NO_PERSON = re.compile(r"^name$|lineitem|option|variant|title|tax|product|type|discount|id$", re.IGNORECASE)
ANY_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
TRACES = ("zebulon", "quizzard", "wobblethorpe", "7700900123")


def plant_persons(records: list[list[str]]) -> list[list[str]]:
    """The table with persons in the place of those it has: each e-mail address another one, names, streets, phones."""
    header = records[0]
    planted = [list(header)]
    numbers: dict[str, int] = {}
    for record in records[1:]:
        cells = [ANY_EMAIL.sub(lambda match: _email(match[0], numbers), cell) for cell in record]
        planted.append([_person(name, cell) for name, cell in zip(header, cells, strict=False)])
    return planted


def persons_in(message: str) -> list[str]:
    """The traces of a person in a message."""
    lower = message.casefold()
    digits = re.sub(r"[\s().+-]", "", lower)
    return [trace for trace in TRACES if trace in lower or trace in digits]


def _email(email: str, numbers: dict[str, int]) -> str:
    return EMAIL.format(numbers.setdefault(email.casefold(), len(numbers)))


def _person(name: str, cell: str) -> str:
    if not cell or not PERSON_COLUMNS.search(name) or NO_PERSON.search(name):
        return cell
    if "phone" in name.casefold():
        return PHONE
    return STREET if re.search("address|street", name, re.IGNORECASE) else NAME
