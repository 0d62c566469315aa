"""What lies beside the tables of an export: codebook, data package, loaders, and last the manifest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from exports.choosing import CHOSEN_NAME, listed_bytes
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.codebook import Missing, codebook_csv, codebook_md
from exports.documents.cuts import CUTS_NAME, Cuts
from exports.documents.datapackage import PACKAGE_NAME, package
from exports.documents.manifest import MANIFEST_NAME, Manifest, PartitionedManifest
from exports.documents.value_labels import VALUE_LABELS_NAME, value_labels_csv
from exports.documents.writing import json_bytes, write_file
from exports.loaders import LOADERS, loader


def write_documents(
    part: Path,
    tables: Sequence[ExportTable],
    manifest: Manifest,
    scope: Scope,
    missing: Missing,
    cuts: Cuts,
    more: Mapping[str, bytes],
) -> Manifest:
    """Write what lies beside the tables.

    Args:
        part: The folder, with the tables' files.
        tables: What was exported.
        manifest: Of the tables.
        scope: What was asked for.
        missing: How many values of each column are missing, by table and column.
        cuts: What formats could not hold.
        more: What else lies there, by its path.

    Returns:
        The manifest of all, as it lies in the folder.
    """
    documents = {
        "codebook.csv": codebook_csv(tables, missing),
        "codebook.md": (codebook_md(tables, _rows(manifest)) + cuts.markdown()).encode(),
        PACKAGE_NAME: json_bytes(package(tables, manifest)),
    }
    if not isinstance(manifest, PartitionedManifest):
        documents |= {name: loader(name) for name in LOADERS}
    if labels := value_labels_csv(tables):
        documents[VALUE_LABELS_NAME] = labels
    if cuts:
        documents[CUTS_NAME] = cuts.csv()
    if scope.listed is not None:
        documents[CHOSEN_NAME] = listed_bytes(scope.listed)
    entries = [write_file(part, name, content) for name, content in {**documents, **more}.items()]
    manifest = manifest.model_copy(update={"documents": entries})
    write_file(part, MANIFEST_NAME, json_bytes(manifest.model_dump(mode="json")))
    return manifest


def _rows(manifest: Manifest) -> Mapping[str, int]:
    return {one.name: one.rows for one in manifest.all_tables}
