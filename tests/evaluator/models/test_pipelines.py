"""The table of diffusers pipelines against the diffusers that is installed."""

import inspect

import pytest
from PIL import Image

from evaluator.models._pipelines import PIPELINES, fitted, recommended

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
