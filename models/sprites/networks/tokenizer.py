"""TiTok's legacy tokenizer: encoder, l2-normalised codebook, decoder with a soft head, pixel decoder."""
import torch
import torch.nn.functional as F
from torch import nn

from .attention import attention
from .pixel_decoder import PixelDecoder, soft_codes
from .quantizer import Quantizer

HEAD_WIDTH = 64

# What starts small here takes thousands of steps to matter, or never does: the latents of all pictures are then alike, and the
# pictures that come of them are their mean. So embeddings start at the deviation of what they are added to, projections at
# that of their input, and the patches without the mean of the pictures.
EMBEDDING_DEVIATION = 0.3
PICTURE_MEAN = 0.4


def keeps_deviation(layer, gain=1.0):
    nn.init.normal_(layer.weight, std=gain * layer.weight[0].numel() ** -0.5)
    nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    """[B, T, W] -> [B, T, W], pre-norm."""

    def __init__(self, width):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": keeps_deviation(nn.Linear(4 * width, width))})

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x))))


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.heads = width // HEAD_WIDTH
        self.in_proj_weight = nn.Parameter(torch.randn(3 * width, width) * width**-0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = keeps_deviation(nn.Linear(width, width))

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).view(batch, tokens, 3, self.heads, HEAD_WIDTH).permute(2, 0, 3, 1, 4)
        return self.out_proj(attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width))


class Transformer(nn.Module):
    """What encoder and decoder share: a class embedding, positions, blocks between two norms."""

    def __init__(self, settings, patches, latents):
        super().__init__()
        width = self.width = settings["width"]
        self.class_embedding = nn.Parameter(torch.randn(1, width) * EMBEDDING_DEVIATION)
        self.positional_embedding = nn.Parameter(torch.randn(patches + 1, width) * EMBEDDING_DEVIATION)
        self.latent_token_positional_embedding = nn.Parameter(torch.randn(latents, width) * EMBEDDING_DEVIATION)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = nn.ModuleList(Block(width) for _ in range(settings["layers"]))

    def blocks(self, x):
        x = self.ln_pre(x)
        for block in self.transformer:
            x = block(x)
        return x

    def with_class(self, x):
        return torch.cat([self.class_embedding.expand(len(x), 1, -1).to(x.dtype), x], 1) + self.positional_embedding


class Encoder(Transformer):
    def __init__(self, settings, patch, patches, latents, token_size):
        super().__init__(settings, patches, latents)
        self.patch_embed = keeps_deviation(nn.Conv2d(3, self.width, patch, patch), gain=2)
        with torch.no_grad():
            self.patch_embed.bias.copy_(-PICTURE_MEAN * self.patch_embed.weight.sum((1, 2, 3)))
        self.conv_out = keeps_deviation(nn.Conv2d(self.width, token_size, 1))

    def forward(self, images, latent_tokens):
        """Pictures [B, 3, S, S] in 0..1 -> latents [B, K, token_size]."""
        latents = latent_tokens + self.latent_token_positional_embedding
        x = self.with_class(self.patch_embed(images).flatten(2).transpose(1, 2))
        x = self.blocks(torch.cat([x, latents.expand(len(images), -1, -1).to(x.dtype)], 1))
        x = self.ln_post(x[:, -len(latents) :])
        # The published code reshapes [K, W] to [W, K] without transposing it.
        x = x.reshape(len(x), self.width, len(latents), 1)
        return self.conv_out(x)[..., 0].transpose(1, 2)


class Decoder(Transformer):
    def __init__(self, settings, patches, latents, token_size, pixel_codes):
        super().__init__(settings, patches, latents)
        # The latents have unit length, not unit deviation.
        self.decoder_embed = keeps_deviation(nn.Linear(token_size, self.width), gain=token_size**0.5)
        self.mask_token = nn.Parameter(torch.randn(1, 1, self.width) * EMBEDDING_DEVIATION)
        self.ffn = nn.Sequential(nn.Conv2d(self.width, 2 * self.width, 1), nn.Tanh(), nn.Conv2d(2 * self.width, pixel_codes, 1))
        # Logits wide enough that the soft choice of a pixel code starts as a choice.
        nn.init.normal_(self.ffn[2].weight, std=3 * (2 * self.width) ** -0.5)
        self.patches = patches

    def forward(self, latents):
        """Latents [B, K, token_size] -> logits of the pixel codes [B, codes, side, side]."""
        x = self.decoder_embed(latents) + self.latent_token_positional_embedding
        patches = self.with_class(self.mask_token.expand(len(x), self.patches, -1).to(x.dtype))
        x = self.ln_post(self.blocks(torch.cat([patches, x], 1))[:, 1 : 1 + self.patches])
        side = round(self.patches**0.5)
        return self.ffn(x.transpose(1, 2).reshape(len(x), self.width, side, side))


class Tokenizer(nn.Module):
    def __init__(self, settings, size):
        super().__init__()
        patches = (size // settings["patch"]) ** 2
        self.latent_tokens = nn.Parameter(torch.randn(settings["tokens"], settings["encoder"]["width"]) * EMBEDDING_DEVIATION)
        self.encoder = Encoder(settings["encoder"], settings["patch"], patches, settings["tokens"], settings["token_size"])
        self.quantize = Quantizer(settings)
        self.decoder = Decoder(settings["decoder"], patches, settings["tokens"], settings["token_size"], settings["pixel_codes"])
        self.pixel_quantize = nn.ModuleDict({"embedding": nn.Embedding(settings["pixel_codes"], settings["pixel_code_size"])})
        self.pixel_decoder = PixelDecoder(settings)

    def encode(self, images):
        """Ids [B, K]."""
        return self.quantize.nearest(self.latents(images))

    def latents(self, images):
        return F.normalize(self.encoder(images, self.latent_tokens).float(), dim=-1)

    def decode(self, ids):
        return self.pictures(self.quantize.codes()[ids])

    def pictures(self, latents):
        return self.pixel_decoder(soft_codes(self.decoder(latents), self.pixel_quantize["embedding"].weight)).float()

    def quantized(self, images, by_codebook=True):
        """What the decoder gets, the commitment loss, ids, and latents; without the codebook the latents go on as they are."""
        z = self.latents(images)
        if not by_codebook:
            return z, z.new_zeros(()), None, z
        ids = self.quantize.nearest(z.detach())
        code = self.quantize.codes()[ids]
        # Straight through: the decoder sees the code, the encoder its gradient.
        return z + (code - z).detach(), (z - code).square().mean(), ids, z
