"""Ghost, castle, planet, rocket."""
import torch

from .fields import blend, both, box, circle, cut, ellipse, hsv, polygon, rotate, segment, union
from .shading import Part


def ghost(dice, x, y):
    w, waves = dice(0.5, 0.66), dice(7, 11)
    hem = -0.75 + 0.11 * torch.sin(x * waves + dice(0, 6.28))
    body = union(circle(x, y - 0.3, w), both(box(x, y + 0.4, w, 0.7), hem - y))
    arms = union(segment(x, y, 0.4, -0.05, w + dice(0.1, 0.25), dice(-0.2, 0.3), 0.13), segment(x, y, -0.4, -0.05, -w - dice(0.1, 0.25), dice(-0.2, 0.3), 0.13))
    pale = hsv(dice(), dice(0.03, 0.28), dice(0.88, 1.0))
    dark = hsv(dice(0.6, 0.8), 0.5, 0.13)
    look, tall = dice(-0.08, 0.08), dice(0.1, 0.17)
    eyes = ellipse((x - look).abs() - 0.2, y - 0.32, 0.095 + 0 * w, tall)
    mouth = ellipse(x - look, y - 0.02, dice(0.06, 0.15), dice(0.05, 0.13))
    glint = circle((x - look).abs() - 0.22, y - 0.38, 0.035)
    blush = circle((x - look).abs() - 0.36, y - 0.12, 0.085)
    return [Part(blend(body, arms, 0.15), pale, 0.4, 0.3, glow=0.3), Part(blush, hsv(0.95 + 0 * w, 0.5, 1.0), 0.1, 0.0, glow=0.5, opacity=0.6),
            Part(eyes, dark, 0.1, 0.5), Part(mouth, dark, 0.1, 0.2), Part(glint, hsv(0 * w, 0.0, 1.0), 0.03, 0.3, glow=0.9)]


def castle(dice, x, y):
    stone = hsv(dice(), dice(0.05, 0.3), dice(0.6, 0.85))
    roof = hsv(dice(), 0.7, dice(0.55, 0.85))
    rows = (y * 9).floor()
    seam = torch.minimum(((y * 9) % 1 - 0.5).abs(), ((x * 6 + rows * 0.5) % 1 - 0.5).abs())
    wall_colour = stone * (0.84 + 0.16 * ((0.5 - seam) * 12).clamp(0, 1) * 0 + 0.16 * (seam * 10).clamp(0, 1))[:, None]
    top, t, keep = dice(0.0, 0.2), dice(0.17, 0.23), dice(0.35, 0.6)
    side = dice(0.15, 0.4)
    teeth = box((x * 1 + 10) % 0.25 - 0.125, y - top - 0.02, 0.07, 0.09)
    wall = union(box(x, y + 0.9 - (top + 0.9) / 2, 0.62, (top + 0.9) / 2), both(teeth, x.abs() - 0.62))
    tower = box(x.abs() - 0.65, y + 0.9 - (side + 0.9) / 2, t, (side + 0.9) / 2)
    middle = box(x, y - (keep - 0.4) / 2, 0.24, (keep + 0.4) / 2)
    peak = dice(0.35, 0.5)
    cone = polygon(x.abs() - 0.65, y - side, [(-t - 0.07, 0.0), (t + 0.07, 0.0), (0 * t, peak)])
    big = polygon(x, y - keep, [(-0.33, 0.0), (0.33, 0.0), (0 * t, peak)])
    gate = union(circle(x, y + 0.5, 0.18), box(x, y + 0.7, 0.18, 0.2))
    windows = union(box(x.abs() - 0.65, y - side + 0.25, 0.05, 0.1, 0.04), box(x, y - keep + 0.2, 0.06, 0.1, 0.05))
    lit = hsv(dice(0.1, 0.14), 0.7, 1.0)
    return [Part(middle, wall_colour, 0.12, 0.05), Part(big, roof, 0.25, 0.2), Part(wall, wall_colour, 0.1, 0.05), Part(tower, wall_colour * 1.06, 0.18, 0.05),
            Part(cone, roof * 1.1, 0.2, 0.2), Part(gate, hsv(0.07 + 0 * t, 0.6, 0.25), 0.05, 0.1), Part(windows, lit, 0.05, 0.1, glow=0.9)]


def planet(dice, x, y):
    r, hue = dice(0.52, 0.68), dice()
    ball = circle(x, y, r)
    a, b = hsv(hue, dice(0.5, 0.8), 0.9), hsv((hue + dice(0.1, 0.4)) % 1, dice(0.4, 0.75), 0.8)
    ux, uy = rotate(x, y, dice(-0.6, 0.6))
    wobble = dice.noise(x, 7)
    bands = 0.5 + 0.5 * torch.sin(uy * dice(8, 16) + wobble * 5)
    land = torch.sigmoid((dice.noise(x, 8) * 0.6 + dice.noise(x, 15) * 0.4 - 0.5) * 40)
    mix = torch.where(dice() < 0.5, bands, land)[:, None]
    surface = Part(ball, a * mix + b * (1 - mix), 0.75, 0.3)
    ringed = dice.chance(0.65)
    squash = dice(0.22, 0.36)
    k = torch.sqrt(ux * ux + (uy / squash) ** 2 + 1e-9)
    ring = ((k - 1.0).abs() - dice(0.1, 0.15)) * (squash + 0.25) + (1 - ringed) * 2
    tint = hsv((hue + 0.1) % 1, 0.35, 0.95) * (0.8 + 0.2 * torch.sin(k * 60))[:, None]
    front = torch.maximum(ring, torch.where(uy > 0, -ball, torch.full_like(ball, -9)))
    moon = circle(x - dice(0.6, 0.8), y - dice(0.55, 0.75), dice(0.08, 0.15)) + ringed * 2
    return [surface, Part(front, tint, 0.06, 0.4), Part(moon, hsv(dice(), 0.2, 0.85), 0.15, 0.2)]


def rocket(dice, x, y):
    w, hue = dice(0.25, 0.36), dice()
    hull, trim = hsv(dice(), dice(0.02, 0.25), 0.95), hsv(hue, 0.8, 0.9)
    body = both(circle(x - (1.1 - w), y - 0.15, 1.1), circle(x + (1.1 - w), y - 0.15, 1.1))
    body = both(body, -y - 0.5)
    nose = both(body, dice(0.42, 0.6) - y)
    reach = dice(0.25, 0.4)
    fin = polygon(x.abs(), y, [(w * 0.6, 0.0), (w + reach, -0.45), (w + reach, -0.78), (w * 0.5, -0.5)]) - 0.02
    flame = ellipse(x, y + 0.68, dice(0.13, 0.2), dice(0.28, 0.42))
    core = ellipse(x, y + 0.64, 0.08 + 0 * w, dice(0.15, 0.25))
    port = dice(0.12, 0.17)
    return [Part(flame, hsv(dice(0.02, 0.08), 0.9, 1.0), 0.1, 0.0, glow=1.0), Part(core, hsv(0.14 + 0 * w, 0.6, 1.0), 0.1, 0.0, glow=1.0), Part(fin, trim, 0.15, 0.4),
            Part(body, hull, 0.35, 0.8, 0.2), Part(nose, trim, 0.3, 0.7), Part(both(body, (y + 0.4).abs() - 0.06), trim, 0.2, 0.4),
            Part(circle(x, y - 0.2, port + 0.05), trim * 0.8, 0.08, 0.6, 0.5), Part(circle(x, y - 0.2, port), hsv(dice(0.5, 0.6), 0.6, 0.9), 0.15, 1.0, glow=0.2)]
