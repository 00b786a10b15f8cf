"""Runs a chapter and notes which public names of the package it called, and how the calls ended.

    python record.py RECORD.json CHAPTER.py [ARGUMENT ...]   runs a chapter; what it called is in RECORD.json
    python record.py --surface                               prints what there is to call, as JSON

Only calls that are written in the chapter itself count: what the client calls of its own is no proof for a user.
"""

import collections.abc
import functools
import inspect
import json
import re
import runpy
import sys
import traceback
from contextlib import contextmanager

from lightly.api import ApiWorkflowClient, download
from lightly.api.api_workflow_compute_worker import ComputeWorkerRunInfo
from lightly.api.bitmask import BitMask

CLASSES = [ApiWorkflowClient, BitMask, ComputeWorkerRunInfo]
MODULES = [download]

# Methods whose documented exception the class itself spells differently.
SPELLED = {"InvalidConfigError": "InvalidConfigurationError"}


def surface():
    """Every public name with the exceptions that its documentation promises."""
    return {
        label: documented_exceptions(member)
        for owner in CLASSES + MODULES
        for label, _, member in public_members(owner)
    }


def public_members(owner):
    """(label, name, member) of what a user of `owner` can call: methods and properties, or a module's functions."""
    is_class = inspect.isclass(owner)
    title = owner.__name__ if is_class else owner.__name__.rsplit(".", 1)[-1]
    for name in dir(owner):
        member = inspect.getattr_static(owner, name)
        is_own = is_class or getattr(member, "__module__", None) == owner.__name__
        is_callable = inspect.isroutine(member) or isinstance(member, (property, classmethod))
        if not name.startswith("_") and is_own and is_callable:
            yield f"{title}.{name}", name, member


def documented_exceptions(member):
    parts = [member.fget, member.fset] if isinstance(member, property) else [member]
    found = []
    for part in parts:
        text = inspect.getdoc(part) or ""
        raises = re.search(r"^Raises:?\n(.*?)(?=^\S|\Z)", text, re.DOTALL | re.MULTILINE)
        names = re.findall(
            r"^\s+(\w+(?:Error|Exception|NotExist))\b", raises.group(1) if raises else "", re.MULTILINE
        )
        found += [SPELLED.get(name, name) for name in names]
    return sorted(set(found))


class Recorder:
    """Notes of each name the ways in which calls ended: `ok`, or the exception's class and those above it."""

    def __init__(self, chapter):
        self.chapter = chapter
        self.outcomes = {}

    def note(self, label, *outcomes):
        self.outcomes.setdefault(label, set()).update(outcomes)

    def watch(self, owner):
        for label, name, member in list(public_members(owner)):
            setattr(owner, name, self.watched(label, member))

    def watched(self, label, member):
        if isinstance(member, property):
            setter = member.fset and self.function(label, member.fset)
            return property(self.function(label, member.fget), setter, doc=member.__doc__)
        if isinstance(member, classmethod):
            return classmethod(self.function(label, member.__func__))
        return self.function(label, member)

    def function(self, label, function):
        @functools.wraps(function)
        def recorded(*positional, **named):
            if sys._getframe(1).f_code.co_filename != self.chapter:
                return function(*positional, **named)
            with self.noting_exceptions(label):
                result = function(*positional, **named)
            if isinstance(result, collections.abc.Iterator):
                return self.iterator(label, result)
            self.note(label, "ok")
            return result

        return recorded

    def iterator(self, label, rows):
        """An iterator has succeeded when it came to its end."""
        with self.noting_exceptions(label):
            yield from rows
        self.note(label, "ok")

    @contextmanager
    def noting_exceptions(self, label):
        try:
            yield
        except BaseException as error:
            self.note(label, *(each.__name__ for each in type(error).__mro__))
            raise


def run_chapter(record, chapter, arguments):
    recorder = Recorder(chapter)
    for owner in CLASSES + MODULES:
        recorder.watch(owner)
    sys.argv = [chapter, *arguments]
    try:
        runpy.run_path(chapter, run_name="__main__")
    except Exception as error:
        print(failure_text(error, chapter))
        sys.exit(1)
    finally:
        with open(record, "w") as file:
            json.dump({label: sorted(outcomes) for label, outcomes in recorder.outcomes.items()}, file)


def failure_text(error, chapter):
    """Where in the chapter it failed, where in the package, and why; without the frames in between."""
    frames = traceback.extract_tb(error.__traceback__)
    last_own = max(index for index, frame in enumerate(frames) if frame.filename == chapter)
    shown = [frames[last_own], *frames[max(last_own + 1, len(frames) - 2) :]]
    return "".join(traceback.format_list(shown) + traceback.format_exception_only(type(error), error))


if __name__ == "__main__":
    if sys.argv[1] == "--surface":
        print(json.dumps(surface()))
    else:
        run_chapter(sys.argv[1], sys.argv[2], sys.argv[3:])
