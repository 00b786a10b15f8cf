"""What only generated classes reach. Takes a dataset in which a run has ended, its photos' folder, the team."""

import io
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.api import Embeddings2dApi, TeamsApi, VersioningApi
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import (
    Embedding2dCreateRequest,
    FileOutputFormat,
    InitialTagCreateRequest,
    SampleCreateRequest,
    SampleMetaData,
    SamplePartialMode,
    SampleUpdateRequest,
    TagArithmeticsOperation,
    TagArithmeticsRequest,
    TagUpdateRequest,
    TagUpsizeRequest,
    Trigger2dEmbeddingJobRequest,
)

from refusals import refused

name, photos, team_id = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
client = ApiWorkflowClient()


def read(url):
    with urllib.request.urlopen(url) as response:
        return response.read()


# %% The older way to fill a dataset: samples one by one, each with URLs to write its image to.
client.create_dataset("Uploaded one by one")
uploaded = client.dataset_id
samples_api, tags_api = client._samples_api, client._tags_api
for path in sorted(photos.iterdir())[:3]:
    request = SampleCreateRequest(
        file_name=path.name,
        meta_data=SampleMetaData(size_in_bytes=path.stat().st_size, shape=[160, 240, 3]),
        custom_meta_data={"from": "the older way"},
    )
    created = samples_api.create_sample_with_write_urls_by_dataset_id(uploaded, request)
    client.upload_file_with_signed_url(open(path, "rb"), created.sample_write_urls.full)
    client.upload_file_with_signed_url(open(path, "rb"), created.sample_write_urls.thumb)
    assert samples_api.create_sample_by_dataset_id(uploaded, request).id == created.id
samples = samples_api.get_samples_by_dataset_id(uploaded)
assert [sample.index for sample in samples] == [0, 1, 2]
assert samples[0].meta_data.shape == [160, 240, 3]
assert client.get_dataset_by_id(uploaded).n_samples == 3
for kind in ("full", "thumbnail"):
    url = samples_api.get_sample_image_read_url_by_id(uploaded, samples[1].id, type=kind)
    assert read(url) == (photos / samples[1].file_name).read_bytes()
samples_api.update_sample_by_id(
    uploaded, samples[2].id, SampleUpdateRequest(custom_meta_data={"checked": True})
)
assert samples_api.get_sample_by_id(uploaded, samples[2].id).custom_meta_data["checked"] is True
ids = samples_api.get_samples_partial_by_dataset_id(uploaded, mode=SamplePartialMode.IDS)
assert [each.actual_instance.id if hasattr(each, "actual_instance") else each.id for each in ids] == [
    sample.id for sample in samples
]

# %% Its initial tag, which grows when samples come.
initial_id = tags_api.create_initial_tag_by_dataset_id(uploaded, InitialTagCreateRequest(img_type="full")).id
with refused(ApiException, status=409):
    tags_api.create_initial_tag_by_dataset_id(uploaded, InitialTagCreateRequest(img_type="full"))
samples_api.create_sample_by_dataset_id(uploaded, SampleCreateRequest(file_name="later.jpg"))
later = tags_api.upsize_tags_by_dataset_id(
    uploaded, TagUpsizeRequest(upsize_tag_name="later ones", upsize_tag_creator="USER_PIP")
)
assert tags_api.get_filenames_by_tag_id(uploaded, later.id) == ["later.jpg"]
assert len(tags_api.get_filenames_by_tag_id(uploaded, initial_id)) == 4

