"""Schedule a run and watch it. Takes the name of a dataset that has images waiting."""

import sys
import time

from lightly.api import ApiWorkflowClient
from lightly.api.api_workflow_compute_worker import ComputeWorkerRunInfo, InvalidConfigurationError
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import DockerRunScheduledState, DockerRunState

from refusals import refused

client = ApiWorkflowClient()
client.set_dataset_id_by_name(sys.argv[1])

# %% Workers. Winnow's own is always there; registering one's own under a name again gives the same.
own_worker = client.register_compute_worker("My worker", labels=["my-gpu"])
assert client.register_compute_worker("My worker", labels=["my-gpu"]) == own_worker
workers = {worker.id: worker for worker in client.get_compute_workers()}
assert set(client.get_compute_worker_ids()) == set(workers)
assert len(workers) >= 2
assert (workers[own_worker].name, workers[own_worker].labels) == ("My worker", ["my-gpu"])
client.delete_compute_worker(own_worker)
assert own_worker not in client.get_compute_worker_ids()

# %% What the run shall do: six images that differ from each other.
diverse = {
    "n_samples": 6,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}
config_id = client.create_compute_worker_config(
    worker_config={"enable_training": False, "use_datapool": False},
    lightly_config={"loader": {"batch_size": 16}},
    selection_config=diverse,
)
assert len(config_id) == 24

# %% Mistakes are found before anything runs.
with refused(InvalidConfigurationError, "use_datapool"):
    client.schedule_compute_worker_run(worker_config={"useDatapool": True}, selection_config=diverse)
with refused(ApiException, status=400):
    client.schedule_compute_worker_run(
        selection_config={
            "n_samples": 6,
            "strategies": [
                {"input": {"type": "METADATA", "key": "lightly.sharpness"}, "strategy": {"type": "DIVERSITY"}}
            ],
        }
    )

# %% A run that no worker of the team takes waits; it is seen, and it can be cancelled only through the API.
unknown = client.get_compute_worker_run_info("0" * 24)
assert unknown.state == "CANCELED_OR_NOT_EXISTING"
assert unknown.in_end_state() and not unknown.ended_successfully()
with refused(ApiException, status=404):
    client.get_compute_worker_run_from_scheduled_run("0" * 24)
with refused(ApiException, status=404):
    client.get_compute_worker_run("0" * 24)

# %% Schedule it.
scheduled_run_id = client.schedule_compute_worker_run(
    worker_config={"enable_training": False},
    selection_config=diverse,
    priority="HIGH",
)
scheduled = {run.id: run for run in client.get_scheduled_compute_worker_runs()}
done = {run.id: run for run in client.get_scheduled_compute_worker_runs(state=DockerRunScheduledState.DONE)}
assert scheduled_run_id in scheduled or scheduled_run_id in done
assert {**done, **scheduled}[scheduled_run_id].priority == "HIGH"

# %% Watch it. The generator asks every 30 seconds; who is in a hurry asks.
first_info = client.get_compute_worker_run_info(scheduled_run_id)
if not first_info.in_end_state():
    with refused(ValueError, "in progress"):
        first_info.ended_successfully()
while not client.get_compute_worker_run_info(scheduled_run_id).in_end_state():
    time.sleep(0.3)
seen = list(client.compute_worker_run_info_generator(scheduled_run_id))
assert [info.state for info in seen] == [DockerRunState.COMPLETED], seen
assert seen[-1].ended_successfully() and seen[-1].message

waiting = ComputeWorkerRunInfo(state=DockerRunScheduledState.OPEN, message="")
assert not waiting.in_end_state()
with refused(ValueError, "in progress"):
    waiting.ended_successfully()

# %% What it did.
run = client.get_compute_worker_run_from_scheduled_run(scheduled_run_id)
assert client.get_compute_worker_run(run.id) == run
assert (run.state, run.scheduled_id, run.dataset_id) == (
    DockerRunState.COMPLETED,
    scheduled_run_id,
    client.dataset_id,
)
log = client._compute_worker_api.get_docker_run_logs_by_id(run.id)
states = [line.state for line in log.logs]
assert states[-1] == DockerRunState.COMPLETED and DockerRunState.SAMPLING in states, states
assert [each.id for each in client.get_compute_worker_runs(client.dataset_id)] == [run.id]
assert run.id in [each.id for each in client.get_compute_worker_runs()]
assert [each.id for each in client.get_compute_worker_runs_iter(client.dataset_id)] == [run.id]
assert scheduled_run_id not in [each.id for each in client.get_scheduled_compute_worker_runs()]

# %% What it chose.
tags = client.get_compute_worker_run_tags(run.id)
assert len(tags) >= 1 and all(tag.run_id == run.id for tag in tags)
assert len(client.get_filenames()) == 6
assert len(client.get_filenames_in_tag(tags[0])) == 6
