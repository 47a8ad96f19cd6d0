"""What can go wrong with a checkpoint is one line that says what to do; tiny ones are built safely."""

import errno
import json
import shutil
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from huggingface_hub import errors as hub

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.models import tiny
from evaluator.models._torch import device_of, loading
from evaluator.models._weights import whole_weights
from evaluator.models.base import LoadOptions
from evaluator.models.registry import load_model
from evaluator.models.vlm import load_vlm


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("vlm:", "name is empty"),
        ("vlm:./nowhere", "no checkpoint folder at './nowhere'"),
        ("janus:a/b/c", "no checkpoint folder at 'a/b/c'"),
        ("diffusers:not a name", "neither a folder here nor a Hub id"),
        ("tiny:janu", "did you mean janus"),
    ],
)
def test_a_wrong_name_is_refused(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load_model(spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("family", ["vlm", "janus", "emu3", "diffusers"])
def test_offline_says_how_to_fetch(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(RealUnifyError, match="hf download some-org/no-such-checkpoint"):
        load_model(f"{family}:some-org/no-such-checkpoint")


def response(status: int) -> Mock:
    return Mock(spec=httpx.Response, status_code=status, headers={}, request=Mock())


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (hub.GatedRepoError("403", response=response(403)), "accept its licence at https://huggingface.co/a/b"),
        (hub.RepositoryNotFoundError("404", response=response(404)), "no such checkpoint on the Hub"),
        (hub.RevisionNotFoundError("404", response=response(404)), "no such revision"),
        (hub.RemoteEntryNotFoundError("404", response=response(404)), "try another family"),
    ],
)
def test_the_hub_s_refusals_are_explained(error: Exception, message: str) -> None:
    with pytest.raises(RealUnifyError, match=message), loading("vlm:a/b"):
        raise error


def test_too_little_memory_or_disk_is_told() -> None:
    import torch

    for error in (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError()):
        with (
            pytest.raises(RealUnifyError, match="vlm:a/b does not fit into memory.*--dtype bfloat16"),
            loading("vlm:a/b"),
        ):
            raise error
    for number in (errno.ENOSPC, errno.EDQUOT):
        with pytest.raises(RealUnifyError, match="vlm:a/b: the disk is full.*HF_HOME"), loading("vlm:a/b"):
            raise OSError(number, "No space left on device")


def test_our_own_mistakes_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), loading("vlm:a/b"):
        raise ZeroDivisionError


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps", "xpu", "meta", "hpu"])
def test_a_device_that_is_not_here_is_refused(device: str) -> None:
    with pytest.raises(UsageError, match=f"device '{device}' is not here"):
        device_of(LoadOptions(device=device))
    with pytest.raises(UsageError, match="unknown device 'gpu'"):
        device_of(LoadOptions(device="gpu"))


WEIGHTS = [
    ("vlm", "qwen-vl", "model.safetensors", "layers.0"),
    ("janus", "janus", "model.safetensors", "vqmodel"),
    ("emu3", "emu3", "model.safetensors", "layers.1"),
    ("diffusers", "kontext", "text_encoder/model.safetensors", "layers.0"),
    ("diffusers", "kontext", "transformer/diffusion_pytorch_model.safetensors", "transformer_blocks.0"),
    ("diffusers", "kontext", "vae/diffusion_pytorch_model.safetensors", "decoder.conv_in"),
]


