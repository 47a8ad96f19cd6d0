"""InternVL-U: one pipeline answers, draws and edits, with or without its reasoning; see internvl_u.toml.

With `think=true` it reasons in text before it draws, in the same call; its reasoning is kept in the request's
notes. The published pipeline then guides less, unless `all_cfg_scale` and `part_cfg_scale` are set.
"""

from _common import USED, checkpoint, pick_device, picture, pictures, seed_everything, use_repository
from realunify_worker import serve

# The guidance that its pipeline defaults to, (all, part), without and with reasoning.
GUIDANCE = {False: (4.5, 2.0), True: (3.5, 1.5)}


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_inference_steps": 20,
        "all_cfg_scale": 0.0,
        "part_cfg_scale": 0.0,
        "width": 512,
        "height": 512,
        "think": False,
        "think_max_new_tokens": 200,
        "max_new_tokens": 1024,
    }

    def __init__(self):
        use_repository("INTERNVL_U_REPO", "internvlu")
        folder, self.revision = checkpoint(
            "INTERNVL_U_CHECKPOINT", "InternVL-U/InternVL-U", "model_index.json", "generation_decoder"
        )
        self.device = pick_device()
        import torch
        from internvlu import InternVLUPipeline

        self.pipeline = InternVLUPipeline.from_pretrained(folder, torch_dtype=torch.bfloat16)
        self.pipeline.to(self.device)
        self.tokenizer = self.pipeline.processor.tokenizer

    def answer(self, request):
        import torch

        seed_everything(request.seed)
        images = pictures(request)
        with torch.no_grad():
            output = self.pipeline(
                prompt=request.text,
                image=[images] if images else None,
                generation_mode="text",
                do_sample=False,
                max_new_tokens=request.parameters["max_new_tokens"],
            )
        return self._text(output)

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        wanted, source = request.parameters, picture(request)
        think = wanted["think"]
        settings = {"do_sample": False, "max_new_tokens": wanted["think_max_new_tokens"]} if think else {}
        with torch.no_grad():
            output = self.pipeline(
                prompt=request.text,
                image=source,
                generation_mode="text_image" if think else "image",
                height=source.height if source else wanted["height"],
                width=source.width if source else wanted["width"],
                num_inference_steps=wanted["num_inference_steps"],
                all_cfg_scale=wanted["all_cfg_scale"] or GUIDANCE[think][0],
                part_cfg_scale=wanted["part_cfg_scale"] or GUIDANCE[think][1],
                generator=torch.Generator(device=self.device).manual_seed(request.seed),
                **settings,
            )
        if think:
            request.notes.append("reasoned: " + self._text(output))
        output.images[0].save(request.out)

    def _text(self, output):
        return self.tokenizer.decode(output.generate_output[0], skip_special_tokens=True).strip()


if __name__ == "__main__":
    serve(Model)
