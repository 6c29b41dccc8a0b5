"""The official Python client, unpatched, over TLS."""
import time

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError

from checks import DATAVERSE, READY, check, raises, run


class Static:
    class Token:
        token = "local-test-token"
        expires_on = int(time.time()) + 3600

    def get_token(self, *scopes, **options):
        return self.Token()


CLIENT = DataverseClient(DATAVERSE, Static())


@check
def one_row_is_created_read_changed_and_deleted():
    made = CLIENT.records.create("account", {"name": "Python", "telephone1": "1", "accountcategorycode": "Standard"})
    row = CLIENT.records.retrieve("account", made, select=["name", "telephone1", "accountcategorycode"])
    assert row["name"] == "Python" and row["accountcategorycode"] == 2, row
    CLIENT.records.update("account", made, {"telephone1": "2"})
    assert CLIENT.records.retrieve("account", made)["telephone1"] == "2"
    CLIENT.records.delete("account", made)
    assert CLIENT.records.retrieve("account", made) is None


@check
def many_rows_are_created_changed_listed_and_deleted():
    ids = CLIENT.records.create("account", [{"name": f"Many {n}"} for n in range(12)])
    assert len(set(ids)) == 12
    CLIENT.records.update("account", ids, {"telephone1": "9"})
    CLIENT.records.update("account", ids[:2], [{"telephone1": "7"}, {"telephone1": "8"}])
    rows = CLIENT.records.list("account", filter="startswith(name,'Many ')", select=["name", "telephone1"], orderby=["name"])
    assert len(list(rows)) == 12
    pages = list(CLIENT.records.list_pages("account", filter="startswith(name,'Many ')", select=["name"], page_size=5))
    assert [len(list(page)) for page in pages] == [5, 5, 2]
    assert CLIENT.records.delete("account", ids)
    assert not list(CLIENT.records.list("account", filter="startswith(name,'Many ')"))


@check
def lookups_bind_and_expand():
    contact = CLIENT.records.create("contact", {"firstname": "Ada", "lastname": "Lovelace"})
    account = CLIENT.records.create("account", {"name": "Bound", "primarycontactid@odata.bind": f"/contacts({contact})"})
    rows = list(CLIENT.records.list("account", filter=f"accountid eq {account}", select=["name"], expand=["primarycontactid"]))
    assert rows[0]["primarycontactid"]["lastname"] == "Lovelace"


@check
def upserts_go_by_alternate_key():
    items = [{"alternate_key": {"cdm_companycode": code}, "record": {"cdm_name": f"Company {code}"}} for code in ("PYA", "PYB")]
    CLIENT.records.upsert("cdm_company", items[:1])
    CLIENT.records.upsert("cdm_company", items)
    rows = list(CLIENT.records.list("cdm_company", filter="startswith(cdm_companycode,'PY')", select=["cdm_companycode"]))
    assert len(rows) == 2


@check
def batches_and_change_sets_hold_together():
    batch = CLIENT.batch.new()
    batch.records.create("account", {"name": "Batch one"})
    with batch.changeset() as change:
        contact = change.records.create("contact", {"lastname": "Batch"})
        change.records.create("account", {"name": "Batch two", "primarycontactid@odata.bind": contact})
    batch.records.list("account", filter="name eq 'Batch two'", select=["name"])
    result = batch.execute()
    assert not result.has_errors, result
    failing = CLIENT.batch.new()
    with failing.changeset() as change:
        change.records.create("account", {"name": "Batch three"})
        change.records.create("account", {"nam": "x"})
    assert failing.execute(continue_on_error=True).has_errors
    assert not list(CLIENT.records.list("account", filter="name eq 'Batch three'"))


@check
def errors_carry_status_and_code():
    missing = raises(HttpError, lambda: CLIENT.records.update("account", "11111111-2222-3333-4444-555555555555", {"name": "x"}))
    assert (missing.status_code, missing.details["service_error_code"]) == (404, "0x80040217")
    long = raises(HttpError, lambda: CLIENT.records.create("account", {"name": "x" * 200}))
    assert long.details["service_error_code"] == "0x80044331"
    wrong = raises(HttpError, lambda: list(CLIENT.records.list("account", filter="nam eq 1")))
    assert wrong.details["service_error_code"] == "0x80060888"


@check
def tables_are_described():
    table = CLIENT.tables.get("account")
    assert table["entity_set_name"] == "accounts", table
    assert any(own["LogicalName"] == "account" for own in CLIENT.tables.list())


@check
def real_sign_in_works_over_tls():
    credential = ClientSecretCredential(
        READY["tenant"], READY["clientId"], READY["clientSecret"],
        authority=READY["services"]["identity"], disable_instance_discovery=True)
    client = DataverseClient(DATAVERSE, credential)
    assert client.records.create("account", {"name": "Signed in"})


run()
