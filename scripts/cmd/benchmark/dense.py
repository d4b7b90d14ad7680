"""SciPy's side of scripts/bench-matching: the same people as arrays, every pair of a
region scored by NumPy's matrix products, and SciPy's linear_sum_assignment on the
dense matrix. Run by the Go program beside it with the folder of the arrays; each
line on its input asks for one more solution, which it answers by a line of JSON.

It is written to be as fast and as small as these libraries allow: products in single
precision (scores are small whole numbers, so they are exact), a few rows at a time so
that what is between stays in the processor's cache, sets as bits, costs to be
minimised and no more rows than columns, since SciPy copies any other matrix first.
"""

import json
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment

# As many rows at a time as keep a block of a large region within the cache.
ROWS = 64


def read(folder, side):
    names = "region area levels halves band kinds languages meeting".split()
    return {name: np.load(f"{folder}/{side}-{name}.npy") for name in names}


def bits(flags):
    """A row's flags as one number: shape (people, flags up to 32) to (people,)."""
    return (flags.astype(np.uint32) << np.arange(flags.shape[1], dtype=np.uint32)).sum(axis=1, dtype=np.uint32)


def factors(clients, consultants, w):
    """Two matrices whose product is the score without the points for difference."""
    asks, offers = clients["levels"].astype(np.float32), consultants["levels"].astype(np.float32)
    bands = np.arange(1, 7)
    income = clients["band"][:, None]
    left = [
        w["fit"] * asks + w["experience"] * (asks > 0),
        w["breadth"] * (asks > 0),
        w["availability"] * clients["halves"],
        w["size"] * ((income > 0) & (income < bands)),
    ]
    right = [offers, offers > 0, consultants["halves"], consultants["band"][:, None] == bands]
    return [np.concatenate([np.asarray(x, dtype=np.float32) for x in side], axis=1) for side in (left, right)]


def greatest(clients, w):
    """No score is above this."""
    asks = clients["levels"].astype(int)
    needs = 3 * w["fit"] * asks + (w["breadth"] + 3 * w["experience"]) * (asks > 0)
    return int(needs.sum(axis=1).max()) + w["size"] + w["difference"] + w["availability"] * clients["halves"].shape[1]


def sets(side):
    """What must or must not be in common, as bits, and the area of competition."""
    flags = {**side, "levels": side["levels"] > 0}
    return {name: bits(flags[name]) for name in ("levels", "kinds", "languages", "meeting")} | {"area": side["area"]}


def costs(clients, consultants, w):
    """What SciPy is to minimise: an eligible pair's premium and score below 0, and 0
    for others. The premium outweighs all scores, so that the most are matched first."""
    a, b = factors(clients, consultants, w)
    x, y = sets(clients), sets(consultants)
    if len(a) > len(b):
        a, b, x, y = b, a, y, x
    b = np.ascontiguousarray(b.T)
    premium = float((len(a) + 1) * (greatest(clients, w) + 1))
    cost = np.empty((len(a), b.shape[1]))
    for at in range(0, len(a), ROWS):
        rows = slice(at, at + ROWS)

        def common(name):
            return (x[name][rows, None] & y[name]) != 0

        other = ~common("kinds")
        eligible = (other | (x["area"][rows, None] != y["area"])) & common("levels") & common("languages") & common("meeting")
        score = a[rows] @ b
        score += np.float32(w["difference"]) * other
        np.subtract(-premium, score, out=cost[rows], dtype=np.float64)
        cost[rows] *= eligible
    return cost, premium


def solve(clients, consultants, w):
    matched = total = 0
    scoring = solving = 0.0
    began, used = time.perf_counter(), time.process_time()
    for region in np.intersect1d(clients["region"], consultants["region"]):
        t = time.perf_counter()
        a, b = ({name: x[side["region"] == region] for name, x in side.items()} for side in (clients, consultants))
        cost, premium = costs(a, b, w)
        scoring += time.perf_counter() - t
        t = time.perf_counter()
        rows, columns = linear_sum_assignment(cost)
        solving += time.perf_counter() - t
        worth = -cost[rows, columns]
        matched += int((worth > 0).sum())
        total += int((worth[worth > 0] - premium).sum())
        del cost
    return {
        "seconds": time.perf_counter() - began, "cpu": time.process_time() - used,
        "scoring": scoring, "solving": solving, "matched": matched, "score": total,
    }


def peak():
    """The most memory this process ever held, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def main():
    folder = sys.argv[1]
    clients, consultants = read(folder, "clients"), read(folder, "consultants")
    with open(f"{folder}/weights.json") as file:
        weights = json.load(file)
    print("{}", flush=True)  # ready
    for _ in sys.stdin:
        print(json.dumps(solve(clients, consultants, weights) | {"peak": peak()}), flush=True)


main()
