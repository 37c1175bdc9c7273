"""An asset of Accord as a dataset of OpenLineage: Airflow's OpenLineage provider asks for it by the scheme `accord`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.sdk import Asset


def to_openlineage(asset: Asset, lineage_context: object) -> Dataset:
    """Return the dataset: `accord://warehouse/sync/pairs` is `sync.pairs` in the namespace `accord://warehouse`."""
    from airflow.providers.common.compat.openlineage.facet import Dataset

    uri = urlsplit(asset.uri)
    return Dataset(namespace=f"{uri.scheme}://{uri.netloc}", name=uri.path.strip("/").replace("/", "."))
