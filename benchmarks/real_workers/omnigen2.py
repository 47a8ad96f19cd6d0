"""OmniGen2: `inference.py` and `inference_chat.py` of the repository."""

import json
import shutil
from pathlib import Path

import _side
import _tiny


def make(folder, clone):
    from omnigen2.models.transformers.transformer_omnigen2 import OmniGen2Transformer2DModel
    from omnigen2.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

    place = Path(folder, "checkpoint")
    _tiny.qwen_vl(place / "mllm")
    _tiny.qwen_vl_processor(place / "processor")
    _tiny.autoencoder(0.3611, 0.1159).save_pretrained(place / "vae")
    network = OmniGen2Transformer2DModel(
        hidden_size=96, num_layers=2, num_refiner_layers=1, num_attention_heads=2, num_kv_heads=1, multiple_of=32,
        axes_dim_rope=(16, 16, 16), axes_lens=(1024, 1664, 1664), text_feat_dim=64, timestep_scale=1000.0,
    )  # fmt: skip
    _tiny.lively(network).save_pretrained(place / "transformer")
    Path(place, "transformer", "transformer_omnigen2.py").write_text(
        "from omnigen2.models.transformers.transformer_omnigen2 import OmniGen2Transformer2DModel\n"
    )
    FlowMatchEulerDiscreteScheduler().save_pretrained(place / "scheduler")
    shutil.copy(clone / "omnigen2/schedulers/scheduling_flow_match_euler_discrete.py", place / "scheduler")
    parts = {
        "mllm": ["transformers", "Qwen2_5_VLForConditionalGeneration"],
        "processor": ["transformers", "Qwen2_5_VLProcessor"],
        "scheduler": ["scheduling_flow_match_euler_discrete", "FlowMatchEulerDiscreteScheduler"],
        "transformer": ["transformer_omnigen2", "OmniGen2Transformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    index = {"_class_name": "OmniGen2Pipeline", "_diffusers_version": "0.33.1", **parts}
    Path(place, "model_index.json").write_text(json.dumps(index))
    return {
        "environment": {"OMNIGEN2_CHECKPOINT": str(place)},
        # 256 new tokens are fixed in the chat pipeline.
        "parameters": {"num_inference_steps": 3, "width": 64, "height": 64, "max_new_tokens": 256},
    }


def arguments(call):
    found = ["--model_path", call.folder / "checkpoint", "--instruction", call.text, "--seed", call.seed]
    found += ["--num_inference_step", 3, "--width", 64, "--height", 64, "--output_image_path", call.out]
    return [*found, "--input_image_path", call.image] if call.image else found


def draw(call):
    # It draws a row of pictures from the pictures, which costs each a rounding.
    whole = ("output_image = create_collage(vis_images)", "output_image = results.images[0]")
    # Its generator does not reach the autoencoder that reads the picture, which draws from the common one.
    seeded = ("results = pipeline(", f"torch.manual_seed({call.seed}); results = pipeline(")
    _side.run_script(call.clone / "inference.py", arguments(call), [whole, seeded])
    return call.out


def answer(call):
    # The script reads an argument that it does not define.
    broken = ('args.scheduler == "dpmsolver"', "False")
    _, printed = _side.run_script(call.clone / "inference_chat.py", arguments(call), [broken])
    return printed[printed.index("Text: ") + len("Text: ") :].strip()


if __name__ == "__main__":
    _side.main("omnigen2", make, draw=draw, edit=draw, answer=answer)
