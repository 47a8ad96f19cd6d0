"""`baseline:chance` and `baseline:gold`: what a model that sees nothing, and one that knows everything, score.

baseline:chance   a letter, a picture of noise, a tint of the input; all drawn from the request's seed
baseline:gold     answers from the key, reference pictures and prompts: the harness's own upper bound on
                  GEU, which must be 100; it cannot draw, so UEG is not supported
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataset_builder.errors import RealUnifyError, unknown_name
from dataset_builder.instance import LETTERS
from evaluator.models.base import LoadOptions, Model
from evaluator.records import Request

if TYPE_CHECKING:
    from PIL.Image import Image

    from dataset_builder.folder import Dataset
    from dataset_builder.instance import Instance


def load(rest: str, options: LoadOptions) -> Model:
    """The baseline of this name; nothing is loaded."""
    baselines: dict[str, type[Model]] = {"chance": Chance, "gold": Gold}
    if rest not in baselines:
        raise unknown_name("baseline", rest, baselines)
    model = baselines[rest]()
    model.name = f"baseline:{rest}"
    return model


class Chance(Model):
    """Guesses without looking; its edits keep the input's shape, so that stepwise runs are whole."""

    revision = "1"
    capabilities = frozenset({"answer", "generate", "edit"})
    defaults = {"size": 256}
    batch_size = 16

    def answer(self, requests: Sequence[Request]) -> list[str]:
        return [random.Random(f"answer/{request.seed}").choice(LETTERS) for request in requests]

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        return [self._tint(request) if request.images else self._noise(request) for request in requests]

    def _noise(self, request: Request) -> Image:
        """Coarse noise, a 16 x 16 grid of colours blown up."""
        from PIL import Image

        size = int(request.parameters["size"])
        colours = random.Random(f"generate/{request.seed}").randbytes(16 * 16 * 3)
        return Image.frombytes("RGB", (16, 16), colours).resize((size, size), Image.Resampling.BICUBIC)

    def _tint(self, request: Request) -> Image:
        from PIL import Image

        picture = request.images[0].convert("RGB")
        colour = tuple(random.Random(f"edit/{request.seed}").randbytes(3))
        return Image.blend(picture, Image.new("RGB", picture.size, colour), 0.3)


class Gold(Model):
    """Looks everything up by the request's id: the letter, the reference picture, the reference prompt."""

    revision = "1"
    capabilities = frozenset({"answer", "edit"})
    batch_size = 16

    def __init__(self) -> None:
        super().__init__()
        self._dataset: Dataset | None = None

    def prepare(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def answer(self, requests: Sequence[Request]) -> list[str]:
        return [self._answer(instance) for instance in self._looked_up(requests, images=False)]

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        if not all(request.images for request in requests):
            return super().generate(requests)
        instances = self._looked_up(requests, images=True)
        for instance in instances:
            if instance.reference_image is None:
                raise _withheld(instance, "reference_image")
        return [instance.picture("reference_image") for instance in instances]

    def _answer(self, instance: Instance) -> str:
        """The letter of a GEU instance; of a UEG one, whose only question is to refine, the true prompt."""
        column = "answer" if instance.axis == "geu" else "reference_prompt"
        value: str | None = getattr(instance, column)
        if value is None:
            raise _withheld(instance, column)
        return value

    def _looked_up(self, requests: Sequence[Request], *, images: bool) -> list[Instance]:
        if self._dataset is None:
            raise RealUnifyError("baseline:gold reads the dataset's key: run it through `realunify run`")
        ids = [request.id for request in requests]
        found = {instance.id: instance for instance in self._dataset.instances(images=images, only=set(ids))}
        missing = [id_ for id_ in ids if id_ not in found]
        if missing:
            raise RealUnifyError(f"baseline:gold: the dataset has no instance '{missing[0]}'")
        return [found[id_] for id_ in ids]


def _withheld(instance: Instance, column: str) -> RealUnifyError:
    return RealUnifyError(
        f"baseline:gold needs {column} of {instance.id}, which this dataset withholds; run it on the full dataset"
    )
