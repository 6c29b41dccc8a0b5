"""The official Python client, unpatched, over TLS."""
import time
from enum import IntEnum

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError

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
def tables_are_made_filled_and_dropped():
    class Priority(IntEnum):
        LOW = 1
        HIGH = 2

    made = CLIENT.tables.create("new_Ticket", {
        "new_Code": "string", "new_Notes": "memo", "new_Count": "int", "new_Price": "decimal", "new_Rate": "float",
        "new_Due": "datetime", "new_Done": "bool", "new_Priority": Priority,
        "new_Score": {"type": "int", "min_value": 1, "max_value": 5},
    }, display_name="Ticket")
    assert (made["entity_set_name"], made["primary_name_attribute"]) == ("new_tickets", "new_name"), made
    ticket = CLIENT.records.create("new_Ticket", {
        "new_Name": "First", "new_Code": "A1", "new_Count": 3, "new_Price": 1.5, "new_Rate": 0.25, "new_Done": True,
        "new_Priority": "HIGH", "new_Due": "2026-01-02T00:00:00Z",
    })
    row = CLIENT.records.retrieve("new_Ticket", ticket)
    assert (row["new_name"], row["new_priority"], row["new_done"], row["new_rate"]) == ("First", 2, True, 0.25), row
    error = raises(HttpError, lambda: CLIENT.records.create("new_Ticket", {"new_Score": 9}))
    assert error.details["service_error_code"] == "0x8004432f"
    raises(MetadataError, lambda: CLIENT.tables.create("new_Ticket", {}))
    error = raises(HttpError, lambda: CLIENT.tables.create("ticket", {"new_X": "string"}))
    assert error.details["service_error_code"] == "0x8004700b", error
    assert CLIENT.tables.add_columns("new_Ticket", {"new_Late": "bool", "new_Extra": "string"})
    error = raises(HttpError, lambda: CLIENT.tables.add_columns("new_Ticket", {"NEW_EXTRA": "string"}))
    assert error.details["service_error_code"] == "0x80047010"
    CLIENT.records.update("new_Ticket", ticket, {"new_Extra": "more"})
    CLIENT.tables.update_column("new_Ticket", "new_Extra", {"max_length": 3, "required": "Recommended"})
    column = CLIENT.tables.get_column("new_Ticket", "new_Extra", typed=True)
    assert (column["MaxLength"], column["RequiredLevel"]["Value"]) == (3, "Recommended"), column
    error = raises(HttpError, lambda: CLIENT.records.update("new_Ticket", ticket, {"new_Extra": "much"}))
    assert error.details["service_error_code"] == "0x80044331"
    assert CLIENT.tables.remove_columns("new_Ticket", ["new_Late", "new_Extra"]) == ["new_Late", "new_Extra"]
    names = {own["LogicalName"] for own in CLIENT.tables.list_columns("new_Ticket")}
    assert "new_extra" not in names and "new_priority" in names
    raises(MetadataError, lambda: CLIENT.tables.remove_columns("new_Ticket", "new_Extra"))
    CLIENT.tables.delete("new_Ticket")
    assert CLIENT.tables.get("new_Ticket") is None
    raises(MetadataError, lambda: CLIENT.tables.delete("new_Ticket"))


@check
def relationships_and_keys_are_made():
    CLIENT.tables.create("new_Team", {"new_Number": "string"})
    CLIENT.tables.create("new_Member", {"new_Role": "string"})
    made = CLIENT.tables.create_lookup_field("new_Member", "new_TeamId", "new_Team", cascade_delete="Cascade")
    assert made.relationship_id and made.lookup_schema_name == "new_TeamId"
    team = CLIENT.records.create("new_Team", {"new_Name": "Blue", "new_Number": "1"})
    member = CLIENT.records.create("new_Member", {"new_Name": "Ada", "new_TeamId@odata.bind": f"/new_teams({team})"})
    rows = list(CLIENT.records.list("new_Member", filter=f"_new_teamid_value eq {team}", expand=["new_TeamId"]))
    assert rows[0]["new_TeamId"]["new_name"] == "Blue"
    assert CLIENT.tables.get_relationship(made.relationship_schema_name).relationship_id == made.relationship_id
    assert any(own["SchemaName"] == made.relationship_schema_name for own in CLIENT.tables.list_table_relationships("new_Team"))
    error = raises(HttpError, lambda: CLIENT.tables.delete("new_Team"))
    assert error.details["service_error_code"] == "0x8004f01f"
    key = CLIENT.tables.create_alternate_key("new_Team", "new_ByNumber", ["new_number"])
    assert key.metadata_id
    keys = CLIENT.tables.get_alternate_keys("new_Team")
    assert [(own.schema_name, own.status) for own in keys] == [("new_ByNumber", "Active")], keys
    CLIENT.records.upsert("new_Team", [{"alternate_key": {"new_number": "1"}, "record": {"new_name": "Red"}}])
    assert CLIENT.records.retrieve("new_Team", team)["new_name"] == "Red"
    error = raises(HttpError, lambda: CLIENT.records.create("new_Team", {"new_Number": "1"}))
    assert error.details["service_error_code"] == "0x80060892"
    CLIENT.tables.delete_alternate_key("new_Team", key.metadata_id)
    CLIENT.records.delete("new_Team", team)
    assert CLIENT.records.retrieve("new_Member", member) is None
    CLIENT.tables.delete_relationship(made.relationship_id)
    assert CLIENT.tables.get_relationship(made.relationship_schema_name) is None
    CLIENT.tables.delete("new_Team")
    CLIENT.tables.delete("new_Member")