# %% Tags: rename, combine.
client.set_dataset_id_by_name(name)
dataset_id = client.dataset_id
filenames = client.get_filenames()
client.create_tag_from_filenames(filenames[:3], new_tag_name="left")
client.create_tag_from_filenames(filenames[2:4], new_tag_name="right")
left, right = client.get_tag_by_name("left"), client.get_tag_by_name("right")
tags_api.update_tag_by_tag_id(
    dataset_id, right.id, TagUpdateRequest(name="on the right", update_creator="USER_PIP")
)
assert client.get_tag_by_id(right.id).name == "on the right"
for operation, expected in (
    (TagArithmeticsOperation.UNION, filenames[:4]),
    (TagArithmeticsOperation.INTERSECTION, filenames[2:3]),
    (TagArithmeticsOperation.DIFFERENCE, filenames[:2]),
):
    combined = tags_api.perform_tag_arithmetics(
        dataset_id,
        TagArithmeticsRequest(
            tag_id1=left.id, tag_id2=right.id, operation=operation, new_tag_name=f"made by {operation}"
        ),
    ).actual_instance
    assert tags_api.get_filenames_by_tag_id(dataset_id, combined.id) == expected

# %% More exports: Sama, names with URLs, a zip.
tasks = tags_api.export_tag_to_sama_tasks(dataset_id, left.id)
assert len(tasks) == 3
rows = tags_api.export_tag_to_basic_filenames_and_read_urls(dataset_id, left.id, format=FileOutputFormat.JSON)
assert filenames[0] in str(rows)
archive = zipfile.ZipFile(io.BytesIO(tags_api.download_zip_of_samples_by_tag_id(dataset_id, left.id)))
assert sorted(archive.namelist()) == sorted(filenames[:3])
assert archive.read(filenames[0]) == (photos / filenames[0]).read_bytes()

# %% Embeddings of one sample, and in the plane.
embedding = client.get_all_embedding_data()[0]
sample = samples_api.get_samples_by_dataset_id(dataset_id)[0]
of_sample = client._embeddings_api.get_embeddings_by_sample_id(dataset_id, sample.id, mode="full")
assert [each.id for each in of_sample] == [embedding.id]
planes = Embeddings2dApi(client.api_client)
plane = planes.create_embeddings2d_by_embedding_id(
    dataset_id,
    embedding.id,
    Embedding2dCreateRequest(
        name="by hand",
        dimensionality_reduction_method="PCA",
        coordinates_dimension1=[0.5] * len(filenames),
        coordinates_dimension2=[1] * len(filenames),
    ),
)
assert [each.id for each in planes.get_embeddings2d_by_embedding_id(dataset_id, embedding.id)] == [plane.id]
assert planes.get_embedding2d_by_id(dataset_id, embedding.id, plane.id).coordinates_dimension2 == [1] * len(
    filenames
)

# %% Datasets with what is in them.
enriched = client._datasets_api.get_datasets_enriched_query_by_ids([dataset_id, uploaded])
assert sorted(each.name for each in enriched) == sorted([name, "Uploaded one by one"])
assert {each.id: each.n_samples for each in enriched} == {dataset_id: len(filenames), uploaded: 4}
assert name in [each.name for each in client._datasets_api.get_datasets_enriched()]

# %% The service itself.
versions = VersioningApi(client.api_client)
assert versions.get_latest_pip_version().count(".") == 2
assert versions.get_minimum_compatible_pip_version().count(".") == 2
assert int(client._quota_api.get_quota_maximum_dataset_size()) > 1_000_000
teams = TeamsApi(client.api_client)
assert teams.get_team_by_id(team_id).id == team_id

# %% Jobs. A picture in the plane is one, and so is what is left to do when a dataset is deleted.
client._embeddings_api.trigger2d_embeddings_job(
    dataset_id, embedding.id, Trigger2dEmbeddingJobRequest(dimensionality_reduction_method="PCA")
)
job = next(job for job in client._jobs_api.get_jobs() if job.dataset_id == dataset_id)
end = time.time() + 60
while client._jobs_api.get_job_status_by_id(job.job_id).status != "FINISHED" and time.time() < end:
    time.sleep(0.2)
assert client._jobs_api.get_job_status_by_id(job.job_id).status == "FINISHED"
assert len(planes.get_embeddings2d_by_embedding_id(dataset_id, embedding.id)) == 2

client._datasets_api.delete_dataset_by_id(uploaded)
assert not client.dataset_exists(uploaded)
assert uploaded in [job.dataset_id for job in client._jobs_api.get_jobs()]
