"""Which diffusers pipelines can draw, which can edit by instruction, and their recommended parameters.

The table is explicit because nothing in diffusers says it: `image=` in a signature is SDEdit for some
classes and an instruction's input for others. The numbers are those of each model's public card or, where
it names none, of the pipeline's own defaults. `None` leaves the choice to the pipeline.

    >>> sorted(PIPELINES["FluxKontextPipeline"].capabilities)
    ['edit', 'generate']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluator.records import Capability

if TYPE_CHECKING:
    from PIL.Image import Image

_DRAW: frozenset[Capability] = frozenset({"generate"})
_EDIT: frozenset[Capability] = frozenset({"edit"})
_BOTH = _DRAW | _EDIT
_SIZE: dict[str, Any] = {"height": None, "width": None}

# Changes the arguments of a call that edits this picture.
Edit = Callable[[dict[str, Any], "Image"], None]


@dataclass(frozen=True)
class Pipeline:
    """One pipeline class.

    defaults: every parameter that a user may set, with its recommended value.
    variants: (word in the checkpoint's name, its own values): distilled and later members of a family.
    edit: prepares the call for one picture; by default it is passed as `image`.
    batches: whether several prompts may go in one call with a generator each; not where the pipeline samples
        from one generator for all rows, or takes one row only. Edits always go one at a time: a list of
        pictures means several references for every row.
    """

    capabilities: frozenset[Capability]
    defaults: Mapping[str, Any]
    variants: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    edit: Edit | None = None
    batches: bool = False
    also: Mapping[str, Any] = field(default_factory=dict)


def fitted(size: tuple[int, int], area: int, multiple: int = 16) -> tuple[int, int]:
    """(width, height) of about `area` pixels with the proportions of `size`, both multiples of `multiple`."""
    ratio = size[0] / size[1]
    width, height = (area * ratio) ** 0.5, (area / ratio) ** 0.5
    return max(multiple, round(width / multiple) * multiple), max(multiple, round(height / multiple) * multiple)


def _edit_kontext(call: dict[str, Any], image: Image) -> None:
    """Kontext draws a square unless told otherwise, so the output gets the proportions of the input."""
    from PIL import Image as Images

    width, height = fitted(image.size, int(call["max_area"]))
    if call["height"] is None and call["width"] is None:
        call.update(width=width, height=height)
    # With `_auto_resize` the pipeline scales the input to about a megapixel, whatever the area asked for.
    call["image"] = image if call["_auto_resize"] else image.resize((width, height), Images.Resampling.LANCZOS)


def _edit_glm(call: dict[str, Any], image: Image) -> None:
    """GLM-Image takes a list of pictures, and needs the size to draw at.

    Its language model scales a picture to edges of 512 to 2048 px in steps of 32, its autoencoder reads it as
    it is, and their tokens must match: so it gets a picture that both leave alone.
    """
    from PIL import Image as Images

    scale = min(max(1.0, 512 / min(image.size)), 2048 / max(image.size))
    width, height = (max(32, round(edge * scale / 32) * 32) for edge in image.size)
    call["image"] = [image.resize((width, height), Images.Resampling.LANCZOS)]
    if call["height"] is None and call["width"] is None:
        call.update(width=width, height=height)


def _edit_pix2pix(call: dict[str, Any], image: Image) -> None:
    """InstructPix2Pix knows pictures of about 512 px; it draws at the size of what it is given."""
    from PIL import Image as Images

    scale = int(call.pop("longest_edge")) / max(image.size)
    width, height = (max(64, round(edge * scale / 64) * 64) for edge in image.size)
    call["image"] = image.resize((width, height), Images.Resampling.LANCZOS)


def _edit_omnigen(call: dict[str, Any], image: Image) -> None:
    """OmniGen refers to its input pictures by placeholders in the prompt."""
    call["prompt"] = f"<img><|image_1|></img> {call['prompt']}"
    call["input_images"] = [image]
    call["use_input_image_size_as_output"] = call["height"] is None and call["width"] is None


def _guided(steps: int, guidance: float, **more: Any) -> dict[str, Any]:
    return {"num_inference_steps": steps, "guidance_scale": guidance, **_SIZE, **more}


def _qwen(steps: int, **more: Any) -> dict[str, Any]:
    return {"num_inference_steps": steps, "true_cfg_scale": 4.0, "negative_prompt": " ", **_SIZE, **more}


_SCHNELL = {"num_inference_steps": 4, "guidance_scale": 0.0, "max_sequence_length": 256}
_ONE_STEP = {"num_inference_steps": 1, "guidance_scale": 0.0}

PIPELINES: dict[str, Pipeline] = {
    "FluxPipeline": Pipeline(_DRAW, _guided(28, 3.5, max_sequence_length=512), (("schnell", _SCHNELL),), batches=True),
    "FluxKontextPipeline": Pipeline(
        _BOTH,
        _guided(28, 2.5, max_sequence_length=512, max_area=1024 * 1024, _auto_resize=True),
        edit=_edit_kontext,
        batches=True,
    ),
    "Flux2Pipeline": Pipeline(_BOTH, _guided(50, 4.0, max_sequence_length=512), batches=True),
    "Flux2KleinPipeline": Pipeline(
        _BOTH,
        _guided(4, 1.0, max_sequence_length=512),
        (("base", {"num_inference_steps": 50, "guidance_scale": 4.0}),),
        batches=True,
    ),
    "Flux2KleinKVPipeline": Pipeline(_BOTH, {"num_inference_steps": 4, "max_sequence_length": 512, **_SIZE}),
    "QwenImagePipeline": Pipeline(_DRAW, _qwen(50, max_sequence_length=1024), batches=True),
    "QwenImage21Pipeline": Pipeline(
        _BOTH, {"num_inference_steps": 40, "true_cfg_scale": 1.0, "output_resolution": 1024, **_SIZE}
    ),
    "QwenImageEditPipeline": Pipeline(_EDIT, _qwen(50, max_sequence_length=1024)),
    "QwenImageEditPlusPipeline": Pipeline(_EDIT, _qwen(40, guidance_scale=1.0, max_sequence_length=1024)),
    "StableDiffusionPipeline": Pipeline(_DRAW, _guided(50, 7.5, negative_prompt=None), batches=True),
    "StableDiffusionXLPipeline": Pipeline(
        _DRAW, _guided(50, 5.0, negative_prompt=None), (("turbo", _ONE_STEP),), batches=True
    ),
    "StableDiffusion3Pipeline": Pipeline(
        _DRAW,
        _guided(28, 7.0, negative_prompt="", max_sequence_length=256),
        (
            ("3.5-large-turbo", {"num_inference_steps": 4, "guidance_scale": 0.0, "max_sequence_length": 512}),
            ("3.5-large", {"guidance_scale": 3.5, "max_sequence_length": 512}),
            ("3.5-medium", {"num_inference_steps": 40, "guidance_scale": 4.5, "max_sequence_length": 512}),
        ),
        batches=True,
    ),
    "SanaPipeline": Pipeline(_DRAW, _guided(20, 4.5, max_sequence_length=300), batches=True),
    "SanaSprintPipeline": Pipeline(_DRAW, _guided(2, 4.5, max_sequence_length=300), batches=True),
    "OmniGenPipeline": Pipeline(
        _BOTH, _guided(50, 2.5, img_guidance_scale=1.6, max_input_image_size=1024), edit=_edit_omnigen
    ),
    "GlmImagePipeline": Pipeline(
        _BOTH,
        _guided(50, 1.5, max_sequence_length=2048),
        edit=_edit_glm,
        # It has no size of its own to fall back on when it draws from text alone.
        also={"height": 1024, "width": 1024},
    ),
    "StableDiffusionInstructPix2PixPipeline": Pipeline(
        _EDIT,
        {"num_inference_steps": 100, "guidance_scale": 7.5, "image_guidance_scale": 1.5, "longest_edge": 512},
        edit=_edit_pix2pix,
    ),
    "StableDiffusionXLInstructPix2PixPipeline": Pipeline(
        _EDIT,
        {"num_inference_steps": 100, "guidance_scale": 3.0, "image_guidance_scale": 1.5, "longest_edge": 768},
        edit=_edit_pix2pix,
    ),
    "ZImagePipeline": Pipeline(
        _DRAW,
        _guided(50, 5.0, max_sequence_length=512),
        (("turbo", {"num_inference_steps": 9, "guidance_scale": 0.0}),),
        batches=True,
    ),
    "ZImageOmniPipeline": Pipeline(_BOTH, _guided(50, 5.0, max_sequence_length=512)),
    "ChromaPipeline": Pipeline(_DRAW, _guided(35, 5.0, negative_prompt=None, max_sequence_length=512), batches=True),
    "Lumina2Pipeline": Pipeline(_DRAW, _guided(30, 4.0, max_sequence_length=256), batches=True),
    "LongCatImagePipeline": Pipeline(_DRAW, _guided(50, 4.5, enable_prompt_rewrite=True)),
    "LongCatImageEditPipeline": Pipeline(_EDIT, {"num_inference_steps": 50, "guidance_scale": 4.5}),
    "OvisImagePipeline": Pipeline(_DRAW, _guided(50, 5.0, max_sequence_length=256), batches=True),
    "CogView4Pipeline": Pipeline(_DRAW, _guided(50, 5.0, max_sequence_length=1024), batches=True),
    "HunyuanImagePipeline": Pipeline(
        _DRAW, {"num_inference_steps": 50, "distilled_guidance_scale": 3.25, "negative_prompt": None, **_SIZE}
    ),
    "HunyuanDiTPipeline": Pipeline(_DRAW, _guided(50, 5.0, negative_prompt=None), batches=True),
    "Krea2Pipeline": Pipeline(_DRAW, {**_guided(28, 4.5, max_sequence_length=512), "height": 1024, "width": 1024}),
    "ErnieImagePipeline": Pipeline(_DRAW, {**_guided(50, 4.0, use_pe=True), "height": 1024, "width": 1024}),
    "PixArtAlphaPipeline": Pipeline(_DRAW, _guided(20, 4.5, max_sequence_length=120), batches=True),
    "PixArtSigmaPipeline": Pipeline(_DRAW, _guided(20, 4.5, max_sequence_length=300), batches=True),
    "AuraFlowPipeline": Pipeline(
        _DRAW, {**_guided(50, 3.5, max_sequence_length=256), "height": 1024, "width": 1024}, batches=True
    ),
    "JoyImageEditPipeline": Pipeline(_EDIT, _guided(40, 4.0, max_sequence_length=4096)),
    "DreamLitePipeline": Pipeline(_BOTH, _guided(30, 3.5, image_guidance_scale=1.5, max_sequence_length=200)),
    "Kandinsky5T2IPipeline": Pipeline(
        _DRAW, {**_guided(50, 3.5, max_sequence_length=512), "height": 1024, "width": 1024}, batches=True
    ),
    "Kandinsky5I2IPipeline": Pipeline(_EDIT, _guided(50, 3.5, max_sequence_length=1024)),
    "PRXPipeline": Pipeline(_DRAW, _guided(28, 4.0), batches=True),
    "NucleusMoEImagePipeline": Pipeline(_DRAW, _guided(50, 4.0)),
}


def recommended(pipeline: Pipeline, checkpoint: str) -> dict[str, Any]:
    """The defaults for this checkpoint: the class's, or those of the variant that its name tells."""
    name = checkpoint.rstrip("/").rpartition("/")[2].lower()
    for word, values in pipeline.variants:
        if word in name:
            return {**pipeline.defaults, **values}
    return dict(pipeline.defaults)
