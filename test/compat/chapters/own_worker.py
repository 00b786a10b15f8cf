"""One's own worker: it polls, locks a run, reports progress, and ends it. Takes the name of a dataset with samples."""

import sys
import time

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import (
    DockerRunCreateRequest,
    DockerRunLogCreateEntryData,
    DockerRunLogLevel,
    DockerRunScheduledState,
    DockerRunScheduledUpdateRequest,
    DockerRunState,
    DockerRunUpdateRequest,
    DockerWorkerState,
    TagUpsizeRequest,
    UpdateDockerWorkerRegistryEntryRequest,
)

from refusals import refused

LABEL = "only-my-gpu"
client = ApiWorkflowClient()
client.set_dataset_id_by_name(sys.argv[1])
dataset_id = client.dataset_id
api = client._compute_worker_api
selection = {
    "n_samples": 2,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}

# %% The worker registers and says that it is idle.
worker_id = client.register_compute_worker("Worker with a GPU", labels=[LABEL])
api.update_docker_worker_registry_entry_by_id(
    worker_id, UpdateDockerWorkerRegistryEntryRequest(state=DockerWorkerState.IDLE, docker_version="2.14.0")
)
worker = api.get_docker_worker_registry_entry_by_id(worker_id)
assert (worker.state, worker.labels) == (DockerWorkerState.IDLE, [LABEL])
assert api.get_docker_license_information().license_is_valid

# %% Runs for its label wait for it. One is cancelled before it is taken.
first = client.schedule_compute_worker_run(selection_config=selection, runs_on=[LABEL])
second = client.schedule_compute_worker_run(
    worker_config={"use_datapool": True, "num_processes": 2}, selection_config=selection, runs_on=[LABEL]
)
assert client.get_compute_worker_run_info(first).state == DockerRunScheduledState.OPEN
with refused(ApiException, status=404):
    client.get_compute_worker_run_from_scheduled_run(first)
open_ids = [run.id for run in client.get_scheduled_compute_worker_runs(state=DockerRunScheduledState.OPEN)]
assert {first, second} <= set(open_ids)
api.cancel_scheduled_docker_run_state_by_id(dataset_id, first)
assert client.get_compute_worker_run_info(first).state == "CANCELED_OR_NOT_EXISTING"

# %% The worker polls, and locks what it finds. Nobody can lock it again.
polled = api.get_docker_runs_scheduled_by_state_and_labels(
    state=DockerRunScheduledState.OPEN, labels=[LABEL], version="*"
)
assert [(run.id, run.runs_on) for run in polled if run.dataset_id == dataset_id] == [(second, [LABEL])]
assert second in [run.id for run in api.get_docker_runs_scheduled_by_worker_id(worker_id, state="OPEN")]
lock = DockerRunScheduledUpdateRequest(state=DockerRunScheduledState.LOCKED)
api.update_scheduled_docker_run_state_by_id(dataset_id, worker_id, second, lock)
with refused(ApiException, status=409):
    api.update_scheduled_docker_run_state_by_id(dataset_id, worker_id, second, lock)
scheduled = next(run for run in client.get_scheduled_compute_worker_runs() if run.id == second)
assert scheduled.state == DockerRunScheduledState.LOCKED

# %% It reads what it shall do.
config = api.get_docker_worker_config_vxby_id(scheduled.config_id).actual_instance
assert config.version == "V4"
assert (config.config.docker.use_datapool, config.config.docker.num_processes) == (True, 2)
assert config.config.selection.n_samples == 2

# %% It makes the run, and says how it gets on.
run_id = api.create_docker_run(
    DockerRunCreateRequest(
        docker_version="2.14.0", dataset_id=dataset_id, scheduled_id=second, config_id=scheduled.config_id
    )
).id
assert client.get_compute_worker_run_from_scheduled_run(second).id == run_id
now = int(time.time() * 1000)
for state in (DockerRunState.INITIALIZING, DockerRunState.EMBEDDING, DockerRunState.SAMPLING):
    api.update_docker_run_by_id(
        run_id, DockerRunUpdateRequest(state=state, message=f"now {state.value}", ts=now)
    )
info = client.get_compute_worker_run_info(second)
assert (info.state, info.message, info.in_end_state()) == (DockerRunState.SAMPLING, "now SAMPLING", False)
api.create_docker_run_log_by_id(
    run_id,
    [
        DockerRunLogCreateEntryData(
            ts=now,
            level=DockerRunLogLevel.WARNING,
            group="worker",
            msg="the GPU is warm",
            state=DockerRunState.SAMPLING,
        )
    ],
)
log = api.get_docker_run_logs_by_id(run_id)
assert "the GPU is warm" in [line.msg for line in log.logs]
assert api.get_docker_run_logs_by_id(run_id, cursor=log.cursor).logs == []

# %% It tags what it has added, and ends the run.
tag_id = client._tags_api.upsize_tags_by_dataset_id(
    dataset_id,
    TagUpsizeRequest(upsize_tag_name="by my worker", upsize_tag_creator="USER_WORKER", run_id=run_id),
).id
assert [tag.id for tag in client.get_compute_worker_run_tags(run_id)] == [tag_id]
api.update_docker_run_by_id(
    run_id, DockerRunUpdateRequest(state=DockerRunState.COMPLETED, message="all done")
)
api.update_scheduled_docker_run_state_by_id(
    dataset_id, worker_id, second, DockerRunScheduledUpdateRequest(state=DockerRunScheduledState.DONE)
)
info = client.get_compute_worker_run_info(second)
assert info.ended_successfully() and info.message == "all done"
assert run_id in [run.id for run in client.get_compute_worker_runs(dataset_id)]
assert int(api.get_docker_runs_count()) >= 2
client.delete_compute_worker(worker_id)
with refused(ApiException, status=404):
    api.get_docker_worker_registry_entry_by_id(worker_id)
