"""Download what runs leave behind. Takes the name of a dataset in which a run has ended."""

import json
import sys
import tempfile
import warnings
from pathlib import Path

from lightly.api import ApiWorkflowClient, download
from lightly.api.api_workflow_artifacts import ArtifactNotExist
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import (
    DockerRunArtifactCreateRequest,
    DockerRunArtifactType,
    DockerRunCreateRequest,
    DockerRunState,
    DockerRunUpdateRequest,
)

from refusals import refused

warnings.simplefilter("ignore", DeprecationWarning)
client = ApiWorkflowClient()
client.set_dataset_id_by_name(sys.argv[1])
folder = Path(tempfile.mkdtemp())

# %% A run of the pipeline is seen like any other, with what it left behind.
run = client.get_compute_worker_runs(client.dataset_id)[-1]
client.download_compute_worker_run_artifacts(run, str(folder / "pipeline"))
assert {path.name for path in (folder / "pipeline").iterdir()} == {
    artifact.file_name for artifact in run.artifacts
}

client.download_compute_worker_run_report_v2_json(run, str(folder / "report_v2.json"))
report = json.loads((folder / "report_v2.json").read_text())
assert report["generalInformation"]["runInformation"]["runId"] == run.id
client.download_compute_worker_run_report_pdf(run, str(folder / "report.pdf"))
assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
client.download_compute_worker_run_log(run, str(folder / "log.txt"))
assert "SAMPLING" in (folder / "log.txt").read_text()
client.download_compute_worker_run_memory_log(run, str(folder / "memlog.txt"))
assert (folder / "memlog.txt").stat().st_size > 0
client.download_compute_worker_run_corruptness_check_information(run, str(folder / "corrupt.json"))
assert set(json.loads((folder / "corrupt.json").read_text())) == {"corrupt_samples", "corrupt_videos"}

# %% A model is trained by workers that can; one's own worker records its run and uploads what it made.
api = client._compute_worker_api
run_id = api.create_docker_run(
    DockerRunCreateRequest(docker_version="2.14.0", dataset_id=client.dataset_id, message="my own worker")
).id
FILES = {
    DockerRunArtifactType.CHECKPOINT: ("checkpoint.ckpt", client.download_compute_worker_run_checkpoint),
    DockerRunArtifactType.LOG: ("log.txt", client.download_compute_worker_run_log),
    DockerRunArtifactType.MEMLOG: ("memlog.txt", client.download_compute_worker_run_memory_log),
    DockerRunArtifactType.REPORT_PDF: ("report.pdf", client.download_compute_worker_run_report_pdf),
    DockerRunArtifactType.REPORT_JSON: ("report.json", client.download_compute_worker_run_report_json),
    DockerRunArtifactType.REPORT_V2_JSON: (
        "report_v2.json",
        client.download_compute_worker_run_report_v2_json,
    ),
    DockerRunArtifactType.CORRUPTNESS_CHECK_INFORMATION: (
        "corruptness_check_information.json",
        client.download_compute_worker_run_corruptness_check_information,
    ),
    DockerRunArtifactType.SEQUENCE_INFORMATION: (
        "sequence_information.json",
        client.download_compute_worker_run_sequence_information,
    ),
}

# %% Before that, there is nothing to download, and every method says so.
empty_run = client.get_compute_worker_run(run_id)
for _, download_artifact in FILES.values():
    with refused(ArtifactNotExist):
        download_artifact(empty_run, str(folder / "nothing"))
with refused(ArtifactNotExist):
    client.get_compute_worker_run_checkpoint_url(empty_run)
client.download_compute_worker_run_artifacts(empty_run, str(folder / "nothing"))
assert not (folder / "nothing").exists()

# %% Upload, confirm.
for kind, (file_name, _) in FILES.items():
    created = api.create_docker_run_artifact(
        run_id, DockerRunArtifactCreateRequest(file_name=file_name, type=kind)
    )
    with refused(ApiException):
        api.get_docker_run_artifact_read_url_by_id(run_id, created.artifact_id)
    content = folder / f"made-{file_name}"
    content.write_text(f"content of {file_name}\n")
    client.upload_file_with_signed_url(open(content, "rb"), created.signed_write_url)
    api.confirm_docker_run_artifact_creation(run_id, created.artifact_id)
api.update_docker_run_by_id(run_id, DockerRunUpdateRequest(state=DockerRunState.COMPLETED, message="done"))

# %% Download: each by its own method, then all of them.
own_run = client.get_compute_worker_run(run_id)
assert own_run.state == DockerRunState.COMPLETED
assert {artifact.type for artifact in own_run.artifacts} == set(FILES)
for file_name, download_artifact in FILES.values():
    download_artifact(own_run, str(folder / "mine" / file_name))
    assert (folder / "mine" / file_name).read_text() == f"content of {file_name}\n"
client.download_compute_worker_run_artifacts(own_run, str(folder / "all"))
assert {path.name for path in (folder / "all").iterdir()} == {file_name for file_name, _ in FILES.values()}

# %% A checkpoint's URL is for other programs: nothing but the URL is needed.
url = client.get_compute_worker_run_checkpoint_url(own_run)
download.download_and_write_file(url, str(folder / "by-url.ckpt"))
assert (folder / "by-url.ckpt").read_text() == "content of checkpoint.ckpt\n"
