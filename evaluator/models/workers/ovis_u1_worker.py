"""Ovis-U1: answers, draws and edits with the code that comes with its checkpoint; see ovis_u1.toml.

Its picture generator is guided by up to three conditions, each a run of the language model: the prompt
with the picture, the picture with an empty prompt, and a white page with an empty prompt.
"""

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything
from realunify_worker import serve

EMPTY_PROMPT = "<image>\nGenerate an image."
# The generator was trained on captions that answer this request, so a prompt has to follow it.
DRAWING_PREFIX = (
    "<image>\nDescribe the image by detailing the color, shape, size, texture, quantity, text, and spatial "
    "relationships of the objects:"
)


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "steps": 50,
        "txt_cfg": 5.0,
        "edit_txt_cfg": 6.0,
        "edit_img_cfg": 1.5,
        "width": 1024,
        "height": 1024,
        "max_new_tokens": 4096,
    }

    def __init__(self):
        folder, self.revision = checkpoint("OVIS_U1_CHECKPOINT", "AIDC-AI/Ovis-U1-3B", "config.json")
        device = pick_device()
        import torch
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.bfloat16, trust_remote_code=True)
        self.model = self.model.eval().to(device).to(torch.bfloat16)
        self.text, self.visual = self.model.get_text_tokenizer(), self.model.get_visual_tokenizer()

    def answer(self, request):
        import torch

        seed_everything(request.seed)
        images = pictures(request)
        # A preface, though empty, opens the assistant's turn; conditions for drawing have none.
        inputs = self._inputs("<image>\n" * len(images) + request.text, images, preface="")
        with torch.inference_mode():
            ids = self.model.generate(
                inputs.pop("input_ids"),
                **inputs,
                do_sample=False,
                top_p=None,
                top_k=None,
                temperature=None,
                repetition_penalty=None,
                max_new_tokens=request.parameters["max_new_tokens"],
                eos_token_id=self.text.eos_token_id,
                pad_token_id=self.text.pad_token_id,
                use_cache=True,
            )[0]
        return self.text.decode(ids, skip_special_tokens=True).strip()

    def generate(self, request):
        import torch
        from PIL import Image

        seed_everything(request.seed)
        wanted = request.parameters
        width, height, source = wanted["width"], wanted["height"], picture(request)
        if source:
            height, width = self.visual.smart_resize(source.height, source.width, factor=32)
            source = source.resize((width, height))
        page = Image.new("RGB", (width, height), "white")
        with torch.inference_mode():
            nothing, _ = self._condition(EMPTY_PROMPT, page)
            unprompted = self._condition(EMPTY_PROMPT, source)[0] if source else None
            prompt = "<image>\n" + request.text.strip() if source else DRAWING_PREFIX + request.text
            condition, condition["vae_pixel_values"] = self._condition(prompt, source or page)
            drawn = self.model.generate_img(
                cond=condition,
                no_both_cond=nothing,
                no_txt_cond=unprompted,
                height=height,
                width=width,
                num_steps=wanted["steps"],
                seed=request.seed,
                txt_cfg=wanted["edit_txt_cfg" if source else "txt_cfg"],
                img_cfg=wanted["edit_img_cfg"] if source else 0,
            )
        drawn[0].save(request.out)

    def _condition(self, prompt, image):
        """The language model's states for a prompt about a picture, and the picture's own pixels for the generator."""
        image, pixels, _ = self.model.visual_generator.process_image_aspectratio(image, image.size)
        height, width = self.visual.smart_resize(
            image.height, image.width, max_pixels=self.visual.image_processor.min_pixels
        )
        inputs = self._inputs(prompt, [image.resize((width, height))], preface=None)
        condition = self.model.generate_condition(inputs.pop("input_ids"), **inputs)
        return condition, pixels.unsqueeze(0).to(device=self.model.device)

    def _inputs(self, prompt, images, preface):
        import torch

        _, ids, pixels, grids = self.model.preprocess_inputs(
            prompt,
            images,
            generation_preface=preface,
            return_labels=False,
            propagate_exception=False,
            multimodal_type="single_image",
            fix_sample_overall_length_navit=False,
        )
        mask = torch.ne(ids, self.text.pad_token_id)
        if pixels is not None:
            pixels = pixels.to(device=self.visual.device, dtype=torch.bfloat16)
        return {
            "input_ids": ids.unsqueeze(0).to(device=self.model.device),
            "attention_mask": mask.unsqueeze(0).to(device=self.model.device),
            "pixel_values": pixels,
            # Its forward counts pictures by this list's entries: text alone is one entry without a picture.
            "grid_thws": [None] if grids is None else grids.to(device=self.visual.device),
        }


if __name__ == "__main__":
    serve(Model)
