"""Words as data: a YAML file beside the code, read through a typed model that refuses a bad entry in one line.

>>> from dataset_builder.categories.shared.words import FILE, Lexicon
>>> read(FILE, Lexicon).palette[0]
'red'
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dataset_builder.errors import RealUnifyError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml was compiled in


class Entry(BaseModel):
    """What every entry of a data file is made of: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def read(path: Path, model: type[Model]) -> Model:
    """The file as `model`; an error names the file, the entry (by its `name` where it has one) and the reason."""
    where = f"{path.parent.name}/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise RealUnifyError(f"{where}{line}: not YAML: {getattr(error, 'problem', error)}; mend the file") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        raise RealUnifyError(f"{where}: {_entry(content, first['loc'])}: {reason}; mend the entry") from None


def _entry(content: Any, location: Sequence[int | str]) -> str:
    """`stories 'equal_shares' values.n`: the way to the bad entry, by names rather than by numbers."""
    told: list[str] = []
    for part in location:
        content = _inside(content, part)
        name = content.get("name") if isinstance(part, int) and isinstance(content, dict) else None
        if name is not None:
            told.append(f"'{name}'")
        else:
            told.append(str(part) if isinstance(part, str) else f"entry {part + 1}")
    return " ".join(told) or "the file"


def _inside(content: Any, part: int | str) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None
