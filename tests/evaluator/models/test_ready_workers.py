"""The ready worker scripts, each through the real protocol, against a stand-in for its model's own package.

The stand-ins (`fakes/`) have exactly the functions that a script calls, with the signatures that they have at the
commit in COPIES; `benchmarks/real_workers.py` compares them with the real ones. What they cannot show is that the
weights behave: no script has run on its weights yet.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.models._worker_records import WorkerFile
from evaluator.models.base import LoadOptions, Refusal
from evaluator.models.worker import READY_MADE, WorkerModel
from evaluator.records import Request

FAKES = Path(__file__).parent / "fakes"
NAMES = sorted(path.stem for path in READY_MADE.glob("*.toml"))
NEVER_EDIT = {"blip3o", "show_o2"}  # the paper reports no stepwise GEU for them
COMMIT = "c0ffee5eed"

# What each script must have asked of the model's own code after an answer, a drawing and, where it can, an edit.
CALLS: dict[str, list[dict[str, Any]]] = {
    "bagel": [
        {"call": "convert", "layers": 26, "meta": True},
        {"call": "load", "dtype": "bfloat16", "force_hooks": True},
        {"call": "inferencer", "vae": [1024, 512, 16], "vit": [980, 224, 14]},
        {"call": "infer", "understanding": True, "do_sample": False, "think": False, "max_think_token_n": 1024},
        {"call": "infer", "cfg_text_scale": 4.0, "cfg_interval": [0.4, 1.0], "cfg_renorm_type": "global"},
        {"call": "infer", "cfg_img_scale": 2.0, "cfg_interval": [0.0, 1.0], "cfg_renorm_type": "text_channel"},
    ],
    "blip3o": [
        {"call": "decoder", "custom_pipeline": "pipeline_llava_gen", "variant": "bf16"},
        {"call": "write", "do_sample": False, "max_new_tokens": 1024},
        {
            "call": "draw",
            "prompts": ["USER: Please generate image based on the following caption: a red cat ASSISTANT: "],
            "guidance_scale": 3.0,
        },
    ],
    "illume_plus": [
        {"call": "AutoModel.from_pretrained", "attn_implementation": "sdpa", "torch_dtype": "bfloat16"},
        {"call": "AutoModel.from_pretrained", "path": "ILLUME-MLLM/dualvitok"},
        {"call": "write", "do_sample": False, "max_new_tokens": 1024},
        {
            "call": "write",
            "text": "USER: Generate an image of <height_512><width_512>, the content of image is a red cat\n"
            " ASSISTANT: <height_512><width_512>",
            "guidance_scale": 2.0,
            "target_image_resolution": [512, 512],
            "image_semantic_top_k": 2048,
            "image_pixel_top_k": 6144,
        },
        {
            "call": "write",
            "guidance_scale": 1.5,
            "target_image_resolution": [256, 384],
            "image_semantic_temperature": 0.7,
            "image_semantic_top_p": 0.8,
            "image_pixel_top_k": 1536,
        },
    ],
    "internvl_u": [
        {"call": "load", "dtype": "bfloat16"},
        {"call": "call", "generation_mode": "text", "do_sample": False, "max_new_tokens": 1024},
        {
            "call": "call",
            "prompt": "a red cat",
            "generation_mode": "image",
            "num_inference_steps": 20,
            "all_cfg_scale": 4.5,
            "part_cfg_scale": 2.0,
            "height": 512,
        },
        {"call": "call", "prompt": "repaint it", "generation_mode": "image", "width": 60, "height": 40},
    ],
    "lumina_dimoo": [
        {"call": "write", "steps": 128, "gen_length": 1024, "block_length": 256, "temperature": 0.0},
        {"call": "draw", "text": "draw a red cat.", "timesteps": 64, "temperature": 1.0, "cfg_scale": 4.0},
        {"call": "crop", "sizes": [1024, 32]},
        {"call": "crop", "sizes": [256, 32]},
        {"call": "edit", "timesteps": 64, "cfg_scale": 2.5, "cfg_img": 4.0},
    ],
    "mio": [
        {"call": "load", "dtype": "float16"},
        {"call": "write", "num_beams": 5, "do_sample": False, "repetition_penalty": 1.0, "eos_token_id": 7},
        {"call": "write", "num_beams": 5, "do_sample": False, "repetition_penalty": 1.15},
        {"call": "decode_images", "texts": ["<image><img3><img14></image>"]},
    ],
    "nexus_gen": [
        {"call": "write", "do_sample": False, "max_new_tokens": 1024},
        {"call": "resize", "max_pixels": 262640},
        {"call": "write", "text": "Generate an image according to the following description: a red cat"},
        {"call": "draw", "embeddings": 81, "cfg_scale": 3.0, "embedded_guidance": 3.5, "num_inference_steps": 50},
        {"call": "embed", "size": [504, 504]},
        {"call": "edit", "embeddings": 81, "cfg_scale": 1.0, "embedded_guidance": 3.5, "num_inference_steps": 50},
    ],
    "omnigen2": [
        {"call": "write", "do_sample": False, "max_new_tokens": 1024},
        {
            "call": "draw",
            "prompt": "a red cat",
            "num_inference_steps": 50,
            "text_guidance_scale": 5.0,
            "image_guidance_scale": 2.0,
            "cfg_range": [0.0, 1.0],
        },
    ],
    "onecat": [
        {"call": "hf_hub_download", "repo_id": "FoundationVision/Infinity"},
        {"call": "vae", "vae_type": 32, "apply_spatial_patchify": 0, "pn": "1M"},
        {"call": "write", "do_sample": False, "num_beams": 1, "max_new_tokens": 1000},
        {
            "call": "draw",
            "text": "<|im_start|>system\nhelp<|im_end|><|im_start|>user\na red cat<|im_end|>"
            "<|im_start|>assistant\n<img_gen>",
            "cfg": 20.0,
            "top_k": 2,
            "top_p": 0.97,
            "h_div_w": 1.0,
        },
        # 60 x 40: the short side becomes 1,008, both sides multiples of 28, four patches of 14 a token
        {"call": "draw", "cfg_T": 3.0, "cfg_I": 1.0, "size": [1, 3, 1008, 1512], "tokens": 36 * 54, "h_div_w": 0.5},
    ],
    "ovis_u1": [
        {"call": "write", "do_sample": False, "max_new_tokens": 4096},
        {"call": "draw", "num_steps": 50, "txt_cfg": 5.0, "img_cfg": 0, "no_txt_cond": None, "height": 1024},
        {"call": "draw", "num_steps": 50, "txt_cfg": 6.0, "img_cfg": 1.5, "height": 32, "width": 32},
    ],
    "show_o2": [
        {"call": "vae", "dtype": "torch.float32", "path": "/hub/Wan-AI/Wan2.1-T2V-14B/Wan2.1_VAE.pth"},
        {"call": "transport", "seq_len": 5, "snr_type": "lognorm"},
        {"call": "crop"},
        {"call": "write", "top_k": 1, "max_new_tokens": 300},
        {"call": "draw", "sampling_method": "euler", "num_steps": 50, "time_shifting_factor": 3.0},
        {"call": "step", "rows": 2, "guidance_scale": 7.5},
    ],
    "unipic2": [
        {
            "call": "StableDiffusion3Conditioner.from_pretrained",
            "connector_config": {"hidden_size": 8, "_attn_implementation": "sdpa"},
        },
        {
            "call": "pipeline",
            "none": [f"{part}{n}" for part in ("text_encoder", "tokenizer") for n in ("", "_2", "_3")],
        },
        {"call": "write", "do_sample": False, "max_new_tokens": 512},
        {"call": "processor()", "text": ["Generate an image: a red cat", "Generate an image: "]},
        {"call": "draw", "num_inference_steps": 50, "guidance_scale": 3.5},
        {"call": "processor()", "pixels": 512 * 28 // 32 * (352 * 28 // 32)},
    ],
    "uniworld_v1": [
        {"call": "UnivaQwen2p5VLForConditionalGeneration", "attn_implementation": "sdpa"},
        {"call": "SiglipVisionModel", "path": "google/siglip2-so400m-patch16-512"},
        {"call": "write", "do_sample": False, "text": "How many?\n<image>"},
        {"call": "t5", "text": "a red cat", "length": 256},
        {"call": "draw", "num_inference_steps": 28, "guidance_scale": 3.5, "embeds": [1, 5, 4], "pooled": "pooled"},
        {"call": "resize", "height": 40, "width": 60, "anyres": "any_11ratio", "anchor_pixels": 1024 * 1024},
    ],
}


def plant(folder: Path, modules: Mapping[str, str]) -> None:
    """Write the modules, each importing its names from a stand-in: {"a.b": "fake_x: name name"}."""
    for module, source in modules.items():
        path = folder / Path(*module.split("."))
        inside = any(other.startswith(f"{module}.") for other in modules)
        file = path / "__init__.py" if inside else path.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        for parent in file.relative_to(folder).parents[:-1]:
            (folder / parent / "__init__.py").touch()
        stand_in, names = source.split(":")
        file.write_text(f"from {stand_in} import {', '.join(names.split())}\n")


def start(name: str, folder: Path, options: LoadOptions | None = None, **environment: str) -> WorkerModel:
    """The ready-made worker on this Python, with stand-ins for its clone and its libraries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FAKES)
        fake = importlib.import_module(f"fake_{name}")
    plant(folder / "clone", fake.REPOSITORY)
    plant(folder / "libraries", fake.LIBRARIES)
    for name_of_a_file in getattr(fake, "CLONE", ()):
        Path(folder, "clone", name_of_a_file).touch()
    file = WorkerFile.model_validate(tomllib.loads((READY_MADE / f"{name}.toml").read_text()))
    settings = {
        **file.environment,
        "PYTHONPATH": f"{FAKES}:{folder / 'libraries'}",
        "FAKE_LOG": str(folder / "calls.jsonl"),
        "FAKE_CHECKPOINT": ":".join(fake.CHECKPOINT),
        "PYTHONDONTWRITEBYTECODE": "1",
        **({fake.VARIABLE: str(folder / "clone")} if fake.VARIABLE else {}),
        **environment,
    }
    command = [sys.executable, file.command[-1]]
    ready = file.model_copy(update={"command": command, "environment": settings, "startup_seconds": 120})
    return WorkerModel(ready, READY_MADE, options or LoadOptions(device="cpu"))


