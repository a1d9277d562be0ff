"""An ordinary convolutional autoencoder around the pixel decoder. Its pixel codes are what the tokenizer first learns to predict."""
import torch.nn.functional as F
from torch import nn

from .group_norm import GroupNorm
from .pixel_decoder import GROUPS, PixelDecoder, soft_codes


class Proxy(nn.Module):
    WIDTHS = [32, 64, 128, 256]

    def __init__(self, settings):
        super().__init__()
        widths = [3, *self.WIDTHS]
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, padding=1) for a, b in zip(widths, widths[1:]))
        # More channels than groups, or a picture's colours would be normalised away; the first layer has too few.
        self.norms = nn.ModuleList(nn.Identity() if b <= GROUPS else GroupNorm(GROUPS, b) for b in widths[1:])
        self.logits = nn.Conv2d(widths[-1], settings["pixel_codes"], 1)
        nn.init.normal_(self.logits.weight, std=3 * widths[-1] ** -0.5)
        self.pixel_quantize = nn.ModuleDict({"embedding": nn.Embedding(settings["pixel_codes"], settings["pixel_code_size"])})
        self.pixel_decoder = PixelDecoder(settings)

    def code_logits(self, images):
        """Pictures [B, 3, S, S] in 0..1 -> logits of the pixel codes [B, codes, S/16, S/16]."""
        x = images * 2 - 1
        for conv, norm in zip(self.down, self.norms):
            x = F.silu(norm(conv(x)))
        return self.logits(x)

    def forward(self, images):
        return self.pixel_decoder(soft_codes(self.code_logits(images), self.pixel_quantize["embedding"].weight)).float()
