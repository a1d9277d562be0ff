"""TiTok in PyTorch, for measuring against: the published networks as plain functions of their checkpoints' tensors.

Reads a model folder (tokenizer/ and generator/, each with config.json and model.safetensors). Needs PyTorch only.
"""

import json
import math
import mmap
import struct
from pathlib import Path

import torch
import torch.nn.functional as F

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32}


def read_safetensors(path):
    """Name to tensor; the tensors share the mapped file's memory."""
    with open(path, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    length = struct.unpack("<Q", mapped[:8])[0]
    header = json.loads(mapped[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        kind = TYPES[entry["dtype"]]
        count = (end - begin) // kind.itemsize
        tensors[name] = torch.frombuffer(mapped, dtype=kind, count=count, offset=8 + length + begin).reshape(entry["shape"])
    return tensors


def load_part(folder, device, dtype):
    config = json.loads((Path(folder) / "config.json").read_text())
    stored = read_safetensors(Path(folder) / "model.safetensors")
    weights = {name: t.to(device, dtype) for name, t in stored.items() if t.is_floating_point()}
    for name, t in weights.items():
        # Convolutions run on channels-last data.
        if t.dim() == 4:
            weights[name] = t.contiguous(memory_format=torch.channels_last)
    return config["model"], weights


def attention(qkv, heads):
    """qkv [B, T, 3C] to [B, T, C]."""
    batch, tokens, channels = qkv.shape
    # On CPUs PyTorch's attention takes five times as long in bf16 as in fp32 with both conversions.
    work = qkv.float() if qkv.device.type == "cpu" else qkv
    q, k, v = work.reshape(batch, tokens, 3, heads, channels // 3 // heads).permute(2, 0, 3, 1, 4)
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, channels // 3).to(qkv.dtype)


class Part:
    def __init__(self, folder, device="cpu", dtype=torch.float32):
        self.config, self.w = load_part(folder, device, dtype)

    def keep_weights_in_place(self):
        """Tells the compiler that weights stay where they are: CUDA graphs would copy all of them before every replay."""
        for weight in [*self.w.values(), *(t for t in vars(self).values() if isinstance(t, torch.Tensor))]:
            torch._dynamo.mark_static_address(weight)

    def linear(self, name, x):
        weight = self.w[name + ".weight"]
        return F.linear(x, weight.reshape(weight.shape[0], -1), self.w.get(name + ".bias"))

    def norm(self, name, x, epsilon=1e-5):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], epsilon)


class Generator(Part):
    def __init__(self, folder, device="cpu", dtype=torch.float32):
        super().__init__(folder, device, dtype)
        g = self.config["generator"]
        self.heads, self.layers, self.latents = g["num_attention_heads"], g["num_hidden_layers"], g["image_seq_len"]
        self.codes, self.classes = self.config["vq_model"]["codebook_size"], g["condition_num_classes"]
        self.is_bert = g["model_type"] == "ViT"
        if self.is_bert:
            for i in range(self.layers):
                self_attention = f"model.encoder.layer.{i}.attention.self"
                for kind in ("weight", "bias"):
                    self.w[f"{self_attention}.qkv.{kind}"] = torch.cat([self.w.pop(f"{self_attention}.{p}.{kind}") for p in ("query", "key", "value")])

    def logits(self, ids, classes):
        """ids [R, K], classes [R] as ids of their own: [R, K, V]."""
        tokens = torch.cat([classes[:, None], ids], 1)
        return (self.bert(tokens) if self.is_bert else self.uvit(tokens)).float()

    def bert(self, tokens):
        w, e = self.w, "model.embeddings."
        x = w[e + "word_embeddings.weight"][tokens] + w[e + "position_embeddings.weight"] + w[e + "token_type_embeddings.weight"][0]
        x = self.norm(e + "LayerNorm", x, 1e-12)
        for i in range(self.layers):
            layer = f"model.encoder.layer.{i}."
            attended = attention(self.linear(layer + "attention.self.qkv", x), self.heads)
            x = self.norm(layer + "attention.output.LayerNorm", x + self.linear(layer + "attention.output.dense", attended), 1e-12)
            hidden = F.gelu(self.linear(layer + "intermediate.dense", x))
            x = self.norm(layer + "output.LayerNorm", x + self.linear(layer + "output.dense", hidden), 1e-12)
        return self.linear("model.lm_head", x[:, 1:])

    def uvit(self, tokens):
        x = self.w["embeddings.weight"][tokens] + self.w["pos_embed"]
        skips = []
        for i in range(self.layers // 2):
            x = self.uvit_block(f"in_blocks.{i}.", x)
            skips.append(x)
        x = self.uvit_block("mid_block.", x)
        for i in range(self.layers // 2):
            x = self.linear(f"out_blocks.{i}.skip_linear", torch.cat([x, skips.pop()], -1))
            x = self.uvit_block(f"out_blocks.{i}.", x)
        return self.linear("lm_head", self.norm("norm", x[:, 1:]))

    def uvit_block(self, block, x):
        x = x + self.linear(block + "attn.proj", attention(self.linear(block + "attn.qkv", self.norm(block + "norm1", x)), self.heads))
        return x + self.linear(block + "mlp.fc2", F.gelu(self.linear(block + "mlp.fc1", self.norm(block + "norm2", x))))

    def schedule(self, steps, guidance, decay, temperature, anneal):
        for step in range(steps):
            ratio = (step + 1) / steps
            scale = {
                "constant": guidance,
                "linear": guidance * step / steps,
                "power-cosine": 1 + (guidance - 1) * 0.5 * (1 - math.cos(math.pi * (step / steps) ** 3)),
            }[decay]
            keep = math.floor(self.latents * math.acos(ratio) / (math.pi / 2))
            yield scale, temperature * (1 - ratio), 0.5 + 0.8 * (1 - ratio) if anneal else 1.0, keep, step == steps - 1

    def generate(self, classes, steps, guidance, decay, temperature, anneal, step=None, noise=None):
        """Token ids [B, K]. Conditional and unconditional rows go in one batch. `step` may be a compiled self.step.

        `noise(like, step, stream)` gives Gumbel noise for the tokens (stream 0) and the confidences (stream 1).
        """
        take = step or self.step
        device = classes.device
        ids = torch.full((len(classes), self.latents), self.codes, device=device)
        own, dropped = classes + self.codes + 1, torch.full_like(classes, self.codes + 1 + self.classes)
        for number, (scale, heat, softmax_heat, keep, last) in enumerate(self.schedule(steps, guidance, decay, temperature, anneal)):
            # In tensors, or every step would be compiled anew.
            numbers = torch.tensor([scale, heat, softmax_heat, keep], dtype=torch.float32, device=device)
            # Without what guidance changes nothing in, as titok leaves it out; power-cosine does so where it is 1.
            neutral = 1 if decay == "power-cosine" else 0
            guided = torch.tensor(scale, dtype=torch.float32).item() != neutral
            how = dict(from_unconditional=decay == "power-cosine", guided=guided, heated=heat != 0, last=last)
            given = None if noise is None else lambda like, stream, number=number: noise(like, number, stream)
            # A copy, since a CUDA graph writes to the same memory again.
            ids = take(ids, own, dropped, numbers, noise=given, **how).clone()
        return ids

    def step(self, ids, own, dropped, numbers, from_unconditional, guided, heated, last, noise=None):
        """Ids [B, K] after a step. numbers: guidance, temperature, temperature of the logits, how many stay masked."""
        noise = noise or (lambda like, stream: gumbel(like))
        scale, heat, softmax_heat, keep = numbers.unbind()
        if guided:
            conditional, unconditional = self.logits(torch.cat([ids, ids]), torch.cat([own, dropped])).chunk(2)
            value = (unconditional if from_unconditional else conditional) + (conditional - unconditional) * scale
        else:
            value = self.logits(ids, own)
        value = value / softmax_heat
        tokens = (value + heat * noise(value, 0)).argmax(-1) if heated else value.argmax(-1)
        known = ids != self.codes
        tokens = torch.where(known, ids, tokens)
        if last:
            return tokens
        confidence = value.gather(-1, tokens[..., None])[..., 0]
        if heated:
            confidence = confidence + heat * noise(confidence, 1)
        confidence = torch.where(known, torch.inf, confidence)
        masked = (~known).sum(-1, keepdim=True)
        stay = torch.clamp(torch.minimum(masked - 1, keep.long()), min=1)
        threshold = confidence.sort(-1).values.gather(-1, stay - 1)
        return torch.where(confidence <= threshold, self.codes, tokens)


def gumbel(like):
    return -torch.log(-torch.log(torch.rand_like(like).clamp_(1e-7, 1 - 1e-7)))


class Tokenizer(Part):
    def __init__(self, folder, device="cpu", dtype=torch.float32):
        super().__init__(folder, device, dtype)
        v = self.config["vq_model"]
        self.l2_norm, self.legacy, self.dtype = v.get("use_l2_norm", False), v.get("is_legacy", True), dtype
        self.layout = torch.channels_last
        self.codebook = self.w["quantize.embedding.weight"].float()
        if self.l2_norm:
            self.codebook = F.normalize(self.codebook, dim=-1)

    def transformer(self, part, x, kept):
        """Tokens `kept` of x [B, T, C] behind the last block, past whose attention the others, which nobody reads, are left out."""
        x = self.norm(part + ".ln_pre", x)
        heads = x.shape[-1] // 64
        layers = sum(1 for name in self.w if name.startswith(part) and name.endswith("ln_1.weight"))
        for i in range(layers):
            b = f"{part}.transformer.{i}."
            qkv = F.linear(self.norm(b + "ln_1", x), self.w[b + "attn.in_proj_weight"], self.w[b + "attn.in_proj_bias"])
            attended = attention(qkv, heads)
            if i == layers - 1:
                attended, x = attended[:, kept], x[:, kept]
            x = x + self.linear(b + "attn.out_proj", attended)
            x = x + self.linear(b + "mlp.c_proj", F.gelu(self.linear(b + "mlp.c_fc", self.norm(b + "ln_2", x))))
        return x

    def encode(self, images):
        """Token ids [B, K] of pictures [B, 3, S, S]."""
        w, batch = self.w, len(images)
        x = F.conv2d(images.to(self.dtype), w["encoder.patch_embed.weight"], w["encoder.patch_embed.bias"], stride=16).flatten(2).transpose(1, 2)
        x = torch.cat([w["encoder.class_embedding"].expand(batch, 1, -1), x], 1) + w["encoder.positional_embedding"]
        latents = w["latent_tokens"] + w["encoder.latent_token_positional_embedding"]
        x = self.transformer("encoder", torch.cat([x, latents.expand(batch, -1, -1)], 1), slice(-len(latents), None))
        x = self.norm("encoder.ln_post", x)
        if self.legacy:
            x = x.reshape(batch, x.shape[2], x.shape[1]).transpose(1, 2)
        z = self.linear("encoder.conv_out", x).float()
        if self.l2_norm:
            z = F.normalize(z, dim=-1)
        return torch.cdist(z, self.codebook).argmin(-1)

    def decode(self, ids):
        """Pictures [B, 3, S, S] of token ids [B, K]."""
        return self.pixels(self.proxy_codes(ids))

    def proxy_codes(self, ids):
        """The transformer's half of the legacy decoder: [B, 256, S/16, S/16]."""
        w, batch = self.w, len(ids)
        latents = self.linear("decoder.decoder_embed", self.codebook[ids].to(self.dtype)) + w["decoder.latent_token_positional_embedding"]
        patches = len(w["decoder.positional_embedding"]) - 1
        tokens = torch.cat([w["decoder.class_embedding"].expand(batch, 1, -1), w["decoder.mask_token"].expand(batch, patches, -1)], 1)
        x = self.transformer("decoder", torch.cat([tokens + w["decoder.positional_embedding"], latents], 1), slice(1, 1 + patches))
        x = self.norm("decoder.ln_post", x)
        logits = self.linear("decoder.ffn.2", torch.tanh(self.linear("decoder.ffn.0", x)))
        codes = logits.float().softmax(-1).to(self.dtype) @ w["pixel_quantize.embedding.weight"]
        side = math.isqrt(patches)
        return codes.reshape(batch, side, side, -1).permute(0, 3, 1, 2)

    def set_layout(self, layout):
        """Convolutions' memory format. Channels last suits them; group norms outside compiled code go back and forth."""
        self.layout = layout
        for name, weight in self.w.items():
            if weight.dim() == 4:
                self.w[name] = weight.contiguous(memory_format=layout)

    def pixels(self, x):
        x = self.conv("pixel_decoder.conv_in", x.contiguous(memory_format=self.layout))
        for i in range(self.count("pixel_decoder.mid.")):
            x = self.residual(f"pixel_decoder.mid.{i}.", x)
        for stage in range(4, -1, -1):
            for block in range(self.count(f"pixel_decoder.up.{stage}.block.")):
                x = self.residual(f"pixel_decoder.up.{stage}.block.{block}.", x)
            if stage > 0:
                x = self.conv(f"pixel_decoder.up.{stage}.upsample_conv", F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.conv("pixel_decoder.conv_out", self.group_norm("pixel_decoder.norm_out", x)).float()

    def count(self, blocks):
        return sum(name.startswith(blocks) and name.endswith(".conv1.weight") for name in self.w)

    def residual(self, name, x):
        h = self.conv(name + "conv1", self.group_norm(name + "norm1", x))
        h = self.conv(name + "conv2", self.group_norm(name + "norm2", h))
        shortcut = self.w.get(name + "nin_shortcut.weight")
        # The published code applies the shortcut to conv2's output where channels change.
        return h + (x if shortcut is None else F.conv2d(h, shortcut))

    def conv(self, name, x):
        return F.conv2d(x, self.w[name + ".weight"], self.w.get(name + ".bias"), padding=1)

    def group_norm(self, name, x):
        return F.silu(F.group_norm(x, 32, self.w[name + ".weight"], self.w[name + ".bias"], 1e-6))
