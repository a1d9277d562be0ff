"""Draws lit, painterly game items. Picture i of a seed is the same whatever the batch, on a given device."""
import torch
import torch.nn.functional as F

from .backgrounds import background
from .fields import Dice, rotate
from .nature import butterfly, fish, flower, mushroom, tree
from .shading import paint
from .treasure import coin, crown, gem, key, potion, shield, sword
from .wonders import castle, ghost, planet, rocket

ITEMS = [gem, potion, sword, shield, key, coin, mushroom, tree, flower, fish, butterfly, ghost, castle, planet, rocket, crown]
CLASSES = [item.__name__ for item in ITEMS]
_UPRIGHT = {"tree", "castle", "mushroom", "flower"}


@torch.no_grad()
def draw(seed, first, count, size=64, device="cpu"):
    """Pictures first..first+count-1 of a seed: float [count, 3, size, size] in 0..1 and classes [count]; class = index mod 16."""
    indexes = torch.arange(first, first + count, device=device)
    classes = indexes % len(ITEMS)
    out = torch.empty(count, 3, size, size, device=device)
    side = size * 2
    axis = (torch.arange(side, device=device) + 0.5) * (2.0 / side) - 1
    x, y = axis[None, None, :], -axis[None, :, None]
    for number, item in enumerate(ITEMS):
        chosen = (classes == number).nonzero()[:, 0]
        if len(chosen) == 0:
            continue
        dice = Dice(seed, indexes[chosen])
        px, py = (t.expand(len(chosen), side, side) for t in (x, y))
        back = background(dice, px, py)
        lean = 0.15 if item.__name__ in _UPRIGHT else 0.45
        turn, scale = dice(-lean, lean), dice(0.62, 0.82)
        qx, qy = rotate(px - dice(-0.1, 0.1), py - dice(-0.1, 0.1), turn)
        picture = paint(dice, back, item(dice, qx / scale, qy / scale), scale, 2.0 / side)
        out[chosen] = F.avg_pool2d(picture, 2)
    return out, classes
