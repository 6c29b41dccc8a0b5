// The npm client, unpatched.
const assert = require("node:assert");
const fs = require("node:fs");
const { DynamicsWebApi } = require("dynamics-web-api");

const ready = JSON.parse(fs.readFileSync(process.env.DWSIM_READY, "utf8"));
const api = new DynamicsWebApi({
  serverUrl: ready.services.dataverse,
  dataApi: { version: "9.2" },
  onTokenRefresh: async () => "local-test-token",
});

const checks = {
  async "one row is created, read, changed and deleted"() {
    const id = await api.create({ collection: "accounts", data: { name: "Node", revenue: 12.5 } });
    const row = await api.retrieve({ collection: "accounts", key: id, select: ["name", "revenue"] });
    assert.strictEqual(row.name, "Node");
    assert.strictEqual(row.revenue, 12.5);
    await api.update({ collection: "accounts", key: id, data: { name: "Node 2" } });
    await api.updateSingleProperty({ collection: "accounts", key: id, fieldValuePair: { telephone1: "5" } });
    const again = await api.retrieve({ collection: "accounts", key: id });
    assert.deepStrictEqual([again.name, again.telephone1], ["Node 2", "5"]);
    assert.ok(again.createdon instanceof Date);
    await api.deleteRecord({ collection: "accounts", key: id, fieldName: "telephone1" }).catch(async () => {
      await api.deleteRecord({ collection: "accounts", key: id, property: "telephone1" });
    });
    await api.deleteRecord({ collection: "accounts", key: id });
    await assert.rejects(api.retrieve({ collection: "accounts", key: id }), (e) => e.status === 404 && e.code === "0x80040217");
  },
  async "representations, etags and upserts"() {
    const row = await api.create({ collection: "accounts", data: { name: "Rep" }, returnRepresentation: true, select: ["name"] });
    const key = row.accountid;
    const stale = row["@odata.etag"];
    const changed = await api.update({ collection: "accounts", key, data: { name: "Rep 2" }, returnRepresentation: true });
    assert.strictEqual(changed.name, "Rep 2");
    assert.strictEqual(await api.update({ collection: "accounts", key, data: { name: "x" }, ifmatch: stale }), false);
    assert.strictEqual(await api.deleteRecord({ collection: "accounts", key, ifmatch: stale }), false);
    const company = "cdm_companycode='NODE'";
    await api.upsert({ collection: "cdm_companies", key: company, data: { cdm_name: "Node" } });
    assert.strictEqual(await api.upsert({ collection: "cdm_companies", key: company, data: { cdm_name: "y" }, ifnonematch: "*" }), null);
    const found = await api.retrieve({ collection: "cdm_companies", key: company });
    assert.strictEqual(found.cdm_name, "Node");
  },
  async "lists, pages, counts, annotations and expansions"() {
    const contact = await api.create({ collection: "contacts", data: { firstname: "Grace", lastname: "Hopper" } });
    for (let n = 0; n < 5; n++) {
      await api.create({ collection: "accounts", data: { name: `List ${n}`, "primarycontactid@odata.bind": `/contacts(${contact})` } });
    }
    const filter = "startswith(name,'List ')";
    const page = await api.retrieveMultiple({ collection: "accounts", select: ["name"], filter, maxPageSize: 2, count: true, orderBy: ["name desc"] });
    assert.deepStrictEqual([page.value.map((r) => r.name), page.oDataCount], [["List 4", "List 3"], 5]);
    const next = await api.retrieveMultiple({ collection: "accounts" }, page.oDataNextLink);
    assert.strictEqual(next.value[0].name, "List 2");
    const all = await api.retrieveAll({ collection: "accounts", select: ["name"], filter });
    assert.strictEqual(all.value.length, 5);
    assert.strictEqual(await api.count({ collection: "accounts", filter }), 5);
    const row = (await api.retrieveMultiple({
      collection: "accounts", filter, top: 1, select: ["name", "_primarycontactid_value", "statecode"], includeAnnotations: "*",
      expand: [{ property: "primarycontactid", select: ["lastname"] }],
    })).value[0];
    assert.strictEqual(row.primarycontactid.lastname, "Hopper");
    assert.strictEqual(row["statecode@OData.Community.Display.V1.FormattedValue"], "Active");
    assert.strictEqual(row._primarycontactid_value_Formatted, "Grace Hopper");
  },
  async "associations in both directions"() {
    const account = await api.create({ collection: "accounts", data: { name: "Assoc" } });
    const contact = await api.create({ collection: "contacts", data: { lastname: "Assoc" } });
    const one = { collection: "accounts", primaryKey: account, relationshipName: "contact_customer_accounts", relatedCollection: "contacts", relatedKey: contact };
    await api.associate(one);
    assert.strictEqual((await api.retrieve({ collection: "accounts", key: account, expand: [{ property: "contact_customer_accounts" }] })).contact_customer_accounts.length, 1);
    await api.disassociate(one);
    const single = { collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid", relatedCollection: "contacts", relatedKey: contact };
    await api.associateSingleValued(single);
    assert.strictEqual((await api.retrieve({ collection: "accounts", key: account }))._primarycontactid_value, contact);
    await api.disassociateSingleValued(single);
  },
  async "batches with content ids, and a batch that fails"() {
    api.startBatch();
    api.create({ collection: "contacts", data: { lastname: "Batch" }, contentId: "1" });
    api.create({ collection: "accounts", data: { name: "Batch N", "primarycontactid@odata.bind": "$1" } });
    const answers = await api.executeBatch();
    assert.strictEqual(answers.length, 2);
    const rows = await api.retrieveMultiple({ collection: "accounts", filter: "name eq 'Batch N'", expand: [{ property: "primarycontactid" }] });
    assert.strictEqual(rows.value[0].primarycontactid.lastname, "Batch");
    api.startBatch();
    api.create({ collection: "accounts", data: { name: "Never" } });
    api.create({ collection: "accounts", data: { nam: "Never" } });
    await assert.rejects(api.executeBatch());
    assert.strictEqual((await api.retrieveMultiple({ collection: "accounts", filter: "name eq 'Never'" })).value.length, 0);
  },
  async "functions, actions and definitions"() {
    const me = await api.callFunction({ functionName: "WhoAmI" });
    assert.ok(me.UserId && me.OrganizationId);
    const made = await api.callAction({
      collection: "accounts", actionName: "Microsoft.Dynamics.CRM.CreateMultiple",
      action: { Targets: [{ "@odata.type": "Microsoft.Dynamics.CRM.account", name: "Action" }] },
    });
    assert.strictEqual(made.Ids.length, 1);
    const table = await api.retrieveEntity({ key: "LogicalName='account'", select: ["EntitySetName"] });
    assert.strictEqual(table.EntitySetName, "accounts");
    const columns = await api.retrieveAttributes({ entityKey: "LogicalName='account'", select: ["LogicalName"] });
    assert.ok(columns.value.length > 50);
    const picklists = await api.retrieveAttributes({
      entityKey: "LogicalName='account'", castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", expand: [{ property: "OptionSet" }],
    });
    assert.ok(picklists.value[0].OptionSet.Options.length > 0);
    const relation = await api.retrieveRelationship({ key: "SchemaName='contact_customer_accounts'" });
    assert.strictEqual(relation.ReferencedEntity, "account");
  },
  async "a long query travels in a batch"() {
    const filter = Array.from({ length: 150 }, (_, n) => `name eq 'Long name ${n}'`).join(" or ");
    const rows = await api.retrieveMultiple({ collection: "accounts", select: ["name"], filter });
    assert.strictEqual(rows.value.length, 0);
  },
  async "what is not simulated is an error that says so"() {
    await assert.rejects(api.callAction({ actionName: "WinOpportunity", action: {} }), (e) => e.status === 501 && /simulator/.test(e.message));
  },
};

(async () => {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}`);
      console.log(error);
    }
  }
  console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();
