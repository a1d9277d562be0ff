"""A small convolutional classifier of drawn pictures. Its features measure likeness: as a training loss, and as a judge."""
import torch.nn.functional as F
from torch import nn

from drawing import CLASSES

from .group_norm import GroupNorm


class Classifier(nn.Module):
    def __init__(self, classes=len(CLASSES), width=24):
        super().__init__()
        widths = [3, width, 2 * width, 3 * width, 4 * width]
        self.first = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip(widths, widths[1:]))
        self.second = nn.ModuleList(nn.Conv2d(b, b, 3, padding=1, bias=False) for b in widths[1:])
        self.norm1, self.norm2 = (nn.ModuleList(GroupNorm(8, b) for b in widths[1:]) for _ in range(2))
        self.head = nn.Linear(widths[-1], classes)

    def maps(self, images):
        """The four stages' feature maps, each half as large as the one before."""
        x, maps = images * 4 - 2, []
        for i in range(4):
            x = F.relu(self.norm1[i](self.first[i](x)))
            x = F.relu(self.norm2[i](self.second[i](x)))
            maps.append(x)
            x = F.avg_pool2d(x, 2)
        return maps

    def features(self, images):
        """[B, 4 * width], for distances between pictures."""
        return self.maps(images)[-1].mean((2, 3))

    def forward(self, images):
        return self.head(self.features(images))


def perceptual_distance(maps, others):
    """Mean squared distance of feature vectors of unit length, summed over the stages."""
    return sum((F.normalize(a, dim=1) - F.normalize(b, dim=1)).square().sum(1).mean() for a, b in zip(maps, others))
