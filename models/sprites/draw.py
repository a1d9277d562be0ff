"""Draws a sheet: python3 models/sprites/draw.py OUT.png [--seed S --rows R --size 64|128]. A column a class."""
import argparse
import time

from drawing import CLASSES, draw
from png import sheet, write_png

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--device", default="cpu")
    a = parser.parse_args()
    start = time.perf_counter()
    pictures, _ = draw(a.seed, 0, a.rows * len(CLASSES), a.size, a.device)
    print(f"{len(pictures)} pictures in {time.perf_counter() - start:.2f} s")
    write_png(a.out, sheet(pictures, len(CLASSES)))
