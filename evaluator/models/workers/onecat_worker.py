"""OneCAT: one decoder without a vision encoder, answers, draws scale by scale, edits; see onecat.toml."""

from argparse import Namespace
from fractions import Fraction

from _common import USED, checkpoint, file_from_hub, pick_device, picture, seed_everything, setting, use_repository
from realunify_worker import serve

START = "<|im_start|>user\n"
END = "<|im_end|><|im_start|>assistant\n<img_gen>"


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "cfg": 20.0,
        "edit_cfg_text": 3.0,
        "edit_cfg_image": 1.0,
        "top_k": 2,
        "top_p": 0.97,
        "h_div_w": 1.0,
        "edit_short_side": 1008,
        "max_new_tokens": 1000,
    }

    def __init__(self):
        use_repository("ONECAT_REPO", "onecat")
        folder, self.revision = checkpoint("ONECAT_CHECKPOINT", "onecat-ai/OneCAT-3B", "config.json")
        vae = file_from_hub("ONECAT_VAE", "FoundationVision/Infinity", "infinity_vae_d32reg.pth")
        pixels = setting("ONECAT_PIXELS", "1M")  # about 1024 x 1024
        self.device = pick_device()
        import torch
        from onecat import constants, modeling_onecat
        from onecat.var_model.tools.run_infinity import load_visual_tokenizer
        from transformers import AutoTokenizer

        # Its generators are seeded with int(time.time() * 1000), by a `time` that is looked up in its module.
        self.clock = modeling_onecat.time = Clock()
        self.constants, self.dtype = constants, torch.bfloat16
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = modeling_onecat.OneCatVLModel.from_pretrained(folder)
        settings = Namespace(vae_type=32, vae_path=vae, apply_spatial_patchify=0, pn=pixels)
        self.model.vae_local = load_visual_tokenizer(settings).eval()
        self.model.vargpt_gen_args = settings
        token = self.tokenizer.convert_tokens_to_ids
        self.model.img_context_token_id = token(constants.IMG_CONTEXT_TOKEN)
        self.model.img_gen_context_token_id = token(constants.IMG_GEN_CONTEXT_TOKEN)
        self.model.img_gen_start_token_id = token(constants.IMG_GEN_START_TOKEN)
        self.model.ref_img_context_token_id = token(constants.REF_GEN_CONTEXT_TOKEN)
        self.model = self.model.to(device=self.device, dtype=self.dtype).eval()

    def answer(self, request):
        import torch
        from onecat.smart_resize import smart_resize

        seed_everything(request.seed)
        settings = {
            "do_sample": False,
            "top_k": None,
            "top_p": None,
            "num_beams": 1,
            "max_new_tokens": request.parameters["max_new_tokens"],
        }
        image = picture(request)
        with torch.no_grad():
            if image is None:
                return self._answer_without_picture(request.text, settings)
            return self.model.chat(
                tokenizer=self.tokenizer,
                pixel_values=self._pixels(image, smart_resize(image.height, image.width)),
                pixel_values_thumbnail=self._pixels(image, (448, 448)),
                question=request.text,
                generation_config={**settings, "eos_token_id": self.tokenizer.eos_token_id},
            ).strip()

    def _answer_without_picture(self, text, settings):
        """The same turn as `chat` makes, which itself asks for a picture."""
        from onecat.conversation import get_conv_template

        template = get_conv_template(self.model.template)
        template.system_message = self.model.system_message
        template.append_message(template.roles[0], text)
        template.append_message(template.roles[1], None)
        end = template.sep.strip()
        ids = self.model.generate(
            **self._ids(template.get_prompt()), **settings, eos_token_id=self.tokenizer.convert_tokens_to_ids(end)
        )
        return self.tokenizer.batch_decode(ids, skip_special_tokens=True)[0].split(end)[0].strip()

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        self.clock.seed = request.seed
        wanted, source, text = request.parameters, picture(request), request.text
        system = self.constants.SYSTEM_PROMPT
        common = {name: wanted[name] for name in ("top_k", "top_p")}
        common.update(output_hidden_states=True, use_cache=True, return_dict=True)
        with torch.no_grad():
            if source is None:
                drawn = self.model.generate_t2i(
                    **self._ids(system + START + text + END),
                    **self._ids(system + START + END, "_cfg"),
                    cfg=wanted["cfg"],
                    h_div_w=wanted["h_div_w"],
                    **common,
                )
            else:
                pixels, tokens, ratio = self._reference(source, wanted["edit_short_side"])
                drawn = self.model.generate_edit(
                    pixel_values=pixels,
                    **self._ids(system + START + tokens + text + END),
                    **self._ids(system + START + text + END, "_cfg"),
                    **self._ids(system + START.strip() + END, "_cfg2"),
                    cfg_T=wanted["edit_cfg_text"],
                    cfg_I=wanted["edit_cfg_image"],
                    h_div_w=ratio,
                    **common,
                )
        save(drawn[0], request.out)

    def _reference(self, image, short):
        """The picture's pixels, the tokens that stand for it, and the ratio of the result closest to its own."""
        from onecat.smart_resize import smart_resize
        from onecat.var_model.infinity.utils.dynamic_resolution import h_div_w_templates

        ratio = image.height / image.width
        size = (int(short * ratio), short) if ratio > 1 else (short, int(short / ratio))
        height, width = smart_resize(*size)
        patch = self.model.patch_size
        count = (width // patch) * (height // patch) // 4  # four patches become one token
        names = self.constants
        tokens = names.REF_GEN_START_TOKEN + names.REF_GEN_CONTEXT_TOKEN * count + names.REF_GEN_END_TOKEN
        closest = min(h_div_w_templates, key=lambda known: abs(float(known) - ratio))
        return self._pixels(image, (height, width)), tokens, closest

    def _pixels(self, image, size):
        from onecat.util import build_transform

        pixels = build_transform(input_size=list(size))(image)
        return pixels.unsqueeze(0).to(device=self.device, dtype=self.dtype)

    def _ids(self, text, suffix=""):
        found = self.tokenizer(text, return_tensors="pt", truncation=False, padding=False)
        return {name + suffix: found[name].to(self.device) for name in ("input_ids", "attention_mask")}


class Clock:
    """A `time` whose milliseconds are the seed."""

    seed = 0

    def time(self):
        return Fraction(self.seed, 1000)


def save(pixels, path):
    """Channels first, from -1 to 1."""
    from PIL import Image

    values = ((pixels.float().cpu() + 1) / 2).clamp(0, 1).mul(255).permute(1, 2, 0)
    Image.fromarray(values.numpy().astype("uint8")).save(path)


if __name__ == "__main__":
    serve(Model)
