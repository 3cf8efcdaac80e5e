"""The HTTP interface: JSON over /v1, described by an OpenAPI document."""
