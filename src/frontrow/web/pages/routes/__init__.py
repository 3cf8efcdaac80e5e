"""The pages, one file each: `router`, an `APIRouter` with its full paths."""
