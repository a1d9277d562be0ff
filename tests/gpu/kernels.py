"""Times the linear layers and the attention of shaders/warpgroup by CUDA's own launches, in a CUDA graph beside PyTorch's: what they
take without Vulkan, and with weights that no cache holds.

    kernels.py [ROWS,...|attention]

Wants an NVIDIA GPU of the Hopper generation and PyTorch. For each layer of a generator of 32 tokens, one of 128 and a tokenizer of 32 (66,
258 and 289 rows of one image; 4224, 16512 and 18496 of 64) it prints a line of JSON by cuBLAS and by each kernel with k in each number of
parts: microseconds with the same weights again and again, and with others each time. Then the same of their attention, of one image and
of 64. Results are held against the same in fp32; it ends with 1 if one is wrong.
"""

import ctypes
import json
import pathlib
import re
import struct
import sys

import torch

SHADERS = pathlib.Path(__file__).resolve().parents[2] / "src/Titok.Vulkan/Shaders"
SHARED_MEMORY = 48 << 10
# Relative L2; fp16 has 11 bits.
MAX_ERROR = 2e-3
LEAST_LAUNCHES, REPLAYS, PARTS = 40, 8, (1, 2, 3, 4, 6, 8)
# Rows and width of networks. From so many rows on only kernels that take no parts are looked at, and fewer launches do.
LAYERS = ((66, 768), (258, 1024), (289, 1024), (4224, 768), (16512, 1024), (18496, 1024))
MANY_ROWS, FEW_LAUNCHES = 2048, 8
# Two batches of keys and values, in rows of 128 bytes, by the channels of a head (AttentionVariant).
ATTENTION_MEMORY = {48: 4 * 48 * 128, 64: 4 * 80 * 128}
# Sequences, tokens, heads and channels of a head.
ATTENTIONS = ((2, 33, 16, 48), (2, 129, 16, 64), (1, 289, 16, 64), (128, 33, 16, 48), (128, 129, 16, 64), (64, 289, 16, 64))
# What k of a part must be a multiple of, of kernels that take parts (WarpgroupBlock.InnerMultiple); of the others, of k.
INNER_MULTIPLES = {"40x64": 256, "72x64": 256, "136x128": 128}
LARGE_INNER_MULTIPLE = 128
# More than the level 2 cache.
COLD_BYTES = 110 << 20

cuda = ctypes.CDLL("libcuda.so.1")


def check(result, call):
    if result != 0:
        raise SystemExit(f"kernels.py: {call} failed with {result}")


class Kernel:
    """A function in PTX, by its file."""

    def __init__(self, path, shared_memory=SHARED_MEMORY):
        self.shared_memory = shared_memory
        text = path.read_bytes()
        self.threads = int(re.search(rb"\.maxntid (\d+)", text)[1])
        module, self.function = ctypes.c_void_p(), ctypes.c_void_p()
        check(cuda.cuModuleLoadData(ctypes.byref(module), text + b"\0"), f"cuModuleLoadData of {path.name}")
        check(cuda.cuModuleGetFunction(ctypes.byref(self.function), module, b"fp16"), "cuModuleGetFunction")

    def launch(self, grid, arguments):
        struct_bytes = ctypes.create_string_buffer(arguments, len(arguments))
        pointers = (ctypes.c_void_p * 1)(ctypes.cast(struct_bytes, ctypes.c_void_p))
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        check(cuda.cuLaunchKernel(self.function, *grid, self.threads, 1, 1, self.shared_memory, stream, pointers, None), "cuLaunchKernel")


class Linear(Kernel):
    """A linear layer by blocks of the size that its file's name tells."""

    def __init__(self, path):
        super().__init__(path)
        self.block = path.stem.removeprefix("linear_warpgroup_")
        self.rows, self.columns = map(int, self.block.split("x"))
        self.takes_parts = self.block in INNER_MULTIPLES
        self.inner_multiple = INNER_MULTIPLES.get(self.block, LARGE_INNER_MULTIPLE)

    def parts(self, inner):
        return [p for p in PARTS if inner % (p * self.inner_multiple) == 0 and (p == 1 or self.takes_parts)]


