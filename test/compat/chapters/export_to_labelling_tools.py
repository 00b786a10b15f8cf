"""Export a selection to labelling tools. Takes a dataset in which a run has ended, and its photos' folder."""

import sys
import tempfile
import urllib.error
import urllib.request
import warnings
from pathlib import Path

from lightly.api import ApiWorkflowClient, download
from lightly.api.api_workflow_tags import TagDoesNotExistError
from lightly.openapi_generated.swagger_client.exceptions import ApiException

from refusals import refused

name, photos = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore", DeprecationWarning)
client = ApiWorkflowClient()
client.set_dataset_id_by_name(name)
tag = client.get_all_tags()[0]
filenames = client.get_filenames_in_tag(tag)
assert len(filenames) == 6


def read(url):
    """As a labelling tool reads it: without a token."""
    with urllib.request.urlopen(url) as response:
        return response.read()


def assert_is_photo(url, filename):
    assert client.token not in url
    assert read(url) == (photos / filename).read_bytes(), f"other bytes than {filename} at {url}"


# %% Label Studio.
tasks = client.export_label_studio_tasks_by_tag_name(tag.name)
assert [task.data.lightly_file_name for task in tasks] == filenames
assert len({task.id for task in tasks}) == len(tasks)
for task in tasks:
    assert_is_photo(task.data.image, task.data.lightly_file_name)
assert [task.id for task in client.export_label_studio_tasks_by_tag_id(tag.id)] == [task.id for task in tasks]

# %% Labelbox, today's format and the one before.
rows = client.export_label_box_v4_data_rows_by_tag_name(tag.name)
assert len(rows) == len(filenames)
assert len({row["global_key"] for row in rows}) == len(rows)
assert_is_photo(rows[1]["row_data"], filenames[1])
assert [row["global_key"] for row in client.export_label_box_v4_data_rows_by_tag_id(tag.id)] == [
    row["global_key"] for row in rows
]
old_rows = client.export_label_box_data_rows_by_tag_name(tag.name)
assert [row["externalId"] for row in client.export_label_box_data_rows_by_tag_id(tag.id)] == [
    row["externalId"] for row in old_rows
]
assert len(old_rows) == len(filenames)
assert_is_photo(old_rows[2]["imageUrl"], filenames[2])

# %% Plain file names, for tools that have the images.
assert client.export_filenames_by_tag_name(tag.name).split("\n") == filenames
assert client.export_filenames_by_tag_id(tag.id).split("\n") == filenames

# %% File names with URLs: one that lives on, and where the image is.
by_name = client.export_filenames_and_read_urls_by_tag_name(tag.name)
assert [each["fileName"] for each in by_name] == filenames
assert [each["fileName"] for each in client.export_filenames_and_read_urls_by_tag_id(tag.id)] == filenames
for each in by_name:
    assert_is_photo(each["readUrl"], each["fileName"])
    assert each["datasourceUrl"].endswith(each["fileName"]), each["datasourceUrl"]

# %% Nobody reads another image with such a URL, and nobody makes one up.
url = by_name[0]["readUrl"]
other = by_name[1]["readUrl"]
this_id, other_id = (each.split("/samples/")[1].split("/")[0] for each in (url, other))
with refused(urllib.error.HTTPError, "40"):
    read(url.replace(this_id, other_id))
with refused(urllib.error.HTTPError, "40"):
    read(url[:-3] + "abc")

# %% All images of the tag at once.
with tempfile.TemporaryDirectory() as folder:
    files = [(each["fileName"], each["readUrl"]) for each in by_name]
    download.download_and_write_all_files(files, folder, max_workers=3)
    for filename in filenames:
        assert (Path(folder) / filename).read_bytes() == (photos / filename).read_bytes()

# %% What isn't there.
with refused(TagDoesNotExistError):
    client.export_filenames_by_tag_name("no such tag")
with refused(ApiException, status=404):
    client._tags_api.export_tag_to_basic_filenames(client.dataset_id, "0" * 24)
