"""What each task reads and makes, as assets of Airflow and as datasets of OpenLineage."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from accord.orchestration import assets

pytestmark = pytest.mark.airflow
CRMS = {"salesforce_records", "hubspot_records"}
STAGED = {"salesforce_staged", "hubspot_staged"}
OURS = [it for it in vars(assets).values() if isinstance(it, assets.Asset)]


@pytest.fixture(scope="module")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(Path(__file__).parents[2] / "dags"))


def lineage(dag):
    """Task -> what it reads, what it makes; tasks without either left out."""
    found = {it.task_id: ({a.name for a in it.inlets}, {a.name for a in it.outlets}) for it in dag.tasks}
    return {name: sides for name, sides in found.items() if any(sides)}


def test_a_run_goes_from_the_crms_over_staging_and_plan_back_to_the_crms(bag):
    assert lineage(bag.dags["sync_accounts"]) == {
        "extract.salesforce": ({"salesforce_records"}, {"salesforce_staged"}),
        "extract.hubspot": ({"hubspot_records"}, {"hubspot_staged"}),
        "decide": ({*STAGED, "account_company_pairs"}, {"sync_plan"}),
        "apply": ({"sync_plan"}, {"account_company_pairs", *CRMS}),
        "verify": ({"sync_plan", *CRMS}, set()),
        "report": ({"sync_plan", "account_company_pairs"}, set()),
    }


def test_a_revert_decides_by_the_live_records_and_the_daily_proof_reads_both_ends(bag):
    assert lineage(bag.dags["revert_run"])["decide"] == ({*CRMS, "account_company_pairs"}, {"sync_plan"})
    assert lineage(bag.dags["reconcile_staging"]) == {
        "salesforce": ({"salesforce_records"}, {"salesforce_staged"}),
        "hubspot": ({"hubspot_records"}, {"hubspot_staged"}),
        "prove": ({*CRMS, *STAGED}, set()),
    }


def test_airflow_knows_our_scheme_and_turns_every_asset_into_a_dataset(monkeypatch):
    """Asked as Airflow's OpenLineage provider asks: by the scheme of the normalized address."""
    from airflow.providers.common.compat.openlineage import facet
    from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

    monkeypatch.setattr(facet, "Dataset", namedtuple("Dataset", "namespace name"))
    convert = ProvidersManagerTaskRuntime().asset_to_openlineage_converters["accord"]
    assert {tuple(convert(assets.Asset(it.normalized_uri), None)) for it in OURS} == {
        ("accord://salesforce", "records"),
        ("accord://hubspot", "records"),
        ("accord://warehouse", "staging.salesforce"),
        ("accord://warehouse", "staging.hubspot"),
        ("accord://warehouse", "sync.decisions"),
        ("accord://warehouse", "sync.pairs"),
    }


def test_the_openlineage_provider_finds_the_datasets_of_a_task(bag):
    pytest.importorskip("airflow.providers.openlineage", reason="apache-airflow-providers-openlineage is not installed")
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.providers.openlineage.extractors.manager import ExtractorManager

    manager, found = ExtractorManager(), OperatorLineage()
    task = bag.dags["sync_accounts"].get_task("apply")
    assert manager.get_extractor_class(task) is None
    manager.extract_inlets_and_outlets(found, task)
    assert [(it.namespace, it.name) for it in found.inputs] == [("accord://warehouse", "sync.decisions")]
    assert ("accord://warehouse", "sync.pairs") in [(it.namespace, it.name) for it in found.outputs]
