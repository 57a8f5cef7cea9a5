"""netcal's temperature scaling and calibration error of a CSV file with columns logit and y; prints seconds as JSON."""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from netcal.metrics import ECE  # noqa: E402
from netcal.scaling import TemperatureScaling  # noqa: E402

start = time.perf_counter()
logits, labels = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, unpack=True)
labels, scores = labels.astype(int), 1 / (1 + np.exp(-logits))
read = time.perf_counter()
method = TemperatureScaling()
method.fit(scores, labels)
fitted = time.perf_counter()
calibrated = method.transform(scores)
errors = [ECE(15).measure(scores, labels), ECE(15).measure(calibrated, labels)]
print(json.dumps({
    "read": read - start, "fit": fitted - read, "measure": time.perf_counter() - fitted,
    "temperature": float(1 / method.weights[0]) if hasattr(method, "weights") else None, "ece": [float(e) for e in errors]}))