@check
def batches_hold_tables_and_sql():
    batch = CLIENT.batch.new()
    batch.tables.create("new_Batched", {"new_Code": "string"})
    batch.query.sql("SELECT TOP 1 name FROM account")
    result = batch.execute()
    assert not result.has_errors, [(own.status_code, own.error_message) for own in result.failed]
    batch = CLIENT.batch.new()
    batch.tables.add_columns("new_Batched", {"new_More": "int"})
    batch.tables.create_lookup_field("new_Batched", "new_OwnerId", "contact")
    batch.tables.get("new_Batched")
    batch.records.create("new_Batched", {"new_Name": "In a batch", "new_More": 3})
    result = batch.execute()
    assert not result.has_errors, [(own.status_code, own.error_message) for own in result.failed]
    batch = CLIENT.batch.new()
    batch.tables.remove_columns("new_Batched", "new_More")
    batch.tables.delete("new_Batched")
    result = batch.execute()
    assert not result.has_errors, [(own.status_code, own.error_message) for own in result.failed]
    assert CLIENT.tables.get("new_Batched") is None


@check
def many_to_many_relationships_are_made():
    from PowerPlatform.Dataverse.models.relationship import ManyToManyRelationshipMetadata

    made = CLIENT.tables.create_many_to_many_relationship(ManyToManyRelationshipMetadata(
        schema_name="new_contact_accounts", entity1_logical_name="contact", entity2_logical_name="account"))
    account = CLIENT.records.create("account", {"name": "Linked"})
    contact = CLIENT.records.create("contact", {"lastname": "Linked", "new_contact_accounts@odata.bind": [f"/accounts({account})"]})
    rows = list(CLIENT.records.list("contact", filter=f"contactid eq {contact}", expand=["new_contact_accounts"]))
    assert [own["name"] for own in rows[0]["new_contact_accounts"]] == ["Linked"]
    assert CLIENT.tables.get_relationship("new_contact_accounts").relationship_id == made.relationship_id
    CLIENT.tables.delete_relationship(made.relationship_id)


@check
def queries_in_sql():
    contact = CLIENT.records.create("contact", {"firstname": "Jo", "lastname": "Sql"})
    for number in range(3):
        CLIENT.records.create("account", {"name": f"Sql {number}", "primarycontactid@odata.bind": f"/contacts({contact})"})
    rows = CLIENT.query.sql("SELECT TOP 2 accountid, name FROM account WHERE name LIKE 'Sql %' ORDER BY name DESC")
    assert [row["name"] for row in rows] == ["Sql 2", "Sql 1"]
    rows = CLIENT.query.sql(
        "SELECT c.lastname AS last, COUNT(*) AS n FROM account a INNER JOIN contact c ON a.primarycontactid = c.contactid "
        "WHERE a.name IN ('Sql 0', 'Sql 1') GROUP BY c.lastname")
    assert [(row["last"], row["n"]) for row in rows] == [("Sql", 2)]
    error = raises(HttpError, lambda: CLIENT.query.sql("SELECT nothing FROM account"))
    assert error.details["service_error_code"] == "0x80041103"


@check
def files_are_uploaded():
    import os
    import tempfile

    import requests

    account = CLIENT.records.create("account", {"name": "Files"})
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a file.bin")
        for mode, content in (("small", b"small"), ("chunk", os.urandom(4_194_304 + 5))):
            with open(path, "wb") as out:
                out.write(content)
            # The first upload makes the column.
            CLIENT.files.upload("account", account, "new_Doc", path, mode=mode)
            address = f"{DATAVERSE}/api/data/v9.2/accounts({account})/new_doc/$value"
            got = requests.get(address, headers={"Authorization": "Bearer local-test-token"})
            assert got.content == content and got.headers["x-ms-file-name"] == "a file.bin"
    assert CLIENT.records.retrieve("account", account)["new_doc_name"] == "a file.bin"


@check
def real_sign_in_works_over_tls():
    credential = ClientSecretCredential(
        READY["tenant"], READY["clientId"], READY["clientSecret"],
        authority=READY["services"]["identity"], disable_instance_discovery=True)
    client = DataverseClient(DATAVERSE, credential)
    assert client.records.create("account", {"name": "Signed in"})


run()
