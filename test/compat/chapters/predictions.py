"""Predictions and active-learning scores. Takes the name of a dataset in which a run has ended."""

import sys
import warnings

import numpy as np
from lightly.active_learning.config.selection_config import SelectionConfig
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import (
    PredictionSingletonClassification,
    PredictionSingletonObjectDetection,
    PredictionTaskSchema,
    SamplingMethod,
    TaskType,
)
from lightly.openapi_generated.swagger_client.models.prediction_singleton import PredictionSingleton

from refusals import refused

warnings.simplefilter("ignore", DeprecationWarning)
client = ApiWorkflowClient()
client.create_dataset("Nothing to choose from")
with refused(RuntimeError, "no initial-tag"):
    client.selection(SelectionConfig(n_samples=1, name="too early"))
client.set_dataset_id_by_name(sys.argv[1])
samples = client._samples_api.get_samples_by_dataset_id(dataset_id=client.dataset_id)
api = client._predictions_api

# %% Tasks: what is predicted. The version is given: the client's own default is one that its own check refuses.
VERSION = 0
for task, kind in (("vehicles", TaskType.OBJECT_DETECTION), ("weather", TaskType.CLASSIFICATION)):
    client.create_or_update_prediction_task_schema(
        PredictionTaskSchema.from_dict(
            {
                "name": task,
                "type": kind,
                "categories": [{"id": 0, "name": "first"}, {"id": 1, "name": "second"}],
            }
        ),
        prediction_version_id=VERSION,
    )
client.create_or_update_prediction_task_schema(
    PredictionTaskSchema.from_dict(
        {
            "name": "weather",
            "type": TaskType.CLASSIFICATION,
            "categories": [{"id": 0, "name": "sun"}, {"id": 1, "name": "rain"}, {"id": 5, "name": "snow"}],
        }
    ),
    prediction_version_id=VERSION,
)
schemas = api.get_prediction_task_schemas_by_dataset_id(client.dataset_id).schemas
assert sorted(schema.actual_instance.name for schema in schemas) == ["vehicles", "weather"]
weather = api.get_prediction_task_schema_by_task_name(client.dataset_id, "weather").actual_instance
assert [(each.id, each.name) for each in weather.categories] == [(0, "sun"), (1, "rain"), (5, "snow")]
with refused(ApiException, status=404):
    api.get_prediction_task_schema_by_task_name(client.dataset_id, "no-such-task")


# %% Predictions of each image, one image at a time.
def of_image(index):
    box = PredictionSingletonObjectDetection(
        type="OBJECT_DETECTION", task_name="vehicles", category_id=1, score=0.9, bbox=[1, 2, 30 + index, 40]
    )
    label = PredictionSingletonClassification(
        type="CLASSIFICATION",
        task_name="weather",
        category_id=0,
        score=0.5,
        probabilities=[0.5, 0.25, 0.25],
    )
    return [PredictionSingleton(box), PredictionSingleton(label)]


for index, sample in enumerate(samples):
    client.create_or_update_prediction(sample.id, of_image(index), prediction_version_id=VERSION)
found = api.get_predictions_by_sample_id(client.dataset_id, samples[2].id)
assert {each.actual_instance.task_name for each in found} == {"vehicles", "weather"}
boxes = [each.actual_instance for each in found if each.actual_instance.task_name == "vehicles"]
assert [(box.bbox, box.score, box.category_id) for box in boxes] == [([1, 2, 32, 40], 0.9, 1)]

# %% Again for the same image: replaced, not added.
client.create_or_update_prediction(samples[2].id, of_image(7), prediction_version_id=VERSION)
assert len(api.get_predictions_by_sample_id(client.dataset_id, samples[2].id)) == 2
with refused(ApiException, status=404):
    client.create_or_update_prediction("0" * 24, of_image(1), prediction_version_id=VERSION)

# %% Scores of each image in a tag, for active learning.
initial = client.get_tag_by_name("initial-tag")
scores = np.linspace(0.0, 1.0, num=len(samples))
client.upload_scores(
    {"uncertainty_entropy": scores, "uncertainty_margin": scores[::-1]}, query_tag_id=initial.id
)
listed = client._scores_api.get_active_learning_scores_by_tag_id(client.dataset_id, initial.id)
assert sorted(each.score_type for each in listed) == ["uncertainty_entropy", "uncertainty_margin"]
entropy = next(each for each in listed if each.score_type == "uncertainty_entropy")
values = client._scores_api.get_active_learning_score_by_score_id(
    client.dataset_id, initial.id, entropy.id
).scores
assert np.allclose(values, scores)
with refused(ApiException, status=400):
    client.upload_scores({"uncertainty_entropy": scores[:-1]}, query_tag_id=initial.id)

# %% Choose: the old way, without a worker's run.
diverse = client.selection(
    SelectionConfig(method=SamplingMethod.CORESET, n_samples=3, name="three diverse ones")
)
assert len(client.get_filenames_in_tag(diverse)) == 3
more = client.selection(
    SelectionConfig(method=SamplingMethod.RANDOM, n_samples=5, name="and two more"),
    preselected_tag_id=diverse.id,
)
assert set(client.get_filenames_in_tag(diverse)) <= set(client.get_filenames_in_tag(more))
assert client.get_tag_by_name("three diverse ones").id == diverse.id
with refused(RuntimeError, "already exists"):
    client.selection(SelectionConfig(n_samples=2, name="three diverse ones"))
