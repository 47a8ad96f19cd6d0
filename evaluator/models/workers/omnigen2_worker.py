"""OmniGen2: draws and edits with its pipeline, answers with the language model inside; see omnigen2.toml.

Both pipelines of its public repository share one set of weights. The chat pipeline would decide by itself
whether to write or to draw; here the protocol decides, so its language model is asked directly, greedily.
"""

from _common import USED, checkpoint, pick_device, pictures, seed_everything, use_repository
from realunify_worker import serve

# The default of inference.py, which its README says to keep.
NEGATIVE_PROMPT = (
    "(((deformed))), blurry, over saturation, bad anatomy, disfigured, poorly drawn face, mutation, mutated, "
    "(extra_limb), (ugly), (poorly drawn hands), fused fingers, messy drawing, broken legs censor, censored, censor_bar"
)


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_inference_steps": 50,
        "text_guidance_scale": 5.0,
        "image_guidance_scale": 2.0,
        "cfg_range_start": 0.0,
        "cfg_range_end": 1.0,
        "negative_prompt": NEGATIVE_PROMPT,
        "width": 1024,
        "height": 1024,
        "max_new_tokens": 1024,
    }

    def __init__(self):
        use_repository("OMNIGEN2_REPO", "omnigen2")
        folder, self.revision = checkpoint(
            "OMNIGEN2_CHECKPOINT", "OmniGen2/OmniGen2", "model_index.json", "transformer"
        )
        self.device = pick_device()
        import torch
        from omnigen2.models.transformers.transformer_omnigen2 import OmniGen2Transformer2DModel
        from omnigen2.pipelines.omnigen2.pipeline_omnigen2 import OmniGen2Pipeline
        from omnigen2.pipelines.omnigen2.pipeline_omnigen2_chat import OmniGen2ChatPipeline

        self.pipeline = OmniGen2Pipeline.from_pretrained(folder, torch_dtype=torch.bfloat16, trust_remote_code=True)
        self.pipeline.transformer = OmniGen2Transformer2DModel.from_pretrained(
            folder, subfolder="transformer", torch_dtype=torch.bfloat16
        )
        self.pipeline = self.pipeline.to(self.device)
        self.chat = OmniGen2ChatPipeline(**self.pipeline.components)

    def answer(self, request):
        seed_everything(request.seed)
        images = pictures(request) or None
        prompt = self.chat._apply_chat_template(request.text, images)
        inputs = self.chat.prepare_inputs_for_text_generation(prompt, images, self.device)
        ids = self.chat.mllm.generate(
            **inputs,
            tokenizer=self.chat.processor.tokenizer,
            do_sample=False,
            max_new_tokens=request.parameters["max_new_tokens"],
            stop_strings=["<|im_end|>", "<|img|>", "<|endoftext|>"],  # <|img|>: from here on it would draw
        )
        new = ids[:, inputs["input_ids"].shape[1] :]
        text = self.chat.processor.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0]
        return text.replace("<|img|>", "").strip()

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        wanted = request.parameters
        result = self.pipeline(
            prompt=request.text,
            input_images=pictures(request) or None,  # with one picture the result takes its size
            width=wanted["width"],
            height=wanted["height"],
            num_inference_steps=wanted["num_inference_steps"],
            max_sequence_length=1024,
            text_guidance_scale=wanted["text_guidance_scale"],
            image_guidance_scale=wanted["image_guidance_scale"],
            cfg_range=(wanted["cfg_range_start"], wanted["cfg_range_end"]),
            negative_prompt=wanted["negative_prompt"],
            num_images_per_prompt=1,
            generator=torch.Generator(device=self.device).manual_seed(request.seed),
            output_type="pil",
        )
        result.images[0].save(request.out)


if __name__ == "__main__":
    serve(Model)
