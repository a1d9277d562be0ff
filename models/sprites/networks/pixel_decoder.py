"""The convolutional half of the decoder: pixel codes [B, C, S/16, S/16] to pictures [B, 3, S, S]."""
import torch
import torch.nn.functional as F
from torch import nn

from .group_norm import GroupNorm

GROUPS, EPSILON = 32, 1e-6


def soft_codes(logits, embedding):
    """Logits [B, N, h, w] -> the mean of the N codes [N, C], weighted by their softmax: [B, C, h, w]."""
    return torch.einsum("bnhw,nc->bchw", logits.float().softmax(1).to(embedding.dtype), embedding)


def conv3(inputs, outputs, bias):
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)


class Residual(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm1, self.conv1 = GroupNorm(GROUPS, inputs, EPSILON), conv3(inputs, outputs, False)
        self.norm2, self.conv2 = GroupNorm(GROUPS, outputs, EPSILON), conv3(outputs, outputs, False)
        if inputs != outputs:
            self.nin_shortcut = nn.Conv2d(outputs, outputs, 1, bias=False)

    def forward(self, x):
        h = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        # The published code applies the shortcut to conv2's output where channels change.
        return h + (self.nin_shortcut(h) if hasattr(self, "nin_shortcut") else x)


class Stage(nn.Module):
    def __init__(self, inputs, outputs, blocks, doubles):
        super().__init__()
        self.block = nn.ModuleList([Residual(inputs if i == 0 else outputs, outputs) for i in range(blocks)])
        if doubles:
            self.upsample_conv = conv3(outputs, outputs, True)

    def forward(self, x):
        for block in self.block:
            x = block(x)
        return self.upsample_conv(F.interpolate(x, scale_factor=2.0, mode="nearest")) if hasattr(self, "upsample_conv") else x


class PixelDecoder(nn.Module):
    def __init__(self, settings):
        super().__init__()
        # At least 64 channels: of 32, each would be a group of its own, and normalising it takes the picture's colours away.
        widths = [settings["channels"] * m for m in settings["multipliers"]]
        self.conv_in = conv3(settings["pixel_code_size"], widths[-1], True)
        self.mid = nn.ModuleList([Residual(widths[-1], widths[-1]) for _ in range(2)])
        # up.4 runs first; up[i] is the stage of resolution S / 2^i.
        self.up = nn.ModuleList([Stage(widths[min(i + 1, len(widths) - 1)], widths[i], settings["blocks"][i], i > 0) for i in range(len(widths))])
        self.norm_out, self.conv_out = GroupNorm(GROUPS, widths[0], EPSILON), conv3(widths[0], 3, True)

    def forward(self, x):
        x = self.conv_in(x)
        for block in self.mid:
            x = block(x)
        for stage in reversed(self.up):
            x = stage(x)
        return self.conv_out(F.silu(self.norm_out(x)))
