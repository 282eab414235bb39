"""The learner all models are made of: logistic regression on counts times log-count ratios."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from moderation.model.classifier import logistic


class LogCountRatioClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Binary linear classifier on counts (NB-SVM: Wang and Manning, 2012, with logistic loss).

    Each column is multiplied by the logarithm of how much more often it occurs in positive rows
    than in negative ones; a logistic regression is fitted on the result. The factors are folded
    into the weights, so that predictions need nothing but a dot product.

    Parameters
    ----------
    C
        Inverse strength of L2 regularisation.
    smoothing
        Added to each count before ratios are taken.
    counted
        The first `counted` columns are counts and get weighted; None: all of them.

    Attributes
    ----------
    coef_
        float64, shape (features,): one weight per input column.
    intercept_
        float
    classes_
        The two classes, sorted; the second is the positive one.
    """

    def __init__(self, C: float = 10.0, smoothing: float = 0.5, counted: int | None = None) -> None:
        self.C = C
        self.smoothing = smoothing
        self.counted = counted

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogCountRatioClassifier:
        """Fit to rows `X` (n, features; counts not negative), labels `y` (n) and weights (n).

        Raises
        ------
        ValueError
            If there are not exactly two classes.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        self.classes_, encoded = np.unique(y, return_inverse=True)
        if kind != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        if len(self.classes_) != 2:
            raise ValueError("Two classes are needed to learn, but y holds one class only.")
        X = sp.csr_matrix(X)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        ratios = self._ratios(X, encoded, weights)
        learner = LogisticRegression(C=self.C, solver="liblinear", tol=1e-3)
        learner.fit(X.multiply(ratios[None, :]).tocsr(), encoded, sample_weight=weights)
        self.coef_: NDArray[np.float64] = learner.coef_[0] * ratios
        self.intercept_ = float(learner.intercept_[0])
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return log-odds of the positive class, float64, shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        log_odds: NDArray[np.float64] = np.asarray(X @ self.coef_).ravel() + self.intercept_
        return log_odds

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities, float64, shape (n, 2), not calibrated."""
        positive = logistic(self.decision_function(X))
        return np.column_stack([1.0 - positive, positive])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class, shape (n,)."""
        positive = (self.decision_function(X) > 0).astype(int)
        predicted: NDArray[Any] = self.classes_[positive]
        return predicted

    def _ratios(
        self, X: sp.csr_matrix, y: NDArray[np.intp], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the factor of each column: its log-count ratio, or 1 where it is no count."""
        counted = X.shape[1] if self.counted is None else self.counted
        present = X[:, :counted].copy()
        present.data = (present.data > 0).astype(np.float64)
        positive = np.asarray(present.T @ (weights * (y == 1))).ravel() + self.smoothing
        negative = np.asarray(present.T @ (weights * (y == 0))).ravel() + self.smoothing
        ratios = np.ones(X.shape[1])
        ratios[:counted] = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
        return ratios

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        return tags
