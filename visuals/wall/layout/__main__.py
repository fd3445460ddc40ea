"""Print the JSON Schema of a rig file: `python -m visuals.wall.layout > shows/rigs/rig.schema.json`."""

import sys

from visuals.wall.layout.schema import schema_json

sys.stdout.write(schema_json())
