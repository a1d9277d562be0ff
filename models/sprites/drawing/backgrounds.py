"""Backgrounds: gradient, ground under sky, starry night, soft stripes, bokeh; all vignetted and brushed."""
import torch

from .fields import hsv


def background(dice, x, y):
    hue = dice()
    top = hsv(hue, dice(0.2, 0.65), dice(0.3, 0.85))
    low = hsv((hue + dice(-0.15, 0.2)) % 1, dice(0.2, 0.6), dice(0.15, 0.6))
    kind = dice(0, 5).floor()[:, None]
    angle = dice(-0.5, 0.5)
    t = ((y + angle * x) * 0.5 + 0.5).clamp(0, 1)[:, None]
    gradient = top * t + low * (1 - t)

    horizon = dice(-0.5, -0.1) + 0.06 * torch.sin(x * dice(1.5, 4) + dice(0, 6.28))
    ground = ((horizon - y) / 0.03).clamp(0, 1)[:, None]
    earth = hsv(dice(0.05, 0.4), dice(0.3, 0.6), dice(0.25, 0.55))
    land = gradient * (1 - ground) + earth * (1 - 0.35 * (horizon - y).clamp(0, 1))[:, None] * ground

    night = hsv((hue * 0.3 + 0.6) % 1, 0.6, 0.22) * (0.6 + 0.7 * t)
    for _ in range(14):
        d2 = (x - dice(-1, 1)) ** 2 + (y - dice(-1, 1)) ** 2
        night = night + (dice(0.4, 1) * torch.exp(-d2 / dice(2e-4, 9e-4)))[:, None]

    way = dice(0, 3.14)
    wave = torch.sin((x * torch.cos(way) + y * torch.sin(way)) * dice(5, 12) + dice(0, 6.28))
    stripes = gradient * (1 + 0.12 * (wave * 4).clamp(-1, 1))[:, None]

    bokeh = gradient
    for _ in range(5):
        r = dice(0.12, 0.4)
        d = torch.sqrt((x - dice(-1, 1)) ** 2 + (y - dice(-1, 1)) ** 2)
        bokeh = bokeh + 0.1 * ((r - d) / 0.06).clamp(0, 1)[:, None]

    out = gradient
    for number, other in enumerate((land, night, stripes, bokeh), 1):
        out = torch.where(kind == number, other, out)
    brush = dice.noise(x, 7) * 0.6 + dice.noise(x, 18) * 0.4 - 0.5
    vignette = 1 - dice(0.1, 0.32) * (x * x + y * y)
    return (out * (vignette * (1 + 0.22 * brush))[:, None]).clamp(0, 1)
