"""Reads the event file in a folder as TensorBoard does, and prints its scalars.

    tensorboard_scalars.py FOLDER

One JSON object: for each tag a list of [step, value, seconds since 1970].
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main() -> None:
    events = EventAccumulator(sys.argv[1])
    events.Reload()
    tags = events.Tags()["scalars"]
    print(json.dumps({tag: [[event.step, event.value, event.wall_time] for event in events.Scalars(tag)] for tag in tags}))


main()
