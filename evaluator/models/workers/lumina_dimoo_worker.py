"""Lumina-DiMOO: text and pictures are both unmasked token by token; see lumina_dimoo.toml.

A picture that is read is cropped to one of its ratios, and an edit has that crop's size, as in the published
scripts.
"""

from _common import USED, checkpoint, pick_device, picture, seed_everything, use_repository
from realunify_worker import serve


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "timesteps": 64,
        "temperature": 1.0,
        "cfg_scale": 4.0,
        "edit_cfg_scale": 2.5,
        "edit_cfg_img": 4.0,
        "width": 1024,
        "height": 1024,
        "read_side": 1024,
        "edit_side": 512,
        "gen_length": 1024,
        "block_length": 256,
        "steps": 128,
    }

    def __init__(self):
        use_repository("LUMINA_DIMOO_REPO", "model", "generators")
        folder, self.revision = checkpoint("LUMINA_DIMOO_CHECKPOINT", "Alpha-VLLM/Lumina-DiMOO", "config.json", "vqvae")
        self.device = pick_device()
        import torch
        from config import SPECIAL_TOKENS
        from diffusers import VQModel
        from model import LLaDAForMultiModalGeneration
        from transformers import AutoTokenizer

        torch.set_grad_enabled(False)
        self.special = SPECIAL_TOKENS
        self.tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
        self.model = LLaDAForMultiModalGeneration.from_pretrained(
            folder, torch_dtype=torch.bfloat16, device_map={"": self.device}
        )
        self.vqvae = VQModel.from_pretrained(folder, subfolder="vqvae").to(self.device)
        self.scale = 2 ** (len(self.vqvae.config.block_out_channels) - 1)

    def answer(self, request):
        from generators.text_understanding_generator import generate_text_understanding
        from utils.image_utils import add_break_line, calculate_vq_params, encode_img_with_breaks
        from utils.prompt_utils import generate_multimodal_understanding_prompt

        seed_everything(request.seed)
        wanted, image, seen = request.parameters, picture(request), []
        if image is not None:
            image = self._cropped(image, wanted["read_side"])
            _, _, rows, columns = calculate_vq_params(image.height, image.width, self.scale)
            seen = encode_img_with_breaks(image, vqvae=self.vqvae)
            seen = add_break_line(seen, rows, columns, new_number=self.special["newline_token"])
        prompt = self._with(self._ids(generate_multimodal_understanding_prompt(request.text)), seen)
        start, length = len(prompt) + 1, wanted["gen_length"]
        answer = [self.special["answer_start"], *[self.special["mask_token"]] * length, self.special["answer_end"]]
        ids = generate_text_understanding(
            self.model,
            self._tensor(prompt + answer),
            steps=wanted["steps"],
            gen_length=length,
            block_length=wanted["block_length"],
            temperature=0.0,
            cfg_scale=0.0,
            remasking="low_confidence",
            code_start=start,
        )
        return self.tokenizer.batch_decode(ids[:, start:-1], skip_special_tokens=True)[0].strip()

    def generate(self, request):
        from generators.image_generation_generator import generate_image
        from generators.image_to_image_generator import generate_i2i
        from utils.image_utils import calculate_vq_params, decode_vq_to_image, encode_img_with_breaks
        from utils.prompt_utils import generate_image_to_image_prompt, generate_text_to_image_prompt

        seed_everything(request.seed)
        wanted, image = request.parameters, picture(request)
        width, height, seen = wanted["width"], wanted["height"], []
        if image is None:
            texts = generate_text_to_image_prompt(request.text)
        else:
            image = self._cropped(image, wanted["edit_side"])
            width, height = image.size
            texts = generate_image_to_image_prompt(request.text, "edit")[:2]
            seen = encode_img_with_breaks(image, self.vqvae)
        text, blank = map(self._ids, texts)
        prompt = self._with(text, seen)
        count, columns, _, _ = calculate_vq_params(height, width, self.scale)
        common = {
            "seq_len": count,
            "newline_every": columns,
            "timesteps": wanted["timesteps"],
            "temperature": wanted["temperature"],
            "code_start": len(prompt) + 2,
        }
        whole = self._tensor(prompt + self._masked(count, columns))
        if image is None:
            codes = generate_image(
                self.model, whole, cfg_scale=wanted["cfg_scale"], uncon_ids=self._tensor(blank), **common
            )
        else:
            codes = generate_i2i(
                self.model,
                whole,
                cfg_scale=wanted["edit_cfg_scale"],
                cfg_img=wanted["edit_cfg_img"],
                uncon_text=self._tensor(self._with(blank, seen)),
                uncon_image=self._tensor(text),
                **common,
            )
        drawn = decode_vq_to_image(codes, None, vae_ckpt=None, image_height=height, image_width=width, vqvae=self.vqvae)
        drawn.save(request.out)

    def _cropped(self, image, side):
        from utils.image_utils import generate_crop_size_list, var_center_crop

        return var_center_crop(image, crop_size_list=generate_crop_size_list((side // 32) ** 2, 32))

    def _masked(self, count, columns):
        """A picture that is still to be drawn: masks, with a token at the end of each row, in its frame."""
        from utils.image_utils import add_break_line

        names = self.special
        rows = add_break_line([names["mask_token"]] * count, count // columns, columns, names["newline_token"])
        return [names["answer_start"], names["boi"], *rows, names["eoi"], names["answer_end"]]

    def _ids(self, text):
        return self.tokenizer(text)["input_ids"]

    def _with(self, prompt, picture_tokens):
        """The picture stands before the last token of the prompt."""
        return prompt[:-1] + picture_tokens + prompt[-1:]

    def _tensor(self, ids):
        import torch

        return torch.tensor(ids, device=self.device).unsqueeze(0)


if __name__ == "__main__":
    serve(Model)