@pytest.mark.parametrize(("family", "name", "file", "part"), WEIGHTS)
@pytest.mark.parametrize("shape", [None, (3, 5)])
def test_weights_that_are_missing_or_of_other_shapes_are_refused(
    tmp_path: Path, family: str, name: str, file: str, part: str, shape: tuple[int, int] | None
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny.checkpoint(name), folder)
    weights = load_file(folder / file)
    chosen = [key for key in weights if part in key]
    assert chosen
    kept = {key: value for key, value in weights.items() if key not in chosen}
    if shape is not None:
        kept |= {key: torch.zeros(shape) for key in chosen}
    save_file(kept, folder / file, metadata={"format": "pt"})
    told = "lacks weights of its .* which would be random numbers" if shape is None else "other shapes than its conf"
    with pytest.raises(RealUnifyError, match=told) as caught:
        load_model(f"{family}:{folder}", LoadOptions(device="cpu"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("family", "name"), sorted({row[:2] for row in WEIGHTS} | {("diffusers", "flux2-klein")}))
def test_a_checkpoint_without_its_tokenizer_is_refused(tmp_path: Path, family: str, name: str) -> None:
    shutil.copytree(tiny.checkpoint(name), tmp_path / "checkpoint")
    for file in [*tmp_path.glob("checkpoint/tokenizer*.json"), *tmp_path.glob("checkpoint/tokenizer*/*")]:
        file.unlink()
    with pytest.raises(UsageError, match="tokenizer's files") as caught:
        load_model(f"{family}:{tmp_path / 'checkpoint'}", LoadOptions(device="cpu"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ['{"_class_name": ', "[3]", "3", "\udcff"])
@pytest.mark.parametrize(("family", "file"), [("janus", "config.json"), ("diffusers", "model_index.json")])
def test_a_damaged_index_is_told(tmp_path: Path, family: str, file: str, content: str) -> None:
    (tmp_path / file).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=f"its {file} is damaged.*fetch it again"):
        load_model(f"{family}:{tmp_path}")


def test_the_libraries_are_as_before_after_a_check() -> None:
    import transformers

    before = transformers.PreTrainedModel.__dict__["from_pretrained"]
    with pytest.raises(ZeroDivisionError), whole_weights("vlm:a/b"):
        assert transformers.PreTrainedModel.__dict__["from_pretrained"] is not before
        raise ZeroDivisionError
    assert transformers.PreTrainedModel.__dict__["from_pretrained"] is before


@pytest.mark.parametrize(
    ("family", "name", "message"),
    [
        ("janus", "qwen-vl", "'qwen2_5_vl' checkpoint, not Janus"),
        ("emu3", "janus", "'janus' checkpoint, not Emu3"),
        ("diffusers", "janus", "has no model_index.json"),
        ("vlm", "kontext", "has no config.json"),
    ],
)
def test_another_architecture_is_refused(family: str, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_model(f"{family}:{tiny.checkpoint(name)}")


def test_a_text_model_is_no_vlm(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(UsageError, match="'llama' checkpoint, which does not turn images and text into text"):
        load_model(f"vlm:{tmp_path}")


def test_an_unknown_architecture_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no_such_model"}))
    with pytest.raises(UsageError, match="worker:FILE.toml"):
        load_model(f"vlm:{tmp_path}")


def test_an_unknown_pipeline_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "WanPipeline"}))
    with pytest.raises(UsageError, match="'WanPipeline': .*Pipeline"):
        load_model(f"diffusers:{tmp_path}")


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tiny.checkpoint("qwen-vl"), folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RealUnifyError, match="weights file is damaged"):
        load_model(f"vlm:{folder}")


def test_the_revision_of_a_folder_follows_its_content(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tiny.checkpoint("qwen-vl"), folder)
    options = LoadOptions()
    before = load_vlm(str(folder), options).revision
    assert before == load_vlm(str(tiny.checkpoint("qwen-vl")), options).revision
    (folder / "notes.md").write_text("says nothing")
    assert load_vlm(str(folder), options).revision == before
    config = folder / "generation_config.json"
    config.write_text(config.read_text() + "\n")
    assert load_vlm(str(folder), options).revision != before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (LoadOptions(dtype="int3"), "unknown dtype 'int3'"),
        (LoadOptions(device="abacus"), "unknown device 'abacus'"),
        (LoadOptions(settings={"max_new_token": 3}), "it takes: max_new_tokens"),
    ],
)
def test_wrong_options_are_refused(options: LoadOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_model("tiny:qwen-vl", options)


def test_dtype_and_settings_are_taken() -> None:
    model = load_model("tiny:qwen-vl", LoadOptions(dtype="bfloat16", settings={"max_new_tokens": 2}))
    assert model.environment()["dtype"] == "bfloat16"
    assert model.parameters["max_new_tokens"] == 2


def test_a_build_is_the_same_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = load_vlm(str(tiny.checkpoint("qwen-vl")), LoadOptions()).revision
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path))
    assert load_vlm(str(tiny.checkpoint("qwen-vl")), LoadOptions()).revision == here


def test_another_process_may_finish_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path))
    target = tmp_path / "tiny" / f"janus-v{tiny.VERSION}"

    def build(draft: Path) -> None:
        (draft / "config.json").write_text("mine")
        target.mkdir()
        (target / "config.json").write_text("theirs")

    monkeypatch.setattr("evaluator.models._tiny_language.build_janus", build)
    assert tiny.checkpoint("janus") == target
    assert (target / "config.json").read_text() == "theirs"
    assert list((tmp_path / "tiny").iterdir()) == [target], "no draft is left"


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path))
    monkeypatch.setattr("evaluator.models._tiny_language.build_janus", Mock(side_effect=OSError(28, "No space left")))
    with pytest.raises(RealUnifyError, match="No space left.*REALUNIFY_CACHE"):
        tiny.checkpoint("janus")
    assert not list((tmp_path / "tiny").iterdir())
