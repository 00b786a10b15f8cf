"""Farthest-first traversal with NumPy's running minimum: what a Python user would write, fast.

Reads float32 vectors from a file, chooses from the first one on, and prints the choices and the processor time.
Squared distances are |x|^2 + |c|^2 - 2 x.c: one product of a matrix and a vector for each choice.
"""

import json
import sys
import time

import numpy as np

path, dimension, steps, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
vectors = np.fromfile(path, dtype=np.float32).reshape(-1, dimension)

start = time.process_time()
squares = np.einsum("ij,ij->i", vectors, vectors)
nearest = np.full(len(vectors), np.inf, dtype=np.float32)
chosen = [first]
while len(chosen) < steps:
    newest = chosen[-1]
    np.minimum(nearest, squares + squares[newest] - 2 * (vectors @ vectors[newest]), out=nearest)
    nearest[newest] = -np.inf
    chosen.append(int(nearest.argmax()))
print(json.dumps({"seconds": time.process_time() - start, "chosen": chosen}))