def fragments(weight):
    """[N, K] as weight_fragments leaves it (shaders/warpgroup/multiply.cuh)."""
    columns, inner = weight.shape
    return weight.view(columns // 16, 2, 8, inner // 16, 2, 4, 2).permute(0, 3, 2, 5, 4, 1, 6).reshape(-1)


def microseconds(launch, count):
    """Of one of so many launches in a graph, each of which waits for the one before."""
    with torch.cuda.stream(torch.cuda.Stream()):
        launch(0)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for i in range(count):
            launch(i)
    times = []
    for _ in range(2 + REPLAYS):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(1e3 * begin.elapsed_time(end) / count)
    return round(min(times[2:]), 2)


def measure(kernels, rows, columns, inner, activation, is_normed):
    """Whether all kernels are right. A layer norms its input, or adds a residual that it norms, as in the networks."""
    copies = max(2, COLD_BYTES // (2 * columns * inner))
    half = {"device": "cuda", "dtype": torch.float16}
    weights = [torch.randn(columns, inner, **half) * 0.05 for _ in range(copies)]
    x, residual, y = (torch.randn(rows, n, **half) for n in (inner, columns, columns))
    # Behind the weights stand what the folded norm needs: sums, and biases.
    sums, bias = (torch.randn(columns, device="cuda") for _ in range(2))
    packed = [torch.cat([fragments(w), torch.cat([sums, bias]).view(torch.float16)]) for w in weights]
    statistics, residual_statistics = (torch.rand(rows, 2, device="cuda") + 0.5 for _ in range(2))
    residual_norm = torch.rand(2, columns, device="cuda")
    spans, parts_buffer = torch.zeros(rows * columns, device="cuda"), torch.zeros(64 << 18, device="cuda")
    counters = torch.zeros(4096, device="cuda", dtype=torch.int32)
    expected = x.float() @ weights[0].float().T
    if is_normed:
        expected = (expected - statistics[:, :1] * sums) * statistics[:, 1:]
    expected = expected + bias
    if activation:
        expected = torch.nn.functional.gelu(expected)
    if not is_normed:
        expected = expected + (residual.float() - residual_statistics[:, :1]) * residual_statistics[:, 1:] * residual_norm[0] + residual_norm[1]

    def tell(by, parts, blocks, launch):
        launches = LEAST_LAUNCHES if rows < MANY_ROWS else FEW_LAUNCHES
        hot = microseconds(lambda i: launch(0), launches)
        cold = microseconds(lambda i: launch(i % copies), launches if rows >= MANY_ROWS else max(launches, copies))
        print(json.dumps({"op": f"linear {rows}x{columns}x{inner}", "by": by, "parts": parts, "blocks": blocks, "hot_us": hot, "cold_us": cold}), flush=True)

    half_bias = bias.half()
    tell("cuBLAS, with a bias alone", None, None, lambda i: torch.nn.functional.linear(x, weights[i], half_bias))
    are_right = True
    for kernel in kernels:
        if columns % kernel.columns or inner % kernel.inner_multiple or (rows >= MANY_ROWS and kernel.takes_parts):
            continue
        for parts in kernel.parts(inner):
            row_blocks = -(-rows // kernel.rows)

            def launch(i, kernel=kernel, parts=parts, row_blocks=row_blocks):
                addresses = [x, packed[i], bias, residual, y, statistics, residual_statistics, residual_norm, spans, spans, parts_buffer, counters, counters, counters]
                settings = [activation, 1, int(not is_normed), 2 if is_normed else 0, int(not is_normed), parts, 1, 1, 0, int(not is_normed), 0, 0, 0]
                arguments = struct.pack("<14Q3If13I4x", *(a.data_ptr() for a in addresses), rows, inner, columns, 1e-5, *settings)
                kernel.launch((columns // kernel.columns, row_blocks, parts), arguments)

            y.zero_()
            launch(0)
            torch.cuda.synchronize()
            error = ((y.float() - expected).norm() / expected.norm()).item()
            if not error < MAX_ERROR:
                print(f"kernels.py: {rows}x{columns}x{inner} by {kernel.block} in {parts} parts is off by {error:.1e}", file=sys.stderr)
                are_right = False
                continue
            tell(kernel.block, parts, row_blocks * (columns // kernel.columns) * parts, launch)
    return are_right


def measure_attention(kernel, sequences, tokens, heads, channels):
    """Whether it is right."""
    qkv = torch.randn(sequences, tokens, 3, heads, channels, device="cuda", dtype=torch.float16)
    y = torch.zeros(sequences, tokens, heads, channels, device="cuda", dtype=torch.float16)
    q, k, v = (qkv[:, :, i].transpose(1, 2) for i in range(3))
    # In no chain of launches.
    arguments = struct.pack("<4Q4I", qkv.data_ptr(), y.data_ptr(), y.data_ptr(), y.data_ptr(), tokens, heads, 0, 0)
    # 64 queries a warpgroup.
    grid = (-(-tokens // (kernel.threads // 2)), heads, sequences)
    kernel.launch(grid, arguments)
    torch.cuda.synchronize()
    expected = torch.nn.functional.scaled_dot_product_attention(q.float(), k.float(), v.float()).transpose(1, 2)
    error = ((y.float() - expected).norm() / expected.norm()).item()
    if not error < MAX_ERROR:
        print(f"kernels.py: attention {sequences}x{tokens} is off by {error:.1e}", file=sys.stderr)
        return False
    for by, launch in (
        ("PyTorch", lambda i: torch.nn.functional.scaled_dot_product_attention(q, k, v)),
        ("warpgroups", lambda i: kernel.launch(grid, arguments)),
    ):
        hot = microseconds(launch, FEW_LAUNCHES if sequences > 2 else LEAST_LAUNCHES)
        print(json.dumps({"op": f"attention {sequences}x{tokens}, {heads} heads of {channels}", "by": by, "hot_us": hot}), flush=True)
    return True


def main():
    wanted = sys.argv[1].split(",") if len(sys.argv) > 1 else [*(str(rows) for rows, _ in LAYERS), "attention"]
    torch.cuda.init()
    torch.zeros(1, device="cuda")
    kernels = [Linear(path) for path in sorted(SHADERS.glob("linear_warpgroup_*.ptx"))]
    are_right = True
    for rows, width in LAYERS:
        if str(rows) not in wanted:
            continue
        are_right &= measure(kernels, rows, 3 * width, width, activation=0, is_normed=True)
        are_right &= measure(kernels, rows, width, width, activation=0, is_normed=False)
        are_right &= measure(kernels, rows, 4 * width, width, activation=1, is_normed=True)
        are_right &= measure(kernels, rows, width, 4 * width, activation=0, is_normed=False)
    for sequences, tokens, heads, channels in ATTENTIONS if "attention" in wanted else ():
        are_right &= measure_attention(Kernel(SHADERS / f"attention_warpgroup_{channels}.ptx", ATTENTION_MEMORY[channels]), sequences, tokens, heads, channels)
    return 0 if are_right else 1


if __name__ == "__main__":
    sys.exit(main())
