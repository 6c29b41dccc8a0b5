//! Brings one customer group into Dataverse, first by initial and then by live sync, and shows who owns it.
//!
//! Run with `cargo run -p dwsim-dataverse --example company_and_owner`.
#![allow(clippy::print_stdout)] // an example talks to its reader

use dwsim_catalog::Catalog;
use dwsim_dataverse::{DUAL_WRITE_USER, Dataverse, Organization};
use dwsim_model::{Outcome, Seed, SyncKind, Upsert, Value, epoch};
use dwsim_store::Store;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = Seed::new(42);
    let organization = Organization::new(
        seed.id("organization"),
        "Contoso",
        "https://contoso.crm.dynamics.com",
        seed.id("tenant"),
        "United States",
    );
    let mut dataverse =
        Dataverse::new(Catalog::embedded()?, organization, seed, Store::in_memory()?, epoch())?;
    dataverse.add_application_user(DUAL_WRITE_USER, &["System Administrator".into()], epoch())?;
    dataverse.enable_company(&"USMF".parse()?, "Contoso Entertainment", epoch())?;

    let table = dataverse.table_type("msdyn_customergroup").ok_or("no customer groups")?.clone();
    let ordinal = |name: &str| table.ordinal(name).ok_or("no such column");
    let mut batch = Upsert {
        columns: vec![ordinal("msdyn_groupid")?, ordinal("msdyn_description")?],
        key: vec![0],
        overwrite: vec![1],
        company: Some("USMF".parse()?),
        symbols: Vec::new(),
        sync: SyncKind::Initial,
        table,
    };
    for (sync, description) in [(SyncKind::Initial, "Wholesale"), (SyncKind::Live, "Wholesale and retail")] {
        batch.sync = sync;
        let rows = vec![vec![Value::text("10"), Value::text(description)].into_boxed_slice()];
        for outcome in dataverse.upsert(&batch, rows, epoch())? {
            match outcome {
                Outcome::Inserted(id) | Outcome::Updated(id) | Outcome::Unchanged(id) => {
                    let id = id.as_guid().unwrap_or_default();
                    let owner =
                        dataverse.get("msdyn_customergroup", id, "ownerid")?.and_then(|id| id.as_guid());
                    let team = dataverse.get("team", owner.unwrap_or_default(), "name")?.unwrap_or_default();
                    println!("{sync:?}: group 10 belongs to {team}");
                }
                Outcome::Failed(error) => println!("{sync:?}: {error}"),
            }
        }
    }
    Ok(())
}
