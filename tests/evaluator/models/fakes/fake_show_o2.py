"""What its worker calls of github.com/showlab/Show-o, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from types import SimpleNamespace

from fake import HUB, record

COPIES = "45a5a2de01d1ebd10cd5864d29310a76476cdf23"
CHECKPOINT = ["config.json"]
VARIABLE = "SHOW_O2_REPO"
REPOSITORY = {
    "datasets.utils": "fake_show_o2: image_transform resize_and_pad_image to_tensor_and_normalize",
    "models": "fake_show_o2: Showo2Qwen2_5 WanVAE omni_attn_mask_naive",
    "models.misc": "fake_show_o2: get_text_tokenizer prepare_gen_input",
    "transport": "fake_show_o2: Sampler create_transport",
    "utils": "fake_show_o2: denorm get_hyper_params path_to_llm_name",
}
LIBRARIES = {**HUB, "omegaconf": "fake_show_o2: OmegaConf"}

SIDE, GRID, CHANNELS, WIDTH, TEXT = 32, 2, 4, 6, 64  # pixels, patches a side, latent, embedding, longest prompt
COUNT = GRID * GRID
IDS = {"bos_id": 2, "eos_id": 3, "boi_id": 4, "eoi_id": 5, "bov_id": 6, "eov_id": 7, "img_pad_id": 8, "vid_pad_id": 9}
path_to_llm_name = {"Qwen/Qwen2.5-7B-Instruct": "qwen2_5"}


class Config(SimpleNamespace):
    def __getitem__(self, name):
        return getattr(self, name)

    def __setitem__(self, name, value):
        setattr(self, name, value)


class OmegaConf:
    @staticmethod
    def load(path):
        record("config", path=path)
        showo = Config(llm_model_path="Qwen/Qwen2.5-7B-Instruct", add_time_embeds=True, llm_vocab_size=None)
        size = Config(resolution=SIDE, num_video_tokens=5 * COUNT)
        size.num_t2i_image_tokens = size.num_mmu_image_tokens = COUNT
        flow = dict(path_type="Linear", prediction="velocity", loss_weight=None, train_eps=None, sample_eps=None)
        flow.update(snr_type="lognorm", do_shift=True, sampling_method="euler", atol=1e-6, rtol=1e-3, reverse=False)
        transport = Config(**flow, time_shifting_factor=3.0)
        return Config(model=Config(showo=showo), dataset=Config(preprocessing=size), transport=transport)


def get_hyper_params(config, text_tokenizer, showo_token_ids):
    sizes = config.dataset.preprocessing
    drawn, seen, moving = sizes.num_t2i_image_tokens, sizes.num_mmu_image_tokens, sizes.num_video_tokens
    sizes = (drawn, seen, moving, TEXT + drawn + 4, TEXT, CHANNELS, 2, GRID, GRID)
    return (*sizes, 0, *IDS.values(), 5.0)


class Tokenizer:
    eos_token_id = 3

    def __len__(self):
        return 300

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [ord(c) for c in text]}

    def decode(self, ids, skip_special_tokens):
        return "".join(map(chr, ids.tolist()))


def get_text_tokenizer(model_path, **settings):
    return Tokenizer(), IDS


def prepare_gen_input(
    prompts, text_tokenizer, num_image_tokens, bos_id, eos_id, boi_id, eoi_id, pad_id, img_pad_id, max_text_len, device
):
    import torch

    assert (bos_id, eos_id, boi_id, eoi_id, pad_id, img_pad_id) == (2, 3, 4, 5, 0, 8)
    rows = [text_tokenizer(text, False)["input_ids"][:max_text_len] for text in (prompts[0], "")]
    picture = [boi_id, *[img_pad_id] * num_image_tokens, eoi_id, eos_id]
    ids = [[bos_id, *row, *picture, *[pad_id] * (max_text_len - len(row))] for row in rows]
    places = [torch.tensor([[[len(row) + 2, num_image_tokens]]]) for row in rows]
    return torch.tensor(ids[:1]), torch.tensor(ids[1:]), *places


def omni_attn_mask_naive(B, LEN, modalities, device, inverted=False):  # noqa: N803 - the package's own names
    import torch

    assert modalities.shape[0] == B
    record("mask", shape=[B, LEN], places=modalities.tolist(), inverted=inverted)
    return torch.zeros(B, 1, LEN, LEN)


def denorm(images):
    return ((images + 1) * 127.5).clamp(0, 255).permute(0, 2, 3, 1).numpy().astype("uint8")


def to_tensor_and_normalize(image):
    import numpy
    import torch

    return torch.from_numpy(numpy.array(image)).permute(2, 0, 1) / 127.5 - 1


def image_transform(image, resolution):
    record("crop")
    return to_tensor_and_normalize(image.resize((resolution, resolution)))


def resize_and_pad_image(image, target_resolution):
    record("pad")
    return image.resize(target_resolution)


class WanVAE:
    def __init__(self, vae_pth, dtype, device):
        record("vae", path=vae_pth, dtype=dtype)

    def sample(self, videos):
        assert videos.shape == (1, 3, 1, SIDE, SIDE)
        return videos.mean(1, keepdim=True).expand(-1, CHANNELS, -1, -1, -1)[..., : 2 * GRID, : 2 * GRID]

    def batch_decode(self, zs):
        assert zs.shape == (1, CHANNELS, 1, 2 * GRID, 2 * GRID)
        return zs[:, :3].clamp(-1, 1)


def create_transport(**settings):
    record("transport", **settings)
    return settings


class Sampler:
    def __init__(self, transport):
        self.transport = transport

    def sample_ode(self, **settings):
        record("draw", **settings)
        return lambda noise, step, **inputs: [noise, noise + 0 * step(noise, **inputs)]


class Showo2Qwen2_5:  # noqa: N801 - the package's own name
    @classmethod
    def from_pretrained(cls, path, use_safetensors):
        import torch

        model = cls()
        model.image_position_ids = torch.arange(COUNT)
        model.showo = SimpleNamespace(model=SimpleNamespace(embed_tokens=embed))
        return model

    def to(self, where):
        return self

    eval = lambda self: self  # noqa: E731

    def image_embedder_und(self, latents):
        return latents.mean((1, 2, 3))[:, None, None].expand(-1, COUNT, WIDTH)

    image_embedder_gen = image_embedder_und

    def position_embedding(self, ids):
        return ids[None, :, None] * 0.0

    def und_trans(self, embeds):
        return {"last_hidden_state": embeds}

    def fusion_proj(self, embeds):
        assert embeds.shape[-1] == 2 * WIDTH
        return embeds[..., :WIDTH] - 1000  # negative: told from characters

    def time_embed(self, time, dtype):
        return time[..., None].expand(1, 1, WIDTH)

    def mmu_generate(self, input_embeds, attention_mask, **settings):
        import torch

        numbers = input_embeds[0, :, 0].round().int().tolist()
        assert attention_mask.shape[-1] == len(numbers) == input_embeds.shape[1]
        record("write", numbers=numbers, **settings)
        text = "".join(chr(n) for n in numbers if n > 9).split("user\n")[1].split("\n<|im_start|>")[0]
        seen = sum(n < 0 for n in numbers) // COUNT
        return [torch.tensor(ord(c)) for c in f"re: {text}, {seen} seen"]

    def lm_generate(self, input_ids, tokenizer, **settings):
        text = "".join(map(chr, input_ids))
        record("write", text=text, **settings)
        return f"re: {text.split('user')[1].split('<')[0].strip()}, 0 seen<|im_end|>"

    def t2i_generate(self, latents, text_tokens, attention_mask, modality_positions, guidance_scale, **settings):
        assert len(latents) == len(text_tokens) == len(attention_mask) == len(modality_positions)
        assert attention_mask.shape[-1] == text_tokens.shape[1] == settings["max_seq_len"]
        record("step", rows=len(latents), guidance_scale=guidance_scale)
        return latents


def embed(ids):
    return ids[..., None].expand(*ids.shape, WIDTH).float()
