"""The codebook: unit vectors that follow the mean of the latents nearest to them."""
import torch
import torch.nn.functional as F
from torch import nn


class Quantizer(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.decay, self.revive_below = settings["codebook_decay"], settings["revive_below"]
        self.embedding = nn.Embedding(settings["codes"], settings["token_size"])
        self.embedding.weight.requires_grad_(False)
        self.register_buffer("count", torch.ones(settings["codes"]))

    def codes(self):
        return F.normalize(self.embedding.weight, dim=-1)

    def nearest(self, z):
        return (z @ self.codes().t()).argmax(-1)

    @torch.no_grad()
    def start(self, z, rounds=10):
        """k-means on the sphere from latents [N, token_size]."""
        self.embedding.weight.copy_(z[torch.randperm(len(z), device=z.device)[: len(self.count)]])
        for _ in range(rounds):
            ids = self.nearest(z)
            total = torch.zeros_like(self.embedding.weight).index_add_(0, ids, z)
            used = torch.bincount(ids, minlength=len(self.count)) > 0
            fresh = z[torch.randint(len(z), (len(self.count),), device=z.device)]
            self.embedding.weight.copy_(torch.where(used[:, None], F.normalize(total, dim=-1), fresh))
        self.count.fill_(1.0)

    @torch.no_grad()
    def follow(self, z, ids):
        """Moves every code towards the latents [B, K, C] that chose it; a code that hardly any choose starts anew at one of them."""
        z, ids = z.reshape(-1, z.shape[-1]), ids.reshape(-1)
        hits = torch.bincount(ids, minlength=len(self.count)).float()
        mean = torch.zeros_like(self.embedding.weight).index_add_(0, ids, z)
        old = self.count[:, None] * self.decay * self.codes()
        self.embedding.weight.copy_(F.normalize(old + (1 - self.decay) * mean, dim=-1))
        self.count.mul_(self.decay).add_(hits, alpha=1 - self.decay)
        dead = self.count < self.revive_below * len(ids) / len(self.count)
        if dead.any():
            fresh = z[torch.randint(len(z), (int(dead.sum()),), device=z.device)]
            self.embedding.weight[dead] = fresh
            self.count[dead] = len(ids) / len(self.count)
