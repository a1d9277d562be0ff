"""Per-picture dice, signed distances and soft noise. Fields are [B, H, W]; a per-picture number is [B, 1, 1]; y points up."""
import math

import torch
import torch.nn.functional as F

_WORD = 0xFFFFFFFF


def _mix(x):
    """A 32-bit integer hash, on int64 tensors because torch has no unsigned arithmetic everywhere."""
    x = ((x ^ (x >> 16)) * 0x45D9F3B) & _WORD
    x = ((x ^ (x >> 16)) * 0x45D9F3B) & _WORD
    return x ^ (x >> 16)


class Dice:
    """Random numbers that depend on the seed, the picture's index and the order of the throws, never on the batch."""

    def __init__(self, seed, indexes):
        self.key = _mix(_mix(indexes.to(torch.int64) & _WORD) ^ _mix(torch.full_like(indexes, seed & _WORD)))
        self.throws = 0

    def __call__(self, low=0.0, high=1.0, shape=()):
        count = math.prod(shape)
        slots = torch.arange(self.throws, self.throws + count, device=self.key.device)
        self.throws += count
        bits = _mix(self.key[:, None] ^ _mix(slots * 2654435761 & _WORD)[None])
        u = (bits >> 8).float() * 2.0**-24
        return low + (high - low) * u.view(-1, *(shape or (1, 1)))

    def chance(self, p):
        return (self() < p).float()

    def noise(self, x, cells):
        """Smooth noise in 0..1 over the picture, `cells` bumps across."""
        grid = self(0, 1, (1, cells, cells))
        return F.interpolate(grid, size=x.shape[-2:], mode="bicubic", align_corners=True)[:, 0].clamp(0, 1)


def rotate(x, y, angle):
    c, s = torch.cos(angle), torch.sin(angle)
    return c * x + s * y, c * y - s * x


def circle(x, y, r):
    return torch.sqrt(x * x + y * y + 1e-9) - r


def ellipse(x, y, rx, ry):
    """Close to the distance near the edge: the implicit function over its gradient's length."""
    k0 = torch.sqrt((x / rx) ** 2 + (y / ry) ** 2 + 1e-9)
    k1 = torch.sqrt((x / rx**2) ** 2 + (y / ry**2) ** 2 + 1e-9)
    return k0 * (k0 - 1) / k1


def box(x, y, w, h, r=0.0):
    qx, qy = x.abs() - w + r, y.abs() - h + r
    return torch.sqrt(qx.clamp(min=0) ** 2 + qy.clamp(min=0) ** 2 + 1e-12) + torch.maximum(qx, qy).clamp(max=0) - r


def segment(x, y, ax, ay, bx, by, r):
    px, py, dx, dy = x - ax, y - ay, bx - ax, by - ay
    t = ((px * dx + py * dy) / (dx * dx + dy * dy + 1e-9)).clamp(0, 1)
    return torch.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2 + 1e-9) - r


def polygon(x, y, corners):
    """Exact distance to a closed polygon; corners are (x, y) pairs of numbers or [B, 1, 1]."""
    nearest, sign = None, torch.ones_like(x)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1]):
        ex, ey = ax - bx, ay - by
        wx, wy = x - bx, y - by
        t = ((wx * ex + wy * ey) / (ex * ex + ey * ey + 1e-9)).clamp(0, 1)
        d = (wx - ex * t) ** 2 + (wy - ey * t) ** 2
        nearest = d if nearest is None else torch.minimum(nearest, d)
        above, below, left = y >= by, y < ay, ex * wy > ey * wx
        flip = (above & below & left) | (~above & ~below & ~left)
        sign = torch.where(flip, -sign, sign)
    return sign * torch.sqrt(nearest + 1e-12)


def union(*ds):
    out = ds[0]
    for d in ds[1:]:
        out = torch.minimum(out, d)
    return out


def blend(a, b, k):
    """A union whose seam is rounded over k."""
    h = (k - (a - b).abs()).clamp(min=0) / k
    return torch.minimum(a, b) - h * h * k * 0.25


def cut(a, b):
    return torch.maximum(a, -b)


def both(a, b):
    return torch.maximum(a, b)


def hsv(h, s, v):
    """[B, 1, 1] each to a colour [B, 3, 1, 1]."""
    h, s, v = torch.broadcast_tensors(*(torch.as_tensor(t, device=h.device, dtype=torch.float32) for t in (h, s, v)))
    k = torch.tensor([5.0, 3.0, 1.0], device=h.device).view(1, 3, 1, 1)
    k = (k + h[:, None] * 6) % 6
    return v[:, None] * (1 - s[:, None] * torch.minimum(k, 4 - k).clamp(0, 1))
