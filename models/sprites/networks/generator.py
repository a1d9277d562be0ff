"""The BERT-kind generator: class and tokens [B, 1 + K] to logits [B, K, V]."""
import torch
import torch.nn.functional as F
from torch import nn

from .attention import attention

EPSILON = 1e-12


class Layer(nn.Module):
    """Post-norm, under the names that transformers gives a BertLayer."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        attention = {"self": nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")})}
        attention["output"] = nn.ModuleDict({"dense": nn.Linear(width, width), "LayerNorm": nn.LayerNorm(width, EPSILON)})
        self.attention = nn.ModuleDict(attention)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, 4 * width)})
        self.output = nn.ModuleDict({"dense": nn.Linear(4 * width, width), "LayerNorm": nn.LayerNorm(width, EPSILON)})

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = (self.attention["self"][n](x).view(batch, tokens, self.heads, -1).transpose(1, 2) for n in ("query", "key", "value"))
        mixed = attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width)
        after = self.attention["output"]
        x = after["LayerNorm"](x + self.dropout(after["dense"](mixed)))
        hidden = F.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](x + self.dropout(self.output["dense"](hidden)))


class Generator(nn.Module):
    """Ids: 0..V-1 tokens, V the mask, V + 1 + class, V + 1 + classes the dropped class."""

    def __init__(self, settings, tokens, codes, classes):
        super().__init__()
        width = settings["width"]
        self.codes, self.classes = codes, classes
        self.model = nn.ModuleDict({
            "embeddings": nn.ModuleDict({
                "word_embeddings": nn.Embedding(codes + classes + 2, width),
                "position_embeddings": nn.Embedding(tokens + 1, width),
                "token_type_embeddings": nn.Embedding(2, width),
                "LayerNorm": nn.LayerNorm(width, EPSILON),
            }),
            "encoder": nn.ModuleDict({"layer": nn.ModuleList(Layer(width, settings["heads"], settings["dropout"]) for _ in range(settings["layers"]))}),
            "lm_head": nn.Linear(width, codes),
        })
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.trunc_normal_(module.weight, std=0.03)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, ids, classes):
        e = self.model["embeddings"]
        tokens = torch.cat([self.codes + 1 + classes[:, None], ids], 1)
        x = e["word_embeddings"](tokens) + e["position_embeddings"].weight + e["token_type_embeddings"].weight[0]
        x = e["LayerNorm"](x)
        for layer in self.model["encoder"]["layer"]:
            x = layer(x)
        return self.model["lm_head"](x[:, 1:])
