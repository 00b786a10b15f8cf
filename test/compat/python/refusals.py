"""What a chapter says of calls that must fail."""

from contextlib import contextmanager


@contextmanager
def refused(kind, saying="", status=None):
    """The block must raise `kind`; its text holds `saying`, and as an answer of the API it has `status`."""
    try:
        yield
    except kind as error:
        text = str(error)
        assert saying in text, f"'{saying}' is not in: {text}"
        if status is not None:
            assert error.status == status, f"status {error.status} instead of {status}: {text}"
    else:
        raise AssertionError(f"not refused with {kind.__name__}")
