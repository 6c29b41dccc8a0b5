//! What a step can do: verbs of the world, each with its arguments.

use crate::definition::with_nearest;
use dwsim_model::{CompanyCode, MapId, Name, Side, nearest};
use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

/// A verb with its arguments.
#[derive(Clone, Debug)]
pub enum Verb {
    /// Lifecycle Services, Setup.
    LcsSetup(LcsSetup),
    /// Lifecycle Services, Resume.
    LcsResume,
    /// Lifecycle Services, Dual-write application, Configure.
    LcsConfigure(Packages),
    /// Lifecycle Services, Link to Power Platform environment.
    LcsLink,
    /// By hand: a new Dataverse environment in the Power Platform admin center.
    DataverseCreate,
    /// By hand: application users, consent and core solution before the wizard.
    AccessGrant,
    /// The in-app wizard, to its end.
    WizardLink(WizardLink),
    /// Packages from AppSource.
    PackageInstall(Packages),
    /// Apply Solution.
    SolutionApply,
    /// Open Data management, Dual-write.
    WorkspaceOpen,
    /// A new legal entity in F&O.
    CompanyCreate(CompanyCreate),
    /// A legal entity added to the link.
    CompanyAdd(CompanyAdd),
    /// A legal entity removed from the link.
    CompanyRemove(Company),
    /// Dataverse rows get their company.
    CompanyBootstrap(Bootstrap),
    /// Table maps are run.
    MapRun(MapRun),
    /// Table maps are stopped.
    MapStop(Maps),
    /// Table maps are paused together.
    MapPause(Maps),
    /// Table maps are resumed together.
    MapResume(MapResume),
    /// Columns are taken out of a stopped map.
    MapRemoveColumns(MapColumns),
    /// The columns taken out are put back.
    MapRestoreColumns(OneMap),
    /// A user saves rows in F&O.
    FinOpsSave(Save),
    /// A user saves rows in Dataverse.
    DataverseSave(Save),
    /// Virtual time passes.
    TimeAdvance(TimeAdvance),
    /// What the guidance says for the maps named.
    Advise(Maps),
    /// Something about the tenant or the person is changed.
    TenantSet(TenantSet),
}

/// Every verb with one line about it, in the order of a set-up.
pub const VERBS: &[(&str, &str)] = &[
    (
        "tenant.set",
        "change what the tenant or the person has: free-capacity-mb, licences, power-apps-licence, dataverse-administrator",
    ),
    (
        "lcs.setup",
        "Lifecycle Services, Setup: connect a new Dataverse (target = \"new\", template) or the existing one",
    ),
    ("lcs.resume", "Lifecycle Services, Resume: repeat the step that failed"),
    (
        "lcs.configure",
        "Lifecycle Services, Configure: application users and packages; packages = [...] adds more",
    ),
    ("lcs.link", "Lifecycle Services, Link to Power Platform environment"),
    (
        "dataverse.create",
        "by hand, before the wizard: a new Dataverse environment in the Power Platform admin center",
    ),
    ("access.grant", "by hand, before the wizard: application users on both sides, consent, core solution"),
    ("wizard.link", "the wizard in F&O: companies = [...], all when left out"),
    ("package.install", "install packages from AppSource"),
    ("solution.apply", "Apply Solution: publish the table maps of installed packages"),
    ("workspace.open", "open Data management, Dual-write in F&O"),
    ("company.create", "a new legal entity in F&O: code, company-name"),
    ("company.add", "add a legal entity to the link: code, skip-initial-writes"),
    ("company.remove", "remove a legal entity from the link: code"),
    (
        "company.bootstrap",
        "give Dataverse rows their company: code, tables, mode = \"careful\" or \"sample\"",
    ),
    ("map.run", "run maps: maps or all = true, initial-sync, related, master, full"),
    ("map.stop", "stop maps"),
    ("map.pause", "pause maps together"),
    ("map.resume", "resume maps together: mode = \"catch-up\", \"preserve\" or \"discard\""),
    ("map.remove-columns", "take columns out of a stopped map: map, columns"),
    ("map.restore-columns", "put the columns back: map"),
    ("finops.save", "save in F&O as a user does: create, update or delete, table, key, values, expect"),
    (
        "dataverse.save",
        "save in Dataverse as a user does: create, update or delete, table, key, values, expect",
    ),
    ("time.advance", "let virtual time pass: minutes or hours"),
    ("advise", "what the guidance says for maps, by volume and threading"),
];

