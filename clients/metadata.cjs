// $metadata, read by the converter of the OASIS OData technical committee; every name in it leads somewhere.
const { readFileSync } = require("node:fs");
const assert = require("node:assert");
const { xml2json } = require("odata-csdl");

const ready = JSON.parse(readFileSync(process.env.DWSIM_READY, "utf8"));
const api = `${ready.services.dataverse}/api/data/v9.2/`;
const headers = { Authorization: "Bearer local-test-token" };
const own = "Microsoft.Dynamics.CRM";

const checks = {
  "the document is read without a message": async (state) => {
    const messages = [];
    const response = await fetch(`${api}$metadata`, { headers });
    assert.strictEqual(response.status, 200);
    const json = xml2json(Buffer.from(await response.text()), { strict: true, messages });
    assert.deepStrictEqual(messages, []);
    state.json = json;
    state.schema = json[own];
    state.types = Object.entries(state.schema).filter(([, type]) => type.$Kind === "EntityType");
    assert.ok(state.types.length > 100);
  },
  "every type, partner, constraint and binding leads somewhere": ({ json, schema, types }) => {
    const named = (name) => {
      const local = name.replace(/^(mscrm|Microsoft\.Dynamics\.CRM)\./, "");
      return name.startsWith("Edm.") || schema[local];
    };
    const property = (type, name) => type[name] || (type.$BaseType && property(named(type.$BaseType), name));
    for (const [name, type] of types) {
      if (type.$BaseType) assert.ok(named(type.$BaseType), `${name} has no base`);
      for (const key of type.$Key ?? []) assert.ok(type[key], `${name} has no ${key}`);
      for (const [member, facts] of Object.entries(type).filter(([member]) => !member.startsWith("$"))) {
        const target = named(facts.$Type ?? "Edm.String");
        assert.ok(target, `${name}.${member} is of type ${facts.$Type}`);
        if (facts.$Partner) assert.strictEqual(target[facts.$Partner]?.$Kind, "NavigationProperty", `${name}.${member}`);
        for (const [from, to] of Object.entries(facts.$ReferentialConstraint ?? {})) {
          assert.ok(property(type, from) && property(target, to), `${name}.${member}: ${from} to ${to}`);
        }
      }
    }
    const container = schema[json.$EntityContainer.split(".").pop()];
    for (const [name, set] of Object.entries(container).filter(([, set]) => set.$Collection)) {
      assert.ok(named(set.$Type), `${name} is of type ${set.$Type}`);
      for (const [path, target] of Object.entries(set.$NavigationPropertyBinding ?? {})) {
        assert.ok(container[target], `${name}.${path} leads to ${target}`);
        assert.ok(property(named(set.$Type), path.split("/")[0]), `${name} has no ${path}`);
      }
    }
  },
  "every entity set it names is served, and its rows have the properties it names": async ({ json, schema }) => {
    const container = schema[json.$EntityContainer.split(".").pop()];
    const names = Object.entries(container).filter(([, set]) => set.$Collection);
    for (const [name, set] of names) {
      const response = await fetch(`${api}${name}?$top=1`, { headers });
      assert.strictEqual(response.status, 200, name);
      const type = schema[set.$Type.split(".").pop()];
      for (const row of (await response.json()).value) {
        for (const member of Object.keys(row).filter((member) => !member.includes("@"))) {
          assert.ok(type[member], `${name} has ${member}, which $metadata does not name`);
        }
      }
    }
  },
};

(async () => {
  const state = {};
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(state);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
  console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();
