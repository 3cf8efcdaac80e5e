"""The resources of the HTTP interface, one file each: `router`, an `APIRouter` with its full paths."""
