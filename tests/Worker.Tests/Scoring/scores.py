# Scores of the pixels in the file that is named, by scikit-learn, as JSON. Pixels of the class 255 are unlabelled. Figures without a denominator are 0.
import json, math, sys, warnings
import numpy
from sklearn import metrics

warnings.filterwarnings("ignore")

def number(value):
    return 0.0 if math.isnan(value) else float(value)

def binary(truth, predicted):
    return {
        "precision": number(metrics.precision_score(truth, predicted, pos_label=1, zero_division=0)),
        "recall": number(metrics.recall_score(truth, predicted, pos_label=1, zero_division=0)),
        "f1": number(metrics.f1_score(truth, predicted, pos_label=1, zero_division=0)),
        "iou": number(metrics.jaccard_score(truth, predicted, pos_label=1, zero_division=0)),
        "accuracy": number(metrics.accuracy_score(truth, predicted)),
        "kappa": number(metrics.cohen_kappa_score(truth, predicted)),
    }

def scores(case):
    truth, predicted, bins = (numpy.array(case[key]) for key in ("truth", "predicted", "bins"))
    labelled = truth != 255
    truth, predicted, bins = truth[labelled], predicted[labelled], bins[labelled]
    classes = list(range(case["classes"]))
    present = sorted(set(truth) | set(predicted))
    changed = truth > 0
    result = {
        "change": binary(changed.astype(int), (predicted > 0).astype(int)),
        "classes": [binary((truth == one).astype(int), (predicted == one).astype(int)) for one in classes],
        "confusion": metrics.confusion_matrix(truth, predicted, labels=classes).tolist(),
        "mean_f1": number(metrics.f1_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "mean_iou": number(metrics.jaccard_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "accuracy": number(metrics.accuracy_score(truth, predicted)),
        "kappa": number(metrics.cohen_kappa_score(truth, predicted)),
        "average_precision": number(metrics.average_precision_score(changed, bins)) if changed.any() else 0.0,
        "curve": {},
    }
    if changed.any():
        precision, recall, thresholds = metrics.precision_recall_curve(changed, bins)
        result["curve"] = {int(at): [float(p), float(r)] for p, r, at in zip(precision, recall, thresholds)}
    return result

with open(sys.argv[1]) as file:
    print(json.dumps([scores(case) for case in json.load(file)]))
