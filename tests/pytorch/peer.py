"""Times TiTok in PyTorch the way `titok bench` times ours: same weights, same shapes, the same line of JSON.

    peer.py --model DIR [--batch N] [--device cpu|cuda] [--dtype fp32|bf16|fp16] [--form eager|compile] [--runs N] [--warmup N]
            [--no-encode] [--turn FILE --go FILE]

Conditional and unconditional rows go in one batch, attention is PyTorch's fused one. Convolutions run channels-last, or
eagerly in the faster of both memory formats. `compile` adds torch.compile of a whole step, of both halves of the decoder and of
the encoder, on CUDA with its CUDA graphs ("reduce-overhead") and weights that stay in place. Before anything is timed, logits
and pixels, and pixels of the compiled decoder, are held against the same networks run eagerly in fp32. Pictures go to, and come
from, pinned memory that is made once. With --turn several can be started at once, since compiling takes most of the time: each
makes its FILE once it is warm, and waits for the other file, after which they are timed one after another.
"""

import argparse
import fcntl
import json
import math
import pathlib
import statistics
import time

import torch

from titok_torch import Generator, Tokenizer

parser = argparse.ArgumentParser(description="Time TiTok in PyTorch.")
parser.add_argument("--model")
parser.add_argument("--ceiling", action="store_true", help="time the device's largest bf16 product instead of a model")
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
parser.add_argument("--dtype", choices=["fp32", "bf16", "fp16"], default="fp32")
parser.add_argument("--form", choices=["eager", "compile"], default="eager")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--warmup", type=int, default=1)
parser.add_argument("--steps", type=int)
parser.add_argument("--turn", type=pathlib.Path)
parser.add_argument("--go", type=pathlib.Path)
parser.add_argument("--no-encode", action="store_true", help="leave the encoder out")
options = parser.parse_args()


def ceiling():
    """The best of runs of a product of 8192 (on a CPU 1024), in bf16 on CUDA and fp32 on a CPU."""
    on_cuda = options.device == "cuda"
    size = 8192 if on_cuda else 1024
    a, b = (torch.randn(size, size, device=options.device, dtype=torch.bfloat16 if on_cuda else torch.float32) for _ in range(2))
    best = math.inf
    for _ in range(10):
        start = clock()
        for _ in range(10):
            a @ b
        best = min(best, (clock() - start) / 10)
    return {"size": size, "ms": round(1e3 * best, 3), "gflops": round(2 * size**3 / best / 1e9, 1)}


def clock():
    if options.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


if options.ceiling:
    print(json.dumps(ceiling()))
    raise SystemExit
# TF32 for fp32 products and the fastest convolution of those there are: what a user who cares for speed turns on.
torch.set_float32_matmul_precision("high")
torch.backends.cudnn.benchmark = True
# Relative L2 allowed against fp32. bf16 has 8 bits, and the networks some fifty layers; fp16 has 3 bits more. What is fp32 itself may differ
# by the order of sums, and on CUDA, where TF32 has as many bits as fp16, by which products it is used for.
MAX_ERROR = {"bf16": 0.1, "fp16": 0.1 / 8, "fp32": 0.1 / 8 if options.device == "cuda" else 1e-4}[options.dtype]
dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[options.dtype]
generator = Generator(f"{options.model}/generator", options.device, dtype)
tokenizer = Tokenizer(f"{options.model}/tokenizer", options.device, dtype)
published = generator.config["generator"]
settings = dict(
    steps=options.steps or published["num_steps"],
    guidance=published["guidance_scale"],
    decay=published["guidance_decay"],
    temperature=published["randomize_temperature"],
    anneal=True,
)
size = 16 * math.isqrt(len(tokenizer.w["decoder.positional_embedding"]) - 1)
# On the host, made once, as a program would that asks for pictures again and again.
images = torch.rand(options.batch, 3, size, size, pin_memory=options.device == "cuda")
step, proxy_codes, pixels, encode = generator.step, tokenizer.proxy_codes, tokenizer.pixels, tokenizer.encode
if options.form == "compile":
    for part in (generator, tokenizer):
        part.keep_weights_in_place()
    mode = "reduce-overhead" if options.device == "cuda" else "default"
    step, proxy_codes, pixels, encode = (torch.compile(f, mode=mode, dynamic=False) for f in (step, proxy_codes, pixels, encode))


