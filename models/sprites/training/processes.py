"""Training in several processes that share their gradients. On a CPU, a process for each core gets more done than one with a
thread for each: the layers are small, and threads wait for each other after every one."""
import os
import tempfile

import torch
import torch.distributed as distributed


def run_in_processes(count, function, *arguments):
    """Runs function(*arguments) in `count` processes, which must be importable from them."""
    if count == 1:
        function(*arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_start, (count, os.path.join(folder, "meeting"), function, arguments), nprocs=count)


def _start(rank, count, meeting, function, arguments):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)
    function(*arguments)
    distributed.destroy_process_group()


def count():
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank():
    return distributed.get_rank() if distributed.is_initialized() else 0


def average(tensors):
    """Replaces each tensor by its mean over the processes."""
    if count() == 1:
        return
    flat = torch.cat([t.flatten() for t in tensors])
    distributed.all_reduce(flat)
    flat /= count()
    for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors])):
        tensor.copy_(part.view_as(tensor))


def gather(tensor):
    """Every process's tensor, one after the other along dimension 0."""
    if count() == 1:
        return tensor
    parts = [torch.empty_like(tensor) for _ in range(count())]
    distributed.all_gather(parts, tensor.contiguous())
    return torch.cat(parts)


def same(tensor):
    """Replaces a tensor by the first process's."""
    if count() > 1:
        distributed.broadcast(tensor, 0)


def meet():
    """Waits for the others."""
    if count() > 1:
        distributed.barrier()


def number(step):
    """A batch's number: another one for each step of each process."""
    return step * count() + rank()
