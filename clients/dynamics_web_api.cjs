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
  async "tables, columns, relationships and choices are defined"() {
    const label = (text) => ({ LocalizedLabels: [{ Label: text, LanguageCode: 1033 }] });
    const kind = (name) => `Microsoft.Dynamics.CRM.${name}`;
    const table = await api.createEntity({
      data: {
        "@odata.type": kind("EntityMetadata"), SchemaName: "new_Node", DisplayName: label("Node"), DisplayCollectionName: label("Nodes"),
        OwnershipType: "UserOwned",
        Attributes: [{
          "@odata.type": kind("StringAttributeMetadata"), SchemaName: "new_Name", MaxLength: 50, IsPrimaryName: true,
          DisplayName: label("Name"), RequiredLevel: { Value: "None" },
        }],
      },
    });
    assert.match(table, /^[0-9a-f-]{36}$/i);
    const column = await api.createAttribute({
      entityKey: table,
      data: { "@odata.type": kind("IntegerAttributeMetadata"), SchemaName: "new_Size", MinValue: 0, MaxValue: 9, DisplayName: label("Size"), RequiredLevel: { Value: "None" } },
    });
    const known = await api.retrieveAttribute({ entityKey: table, attributeKey: column, castType: kind("IntegerAttributeMetadata") });
    known.MaxValue = 20;
    known["@odata.type"] = kind("IntegerAttributeMetadata");
    await api.updateAttribute({ entityKey: table, data: known, mergeLabels: true });
    const row = await api.create({ collection: "new_nodes", data: { new_name: "One", new_size: 15 } });
    await assert.rejects(api.update({ collection: "new_nodes", key: row, data: { new_size: 21 } }), (e) => e.code === "0x8004432f");
    const definition = await api.retrieveEntity({ key: table });
    definition.DisplayName = label("Knoten");
    await api.updateEntity({ data: definition });
    assert.strictEqual((await api.retrieveEntity({ key: "LogicalName='new_node'" })).DisplayName.UserLocalizedLabel.Label, "Knoten");
    const relationship = await api.createRelationship({
      data: {
        "@odata.type": kind("OneToManyRelationshipMetadata"), SchemaName: "new_node_account", ReferencedEntity: "new_node", ReferencedAttribute: "new_nodeid",
        ReferencingEntity: "account", CascadeConfiguration: { Assign: "NoCascade", Delete: "Restrict", Merge: "NoCascade", Reparent: "NoCascade", Share: "NoCascade", Unshare: "NoCascade" },
        Lookup: { "@odata.type": kind("LookupAttributeMetadata"), SchemaName: "new_NodeId", DisplayName: label("Node"), RequiredLevel: { Value: "None" } },
      },
    });
    const account = await api.create({ collection: "accounts", data: { name: "Bound to a node", "new_NodeId@odata.bind": `/new_nodes(${row})` } });
    await assert.rejects(api.deleteRecord({ collection: "new_nodes", key: row }), (e) => e.status === 405 && e.code === "0x80040227");
    await api.deleteRecord({ collection: "accounts", key: account });
    await api.deleteRelationship({ key: relationship });
    await assert.rejects(
      api.createEntity({ data: { SchemaName: "new_Node", Attributes: [{ "@odata.type": kind("StringAttributeMetadata"), SchemaName: "new_Name", IsPrimaryName: true }] } }),
      (e) => e.code === "0x80047010");
    const choice = await api.createGlobalOptionSet({
      data: { "@odata.type": kind("OptionSetMetadata"), Name: "new_Sizes", DisplayName: label("Sizes"), OptionSetType: "Picklist", IsGlobal: true, Options: [{ Value: 1, Label: label("Small") }] },
    });
    const sizes = await api.retrieveGlobalOptionSet({ key: choice });
    sizes.Options.push({ Value: 2, Label: label("Large") });
    await api.updateGlobalOptionSet({ data: sizes });
    assert.strictEqual((await api.retrieveGlobalOptionSet({ key: "Name='new_Sizes'" })).Options.length, 2);
    await api.deleteGlobalOptionSet({ key: choice });
    await api.deleteRecord({ collection: "EntityDefinitions", key: table });
    await assert.rejects(api.retrieveMultiple({ collection: "new_nodes" }), (e) => e.status === 404);
  },
  async "many rows have many"() {
    const relationship = await api.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", SchemaName: "new_account_contacts", IntersectEntityName: "new_account_contacts",
        Entity1LogicalName: "account", Entity2LogicalName: "contact",
      },
    });
    const account = await api.create({ collection: "accounts", data: { name: "Many" } });
    const contact = await api.create({ collection: "contacts", data: { lastname: "Many" } });
    const link = { collection: "accounts", primaryKey: account, relationshipName: "new_account_contacts", relatedCollection: "contacts", relatedKey: contact };
    await api.associate(link);
    await assert.rejects(api.associate(link), (e) => e.status === 412);
    const expand = [{ property: "new_account_contacts", select: ["lastname"] }];
    const row = await api.retrieve({ collection: "accounts", key: account, select: ["name"], expand });
    assert.deepStrictEqual(row.new_account_contacts.map((own) => own.lastname), ["Many"]);
    await api.disassociate(link);
    const apart = await api.retrieve({ collection: "contacts", key: contact, expand: [{ property: "new_account_contacts" }] });
    assert.deepStrictEqual(apart.new_account_contacts, []);
    await api.deleteRelationship({ key: relationship });
  },
  async "files go up and down in chunks"() {
    const kind = "Microsoft.Dynamics.CRM.FileAttributeMetadata";
    await api.createAttribute({ entityKey: "LogicalName='contact'", data: { "@odata.type": kind, SchemaName: "new_Scan", RequiredLevel: { Value: "None" } } });
    const key = await api.create({ collection: "contacts", data: { lastname: "Scanned" } });
    for (const size of [11, 4194304, 4194304 * 2 + 3, 0]) {
      const data = Buffer.alloc(size, "x");
      await api.uploadFile({ collection: "contacts", key, property: "new_scan", fileName: `${size}.bin`, data });
      const got = await api.downloadFile({ collection: "contacts", key, property: "new_scan" });
      assert.deepStrictEqual([got.fileName, got.fileSize, Buffer.compare(got.data, data)], [`${size}.bin`, size, 0]);
    }
    assert.strictEqual((await api.retrieve({ collection: "contacts", key, select: ["new_scan_name"] })).new_scan_name, "0.bin");
    await api.deleteRecord({ collection: "contacts", key, property: "new_scan" });
    assert.strictEqual((await api.retrieve({ collection: "contacts", key, select: ["new_scan"] })).new_scan, null);
  },
  async "changes are followed by delta links"() {
    const first = await api.retrieveMultiple({ collection: "contacts", select: ["lastname"], trackChanges: true });
    const key = await api.create({ collection: "contacts", data: { lastname: "Tracked" } });
    const changes = await api.retrieveMultiple({ collection: "contacts" }, first.oDataDeltaLink ?? first["@odata.deltaLink"]);
    assert.deepStrictEqual(changes.value.map((row) => row.lastname), ["Tracked"]);
    await api.deleteRecord({ collection: "contacts", key });
    const later = await api.retrieveMultiple({ collection: "contacts" }, changes.oDataDeltaLink ?? changes["@odata.deltaLink"]);
    assert.deepStrictEqual(later.value.map((row) => [row.id, row.reason]), [[key, "deleted"]]);
    await assert.rejects(api.retrieveMultiple({ collection: "contacts", filter: "lastname eq 'x'", trackChanges: true }), (e) => e.status === 400);
  },
  async "duplicates are refused when they are looked for"() {
    await api.create({ collection: "contacts", data: { firstname: "Twice", lastname: "Made" } });
    await assert.rejects(
      api.create({ collection: "contacts", data: { firstname: "Twice", lastname: "Made" }, duplicateDetection: true }),
      (e) => e.status === 412 && e.code === "0x80040333");
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