/// Why a verb cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerbError {
    pub(crate) key: String,
    pub(crate) message: String,
}

impl VerbError {
    pub(crate) fn new(key: &str, message: String) -> Self {
        Self { key: key.to_owned(), message }
    }
}

/// Arguments of `lcs.setup`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LcsSetup {
    /// `new` or `existing`.
    pub target: Target,
    /// Template of a new Dataverse.
    #[serde(default)]
    pub template: Option<Name>,
    /// What is typed to confirm; the person's own name unless written.
    #[serde(default)]
    pub typed_name: Option<String>,
    /// Whether Agree is ticked.
    #[serde(default = "yes")]
    pub agree: bool,
}

fn yes() -> bool {
    true
}

/// Which Dataverse to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A new one.
    New,
    /// The one there is.
    Existing,
}

/// Packages by id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Packages {
    /// Their ids.
    #[serde(default)]
    pub packages: Vec<Name>,
}

/// Arguments of `wizard.link`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WizardLink {
    /// Legal entities ticked; all when none are named.
    #[serde(default)]
    pub companies: Vec<CompanyCode>,
}

/// Arguments of `company.create`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompanyCreate {
    /// Its code.
    pub code: CompanyCode,
    /// Its name; `name` is that of the step.
    pub company_name: String,
}

/// A company by code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Company {
    /// Its code.
    pub code: CompanyCode,
}

/// Arguments of `company.add`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompanyAdd {
    /// Its code.
    pub code: CompanyCode,
    /// Skip initial writes for newly added legal entities.
    #[serde(default)]
    pub skip_initial_writes: bool,
}

/// Arguments of `company.bootstrap`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bootstrap {
    /// The company.
    pub code: CompanyCode,
    /// Tables; every striped one when none are named.
    #[serde(default)]
    pub tables: Vec<Name>,
    /// How.
    #[serde(default)]
    pub mode: BootstrapArgument,
}

/// How to bootstrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BootstrapArgument {
    /// Company only, where it is plain.
    #[default]
    Careful,
    /// As the published sample.
    Sample,
}

/// Arguments of `map.run`.
#[allow(clippy::struct_excessive_bools)] // the boxes of the Run dialog
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MapRun {
    /// Their ids.
    #[serde(default)]
    pub maps: Vec<MapId>,
    /// Every map that does not run and need not stay stopped.
    #[serde(default)]
    pub all: bool,
    /// Initial sync ticked.
    #[serde(default = "yes")]
    pub initial_sync: bool,
    /// Related maps ticked.
    #[serde(default)]
    pub related: bool,
    /// Stop a map that runs first, as one has to for a new initial sync.
    #[serde(default)]
    pub restart: bool,
    /// Master for initial sync.
    #[serde(default = "dataverse")]
    pub master: Side,
    /// Send every row again.
    #[serde(default)]
    pub full: bool,
    /// Rows that are expected to fail; the step is done all the same.
    #[serde(default)]
    pub expected_errors: u64,
}

fn dataverse() -> Side {
    Side::Dataverse
}

/// Maps by id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Maps {
    /// Their ids.
    pub maps: Vec<MapId>,
}

/// One map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OneMap {
    /// Its id.
    pub map: MapId,
}

/// Arguments of `map.resume`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MapResume {
    /// Their ids.
    pub maps: Vec<MapId>,
    /// What becomes of the queue.
    #[serde(default)]
    pub mode: ResumeArgument,
}

/// What becomes of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeArgument {
    /// It is played back.
    #[default]
    CatchUp,
    /// It is kept as catch-up errors.
    Preserve,
    /// It is lost.
    Discard,
}

/// Arguments of `map.remove-columns`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MapColumns {
    /// The map.
    pub map: MapId,
    /// F&O fields whose rows are taken out.
    pub columns: Vec<Name>,
}

/// Arguments of a save.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Save {
    /// Create, update or delete.
    #[serde(default)]
    pub change: ChangeKind,
    /// The table.
    pub table: Name,
    /// Which row.
    #[serde(default)]
    pub key: Table,
    /// Columns to write. A lookup is written as `{ table = "...", key = { column = value } }`.
    #[serde(default)]
    pub values: Table,
    /// What must become of it.
    #[serde(default)]
    pub expect: Expectation,
    /// Text or code that a refusal must hold.
    #[serde(default)]
    pub because: Option<String>,
}

/// What a save does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A new row.
    #[default]
    Create,
    /// A changed row.
    Update,
    /// A removed row.
    Delete,
}

