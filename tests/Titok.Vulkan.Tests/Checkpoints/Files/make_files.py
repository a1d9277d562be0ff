"""Makes the PyTorch files beside it, with PyTorch itself: python3 make_files.py (PyTorch 2.x)."""
import os
import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
counted = torch.arange(24, dtype=torch.float32).reshape(4, 6)


class Module(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)
        self.norm = torch.nn.BatchNorm1d(2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.arange(6).reshape(2, 3))
            self.linear.bias.copy_(torch.tensor([0.5, -0.5]))


state = Module().state_dict()  # an OrderedDict with _metadata, and an integer buffer: norm.num_batches_tracked
state["transposed"] = counted.t()
state["row"] = counted[2]  # shares its storage with the one above
state["every_other"] = counted[::2, 1::2]
state["expanded"] = torch.tensor([7.0]).expand(2, 3)
state["half"] = torch.tensor([1.0, -2.0, 65504.0], dtype=torch.float16)
state["bfloat16"] = torch.tensor([1.0, -2.0, 3e38], dtype=torch.bfloat16)
state["parameter"] = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
state["mask"] = torch.tensor([True, False])
torch.save(state, "protocol2.bin")
torch.save(state, "protocol4.bin", pickle_protocol=4)
torch.save(state, "before_1_6.bin", _use_new_zipfile_serialization=False)
