"""How far a reconstruction is from its picture."""
import torch

from networks.classifier import perceptual_distance


class ReconstructionLoss:
    """Pixel differences, and differences in a classifier's feature maps, which keep the pictures sharp."""

    def __init__(self, settings, classifier):
        self.settings, self.classifier = settings, classifier

    def __call__(self, made, pictures):
        """The loss, and numbers to show."""
        difference = made - pictures
        with torch.no_grad():
            wanted = self.classifier.maps(pictures)
        perceptual = perceptual_distance(self.classifier.maps(made), wanted)
        loss = self.settings["square_loss"] * difference.square().mean() + self.settings["absolute_loss"] * difference.abs().mean()
        psnr = -10 * difference.detach().square().mean((1, 2, 3)).log10().mean()
        return loss + self.settings["perceptual_loss"] * perceptual, {"psnr_db": psnr, "perceptual": perceptual}
