"""What its worker calls of github.com/Alpha-VLLM/Lumina-DiMOO, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from types import SimpleNamespace

from fake import HUB, Anything, record, shade
from PIL import Image

COPIES = "81344e60545ae8d70f11039d3450717d974f831b"
CHECKPOINT = ["config.json", "vqvae"]
VARIABLE = "LUMINA_DIMOO_REPO"
PROMPTS = "generate_image_to_image_prompt generate_text_to_image_prompt generate_multimodal_understanding_prompt"
REPOSITORY = {
    "config": "fake_lumina_dimoo: SPECIAL_TOKENS",
    "model": "fake_lumina_dimoo: LLaDAForMultiModalGeneration",
    "model.modeling_xllmx_dimoo": "fake_lumina_dimoo: LLaDAForMultiModalGeneration",
    "generators.image_generation_generator": "fake_lumina_dimoo: generate_image",
    "generators.image_to_image_generator": "fake_lumina_dimoo: generate_i2i",
    "generators.text_understanding_generator": "fake_lumina_dimoo: generate_text_understanding",
    "utils.image_utils": "fake_lumina_dimoo: add_break_line calculate_vq_params decode_vq_to_image "
    "encode_img_with_breaks generate_crop_size_list var_center_crop",
    "utils.prompt_utils": f"fake_lumina_dimoo: {PROMPTS}",
}
LIBRARIES = {**HUB, "diffusers": "fake_lumina_dimoo: VQModel", "transformers": "fake_lumina_dimoo: AutoTokenizer"}

PICTURE = 126356  # the first of the pictures' tokens
SPECIAL_TOKENS = {
    "mask_token": 126336,
    "newline_token": 126084,
    "answer_start": 126354,
    "answer_end": 126355,
    "boi": 126349,
    "eoi": 126350,
}


class LLaDAForMultiModalGeneration(Anything):
    pass


class VQModel(Anything):
    config = SimpleNamespace(block_out_channels=[1] * 5)


class AutoTokenizer:
    @classmethod
    def from_pretrained(cls, path, trust_remote_code):
        return cls()

    def __call__(self, text):
        return {"input_ids": [ord(c) for c in text]}

    def batch_decode(self, rows, skip_special_tokens):
        return ["".join(chr(number) for number in row if number < PICTURE) for row in rows.tolist()]


def generate_text_to_image_prompt(prompt_text, templates=None):
    return f"draw {prompt_text}.", "draw nothing."


def generate_image_to_image_prompt(prompt_text, edit_type, templates=None):
    return f"{edit_type} {prompt_text}.", f"{edit_type} nothing.", "system"


def generate_multimodal_understanding_prompt(question, templates=None):
    return f"{question}|"


def generate_crop_size_list(num_patches, patch_size, max_ratio=4.0):
    return num_patches, patch_size


def var_center_crop(pil_image, crop_size_list, random_top_k=1):
    record("crop", sizes=crop_size_list)
    return pil_image.resize((64, 48))


def calculate_vq_params(image_height, image_width, vae_scale=16):
    rows, columns = image_height // vae_scale, image_width // vae_scale
    return rows * columns, columns, rows, columns


def add_break_line(sequence, H, W, new_number=0):  # noqa: N803 - the package's own names
    return [token for row in range(H) for token in [*sequence[row * W : (row + 1) * W], new_number]]


def encode_img_with_breaks(img, vqvae, vae_scale_factor=16):
    return [SPECIAL_TOKENS["boi"], PICTURE + shade(img), SPECIAL_TOKENS["eoi"]]


def generate_text_understanding(
    model, prompt, steps, gen_length, block_length, temperature, cfg_scale, remasking, mask_id=126336, code_start=None
):
    assert (prompt[0, code_start:-1] == mask_id).all() and prompt.shape[1] == code_start + gen_length + 1
    record("write", steps=steps, gen_length=gen_length, block_length=block_length, temperature=temperature)
    numbers = prompt[0, : code_start - 1].tolist()
    text = "".join(chr(number) for number in numbers if number < 256).rstrip("|")
    said = f"re: {text}, {sum(number >= PICTURE for number in numbers)} seen"
    written = prompt.clone()
    written[0, code_start:-1] = PICTURE
    for place, letter in enumerate(said):
        written[0, code_start + place] = ord(letter)
    return written


def drawn(prompt, seq_len, newline_every, code_start, source=0, **settings):
    """Codes: the first from torch's generator, the second of the picture that is edited."""
    import torch

    mask = prompt[0, code_start : code_start + seq_len + seq_len // newline_every] == SPECIAL_TOKENS["mask_token"]
    assert mask.sum() == seq_len and prompt[0, code_start - 1] == SPECIAL_TOKENS["boi"]
    codes = torch.randint(0, 8192, (1, seq_len)) + PICTURE
    codes[0, 1] = PICTURE + source
    return codes


def generate_image(model, prompt, *, timesteps, temperature, cfg_scale, uncon_ids, **places):
    text = "".join(chr(n) for n in prompt[0].tolist() if n < 256)
    record("draw", text=text, timesteps=timesteps, temperature=temperature, cfg_scale=cfg_scale)
    return drawn(prompt, **places)


def generate_i2i(model, prompt, *, timesteps, temperature, cfg_scale, cfg_img, uncon_text, uncon_image, **places):
    (source,) = [number - PICTURE for number in prompt[0].tolist() if number >= PICTURE]
    assert source + PICTURE in uncon_text[0] and source + PICTURE not in uncon_image[0]
    record("edit", timesteps=timesteps, temperature=temperature, cfg_scale=cfg_scale, cfg_img=cfg_img)
    return drawn(prompt, source=source, **places)


def decode_vq_to_image(vq_codes, save_path, vae_ckpt, image_height, image_width, vqvae=None):
    first, second = (vq_codes[0, :2] - PICTURE).tolist()
    return Image.new("RGB", (image_width, image_height), (first % 256, second, first // 256))