@torch.inference_mode()
def run():
    classes = torch.arange(options.batch, device=options.device) % generator.classes
    times = [clock()]
    ids = generator.generate(classes, **settings, step=step)
    times.append(clock())
    # A copy, since a CUDA graph writes to the same memory again.
    codes = proxy_codes(ids).clone()
    times.append(clock())
    images.copy_(pixels(codes), non_blocking=True)
    times.append(clock())
    if not options.no_encode:
        encode(images.to(options.device, non_blocking=True)).cpu()
        times.append(clock())
    return [1e3 * (b - a) for a, b in zip(times, times[1:])]


@torch.inference_mode()
def choose_layout():
    """The memory format in which the pixel decoder is the faster, run eagerly."""
    ids = torch.randint(generator.codes, (options.batch, generator.latents), device=options.device)
    codes = tokenizer.proxy_codes(ids)

    def seconds(layout):
        tokenizer.set_layout(layout)
        tokenizer.pixels(codes)
        start = clock()
        tokenizer.pixels(codes)
        return clock() - start

    tokenizer.set_layout(min((torch.channels_last, torch.contiguous_format), key=seconds))


@torch.inference_mode()
def check():
    """Ends the program where what is timed gives other numbers than the same networks run eagerly in fp32."""
    exact_generator = Generator(f"{options.model}/generator", options.device)
    exact = Tokenizer(f"{options.model}/tokenizer", options.device)
    ids = torch.randint(generator.codes, (1, generator.latents), device=options.device)
    pairs = {
        "logits": (generator.logits(ids, ids[:, 0] * 0 + generator.codes + 1), exact_generator.logits(ids, ids[:, 0] * 0 + generator.codes + 1)),
        "pixels": (tokenizer.decode(ids), exact.decode(ids)),
    }
    if options.form == "compile":
        many = ids.repeat(options.batch, 1)
        codes = proxy_codes(many).clone()
        pairs["compiled pixels"] = (pixels(codes)[:1].clone(), exact.decode(ids))
    for name, (ours, expected) in pairs.items():
        error = ((ours.float() - expected).norm() / expected.norm()).item()
        if not error < MAX_ERROR:
            raise SystemExit(f"peer.py: {name} differ from fp32 by {error:.1e} of their length, more than {MAX_ERROR:.1e}")


def await_turn():
    """Returns when it is time and no other is being timed; what it returns has to be kept as long as that is to last."""
    options.turn.touch()
    while not options.go.exists():
        time.sleep(0.1)
    turn = open(f"{options.go}.lock", "w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    run()
    return turn


if options.form == "eager":
    choose_layout()
for _ in range(options.warmup):
    run()
check()
turn = await_turn() if options.turn else None
runs = [run() for _ in range(options.runs)]
totals = [sum(r[:3]) for r in runs]
medians = [statistics.median(s) for s in zip(*runs)]
stages = dict(zip(("generator", "transformer_decoder", "pixel_decoder"), medians))
total = statistics.median(totals)
print(json.dumps({
    "model": options.model,
    "batch": options.batch,
    "steps": settings["steps"],
    "precision": options.dtype,
    "form": options.form,
    "device": torch.cuda.get_device_name() if options.device == "cuda" else f"CPU, {torch.get_num_threads()} threads",
    "driver": f"PyTorch {torch.__version__}",
    "total_ms": round(total, 3),
    "total_ms_runs": [round(t, 3) for t in totals],
    "stages_ms": {name: round(value, 3) for name, value in stages.items()},
    "encode_ms": None if options.no_encode else round(medians[3], 3),
    "pictures_per_second": round(1e3 * options.batch / total, 4),
}))
