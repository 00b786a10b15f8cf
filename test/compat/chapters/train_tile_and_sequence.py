"""Train, look at tiles, choose sequences. Takes the name of a dataset with 16 photos and a broken file, which wait."""

import json
import sys
import tempfile
import time
from pathlib import Path

from lightly.api import ApiWorkflowClient, download
from lightly.api.api_workflow_artifacts import ArtifactNotExist
from lightly.openapi_generated.swagger_client.exceptions import ApiException

from refusals import refused

client = ApiWorkflowClient()
client.set_dataset_id_by_name(sys.argv[1])
folder = Path(tempfile.mkdtemp())
DIVERSITY = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
TRIAL = {"datasource": {"process_all": True, "enable_datapool_update": False}}


def run_to_end(worker_config, lightly_config=None, **selection):
    """The run, when it has completed."""
    scheduled_run_id = client.schedule_compute_worker_run(
        worker_config={"use_datapool": True, **worker_config},
        lightly_config=lightly_config,
        selection_config={"strategies": [DIVERSITY], **selection},
    )
    while not client.get_compute_worker_run_info(scheduled_run_id).in_end_state():
        time.sleep(0.3)
    run = client.get_compute_worker_run_from_scheduled_run(scheduled_run_id)
    assert run.state == "COMPLETED", run.message
    return run


# %% Train, on the dataset's own images.
trained = run_to_end(
    {"enable_training": True, **TRIAL},
    {"trainer": {"max_epochs": 3}, "loader": {"batch_size": 8}},
    n_samples=4,
)
client.download_compute_worker_run_checkpoint(trained, str(folder / "checkpoint.ckpt"))
checkpoint = json.loads((folder / "checkpoint.ckpt").read_text())
assert (checkpoint["format"], checkpoint["fit"]["images"]) == ("winnow-projection", 16)
url = client.get_compute_worker_run_checkpoint_url(trained)
download.download_and_write_file(url, str(folder / "by-url.ckpt"))
assert (folder / "by-url.ckpt").read_bytes() == (folder / "checkpoint.ckpt").read_bytes()

# %% What a run leaves behind tells of the training, of the time it took, and of the broken file.
client.download_compute_worker_run_log(trained, str(folder / "log.txt"))
assert " TRAINING " in (folder / "log.txt").read_text()
client.download_compute_worker_run_memory_log(trained, str(folder / "memlog.txt"))
assert " TRAINING " in (folder / "memlog.txt").read_text()
client.download_compute_worker_run_corruptness_check_information(trained, str(folder / "corrupt.json"))
assert "broken.jpg" in (folder / "corrupt.json").read_text()
client.download_compute_worker_run_report_pdf(trained, str(folder / "report.pdf"))
assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
client.download_compute_worker_run_report_v2_json(trained, str(folder / "report_v2.json"))
report = json.loads((folder / "report_v2.json").read_text())
assert report["generalInformation"]["runInformation"]["runId"] == trained.id

# %% A later run takes what was trained; it trains nothing itself.
again = run_to_end({"checkpoint_run_id": trained.id, **TRIAL}, n_samples=4)
with refused(ArtifactNotExist):
    client.get_compute_worker_run_checkpoint_url(again)
names = []
for run in (trained, again):
    client.download_compute_worker_run_artifacts(run, str(folder / run.id))
    names.append((folder / run.id / "filenames_selected.txt").read_text().split())
assert names[0] == names[1] and len(names[0]) == 4, names
with refused(ApiException, "checkpointRunId", status=400):
    client.schedule_compute_worker_run(
        worker_config={"enable_training": True, "checkpoint_run_id": trained.id},
        selection_config={"n_samples": 4, "strategies": [DIVERSITY]},
    )

# %% Sequences: photos whose names follow each other.
sequences = run_to_end({"selected_sequence_length": 4, **TRIAL}, n_samples=8)
client.download_compute_worker_run_sequence_information(sequences, str(folder / "sequences.json"))
found = json.loads((folder / "sequences.json").read_text())
assert "photo-01.jpg" in json.dumps(found) and len(found) == 2, found
with refused(ArtifactNotExist):
    client.download_compute_worker_run_sequence_information(trained, str(folder / "none"))

# %% Tiles: images are chosen by their tiles, which become samples of a dataset of their own.
tiled = run_to_end(
    {},
    n_samples=3,
    auto_tasks=[{"type": "TILING", "name": "tiles", "num_rows": 2, "num_cols": 2, "overlap": 0.1}],
    strategies=[{"input": {"type": "EMBEDDINGS", "task": "tiles"}, "strategy": {"type": "DIVERSITY"}}],
)
assert len(client.get_filenames()) == 3
parent = client.dataset_id
children = client._datasets_api.get_children_of_dataset_id(parent)
assert [child.type for child in children] == ["Crops"], children
client.set_dataset_id_by_name(f"{sys.argv[1]} tiles crops")
assert client.dataset_id == children[0].id and len(client.get_filenames()) == 3 * 4
crops = client._samples_api.get_samples_by_dataset_id(dataset_id=client.dataset_id)
assert all(crop.type == "CROP" and crop.crop_data.prediction_task_name == "tiles" for crop in crops)
