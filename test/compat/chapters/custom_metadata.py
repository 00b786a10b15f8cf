"""Custom metadata of images. Takes the name of a dataset in which a run has ended."""

import sys
import warnings

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.models import ConfigurationEntry, ConfigurationValueDataType

from refusals import refused

client = ApiWorkflowClient()
client.set_dataset_id_by_name(sys.argv[1])
filenames = client.get_filenames()

# %% In COCO's way: images with ids, metadata that refers to them.
custom_metadata = {
    "images": [{"id": index, "file_name": filename} for index, filename in enumerate(filenames)],
    "metadata": [
        {
            "image_id": index,
            "weather": {"scenario": "rain" if index % 2 else "sun", "temperature": 11.5 + index},
        }
        for index in range(len(filenames) - 1)
    ],
}
client.verify_custom_metadata_format(custom_metadata)
with refused(KeyError, "images"):
    client.verify_custom_metadata_format({"metadata": []})
by_filename = client.index_custom_metadata_by_filename(custom_metadata)
assert by_filename[filenames[1]]["weather"]["scenario"] == "rain"
assert by_filename[filenames[-1]] is None

# %% Upload it, and read it back.
client.upload_custom_metadata(custom_metadata, verbose=True, max_workers=4)


def stored():
    """Custom metadata by file name."""
    samples = client._samples_api.get_samples_by_dataset_id(dataset_id=client.dataset_id)
    return {sample.file_name: sample.custom_meta_data for sample in samples}


found = stored()
assert set(found) == set(filenames)
for index, filename in enumerate(filenames[:-1]):
    assert found[filename]["weather"] == custom_metadata["metadata"][index]["weather"]
assert not (found[filenames[-1]] or {}).get("weather")

# %% Uploading again replaces; images that the dataset doesn't have are skipped with a warning.
changed = {
    "images": [{"id": 1, "file_name": filenames[0]}, {"id": 2, "file_name": "never-uploaded.jpg"}],
    "metadata": [{"image_id": 1, "weather": {"scenario": "snow"}}, {"image_id": 2, "weather": {}}],
}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    client.upload_custom_metadata(changed)
assert any("never-uploaded.jpg" in str(each.message) for each in said)
assert stored()[filenames[0]]["weather"]["scenario"] == "snow"
assert stored()[filenames[1]] == found[filenames[1]]

# %% How it is to be shown and used.
client.create_custom_metadata_config(
    name="Weather",
    configs=[
        ConfigurationEntry(
            name="Scenario",
            path="weather.scenario",
            default_value="unknown",
            value_data_type=ConfigurationValueDataType.CATEGORICAL_STRING,
        ),
        ConfigurationEntry(
            name="Temperature",
            path="weather.temperature",
            default_value=0,
            value_data_type=ConfigurationValueDataType.NUMERIC_FLOAT,
        ),
    ],
)
configurations = client._metadata_configurations_api.get_meta_data_configurations(client.dataset_id)
assert [each.name for each in configurations] == ["Weather"]
assert [entry.path for entry in configurations[0].configs] == ["weather.scenario", "weather.temperature"]