@pytest.fixture(scope="module", params=NAMES)
def worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    folder = tmp_path_factory.mktemp(request.param)
    model = start(request.param, folder)
    yield request.param, model
    model.close()


def calls(model: WorkerModel) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(model.file.environment["FAKE_LOG"]).read_text().splitlines()]


def request(model: WorkerModel, text: str, image: Image.Image | None = None, seed: int = 0, **changed: Any) -> Request:
    return Request(text, (image,) if image else (), seed, {**model.parameters, **changed})


def picture(red: int) -> Image.Image:
    return Image.new("RGB", (60, 40), (red, 0, 0))


def test_capabilities_and_revision(worker: tuple[str, WorkerModel]) -> None:
    name, model = worker
    assert model.capabilities == {"answer", "generate"} | (set() if name in NEVER_EDIT else {"edit"})
    assert model.revision == COMMIT
    assert model.environment()["worker.gpu"] == "none"


def test_it_answers_with_and_without_a_picture(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    asked = [request(model, "Rewrite: a cat"), request(model, "How many?", picture(80))]
    assert model.answer(asked) == ["re: Rewrite: a cat, 0 seen", "re: How many?, 1 seen"]


@pytest.mark.parametrize("task", ["draw", "edit"])
def test_the_seed_decides_the_picture(worker: tuple[str, WorkerModel], task: str) -> None:
    name, model = worker
    if task == "edit" and name in NEVER_EDIT:
        return
    image = picture(80) if task == "edit" else None
    first, again, other = model.generate([request(model, "repaint an image", image, seed) for seed in (0, 0, 1)])
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_an_edit_depends_on_its_picture(worker: tuple[str, WorkerModel]) -> None:
    name, model = worker
    asked = [request(model, "repaint it", picture(red)) for red in (80, 160)]
    if name in NEVER_EDIT:
        with pytest.raises(UsageError, match="cannot edit: not supported"):
            model.generate(asked)
        return
    first, second = model.generate(asked)
    assert first.size == second.size
    assert first.tobytes() != second.tobytes()


def test_the_models_own_code_gets_its_recommended_settings(worker: tuple[str, WorkerModel]) -> None:
    name, model = worker
    model.answer([request(model, "How many?", picture(80))])
    model.generate([request(model, "a red cat")])
    if name not in NEVER_EDIT:
        model.generate([request(model, "repaint it", picture(80))])
    made = calls(model)
    for wanted in CALLS[name]:
        same = [call for call in made if call["call"] == wanted["call"]]
        assert any(wanted == {key: call.get(key) for key in wanted} for call in same), (wanted, same)


@pytest.mark.parametrize("worker", ["mio", "illume_plus", "nexus_gen"], indirect=True)
def test_words_instead_of_a_picture_are_a_refusal(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    with pytest.raises(Refusal, match="wrote text instead of a picture: "):
        model.generate([request(model, "only words", picture(80))])


@pytest.mark.parametrize(
    ("worker", "words", "notes"),
    [
        ("mio", 3000, ["prompt cut to 2048 tokens"]),
        ("uniworld_v1", 300, ["prompt cut from 300 to 77 tokens (CLIP)", "prompt cut from 300 to 256 tokens (T5)"]),
        ("uniworld_v1", 100, ["prompt cut from 100 to 77 tokens (CLIP)"]),
        ("show_o2", 40, ["prompt cut from 80 to 64 tokens (text)"]),
    ],
    indirect=["worker"],
)
def test_a_cut_prompt_is_noted(worker: tuple[str, WorkerModel], words: int, notes: list[str]) -> None:
    _, model = worker
    short, long = request(model, "generate an image"), request(model, "a " * words + "generate an image"[: words % 2])
    with contextlib.suppress(Refusal):
        model.generate([short])
    with contextlib.suppress(Refusal):
        model.generate([long])
    assert (short.notes, long.notes) == ([], notes)


@pytest.mark.parametrize("worker", ["show_o2"], indirect=True)
def test_show_o2_may_keep_the_whole_picture(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    model.answer([request(model, "How many?", picture(80), pad=True)])
    assert {"call": "pad"} in calls(model)


@pytest.mark.parametrize("worker", ["bagel"], indirect=True)
def test_bagel_tells_what_it_planned(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    planned, plain = request(model, "a red cat", think=True), request(model, "a red cat")
    model.generate([planned, plain])
    assert (planned.notes, plain.notes) == (["reasoned: a plan of a red cat"], [])


@pytest.mark.parametrize("worker", ["internvl_u"], indirect=True)
def test_internvl_u_draws_after_reasoning_and_tells_it(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    asked = request(model, "a red cat", think=True)
    model.generate([asked])
    assert asked.notes == ["reasoned: it is red"]
    made = [call for call in calls(model) if call.get("generation_mode") == "text_image"]
    assert [(call["all_cfg_scale"], call["max_new_tokens"]) for call in made] == [(3.5, 200)]


@pytest.mark.parametrize("worker", ["illume_plus"], indirect=True)
def test_illume_draws_larger_by_diffusion(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    assert model.generate([request(model, "a cat", use_diffusion=True)])[0].size == (1024, 1024)
    assert {"call": "diffusion", "path": "ILLUME-MLLM/dualvitok-sdxl-decoder"} in calls(model)


@pytest.mark.parametrize("worker", ["ovis_u1"], indirect=True)
def test_two_pictures_to_edit_are_too_many(worker: tuple[str, WorkerModel]) -> None:
    _, model = worker
    with pytest.raises(RuntimeError, match="takes one picture at a time, not 2"):
        model.generate([Request("x", (picture(1), picture(2)), 0, model.parameters)])


def test_a_missing_clone_is_named(tmp_path: Path) -> None:
    with pytest.raises(RealUnifyError, match="BAGEL_REPO='/nowhere' is no folder: clone the model's repository"):
        start("bagel", tmp_path, BAGEL_REPO="/nowhere")


def test_the_users_revision_is_fetched(tmp_path: Path) -> None:
    model = start("omnigen2", tmp_path, LoadOptions(device="cpu", revision="abc123"))
    fetched = [call for call in calls(model) if call["call"] == "snapshot_download"]
    model.close()
    assert model.revision == "abc123"
    assert fetched == [{"call": "snapshot_download", "repo_id": "OmniGen2/OmniGen2", "revision": "abc123"}]


def make_whole(weights: Path) -> None:
    """What OmniGen2's worker wants to see in a checkpoint."""
    (weights / "transformer").mkdir()
    (weights / "model_index.json").write_text("{}")


def test_a_local_folder_tells_its_commit(tmp_path: Path) -> None:
    record = tmp_path / "weights" / ".cache" / "huggingface" / "download" / "config.json.metadata"
    record.parent.mkdir(parents=True)
    record.write_text("feed5\netag\n1.0\n")
    make_whole(tmp_path / "weights")
    model = start("omnigen2", tmp_path, OMNIGEN2_CHECKPOINT=str(tmp_path / "weights"))
    model.close()
    assert model.revision == "feed5"


def test_a_local_folder_of_no_commit_is_known_by_its_content(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    make_whole(weights)
    revisions = []
    for content in ("one", "one", "other"):
        (weights / "model.safetensors").write_text(content)
        (weights / "README.md").write_text(str(len(revisions)))
        model = start("omnigen2", tmp_path, OMNIGEN2_CHECKPOINT=str(weights))
        model.close()
        revisions.append(model.revision)
    assert revisions[0] == revisions[1] != revisions[2]
    assert revisions[0].startswith("sha256:")
    with pytest.raises(RealUnifyError, match="--revision means a commit of the Hub"):
        start("omnigen2", tmp_path, LoadOptions(device="cpu", revision="abc"), OMNIGEN2_CHECKPOINT=str(weights))


def test_variables_of_the_shell_are_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIWORLD_FLUX", "another/FLUX")
    model = start("uniworld_v1", tmp_path)
    model.close()
    assert model.environment()["UNIWORLD_FLUX"] == "another/FLUX"


@pytest.mark.parametrize("name", NAMES)
def test_the_file_says_what_its_script_can_do(name: str) -> None:
    file = WorkerFile.read(READY_MADE / f"{name}.toml")
    assert set(file.capabilities or ()) == {"answer", "generate"} | (set() if name in NEVER_EDIT else {"edit"})


@pytest.mark.parametrize("path", sorted(READY_MADE.glob("*.py")), ids=lambda path: path.stem)
def test_scripts_read_on_old_pythons_and_import_late(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {*sys.stdlib_module_names, "_common", "realunify_worker"}


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_what_the_file_says(name: str) -> None:
    file = WorkerFile.model_validate(tomllib.loads((READY_MADE / f"{name}.toml").read_text()))
    table = (READY_MADE / "README.md").read_text()
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `worker:{name}` |")]
    assert file.name in row
    assert f"answer, generate{'' if name in NEVER_EDIT else ', edit'} |" in row
    (script,) = [word for word in file.command if word.endswith(".py")]
    (default,) = re.findall(r'checkpoint\(\s*"\w+",\s*"(.+?)",', (READY_MADE / script).read_text())
    assert file.repository in row and default in row and row.endswith(f"| {file.status} |")


@pytest.mark.parametrize("name", NAMES)
def test_the_install_block_installs_what_the_file_says(name: str) -> None:
    file = WorkerFile.model_validate(tomllib.loads((READY_MADE / f"{name}.toml").read_text()))
    clone, checkout, venv, *rest = file.install.strip().splitlines()
    place = clone.removeprefix(f"git clone {file.repository} ")
    folder = file.command[0].removesuffix("/bin/python")
    assert checkout == f"git -C {place} checkout {file.commit}"
    assert venv == f"python{file.python} -m venv {folder}"
    fetched = [line.split()[2] for line in rest if line.startswith("hf download ")]
    assert fetched == list(file.downloads)
    assert all(re.match(r"(about )?[\d.]+ GB", told) for told in file.downloads.values())
    repository = [where for variable, where in file.environment.items() if variable.endswith("_REPO")]
    assert all(Path(where).is_relative_to(place) for where in repository)
    shown = subprocess.run(["sh", READY_MADE / "setup.sh", name, "--show"], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == file.install.strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_stand_in_copies_the_commit_that_was_checked(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FAKES)
        fake = importlib.import_module(f"fake_{name}")
    file = WorkerFile.model_validate(tomllib.loads((READY_MADE / f"{name}.toml").read_text()))
    assert file.commit == fake.COPIES
    assert f"github.com/{file.repository.removeprefix('https://github.com/')}" in fake.__doc__