/// What must become of a save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// It is on the other side.
    #[default]
    Arrives,
    /// It is refused and both sides are as they were.
    Refused,
    /// It stays where it was made.
    Stays,
    /// It waits in the queue of a paused map.
    Queued,
}

/// Arguments of `time.advance`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TimeAdvance {
    /// Minutes.
    #[serde(default)]
    pub minutes: u64,
    /// Hours.
    #[serde(default)]
    pub hours: u64,
}

/// Arguments of `tenant.set`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TenantSet {
    /// Dataverse capacity left.
    #[serde(default)]
    pub free_capacity_mb: Option<u64>,
    /// Licences of the person.
    #[serde(default)]
    pub licences: Option<Vec<Name>>,
    /// Whether the person has a Power Apps licence.
    #[serde(default)]
    pub power_apps_licence: Option<bool>,
    /// Whether the person administers Dataverse.
    #[serde(default)]
    pub dataverse_administrator: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Verb {
    pub(crate) fn parse(verb: &str, arguments: &Table) -> Result<Self, VerbError> {
        fn read<T: DeserializeOwned>(arguments: &Table) -> Result<T, VerbError> {
            // Each argument is read alone first, so that an error can name the one it is about.
            let keys: Vec<String> = arguments.keys().cloned().collect();
            Value::Table(arguments.clone()).try_into().map_err(|error: toml::de::Error| {
                let message = error.message().to_owned();
                let named = message.split('`').nth(1).filter(|name| keys.iter().any(|key| key == name));
                let guilty = named.map(str::to_owned).or_else(|| {
                    keys.iter()
                        .find(|key| {
                            let mut without = arguments.clone();
                            without.remove(key.as_str());
                            let alone: Result<T, toml::de::Error> = Value::Table(without).try_into();
                            alone.err().is_none_or(|other| other.message() != message)
                        })
                        .cloned()
                });
                VerbError::new(guilty.as_deref().unwrap_or(""), with_nearest(&message))
            })
        }
        let bare = |arguments: &Table| read::<Nothing>(arguments).map(|_| ());
        Ok(match verb {
            "lcs.setup" => Self::LcsSetup(read(arguments)?),
            "lcs.resume" => bare(arguments).map(|()| Self::LcsResume)?,
            "lcs.configure" => Self::LcsConfigure(read(arguments)?),
            "lcs.link" => bare(arguments).map(|()| Self::LcsLink)?,
            "dataverse.create" => bare(arguments).map(|()| Self::DataverseCreate)?,
            "access.grant" => bare(arguments).map(|()| Self::AccessGrant)?,
            "wizard.link" => Self::WizardLink(read(arguments)?),
            "package.install" => Self::PackageInstall(read(arguments)?),
            "solution.apply" => bare(arguments).map(|()| Self::SolutionApply)?,
            "workspace.open" => bare(arguments).map(|()| Self::WorkspaceOpen)?,
            "company.create" => Self::CompanyCreate(read(arguments)?),
            "company.add" => Self::CompanyAdd(read(arguments)?),
            "company.remove" => Self::CompanyRemove(read(arguments)?),
            "company.bootstrap" => Self::CompanyBootstrap(read(arguments)?),
            "map.run" => Self::MapRun(read(arguments)?),
            "map.stop" => Self::MapStop(read(arguments)?),
            "map.pause" => Self::MapPause(read(arguments)?),
            "map.resume" => Self::MapResume(read(arguments)?),
            "map.remove-columns" => Self::MapRemoveColumns(read(arguments)?),
            "map.restore-columns" => Self::MapRestoreColumns(read(arguments)?),
            "finops.save" => Self::FinOpsSave(read(arguments)?),
            "dataverse.save" => Self::DataverseSave(read(arguments)?),
            "time.advance" => Self::TimeAdvance(read(arguments)?),
            "advise" => Self::Advise(read(arguments)?),
            "tenant.set" => Self::TenantSet(read(arguments)?),
            unknown => {
                let near = nearest(unknown, VERBS.iter().map(|(name, _)| *name));
                let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                return Err(VerbError::new("do", format!("there is no verb '{unknown}'{hint}")));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_verb_is_known() {
        for (name, _) in VERBS {
            let error = Verb::parse(name, &Table::new()).err().map(|error| error.message).unwrap_or_default();
            assert!(!error.contains("no verb"), "{name}: {error}");
        }
    }
}
