"""Model adapters: one module a family, plus the contract (`base`) and the table of families (`registry`)."""

from evaluator.models.base import LoadOptions, Model, ProviderDown, Refusal
from evaluator.models.registry import FAMILIES, Family, load_model

__all__ = ["FAMILIES", "Family", "LoadOptions", "Model", "ProviderDown", "Refusal", "load_model"]
