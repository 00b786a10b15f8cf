"""Datapool: a second run adds what is new. Takes a dataset with images, and of more images path and write URL."""

import sys
import time
from pathlib import Path

from lightly.api import ApiWorkflowClient

name, *more = sys.argv[1:]
client = ApiWorkflowClient()
client.set_dataset_id_by_name(name)
everything = {
    "proportion_samples": 1.0,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}


def run_to_end():
    """Schedules a run that takes everything new, and waits for its end."""
    scheduled_run_id = client.schedule_compute_worker_run(
        worker_config={"use_datapool": True}, selection_config=everything
    )
    while not client.get_compute_worker_run_info(scheduled_run_id).in_end_state():
        time.sleep(0.3)
    return client.get_compute_worker_run_from_scheduled_run(scheduled_run_id)


# %% The first run fills the datapool.
first_run = run_to_end()
assert first_run.state == "COMPLETED", first_run.message
datapool = client.get_filenames()
assert len(datapool) == 6, datapool
initial_tag = client.get_tag_by_name("initial-tag")
assert initial_tag.tot_size == 6

# %% More images arrive. They are taken in within seconds; each run takes those that are there.
for path, url in zip(more[::2], more[1::2]):
    client.upload_file_with_signed_url(open(path, "rb"), url, headers={"content-type": "image/jpeg"})
added = [Path(path).name for path in more[::2]]
end = time.time() + 60
while len(client.get_filenames()) < len(datapool) + len(added) and time.time() < end:
    run_to_end()

# %% What was there has stayed as it was, in its place; only what is new has been added, once.
filenames = client.get_filenames()
assert filenames[: len(datapool)] == datapool
assert sorted(filenames[len(datapool) :]) == sorted(added)
assert client.get_tag_by_name("initial-tag").tot_size == len(filenames)

# %% The newest tag comes first, and says what it added to the one before.
newest = client.get_all_tags()[0]
assert newest.name != "initial-tag" and newest.run_id != first_run.id
assert set(client.get_filenames_in_tag(newest)) <= set(filenames)
assert len(client.get_compute_worker_runs(client.dataset_id)) >= 2
