"""Print the JSON Schema of a show file: `python -m visuals.show.schema > shows/show.schema.json`."""

import sys

from visuals.show.schema.file import schema_json

sys.stdout.write(schema_json())
