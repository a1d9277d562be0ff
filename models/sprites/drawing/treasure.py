"""Gem, potion, sword, shield, key, coin, crown."""
import math

import torch

from .fields import both, box, circle, cut, ellipse, hsv, polygon, segment, union
from .shading import Part


def _gold(dice):
    return hsv(dice(0.1, 0.14), dice(0.6, 0.8), dice(0.85, 1.0))


def _steel(dice):
    return hsv(dice(0.52, 0.66), dice(0.05, 0.22), dice(0.72, 0.95))


def gem(dice, x, y):
    hue, w, top, girdle, foot = dice(), dice(0.65, 0.95), dice(0.5, 0.8), dice(0.1, 0.35), dice(0.7, 1.0)
    table = w * dice(0.5, 0.7)
    body = polygon(x, y, [(-table, top), (table, top), (w, girdle), (0 * w, -foot), (-w, girdle)])
    inner = table * 0.75
    # Facets: bands across, turned by the angle to the centre, each its own shade.
    column = ((x / w * (1 + 0.4 * (y > girdle))) * 2.5).round()
    shade = 0.72 + 0.28 * torch.cos(column * 1.9 + dice(0, 6.28)) + 0.18 * (y > girdle)
    colour = hsv(hue, dice(0.6, 0.9), 0.95) * shade[:, None]
    shine = polygon(x, y, [(-inner, top - 0.06), (inner, top - 0.06), (inner * 1.15, girdle), (-inner * 1.15, girdle)])
    light = hsv(hue, 0.4, 1.0)
    return [Part(body, colour, 0.22, 1.0, glow=0.25), Part(shine, light, 0.1, 0.9, glow=0.3, opacity=0.55)]


def potion(dice, x, y):
    r, hue, neck = dice(0.55, 0.7), dice(), dice(0.15, 0.22)
    cone = dice.chance(0.4)
    low = y + 0.3
    rounded = circle(x, low, r)
    conical = polygon(x, low, [(-neck, r), (neck, r), (r * 1.1, -r * 0.8), (-r * 1.1, -r * 0.8)]) - 0.06
    belly = cone * conical + (1 - cone) * rounded
    tube = box(x, y - 0.5, neck, 0.42, 0.04)
    glass = union(belly, tube)
    level = dice(-0.3, 0.15)
    surface = y - level - 0.04 * torch.sin(x * 7 + dice(0, 6))
    liquid = both(belly + 0.09, surface)
    parts = [Part(glass, hsv(dice(0.5, 0.6), 0.12, 0.92), 0.25, 0.9),
             Part(liquid, hsv(hue, 0.85, 0.95), 0.35, 0.6, glow=0.35)]
    for _ in range(3):
        parts.append(Part(circle(x - dice(-0.28, 0.28), y - dice(-0.65, -0.3), dice(0.04, 0.1)), hsv(hue, 0.3, 1.0), 0.06, 0.8, opacity=0.8))
    parts.append(Part(box(x, y - 0.75, neck + 0.08, 0.07, 0.05), hsv(0.52 + 0 * r, 0.1, 0.9), 0.07, 0.9))
    parts.append(Part(box(x, y - 0.92, neck * 0.85, 0.13, 0.04), hsv(dice(0.06, 0.09), 0.55, 0.6), 0.1, 0.1))
    return parts


def sword(dice, x, y):
    w, tip, guard = dice(0.11, 0.2), dice(0.85, 1.1), dice(0.32, 0.5)
    x, y = (x + y) * 0.7071, (y - x) * 0.7071
    blade = polygon(x, y, [(-w, -0.35), (w, -0.35), (w * 0.9, tip - 0.25), (0 * w, tip), (-w * 0.9, tip - 0.25)])
    ridge = box(x, y - 0.15, 0.025, 0.5)
    gold = _gold(dice)
    bend = dice(-0.25, 0.25)
    return [Part(segment(x, y, 0, -0.45, 0, -0.85, 0.085), hsv(dice(), 0.55, 0.45), 0.1, 0.2),
            Part(blade, _steel(dice), 0.14, 0.9, 0.8),
            Part(ridge, hsv(0.6 + 0 * w, 0.2, 0.6), 0.03, 0.3, opacity=0.8),
            Part(union(segment(x, y, 0, -0.4, guard, -0.4 + bend * 0.6, 0.085), segment(x, y, 0, -0.4, -guard, -0.4 + bend * 0.6, 0.085)), gold, 0.1, 0.8, 1.0),
            Part(circle(x, y + 0.95, dice(0.1, 0.15)), gold, 0.12, 0.9, 1.0),
            Part(circle(x, y + 0.4, 0.07), hsv(dice(), 0.85, 0.95), 0.07, 1.0, glow=0.2)]


