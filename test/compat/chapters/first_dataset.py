"""First dataset: create one, find it again by id and by name, look at it, delete it."""

import warnings

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import DatasetType

from refusals import refused

# %% The client finds the server and the token in the environment; versions fit, so that it says nothing.
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    client = ApiWorkflowClient()
assert [str(each.message) for each in said if "ncompatible" in str(each.message)] == []

# %% Without a dataset of its own the client takes the one that was changed last.
client.create_dataset("Warm-up")
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    newest = ApiWorkflowClient().dataset_id
assert "last modified" in str(said[-1].message)
assert newest in [dataset.id for dataset in client.get_datasets()]

# %% Create a dataset. The client works with it from now on.
client.create_dataset("First steps", dataset_type=DatasetType.IMAGES)
first = client.dataset_id
assert client.dataset_type == DatasetType.IMAGES

dataset = client.get_dataset_by_id(first)
assert (dataset.id, dataset.name, dataset.type) == (first, "First steps", "Images")
assert dataset.img_type == "full"
assert dataset.n_samples == 0
assert dataset.last_modified_at >= dataset.created_at > 1_700_000_000_000
assert client.get_filenames() == []

# %% A name is given once.
assert client.dataset_name_exists("First steps")
assert not client.dataset_name_exists("first steps, but another")
with refused(ValueError, "already exists"):
    client.create_dataset("First steps")

client.create_new_dataset_with_unique_name("First steps", DatasetType.VIDEOS)
assert client.get_dataset_by_id(client.dataset_id).name == "First steps_1"
assert client.dataset_type == DatasetType.VIDEOS
client.create_new_dataset_with_unique_name("First steps")
assert client.get_dataset_by_id(client.dataset_id).name == "First steps_2"
client.create_new_dataset_with_unique_name("Never seen before")
assert client.get_dataset_by_id(client.dataset_id).name == "Never seen before"

# %% A later session: find it again.
session = ApiWorkflowClient(dataset_id=first)
assert session.dataset_id == first

session = ApiWorkflowClient()
session.set_dataset_id_by_name("First steps")
assert session.dataset_id == first
with refused(ValueError, "does not exist"):
    session.set_dataset_id_by_name("Nobody made this")

session.dataset_id = client.dataset_id
assert session.dataset_id == client.dataset_id
assert not session.dataset_exists("0" * 24)
with refused(ValueError, "does not exist"):
    session.dataset_id = "0" * 24
with refused(ApiException, status=404):
    session.get_dataset_by_id("0" * 24)

# %% List what there is.
assert [each.id for each in client.get_datasets_by_name("First steps")] == [first]
assert client.get_datasets_by_name("Nobody made this", shared=None) == []
names = {each.name for each in client.get_datasets_iter()}
assert {"Warm-up", "First steps", "First steps_1", "First steps_2", "Never seen before"} <= names
assert names == {each.name for each in client.get_datasets()}
assert first not in {each.id for each in client.get_datasets(shared=True)}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    everything = client.get_all_datasets()
assert "deprecated" in str(said[0].message)
assert names <= {each.name for each in everything}

# %% Delete it: it is gone at once, and its name is free again.
client.delete_dataset_by_id(first)
assert not client.dataset_exists(first)
assert not client.dataset_name_exists("First steps")
client.create_dataset("First steps")
assert client.dataset_id != first

# %% A wrong token opens nothing.
with refused(ApiException, status=401):
    ApiWorkflowClient(token="not-a-token").get_dataset_by_id(client.dataset_id)
