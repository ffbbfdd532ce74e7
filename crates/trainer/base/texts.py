"""Gathers what the base encoder is taught: the texts for teach.py and the labelled messages for
judge.py.

    python texts.py PUBLIC TEXTS LABELLED.tsv

PUBLIC is the folder of public sets; README.md says which. Development parts are not read. The
messages written for Aisle that calibrate a shop's training are left out of LABELLED; the choice is
that of `crates/trainer/src/train/corpus.rs`.
"""

import csv
import gzip
import random
import re
import sys
import unicodedata
import zlib
from collections import Counter, defaultdict
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
HELD_OUT = 8
PUBLIC_PER_INTENT = 100
PUBLIC_OUT_OF_SCOPE = 3_000
TWICE = 12_000
REVIEW_SENTENCES = 40_000
LONGEST = 300


def opened(path):
    how = gzip.open if path.suffix == ".gz" else open
    return how(path, "rt", encoding="utf-8")


def tsv(path):
    with opened(path) as rows:
        return [row.rstrip("\n").split("\t") for row in rows][1:]


def table(path):
    with opened(path) as rows:
        return list(csv.DictReader(rows))


def is_held_out(text):
    """As `aisle_core::text::normalize` and `split` of the trainer have it."""
    folded = unicodedata.normalize("NFKD", text)
    folded = "".join(c for c in folded if not unicodedata.combining(c)).lower()
    folded = re.sub("['’‘`]", "", folded)
    folded = re.sub("([£$€%])", r" \1 ", folded)
    folded = "".join(c if c.isalnum() or c in "£$€%" else " " for c in folded)
    return zlib.crc32(" ".join(folded.split()).encode()) % HELD_OUT == 0


def parts_of_titles(titles, rng):
    """One to four words of each title, in order."""
    for title in titles:
        words = title.lower().split()
        for _ in range(2):
            picked = sorted(rng.sample(range(len(words)), min(len(words), rng.randint(1, 4))))
            yield " ".join(words[at] for at in picked)


def sentences_of_reviews(rows):
    for row in rows:
        for part in (row["Title"] or "", row["Review Text"] or ""):
            yield from (s for s in re.split(r"(?<=[.!?])\s+", part) if len(s.split()) > 2)


def main(public, texts_path, labelled_path):
    rng = random.Random(1)
    public = Path(public)
    own = tsv(DATA / "messages.tsv")
    shared = tsv(public / "intents/train.tsv.gz")
    texts = [row[0] for row in shared + own]
    for benchmark in ("clinc150", "banking77"):
        texts += [row[0] for row in tsv(public / f"benchmarks/{benchmark}_train.tsv.gz")]
    titles = [row["title"] for row in table(public / "sales/catalogue.csv")]
    texts += [title.lower() for title in titles] + list(parts_of_titles(titles, rng))
    for phrase, related in tsv(DATA / "related.tsv"):
        texts += [phrase, *related.split(", ")]
    texts += [row["query"] for row in table(public / "queries/furniture_queries.csv")]
    sentences = sorted(set(sentences_of_reviews(table(public / "reviews/womens_clothing.csv.gz"))))
    texts += rng.sample(sentences, REVIEW_SENTENCES)
    words = Counter(word for text in texts for word in re.findall(r"[a-z]{2,}", text.lower()))
    texts += [word for word, count in words.most_common(TWICE) if count > 1]
    lines = dict.fromkeys(" ".join(text.split())[:LONGEST] for text in texts)
    Path(texts_path).write_text("\n".join(lines) + "\n", encoding="utf-8")

    by_intent = defaultdict(list)
    for text, intent, *_ in shared:
        by_intent[intent].append(text)
    labelled = [row for row in own if not is_held_out(row[0])]
    for intent, known in sorted(by_intent.items()):
        wanted = PUBLIC_OUT_OF_SCOPE if intent == "out_of_scope" else PUBLIC_PER_INTENT
        labelled += [[text, intent] for text in rng.sample(known, min(len(known), wanted))]
    with open(labelled_path, "w", encoding="utf-8") as out:
        out.write("text\tintent\n")
        out.writelines(f"{text}\t{intent}\n" for text, intent in labelled)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
