"""The learner: logistic regression on NB-weighted counts, shared and per corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from moderation.model.classifier import logistic


class CorpusAugmentedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Binary classifier that learns from several corpora without mixing up their habits.

    Counts are weighted by log-count ratios (NB-SVM: Wang and Manning, 2012). Each row then gets
    two copies of its features, one shared by all corpora and one of its own corpus (Daumé, 2007:
    "Frustratingly easy domain adaptation"), and one logistic regression is fitted on both.
    Predictions use the shared copy plus that of the home corpus, folded into one weight vector.

    Parameters
    ----------
    C
        Inverse strength of L2 regularisation.
    smoothing
        Added to each count before log-count ratios are taken.
    counted
        The first `counted` columns are counts and get weighted; None: all of them.
    home
        The corpus predictions are made for; None: only what is shared.
    away_weight
        Weight of rows of other corpora when there is a home; the home's rows weigh 1.

    Attributes
    ----------
    coef_
        float64, shape (features,): one weight per input column.
    intercept_
        float
    classes_
        The two classes, sorted; the second is the positive one.
    """

    def __init__(
        self,
        C: float = 10.0,
        smoothing: float = 0.5,
        counted: int | None = None,
        home: str | None = None,
        away_weight: float = 0.3,
    ) -> None:
        self.C = C
        self.smoothing = smoothing
        self.counted = counted
        self.home = home
        self.away_weight = away_weight

    def fit(
        self,
        X: Any,
        y: Any,
        corpora: Sequence[str] | None = None,
        sample_weight: Any = None,
    ) -> CorpusAugmentedClassifier:
        """Fit to rows `X` (n, features; counts not negative), labels `y` (n), corpus names (n).

        `sample_weight` (n) is multiplied with `away_weight` where that applies.

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
        names = np.asarray(["all"] * len(encoded) if corpora is None else corpora)
        known, corpus_of = np.unique(names, return_inverse=True)
        weights = np.ones(len(encoded)) if sample_weight is None else np.array(sample_weight)
        if self.home in known:
            weights[names != self.home] *= self.away_weight
        ratios = self._ratios(X, encoded, weights)
        weighted = X.multiply(ratios[None, :]).tocsr()
        augmented = weighted if len(known) == 1 else _augmented(weighted, corpus_of, len(known))
        learner = LogisticRegression(C=self.C, solver="liblinear", tol=1e-3)
        learner.fit(augmented, encoded, sample_weight=weights)
        copies = learner.coef_.reshape(-1, X.shape[1])
        coefficients = copies[0]
        if len(known) > 1 and self.home in known:
            coefficients = coefficients + copies[1 + list(known).index(self.home)]
        self.coef_: NDArray[np.float64] = coefficients * ratios
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
        """Return the factor of each column: a log-count ratio, or 1 where it is no count."""
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


def _augmented(X: sp.csr_matrix, corpus_of: NDArray[np.intp], corpora: int) -> sp.csr_matrix:
    """Return ``[X | own]``: `own` has one copy of the columns per corpus, filled for one's own."""
    features = X.shape[1]
    shift = np.repeat(corpus_of.astype(np.int64) * features, np.diff(X.indptr))
    own = sp.csr_matrix(
        (X.data, X.indices.astype(np.int64) + shift, X.indptr),
        shape=(X.shape[0], features * corpora),
    )
    return sp.hstack([X, own], format="csr")
