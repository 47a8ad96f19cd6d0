"""The table of diffusers pipelines against the diffusers that is installed."""

import inspect
from typing import Any
from unittest.mock import MagicMock

import pytest
from PIL import Image

from evaluator.models._pipelines import PIPELINES, fitted, recommended
from evaluator.models.diffusers import ImagePipeline
from evaluator.records import Request

OURS = {"longest_edge"}


@pytest.mark.parametrize("name", PIPELINES)
def test_every_class_and_parameter_exists(name: str) -> None:
    import diffusers

    call = inspect.signature(getattr(diffusers, name).__call__).parameters
    row = PIPELINES[name]
    given = {*row.defaults, *row.also, "prompt", "generator", "return_dict"}
    for _, values in row.variants:
        assert set(values) <= set(row.defaults), "a variant changes defaults, it adds none"
    assert given - OURS <= set(call)
    if "edit" in row.capabilities:
        arguments = {**row.defaults, "prompt": "make it red"}
        (row.edit or (lambda call, image: call.update(image=image)))(arguments, Image.new("RGB", (300, 200)))
        assert set(arguments) <= set(call)
        assert {"image", "input_images"} & set(arguments)


class Reached(Exception):  # noqa: N818
    """The pipeline took the call and turned to its heavy parts."""


HEAVY = ("encode_prompt", "_encode_prompt", "encode_prompt_multiple_images", "generate_prior_tokens", "prepare_latents")


def bare(name: str) -> Any:
    """A pipeline of this class without weights: its own code runs up to the first of its heavy parts."""
    import diffusers
    import torch
    from diffusers.image_processor import VaeImageProcessor

    cls = getattr(diffusers, name)

    def heavy(*args: object, **kwargs: object) -> None:
        raise Reached

    members = {
        "_execution_device": property(lambda self: torch.device("cpu")),
        "components": property(lambda self: {}),
        **{part: heavy for part in HEAVY if hasattr(cls, part)},
    }
    pipe = object.__new__(type(name, (cls,), members))
    for part in inspect.signature(cls.__init__).parameters:
        object.__setattr__(pipe, part, MagicMock())
    processor = VaeImageProcessor(vae_scale_factor=16)
    facts = dict(vae_scale_factor=8, latent_channels=16, default_sample_size=128, image_processor=processor)
    facts |= dict(vae_image_processor=MagicMock(get_default_height_width=lambda image, height, width: (512, 512)))
    facts |= dict(resolutions=[(1024, 1024), (1280, 768)], multimodal_processor=MagicMock(side_effect=Reached))
    for fact, value in facts.items():
        object.__setattr__(pipe, fact, value)
    if "transformer" in vars(pipe):
        pipe.transformer.config.patch_size = 2
    if "text_encoder" in vars(pipe):
        pipe.text_encoder.dtype = torch.float32
    return pipe


@pytest.mark.parametrize("size", [(300, 200), (512, 512), (1000, 501), (64, 64)])
@pytest.mark.parametrize("name", [name for name, row in PIPELINES.items() if "edit" in row.capabilities])
def test_every_editing_class_takes_the_call(name: str, size: tuple[int, int]) -> None:
    model = object.__new__(ImagePipeline)
    model.row, model.class_name, model.name = PIPELINES[name], name, name
    model.capabilities, model.parameters = model.row.capabilities, recommended(model.row, name)
    model.pipe = bare(name)
    import torch

    model.device = torch.device("cpu")
    with pytest.raises(Reached):
        model.generate([Request("make it red", (Image.new("RGB", size),), 0, model.parameters)])


@pytest.mark.parametrize(
    ("size", "given", "picture", "drawn"),
    [
        ((512, 512), (None, None), (512, 512), (512, 512)),
        ((600, 530), (None, None), (608, 544), (608, 544)),
        ((300, 200), (None, None), (768, 512), (768, 512)),
        ((4096, 1024), (None, None), (2048, 512), (2048, 512)),
        ((600, 530), (1024, 768), (608, 544), (1024, 768)),
    ],
)
def test_glm_image_gets_a_list_and_sizes_that_it_can_draw(
    size: tuple[int, int], given: tuple[int | None, int | None], picture: tuple[int, int], drawn: tuple[int, int]
) -> None:
    call = {**PIPELINES["GlmImagePipeline"].defaults, "width": given[0], "height": given[1]}
    edit = PIPELINES["GlmImagePipeline"].edit
    assert edit is not None
    edit(call, Image.new("RGB", size))
    assert [image.size for image in call["image"]] == [picture]
    assert (call["width"], call["height"]) == drawn


def test_variants_are_told_by_the_name() -> None:
    flux = PIPELINES["FluxPipeline"]
    assert recommended(flux, "black-forest-labs/FLUX.1-schnell")["num_inference_steps"] == 4
    assert recommended(flux, "black-forest-labs/FLUX.1-dev")["num_inference_steps"] == 28
    stable = PIPELINES["StableDiffusion3Pipeline"]
    assert recommended(stable, "stabilityai/stable-diffusion-3.5-large-turbo")["num_inference_steps"] == 4
    assert recommended(stable, "stabilityai/stable-diffusion-3.5-large")["guidance_scale"] == 3.5
    assert recommended(PIPELINES["FluxKontextPipeline"], "x/y")["guidance_scale"] == 2.5


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (2048, 512), (100, 100)])
def test_fitted_keeps_area_and_proportions(size: tuple[int, int]) -> None:
    width, height = fitted(size, 1024 * 1024)
    assert width % 16 == height % 16 == 0
    assert width * height == pytest.approx(1024 * 1024, rel=0.03)
    assert width / height == pytest.approx(size[0] / size[1], rel=0.03)
