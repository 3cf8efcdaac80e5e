"""The form of a campaign: what a person types about its length, its money and its rules, and what the fields say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from starlette.datastructures import ImmutableMultiDict

from frontrow.errors import SettingError
from frontrow.web.api.sentences import describe_invalid
from frontrow.web.jobs.kinds.campaign import Request

NUMBERS: Final = ("length", "margin", "contact_cost", "discount", "capacity", "budget", "stock", "not_contacted_days")
"""Fields that stand in a request as they are typed; an empty one is left to the shop, or to its default."""

LISTS: Final = ("countries", "not_countries", "not_tagged")
"""Fields of several words, with commas between them."""

PERCENT: Final = "holdout"
"""The field of the share held out, in per cent."""

UNNAMED: Final = "campaign"


@dataclass(frozen=True)
class CampaignForm:
    """A form as it was sent.

    Attributes:
        values: What the fields show, as text.
        exports: Platforms that are ticked.
        request: What is asked for; None where a field is at fault.
        errors: A sentence for each field at fault.
    """

    values: Mapping[str, str]
    exports: tuple[str, ...]
    request: Request | None
    errors: Mapping[str, str] = field(default_factory=dict)

    def with_error(self, error: SettingError) -> CampaignForm:
        """The form with what a use case says of a setting.

        Args:
            error: What the use case raised.
        """
        name = PERCENT if error.setting == "holdout_share" else error.setting
        return CampaignForm(self.values, self.exports, None, {**self.errors, name: str(error)})


def read_form(form: ImmutableMultiDict[str, Any], *, shop: str, audience: str) -> CampaignForm:
    """Read what a person typed.

    Args:
        form: What the browser sent; a field that is missing counts as empty.
        shop: Name of the shop.
        audience: Id of the audience.
    """
    names = ("name", "channel", PERCENT, *NUMBERS, *LISTS)
    values = {name: str(form.get(name) or "").strip() for name in names}
    exports = tuple(str(name) for name in form.getlist("exports"))
    stated: dict[str, Any] = {"shop": shop, "audience": audience, "name": values["name"] or UNNAMED}
    stated["exports"] = list(exports)
    stated |= {name: read_number(values[name]) for name in NUMBERS if values[name]}
    stated |= {name: [part.strip() for part in values[name].split(",") if part.strip()] for name in LISTS}
    if values["channel"]:
        stated["channel"] = values["channel"]
    try:
        if values[PERCENT]:
            stated["holdout_share"] = float(read_number(values[PERCENT])) / 100
        return CampaignForm(values, exports, Request.model_validate(stated))
    except ValidationError as error:
        return CampaignForm(values, exports, None, describe_fields(error))
    except ValueError:
        return CampaignForm(values, exports, None, {PERCENT: "Give a share in per cent, such as 10."})


def read_number(text: str) -> str:
    """A number as a person types it, with a point and without anything between its thousands.

    Args:
        text: As it was typed.

    Example:
        >>> [read_number(text) for text in ("1 200,5", "1,200.50", "1.200,50", "1,200", "0,05")]
        ['1200.5', '1200.50', '1200.50', '1200', '0.05']
    """
    text = re.sub(r"\s", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    sign, whole, rest = text[last], re.sub(r"[.,]", "", text[:last]), text[last + 1 :]
    # amounts have no three decimals
    is_group = text.count(sign) > 1 or (sign == "," and len(rest) == 3 and "." not in text)
    return f"{whole}{rest}" if is_group else f"{whole}.{rest}"


def describe_fields(error: ValidationError) -> dict[str, str]:
    """A sentence for each field of a form that a request refuses.

    Args:
        error: What pydantic raised.
    """
    problems = describe_invalid(error.errors())
    return {_field_of(problem.field): _describe(problem.detail) for problem in problems}


def _field_of(path: str) -> str:
    """The field of the form for a field of the request."""
    name = path.partition(".")[0]
    return PERCENT if name == "holdout_share" else name


def _describe(sentence: str) -> str:
    """The sentence without the field's name, which stands beside it.

    Example:
        >>> _describe('"margin" must be 0 or more.')
        'It must be 0 or more.'
    """
    return f"It{sentence[sentence.index(chr(34), 1) + 1 :]}" if sentence.startswith('"') else sentence
