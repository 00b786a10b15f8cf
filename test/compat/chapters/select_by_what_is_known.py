"""Select by predictions, scores, metadata and other images.

Takes the name of a dataset whose photos wait, with predictions and metadata below `.lightly/`, and of one with samples.
"""

import sys
import tempfile
import time
from pathlib import Path

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import TagCreator

from refusals import refused

name, other_name = sys.argv[1:]
other = ApiWorkflowClient()
other.set_dataset_id_by_name(other_name)
client = ApiWorkflowClient()
client.set_dataset_id_by_name(name)
EMBEDDINGS = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}


def run_to_end(selection, **worker_config):
    """The run, when it has ended."""
    scheduled_run_id = client.schedule_compute_worker_run(
        worker_config={"use_datapool": True, **worker_config}, selection_config=selection
    )
    while not client.get_compute_worker_run_info(scheduled_run_id).in_end_state():
        time.sleep(0.3)
    return client.get_compute_worker_run_from_scheduled_run(scheduled_run_id)


def would_select(n_samples, *strategies, **worker_config):
    """A trial: what a run would select, which leaves the dataset as it is."""
    run = run_to_end(
        {"n_samples": n_samples, "strategies": list(strategies)},
        datasource={"process_all": True, "enable_datapool_update": False},
        **worker_config,
    )
    assert run.state == "COMPLETED", run.message
    with tempfile.TemporaryDirectory() as folder:
        client.download_compute_worker_run_artifacts(run, folder)
        return (Path(folder) / "filenames_selected.txt").read_text().split()


def strategy(type, input, **fields):
    return {"input": input, "strategy": {"type": type, **fields}}


def numbers(filenames):
    return [int(filename[6:8]) for filename in filenames]


# %% Metadata of files: photos 1 to 7 by day, the others by night. Half of each, and as different as can be.
scene = {"type": "METADATA", "key": "scene"}
half = would_select(4, strategy("BALANCE", scene, target={"day": 0.5, "night": 0.5}), EMBEDDINGS)
assert len([number for number in numbers(half) if number <= 7]) == 2, half

# %% Predictions: photos 9 and 10 show a bus, the others a car; of 3 and 5 the model is as sure of the one as of the other.
vehicles = {"type": "PREDICTIONS", "task": "vehicles", "name": "CLASS_DISTRIBUTION"}
uniform = would_select(4, strategy("BALANCE", vehicles, distribution="UNIFORM"))
probability_of_car = {**dict.fromkeys(range(1, 9), 0.9), 3: 0.5, 5: 0.5, 9: 0.1, 10: 0.1}
assert abs(sum(probability_of_car[number] for number in numbers(uniform)) - 2) < 1e-9, uniform
counts = {"type": "PREDICTIONS", "task": "vehicles", "name": "CATEGORY_COUNT", "categories": ["bus"]}
assert numbers(would_select(2, strategy("WEIGHTS", counts))) == [9, 10]

# %% Scores are computed from predictions: the model is unsure of photos 3 and 5.
entropy = {"type": "SCORES", "task": "vehicles", "score": "uncertainty_entropy"}
assert numbers(would_select(2, strategy("WEIGHTS", entropy))) == [3, 5]

# %% Embeddings: typical ones, far from outliers; and photos that are like those of another dataset.
typical = strategy("TYPICALITY", {"type": "EMBEDDINGS"}, num_nearest_neighbors=3)
outliers = strategy("TYPICALITY", {"type": "EMBEDDINGS"}, num_nearest_neighbors=3, strength=-1.0)
dense, apart = would_select(5, typical), would_select(5, outliers)
assert len(dense) == len(apart) == 5 and not set(dense) & set(apart), (dense, apart)
query = other.get_filenames()[:2]
initial = other.get_tag_by_name("initial-tag")
other.create_tag_from_filenames(query, "what I look for", parent_tag_id=initial.id)
like = {"type": "EMBEDDINGS", "dataset_id": other.dataset_id, "tag_name": "what I look for"}
assert would_select(2, strategy("SIMILARITY", like)) == sorted(query)

# %% What Winnow computes of images, and a list of relevant files.
sharpness = {"type": "METADATA", "key": "lightly.sharpness"}
THRESHOLD = 26
sharp = would_select(10, strategy("THRESHOLD", sharpness, threshold=THRESHOLD, operation="BIGGER"), EMBEDDINGS)
assert numbers(would_select(10, EMBEDDINGS, relevant_filenames_file=".lightly/relevant.txt")) == [2, 9]

# %% Mistakes are refused when the run is scheduled, and the answer names the field.
for amounts in ({}, {"n_samples": 3, "proportion_samples": 0.3}):
    with refused(ApiException, "proportionSamples", status=400):
        client.schedule_compute_worker_run(selection_config={**amounts, "strategies": [EMBEDDINGS]})
with refused(ApiException, "selection.strategies[0]", status=400):
    client.schedule_compute_worker_run(
        selection_config={"n_samples": 3, "strategies": [strategy("DIVERSITY", scene)]}
    )

# %% A task that nobody told of is found when the run looks for it.
unknown = {**entropy, "task": "animals"}
failed = run_to_end({"n_samples": 2, "strategies": [strategy("WEIGHTS", unknown)]})
assert failed.state == "FAILED" and "animals" in failed.message, failed.message

# %% All trials have left the dataset as it was. Now for good.
assert client.get_filenames() == []
for_good = run_to_end({"proportion_samples": 1.0, "strategies": [EMBEDDINGS]})
assert for_good.state == "COMPLETED", for_good.message
samples = client._samples_api.get_samples_by_dataset_id(dataset_id=client.dataset_id)
assert len(samples) == 10
assert 0 < len(sharp) < 10 and sharp == sorted(
    sample.file_name for sample in samples if sample.meta_data.sharpness > THRESHOLD
), {sample.file_name: sample.meta_data.sharpness for sample in samples}

# %% Without the datapool, a dataset that has samples is left alone.
aborted = run_to_end({"n_samples": 2, "strategies": [EMBEDDINGS]}, use_datapool=False)
assert aborted.state == "ABORTED" and "useDatapool" in aborted.message, aborted.message
