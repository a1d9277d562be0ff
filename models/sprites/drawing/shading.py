"""Lights parts and lays them over a background: soft shadow, outline, bevelled relief, key, rim and ambient light."""
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F


@dataclass
class Part:
    distance: Any       # [B, H, W], negative inside
    colour: Any         # [B, 3, 1, 1] or [B, 3, H, W]
    bevel: float = 0.3  # how far the edge is rounded; small is flat with a crisp edge
    gloss: float = 0.3
    metal: float = 0.0  # tints the highlight and adds a reflected sky band
    glow: float = 0.0   # share that ignores the light
    opacity: float = 1.0


def _slope(height):
    padded = F.pad(height[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    return padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2], padded[:, :-2, 1:-1] - padded[:, 2:, 1:-1]


def paint(dice, background, parts, scale, pixel):
    """background [B, 3, H, W] -> the picture; `pixel` is one drawn pixel's size in picture units (the picture is 2 wide)."""
    b, _, h, w = background.shape
    bearing = dice(0.6, 2.5)
    flat = dice(0.5, 0.75)
    lx, ly, lz = flat * torch.cos(bearing), flat * torch.sin(bearing), torch.sqrt(1 - flat * flat)
    warmth = dice(-0.08, 0.08)[:, None] * torch.tensor([1.0, 0.0, -1.0], device=background.device).view(1, 3, 1, 1)
    brush = (dice.noise(background[:, 0], 9) - 0.5) * 0.7 + (dice.noise(background[:, 0], 26) - 0.5) * 0.5
    edge = 0.5 * pixel / scale

    whole = parts[0].distance
    for part in parts[1:]:
        if part.opacity == 1:
            whole = torch.minimum(whole, part.distance)
    # The shadow falls away from the light, blurred by averaging at a coarse size.
    shadow = ((0.03 - whole) / 0.12).clamp(0, 1)[:, None]
    coarse = F.avg_pool2d(F.avg_pool2d(shadow, 4), 3, 1, 1)
    shadow = F.interpolate(coarse, size=(h, w), mode="bilinear", align_corners=False)
    moved = max(1, round(0.07 / pixel))
    shadow = F.pad(shadow, (0, 0, moved, 0))[:, :, :h]
    picture = background * (1 - 0.5 * shadow)

    outline = 0.045
    ink = (0.5 - (whole - outline) / (2 * edge)).clamp(0, 1)[:, None]
    tint = parts[0].colour.mean((2, 3), keepdim=True) * 0.22 + 0.02
    picture = picture * (1 - ink) + tint * ink

    for part in parts:
        d, bevel = part.distance, part.bevel
        u = (-d / bevel).clamp(0, 1)
        height = bevel * torch.sqrt((u * (2 - u)).clamp(min=0) + 1e-4) + 0.012 * brush
        sx, sy = _slope(height)
        k = 0.5 * scale / pixel * 0.85
        nx, ny = -sx * k, -sy * k
        length = torch.rsqrt(nx * nx + ny * ny + 1)
        nx, ny, nz = nx * length, ny * length, length
        key = (nx * lx + ny * ly + nz * lz).clamp(min=0)
        sky = 0.5 + 0.5 * ny
        rim = (-(nx * lx + ny * ly)).clamp(min=0) * (1 - nz)
        hx, hy, hz = lx, ly, lz + 1
        half = torch.rsqrt(hx * hx + hy * hy + hz * hz)
        facing = ((nx * hx + ny * hy + nz * hz) * half).clamp(0, 1)
        shine = facing ** (60 - 35 * part.metal)
        band = part.metal * 0.35 * torch.sin(ny * 7 + nx * 3)
        lit = 0.28 + 0.2 * sky + 0.78 * key + band + 0.16 * brush
        lit = lit * (1 - part.glow) + part.glow * (1 + 0.1 * brush)
        colour = part.colour * lit[:, None] * (1 + warmth)
        colour = colour + (0.55 * rim)[:, None] * torch.tensor([0.45, 0.6, 0.9], device=d.device).view(1, 3, 1, 1)
        white = part.metal * part.colour + (1 - part.metal)
        colour = colour + (shine * part.gloss * 1.3)[:, None] * white
        # A darker line just inside each part keeps it readable on its neighbour.
        colour = colour * (0.55 + 0.45 * (-d / 0.05).clamp(0, 1))[:, None]
        alpha = ((0.5 - d / (2 * edge)).clamp(0, 1) * part.opacity)[:, None]
        picture = picture * (1 - alpha) + colour.clamp(0, 1.15) * alpha
    return picture.clamp(0, 1)
