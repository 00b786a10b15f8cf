"""Embeddings: download the pipeline's, upload one's own. Takes the name of a dataset in which a run has ended."""

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np
from lightly.api import ApiWorkflowClient
from lightly.api.api_workflow_upload_embeddings import EmbeddingDoesNotExistError
from lightly.utils import io

from refusals import refused

client = ApiWorkflowClient()
folder = Path(tempfile.mkdtemp())


def rows_of(path):
    """Numbers by file name."""
    with open(path, newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header[0] == "filenames" and header[-1] == "labels"
    return {row[0]: [float(number) for number in row[1:-1]] for row in rows}


# %% A dataset without images has no embeddings.
client.create_dataset("Nothing embedded")
assert client.get_all_embedding_data() == []
with refused(RuntimeError, "no known embeddings"):
    client.set_embedding_id_to_latest()
with refused(RuntimeError, "Could not find embeddings"):
    client.download_embeddings_csv(str(folder / "nothing.csv"))

# %% The pipeline embeds every image.
client.set_dataset_id_by_name(sys.argv[1])
filenames = client.get_filenames()
embeddings = client.get_all_embedding_data()
assert len(embeddings) == 1
default = embeddings[0]
assert default.name.startswith("default") and default.is_processed
assert client.get_embedding_data_by_name(default.name) == default
assert client.get_embedding_by_name("default").id == default.id
client.set_embedding_id_to_latest()
assert client.embedding_id == default.id
client.download_embeddings_csv(str(folder / "default.csv"))
own = rows_of(folder / "default.csv")
assert list(own) == filenames
assert len({len(numbers) for numbers in own.values()}) == 1 and np.isfinite(list(own.values())).all()
client.download_embeddings_csv_by_id(default.id, str(folder / "same.csv"))
assert rows_of(folder / "same.csv") == own

with refused(EmbeddingDoesNotExistError, "no-such-embedding"):
    client.get_embedding_by_name("no-such-embedding")
with refused(ValueError, "no-such-embedding"):
    client.get_embedding_data_by_name("no-such-embedding")

# %% Embeddings of one's own model. Rows may come in any order.
numbers = np.round(np.random.default_rng(1).normal(size=(len(filenames), 4)), 6)
path = str(folder / "own.csv")
io.save_embeddings(path, numbers[::-1], [0] * len(filenames), filenames[::-1])
client.upload_embeddings(path, name="my-model")
uploaded = client.get_embedding_by_name("my-model", ignore_suffix=False)
assert uploaded.id == client.embedding_id
assert {each.name for each in client.get_all_embedding_data()} == {default.name, "my-model"}
client.download_embeddings_csv_by_id(uploaded.id, str(folder / "own-again.csv"))
again = rows_of(folder / "own-again.csv")
assert list(again) == filenames
assert np.allclose([again[filename] for filename in filenames], numbers)
client.set_embedding_id_to_latest()
assert client.embedding_id == uploaded.id

# %% A file that doesn't fit the dataset is refused before anything is sent.
io.save_embeddings(str(folder / "few.csv"), numbers[:2], [0, 0], filenames[:2])
with refused(ValueError, "rows in the embedding file"):
    client.upload_embeddings(str(folder / "few.csv"), name="too-few")

# %% Uploading under a name again: rows of the file replace those of the server, what is missing is kept.
changed = numbers[:2] + 1.0
io.save_embeddings(str(folder / "two.csv"), changed, [0, 0], filenames[:2])
client.upload_embeddings(str(folder / "two.csv"), name="my-model")
newest = client.get_all_embedding_data()[0]
assert newest.name.startswith("my-model_") and newest.id == client.embedding_id
client.download_embeddings_csv_by_id(newest.id, str(folder / "newest.csv"))
merged = rows_of(folder / "newest.csv")
assert np.allclose([merged[filename] for filename in filenames], np.vstack([changed, numbers[2:]]))

# %% The same step by step; embeddings of another length don't go together.
io.save_embeddings(str(folder / "one.csv"), numbers[:1], [0], filenames[:1])
client.append_embeddings(str(folder / "one.csv"), newest.id)
assert len(rows_of(folder / "one.csv")) == len(filenames)
io.save_embeddings(str(folder / "wide.csv"), np.ones((1, 9)), [0], filenames[:1])
with refused(RuntimeError, "Column mismatch"):
    client.append_embeddings(str(folder / "wide.csv"), newest.id)
