"""Mushroom, tree, flower, fish, butterfly."""
import math

import torch

from .fields import blend, both, circle, ellipse, hsv, polygon, rotate, segment, union
from .shading import Part


def mushroom(dice, x, y):
    w, tall, hue = dice(0.7, 0.92), dice(0.5, 0.85), dice()
    stem = polygon(x, y, [(-0.2, 0.1), (0.2, 0.1), (dice(0.25, 0.36), -0.8), (-dice(0.25, 0.36), -0.8)]) - 0.08
    cap = both(ellipse(x, y - 0.0, w, tall), -y + 0.02 + 0.06 * (x / w) ** 2) - 0.06
    hue = torch.where(dice() < 0.5, dice(0.97, 1.04) % 1, hue)
    parts = [Part(stem, hsv(dice(0.08, 0.13), 0.18, 0.95), 0.3, 0.2), Part(ellipse(x, y - 0.0, w * 0.8, 0.13 + 0 * w), hsv(0.08 + 0 * w, 0.3, 0.65), 0.1, 0.1),
             Part(cap, hsv(hue, dice(0.65, 0.9), dice(0.7, 0.95)), 0.5, 0.5)]
    for px, py in ((-0.5, 0.28), (0.0, 0.5), (0.45, 0.3), (-0.1, 0.2), (0.25, 0.62)):
        r = dice(0.05, 0.14)
        parts.append(Part(both(ellipse(x - px * w - dice(-0.08, 0.08), y - py * tall / 0.7, r, r * 0.8), cap + 0.04), hsv(0.12 + 0 * w, 0.08, 1.0), 0.08, 0.3))
    return parts


def tree(dice, x, y):
    hue = torch.where(dice() < 0.75, dice(0.22, 0.42), dice(0.02, 0.15))
    leaf, dark = hsv(hue, dice(0.5, 0.8), dice(0.5, 0.8)), hsv(hue, 0.7, 0.42)
    trunk = polygon(x, y, [(-0.1, 0.2), (0.1, 0.2), (0.2, -0.95), (-0.2, -0.95)])
    pine, out = dice.chance(0.45), 2.0
    parts = [Part(trunk, hsv(dice(0.05, 0.09), 0.5, dice(0.35, 0.55)), 0.15, 0.1)]
    crown = circle(x, y - 0.3, 0.45)
    for px, py in ((-0.38, 0.1), (0.38, 0.1), (-0.22, 0.52), (0.25, 0.5)):
        crown = blend(crown, circle(x - px - dice(-0.08, 0.08), y - py - dice(-0.08, 0.08), dice(0.27, 0.38)), 0.08)
    bumps = dice.noise(x, 12)
    parts.append(Part(crown + pine * out, leaf * (0.75 + 0.5 * bumps)[:, None], 0.45, 0.15))
    for px, py in ((-0.25, 0.15), (0.2, 0.45), (0.3, 0.05)):
        parts.append(Part(circle(x - px, y - py, dice(0.1, 0.2)) + pine * out, leaf * 1.15, 0.2, 0.1, opacity=0.7))
    w = dice(0.55, 0.78)
    for step, (py, size) in enumerate(((-0.5, 1.0), (-0.1, 0.8), (0.3, 0.6))):
        tier = polygon(x, y - py, [(-w * size, 0.0), (0 * w, 0.72 * size + 0.1), (w * size, 0.0), (0 * w, -0.1)]) - 0.03
        parts.append(Part(tier + (1 - pine) * out, dark * (1 + 0.35 * step) * (0.8 + 0.4 * bumps)[:, None], 0.3, 0.1))
    return parts


