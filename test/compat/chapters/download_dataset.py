"""Download a dataset's images. Takes the name of a dataset in which a run has ended, and its photos' folder."""

import sys
import tempfile
import warnings
from pathlib import Path

from lightly.api import ApiWorkflowClient
from PIL import Image

from refusals import refused

name, photos = sys.argv[1], Path(sys.argv[2])
client = ApiWorkflowClient()
client.set_dataset_id_by_name(name)
filenames = client.get_filenames()
assert len(filenames) == 6
folder = Path(tempfile.mkdtemp())


def images_in(path):
    return sorted(str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())


# %% All of it. The client decodes and encodes each image, so that sizes are the same and bytes need not be. Its threads
# each look whether the folder exists before they make it, and one that comes second fails: so it is made before.
(folder / "all").mkdir()
with warnings.catch_warnings():
    warnings.simplefilter("error")
    client.download_dataset(str(folder / "all"), verbose=True)
assert images_in(folder / "all") == sorted(filenames)
for filename in filenames:
    with Image.open(folder / "all" / filename) as copy, Image.open(photos / filename) as original:
        assert copy.size == original.size

# %% One tag of it.
client.create_tag_from_filenames(filenames[2:4], new_tag_name="two of them")
client.download_dataset(str(folder / "two"), tag_name="two of them", max_workers=1, verbose=False)
assert images_in(folder / "two") == sorted(filenames[2:4])

# %% What isn't there.
with refused(ValueError, "has no tag"):
    client.download_dataset(str(folder / "none"), tag_name="no such tag")
