"""The catalogue: the four data folders read into one frozen, cross-checked, content-addressed value."""

from gateway.catalogue.loading import check_folders, load_catalogue, load_judging, load_library
from gateway.catalogue.model import Catalogue, Judging

__all__ = ["Catalogue", "Judging", "check_folders", "load_catalogue", "load_judging", "load_library"]
