"""Computes with scikit-learn and scipy what host-trainer's statistics compute, on the same arrays.

statistics.py ARRAYS.json: prints one JSON object of numbers by name.
"""

import json
import sys

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

with open(sys.argv[1]) as file:
    given = json.load(file)

scores, positive = np.array(given["scores"]), np.array(given["positive"])
probabilities, truths = np.array(given["probabilities"]), np.array(given["truths"])
answers = np.array(given["answers"])
classes = range(probabilities.shape[1])
found = {}

# Ranking.
found["auroc"] = metrics.roc_auc_score(positive, scores)
found["average precision"] = metrics.average_precision_score(positive, scores)
false, true, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
found["false positive rate at 95"] = float(false[np.argmax(true >= 0.95)])
found["sensitivity at 90"] = float(true[false <= 0.1].max())
wins = stats.mannwhitneyu(scores[positive], scores[~positive]).statistic
found["auroc by scipy"] = wins / (positive.sum() * (~positive).sum())

# Classes.
found["matthews"] = metrics.matthews_corrcoef(truths, answers)
found["balanced accuracy"] = metrics.balanced_accuracy_score(truths, answers)
found["macro f1"] = metrics.f1_score(truths, answers, average="macro", labels=np.unique(truths))

# Probabilities.
found["brier"] = metrics.brier_score_loss(truths, probabilities, labels=list(classes), scale_by_half=False)
found["log loss"] = metrics.log_loss(truths, probabilities, labels=list(classes))


def error(stated, so, bins=15):
    """Expected calibration error: scikit-learn's curve with equally many values in each bin, weighted by bin size."""
    observed, mean = calibration_curve(so, stated, n_bins=bins, strategy="quantile")
    sizes = [len(part) for part in np.array_split(stated, bins)]
    assert len(set(sizes)) == 1 and len(observed) == bins, "the arrays were made so that bins are equal"
    return float(np.abs(observed - mean).mean())


confidence = probabilities.max(axis=1)
found["calibration error"] = error(confidence, truths == answers)
found["classwise error"] = float(np.mean([error(probabilities[:, c], truths == c) for c in classes]))

# Counts and draws.
for name, (some, every) in {"wilson small": (4, 5), "wilson none": (0, 20), "wilson large": (957, 972)}.items():
    interval = stats.binomtest(some, every).proportion_ci(method="wilson")
    found[f"{name} low"], found[f"{name} high"] = interval.low, interval.high
found["mcnemar"] = stats.binomtest(3, 17).pvalue
draws = np.array(given["draws"])
means = np.array(given["values"])[draws].mean(axis=1)
found["bootstrap low"], found["bootstrap high"] = np.percentile(means, [2.5, 97.5])
found["bootstrap median"] = float(stats.scoreatpercentile(means, 50))

print(json.dumps({name: float(value) for name, value in found.items()}))
