"""Makes tables of what tests/gpu/measure.sh has measured: totals beside PyTorch's with ratios, ops beside the ceiling, attention, products
and launches by their forms."""

import json
import sys

rows = [json.loads(line) for line in open(sys.argv[1])]
ops = [r["result"] for r in rows if r["row"] == "op"]
by_form = {kind: [r["result"] for r in rows if r["row"] == row] for kind, row in (("attention", "attention"), ("without matrix units", "form"), ("launches", "chain"))}
totals = {r["row"]: r["result"] for r in rows if r["row"] not in ("op", "attention", "form", "chain")}
ceiling = totals.pop("PyTorch largest product", {}).get("gflops")

for name, result in totals.items():
    if " titok " in name:
        print(f"{result['device']}, {result['driver']}\n")
        break
print("| what | titok | PyTorch eager | compiled | titok / eager | titok / compiled |\n|---|---|---|---|---|---|")
for name, ours in totals.items():
    if " titok " not in name:
        continue
    peers = [totals.get(name.replace(" titok ", f" PyTorch {form} ")) for form in ("eager", "compiled")]
    # Stages of titok's decoder are by the device's timestamps, all else by wall clock.
    for stage in ("in all", *ours["stages_ms"], "encoding"):
        def time(result):
            if result is None:
                return None
            return {"in all": result["total_ms"], "encoding": result.get("encode_ms")}.get(stage) or result["stages_ms"].get(stage)

        cells = [time(r) for r in (ours, *peers)]
        if stage in ("other", "encoder"):
            continue
        ratios = [f"{cells[0] / c:.2f}" if c else "" for c in cells[1:]]
        print(f"| {name.replace(' titok', '')}, {stage} | " + " | ".join([f"{c:.2f} ms" if c else "unmeasured" for c in cells] + ratios) + " |")
    speeds = [f"{r['pictures_per_second']:.1f}/s" if r else "unmeasured" for r in (ours, *peers)]
    print(f"| {name.replace(' titok', '')}, pictures | " + " | ".join(speeds) + " | | |")

for name, demo in totals.items():
    if " demo, " in name:
        if not demo["frames"]:
            print(f"\n{name}: no picture was ready in time")
            continue
        interval = demo["interval_ms"]
        print(
            f"\n{name}: {demo['frames_per_second']} frames a second, interval median {interval['median']} ms, 99 % {interval['p99']}, "
            f"longest {interval['longest']}; {demo['within_1_5_refreshes']:.2%} within 1.5 refreshes of {demo['refresh_hz']} Hz; "
            f"{demo['pictures_per_second']} pictures a second")

print(f"\n| op (fp16) | ms | TFLOP/s | GB/s | {'of the largest product in PyTorch' if ceiling else ''} |\n|---|---|---|---|---|")
for op in ops:
    share = f"{op['gflops'] / ceiling:.0%}" if ceiling and op["gflops"] else ""
    print(f"| {op['op']} | {op['ms']} | {op['gflops'] / 1e3:.1f} | {op['gbytes_per_second']:.0f} | {share} |")

for kind, results in by_form.items():
    forms = list(dict.fromkeys(r["form"] for r in results))
    if forms:
        print(f"\n| {kind}, µs and TFLOP/s | {' | '.join(forms)} |\n|---|{'---|' * len(forms)}")
    for op in dict.fromkeys(r["op"] for r in results):
        cells = [next((f"{r['ms'] * 1e3:.1f}, {r['gflops'] / 1e3:.1f}" for r in results if (r["op"], r["form"]) == (op, form)), "") for form in forms]
        print(f"| {op} | {' | '.join(cells)} |")