def flower(dice, x, y):
    petals, hue, cy = dice(5, 9).floor(), dice(), 0.25
    stem = segment(x, y, 0, cy, dice(-0.15, 0.15), -0.95, 0.055)
    lx, ly = rotate(x - 0.22, y + 0.6, dice(0.4, 0.9))
    mx, my = rotate(x + 0.22, y + 0.5, dice(-0.9, -0.4))
    green = hsv(dice(0.25, 0.4), 0.65, 0.6)
    leaves = union(ellipse(lx, ly, *(0 * petals + v for v in (0.27, 0.11))), ellipse(mx, my, *(0 * petals + v for v in (0.27, 0.11))))
    px, py = x, y - cy
    a, r = torch.atan2(py, px) + dice(0, 6.28), torch.sqrt(px * px + py * py + 1e-9)
    sector = 2 * math.pi / petals
    a = torch.remainder(a + sector / 2, sector) - sector / 2
    length, wide = dice(0.27, 0.34), dice(0.7, 1.0)
    qx, qy = r * torch.cos(a) - 0.35, r * torch.sin(a)
    blossom = ellipse(qx, qy, length, wide * 0.9 / petals + 0.03)
    fade = (r / 0.65).clamp(0, 1)[:, None]
    colour = hsv(hue, dice(0.5, 0.85), 0.95) * fade + hsv((hue + dice(-0.12, 0.12)) % 1, 0.8, 0.7) * (1 - fade)
    heart = hsv(dice(0.08, 0.15), 0.8, 0.95)
    return [Part(stem, green, 0.06, 0.1), Part(leaves, green * 1.15, 0.12, 0.3), Part(blossom, colour, 0.14, 0.25),
            Part(circle(px, py, dice(0.15, 0.22)), heart * (0.7 + 0.6 * dice.noise(x, 30))[:, None], 0.2, 0.2)]


def fish(dice, x, y):
    x = x * (2 * dice.chance(0.5) - 1)
    tall, hue = dice(0.36, 0.55), dice()
    main, trim = hsv(hue, dice(0.6, 0.85), 0.95), hsv((hue + dice(0.08, 0.5)) % 1, 0.75, 0.9)
    body = ellipse(x - 0.15, y, 0.68 + 0 * tall, tall)
    fork = dice(0.35, 0.55)
    tail = polygon(x, y, [(-0.4, 0.0), (-0.95, fork), (-0.78 - 0 * fork, 0 * fork), (-0.95, -fork)]) - 0.04
    fins = union(polygon(x, y, [(-0.25, tall * 0.8), (0.0, tall + 0.27), (0.4, tall * 0.8)]), polygon(x, y, [(-0.1, -tall * 0.8), (-0.05, -tall - 0.2), (0.2, -tall * 0.8)])) - 0.03
    stripes = torch.sigmoid(8 * torch.sin(x * dice(6, 13) + dice(0, 6)) + dice(-8, 8))[:, None]
    scales = 1 + 0.08 * torch.sin(x * 28) * torch.sin(y * 28)
    belly = (0.85 + 0.5 * (-y / tall).clamp(-0.3, 0.5))[:, None]
    gill = segment(x, y, 0.02, -0.05, 0.16, -0.12, 0.07)
    return [Part(tail, trim, 0.2, 0.3), Part(fins, trim, 0.15, 0.3), Part(body, (main * (1 - 0.7 * stripes) + trim * 0.7 * stripes) * scales[:, None] * belly, 0.45, 0.6),
            Part(gill, trim, 0.08, 0.3), Part(circle(x - 0.52, y - 0.1, 0.125), hsv(0 * tall, 0.0, 1.0), 0.1, 0.3), Part(circle(x - 0.55, y - 0.1, 0.065), hsv(0 * tall, 0.0, 0.06), 0.06, 1.0)]


def butterfly(dice, x, y):
    hue, spread = dice(), dice(0.75, 1.0)
    m = x.abs() / spread
    ux, uy = rotate(m - 0.5, y - 0.32, dice(0.5, 0.9))
    dx, dy = rotate(m - 0.38, y + 0.4, dice(-0.9, -0.5))
    a = [0 * hue + v for v in (0.5, 0.36, 0.38, 0.29)]
    upper, lower = ellipse(ux, uy, a[0], a[1]), ellipse(dx, dy, a[2], a[3])
    first, second = hsv(hue, 0.8, 0.95), hsv((hue + dice(0.08, 0.3)) % 1, 0.8, 0.9)
    border = hsv(hue, 0.6, 0.2)
    parts = [Part(lower, border, 0.15, 0.2), Part(lower + 0.08, second, 0.2, 0.3, glow=0.2), Part(upper, border, 0.15, 0.2),
             Part(upper + 0.09, first, 0.2, 0.3, glow=0.2), Part(circle(m - dice(0.5, 0.65), y - 0.4, dice(0.08, 0.16)), second, 0.1, 0.4),
             Part(circle(m - 0.4, y + 0.42, dice(0.06, 0.13)), first, 0.1, 0.4)]
    parts += [Part(segment(x.abs(), y, 0.03, 0.4, 0.22, 0.85, 0.025), border, 0.03, 0.2), Part(segment(x, y, 0, 0.38, 0, -0.5, 0.085), hsv(dice(0.03, 0.1), 0.5, 0.3), 0.09, 0.5)]
    return parts
