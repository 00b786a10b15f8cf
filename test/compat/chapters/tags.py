"""Tags: subsets of a dataset. Takes the name of a dataset in which a run has ended."""

import sys

from lightly.api import ApiWorkflowClient
from lightly.api.api_workflow_tags import TagDoesNotExistError
from lightly.api.bitmask import BitMask
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import TagArithmeticsOperation, TagArithmeticsRequest

from refusals import refused

client = ApiWorkflowClient()
client.create_dataset("No tags yet")
with refused(RuntimeError, "no initial-tag"):
    client.create_tag_from_filenames(["photo-01.jpg"], new_tag_name="too early")
client.set_dataset_id_by_name(sys.argv[1])

# %% Every dataset that has images has the initial tag: all of them.
filenames = client.get_filenames()
assert len(filenames) == 6
initial = client.get_tag_by_name("initial-tag")
assert initial.prev_tag_id is None
assert client.get_filenames_in_tag(initial) == filenames
everything = BitMask.from_hex(initial.bit_mask_data)
assert everything == BitMask.from_length(len(filenames))
assert everything == BitMask.from_bin(everything.to_bin())
assert everything.to_hex() == initial.bit_mask_data

# %% A tag of some of the images.
client.create_tag_from_filenames(filenames[:4], new_tag_name="to label", parent_tag_id=initial.id)
to_label = client.get_tag_by_name("to label")
assert client.get_tag_by_id(to_label.id) == to_label
assert (to_label.prev_tag_id, to_label.tot_size) == (initial.id, 6)
assert client.get_filenames_in_tag(to_label) == filenames[:4]
assert client.get_filenames_in_tag(to_label, filenames_on_server=filenames) == filenames[:4]
mask = BitMask.from_hex(to_label.bit_mask_data)
assert mask.to_indices() == [0, 1, 2, 3]
assert mask.masked_select_from_list(filenames) == filenames[:4]

# %% A tag of the tag, and what the tag has besides it.
client.create_tag_from_filenames(
    [filenames[3], filenames[1]], new_tag_name="first batch", parent_tag_id=to_label.id
)
first_batch = client.get_tag_by_name("first batch")
assert client.get_filenames_in_tag(first_batch) == [filenames[1], filenames[3]]
assert client.get_all_tags()[0].id == first_batch.id
assert client.get_filenames_in_tag(first_batch, exclude_parent_tag=True) == []
assert client.get_filenames_in_tag(to_label, exclude_parent_tag=True) == []

# %% The server's arithmetics and the client's masks agree.
remaining = mask - BitMask.from_hex(first_batch.bit_mask_data)
answer = client._tags_api.perform_tag_arithmetics_bitmask(
    dataset_id=client.dataset_id,
    tag_arithmetics_request=TagArithmeticsRequest(
        tag_id1=to_label.id, tag_id2=first_batch.id, operation=TagArithmeticsOperation.DIFFERENCE
    ),
)
assert BitMask.from_hex(answer.bit_mask_data) == remaining
assert remaining.to_indices() == [0, 2]

edited = BitMask.from_hex("0x3")
edited.set_kth_bit(4)
edited.unset_kth_bit(0)
assert edited.get_kth_bit(4) and not edited.get_kth_bit(0)
edited.union(BitMask.from_hex("0x20"))
edited.intersection(everything)
edited.difference(BitMask.from_hex("0x2"))
assert edited.to_indices() == [4, 5]
edited.invert(len(filenames))
assert edited.to_indices() == [0, 1, 2, 3]

# %% What a tag can't be.
with refused(RuntimeError, "already exists"):
    client.create_tag_from_filenames(filenames[:1], new_tag_name="to label")
with refused(RuntimeError, "only 1 have been found"):
    client.create_tag_from_filenames([filenames[0], "never-uploaded.jpg"], new_tag_name="wrong names")
with refused(TagDoesNotExistError):
    client.get_tag_by_name("no such tag")
with refused(ApiException, status=404):
    client.get_tag_by_id("0" * 24)

# %% Delete: from the leaves, and never the initial tag.
with refused(ApiException):
    client.delete_tag_by_name("to label")
with refused(ApiException):
    client.delete_tag_by_id(initial.id)
client.delete_tag_by_name("first batch")
client.delete_tag_by_id(to_label.id)
assert {"to label", "first batch"}.isdisjoint(tag.name for tag in client.get_all_tags())
