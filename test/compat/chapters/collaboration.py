"""Collaboration: share a dataset with colleagues, and stop sharing it. Takes a colleague's e-mail and token."""

import sys
import warnings

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException

from refusals import refused

email, colleagues_token = sys.argv[1:]
client = ApiWorkflowClient()
colleague = ApiWorkflowClient(token=colleagues_token)

# %% A new dataset is nobody else's.
client.create_dataset("Shared photos")
dataset_id = client.dataset_id
assert client.get_shared_users(dataset_id) == []
with refused(ApiException, status=403):
    colleague.get_dataset_by_id(dataset_id)
assert colleague.get_datasets() == []
with refused(ValueError, "does not exist"):
    colleague.set_dataset_id_by_name("Shared photos", shared=True)

# %% Share it, also with somebody who has not come yet.
client.share_dataset_only_with(dataset_id, [email, "new-colleague@example.com"])
assert sorted(client.get_shared_users(dataset_id)) == sorted([email, "new-colleague@example.com"])

# %% The colleague sees it among what is shared, and not among the own datasets.
assert [each.id for each in colleague.get_datasets(shared=True)] == [dataset_id]
assert [each.id for each in colleague.get_datasets(shared=None)] == [dataset_id]
assert colleague.get_datasets(shared=False) == []
assert [each.id for each in colleague.get_datasets_by_name("Shared photos", shared=True)] == [dataset_id]
assert colleague.get_datasets_by_name("Shared photos", shared=False) == []
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    assert [each.id for each in colleague.get_all_datasets()] == [dataset_id]
colleague.set_dataset_id_by_name("Shared photos", shared=True)
assert colleague.dataset_id == dataset_id
assert colleague.get_filenames() == []

# %% The list that is given replaces the one before; an empty one takes all rights back.
client.share_dataset_only_with(dataset_id, ["new-colleague@example.com"])
assert client.get_shared_users(dataset_id) == ["new-colleague@example.com"]
with refused(ApiException, status=403):
    colleague.get_dataset_by_id(dataset_id)
client.share_dataset_only_with(dataset_id, [])
assert client.get_shared_users(dataset_id) == []