def shield(dice, x, y):
    w, foot, shoulder = dice(0.65, 0.85), dice(0.8, 1.0), dice(0.6, 0.75)
    pointed = polygon(x, y, [(-w, shoulder), (0 * w, shoulder + dice(-0.05, 0.15)), (w, shoulder), (w * 0.95, -0.15), (0.5 * w, -0.65), (0 * w, -foot), (-0.5 * w, -0.65), (-w * 0.95, -0.15)]) - 0.04
    heater = dice.chance(0.7)
    face = heater * pointed + (1 - heater) * circle(x, y, w + 0.05)
    hue = dice()
    field, other = hsv(hue, 0.75, 0.8), hsv((hue + dice(0.25, 0.6)) % 1, 0.65, 0.85)
    device = dice(0, 4).floor()
    pattern = torch.where(device == 0, x, torch.where(device == 1, x * y, torch.where(device == 2, x + y * 0.8, 0.17 - torch.minimum(x.abs(), (y - 0.1).abs()))))
    mixed = torch.sigmoid(pattern * 60)[:, None]
    rim = _gold(dice) * dice.chance(0.5)[:, None] + _steel(dice) * 0.5
    return [Part(face, rim, 0.14, 0.8, 0.9), Part(face + 0.12, field * mixed + other * (1 - mixed), 0.5, 0.5),
            Part(circle(x, y - 0.05, dice(0.12, 0.22)), _gold(dice), 0.2, 0.9, 1.0)]


def key(dice, x, y):
    x, y = (x + y) * 0.7071, (y - x) * 0.7071
    r, hole = dice(0.3, 0.4), dice(0.45, 0.6)
    lobes = circle(x, y - 0.55, r)
    trefoil = union(circle(x - 0.24, y - 0.5, 0.25), circle(x + 0.24, y - 0.5, 0.25), circle(x, y - 0.82, 0.25))
    fancy = dice.chance(0.4)
    head = fancy * trefoil + (1 - fancy) * lobes
    head = cut(head, circle(x, y - 0.58, r * hole))
    shaft = segment(x, y, 0, 0.3, 0, -0.92, 0.085)
    teeth = union(box(x - 0.18, y + 0.85, dice(0.13, 0.24), 0.075, 0.02), box(x - 0.17, y + dice(0.5, 0.65), dice(0.1, 0.2), 0.07, 0.02))
    metal = hsv(dice(0.06, 0.14), dice(0.25, 0.85), dice(0.75, 1.0))
    return [Part(union(shaft, teeth), metal, 0.1, 0.8, 0.9), Part(box(x, y - 0.2, 0.15, 0.055, 0.03), metal, 0.08, 0.8, 1.0), Part(head, metal, 0.12, 0.9, 0.9)]


def coin(dice, x, y):
    r, squash = dice(0.75, 0.92), dice(0.6, 1.0)
    x = x / squash
    metal = hsv(dice(0.07, 0.14), dice(0.1, 0.8), dice(0.85, 1.0))
    edge = circle(x - 0.12 * (1 - squash) * 2, y, r)
    a = torch.atan2(y, x)
    kind, points = dice(0, 3).floor(), dice(4, 8).floor()
    star = torch.sqrt(x * x + y * y) - 0.32 - 0.13 * torch.cos(a * points + math.pi / 2)
    ring = circle(x, y, 0.34).abs() - 0.09
    bar = union(box(x, y, 0.1, 0.42, 0.04), box(x, y, 0.3, 0.09, 0.03))
    stamp = torch.where(kind == 0, star, torch.where(kind == 1, ring, bar))
    return [Part(edge, metal * 0.7, 0.1, 0.4, 0.8), Part(circle(x, y, r), metal, 0.12, 0.9, 1.0),
            Part(circle(x, y, r - 0.17), metal * 0.82, 0.05, 0.5, 0.8), Part(stamp, metal * 1.05, 0.1, 0.9, 1.0)]


def crown(dice, x, y):
    w, spread, tall = dice(0.6, 0.75), dice(0.08, 0.25), dice(0.55, 0.75)
    gold, jewel = _gold(dice), hsv(dice(), 0.85, 0.95)
    side, dip = tall * dice(0.75, 1.0), dice(-0.1, 0.1)
    top = w + spread
    body = polygon(x, y, [(-w, -0.6), (w, -0.6), (top, side), (w * 0.45, dip), (0 * w, tall + 0.1), (-w * 0.45, dip), (-top, side)])
    parts = [Part(ellipse(x, y + 0.1, w * 0.7, 0.35 + 0 * w), hsv(dice(), 0.7, 0.5), 0.3, 0.2), Part(body, gold, 0.15, 0.9, 1.0),
             Part(box(x, y + 0.55, w + 0.06, 0.14, 0.06), gold * 0.9, 0.14, 0.8, 1.0)]
    for px, py in ((-top, side), (0 * w, tall + 0.1), (top, side)):
        parts.append(Part(circle(x - px, y - py, 0.12), jewel, 0.13, 1.0, glow=0.15))
    for px in (-0.55, 0.0, 0.55):
        parts.append(Part(ellipse(x - px * w / 0.7, y + 0.55, 0.09 + 0 * w, 0.075 + 0 * w), jewel, 0.08, 1.0, glow=0.2))
    return parts
