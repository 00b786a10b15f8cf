"""Images in one's own bucket. Takes bucket, region, role, external ID, two keys, and a folder.

The folder holds what the bucket holds under `camera/`; results go to `curated/`, where `.lightly/` has predictions,
metadata, embeddings and a list of relevant file names already.
"""

import sys
import time
import urllib.request
from pathlib import Path

import tqdm
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import DatasourcePurpose

from refusals import refused

bucket, region, role, external_id, key_id, secret_key, photos = sys.argv[1:]
photos = Path(photos)
filenames = sorted(path.name for path in photos.iterdir())
client = ApiWorkflowClient()
client.create_dataset("Camera")


def read(url):
    with urllib.request.urlopen(url) as response:
        return response.read()


def source(purpose):
    """The stored configuration, without what differs by type."""
    return client._datasources_api.get_datasource_by_dataset_id(
        client.dataset_id, purpose=purpose
    ).actual_instance


# %% Every kind of storage can be configured; what is secret doesn't come back.
client.set_azure_config("container/photos", account_name="photos", sas_token="sas-secret-1")
assert (source("INPUT_OUTPUT").type, source("INPUT_OUTPUT").full_path) == ("AZURE", "container/photos")
client.set_gcs_config(
    "gs://bucket/photos", project_id="project", credentials='{"private_key": "gcs-secret-2"}'
)
assert (source("INPUT_OUTPUT").type, source("INPUT_OUTPUT").gcs_project_id) == ("GCS", "project")
client.set_obs_config(
    "obs://bucket/photos",
    obs_endpoint="https://obs.example.com",
    obs_access_key_id="key",
    obs_secret_access_key="obs-secret-3",
)
assert source("INPUT_OUTPUT").obs_endpoint == "https://obs.example.com"
client.set_local_config(relative_path="photos/today")
assert (source("INPUT_OUTPUT").type, source("INPUT_OUTPUT").full_path) == ("LOCAL", "photos/today")
client.set_s3_config(f"s3://{bucket}/camera", region, key_id, secret_key)
assert (source("INPUT_OUTPUT").type, source("INPUT_OUTPUT").s3_region) == ("S3", region)
seen = str(client._datasources_api.get_datasources_by_dataset_id(client.dataset_id))
for secret in ("sas-secret-1", "gcs-secret-2", "obs-secret-3", secret_key):
    assert secret not in seen

# %% With keys: read, list, write.
permissions = client.list_datasource_permissions()
assert all(permissions[name] for name in ("can_read", "can_write", "can_list", "can_overwrite")), permissions

# %% With a role, which is better: no key leaves the account. Images are read only, results go elsewhere.
client.create_dataset("Camera with a role")
client.set_s3_delegated_access_config(
    f"s3://{bucket}/camera/", region, role, external_id, purpose=DatasourcePurpose.INPUT
)
client.set_s3_delegated_access_config(
    f"s3://{bucket}/curated/", region, role, external_id, purpose=DatasourcePurpose.LIGHTLY
)
assert source("INPUT").full_path.rstrip("/") == f"s3://{bucket}/camera"
assert (source("LIGHTLY").type, source("LIGHTLY").s3_arn) == ("S3DelegatedAccess", role)
assert client.get_datasource().actual_instance.type == "S3DelegatedAccess"
permissions = client.list_datasource_permissions()
assert all(permissions[name] for name in ("can_read", "can_write", "can_list", "can_overwrite")), permissions

# %% What images there are, with URLs to read them.
progress = tqdm.tqdm(disable=True)
listed = client.download_raw_samples(progress_bar=progress)
assert sorted(name for name, _ in listed) == filenames
for name, url in listed:
    assert read(url) == (photos / name).read_bytes()

sharded = client.download_raw_samples(divide_and_conquer_shards=4, use_redirected_read_url=True)
assert sorted(name for name, _ in sharded) == filenames
name, url = sharded[0]
assert client.token not in url
assert read(url) == (photos / name).read_bytes()

# %% Only those on a list of relevant files.
relevant = client.download_raw_samples(relevant_filenames_file_name=".lightly/relevant.txt")
assert sorted(name for name, _ in relevant) == filenames[:2]

# %% Only those that came since the last time.
now = int(time.time())
assert client.download_raw_samples(from_=now + 3600, to=now + 7200) == []
assert client.get_processed_until_timestamp() == 0
assert sorted(name for name, _ in client.download_new_raw_samples()) == filenames
assert client.get_processed_until_timestamp() >= now
assert client.download_new_raw_samples(divide_and_conquer_shards=2) == []
client.update_processed_until_timestamp(0)
assert client.get_processed_until_timestamp() == 0
assert len(client.download_new_raw_samples(use_redirected_read_url=True)) == len(filenames)

# %% Predictions and metadata that lie beside the images.
predictions = dict(client.download_raw_predictions("vehicles"))
assert f"{Path(filenames[0]).stem}.json" in {Path(name).name for name in predictions}
assert b'"category_id": 1' in read(
    next(url for name, url in predictions.items() if filenames[0][:-4] in name)
)
assert (
    dict(client.download_raw_predictions_iter("vehicles", divide_and_conquer_shards=3)).keys()
    == predictions.keys()
)
metadata = dict(client.download_raw_metadata())
assert f"{Path(filenames[0]).stem}.json" in {Path(name).name for name in metadata}
assert dict(client.download_raw_metadata_iter(use_redirected_read_url=True)).keys() == metadata.keys()
with refused(ValueError, "should not be"):
    client.download_raw_metadata(run_id="0" * 24)

assert b'"task_type"' in read(client.get_prediction_read_url("vehicles/schema.json"))
assert b'"scene"' in read(client.get_metadata_read_url(f"{Path(filenames[0]).stem}.json"))
assert read(client.get_custom_embedding_read_url("own.csv")).startswith(b"filenames,embedding_0,")

# %% A role that trusts somebody else, or another external ID, opens nothing.
client.create_dataset("Camera without a key")
client.set_s3_delegated_access_config(f"s3://{bucket}/camera/", region, role, "another-external-id")
permissions = client.list_datasource_permissions()
assert not permissions["can_list"] and not permissions["can_read"], permissions
assert permissions["errors"], permissions

# %% A dataset that isn't there has no datasource.
client.delete_dataset_by_id(client.dataset_id)
with refused(ApiException, status=404):
    ApiWorkflowClient(dataset_id="0" * 24).get_datasource()
