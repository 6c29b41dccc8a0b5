//! The words in which features are written, by what they are about.

mod alerts;
mod answers;
mod customising;
mod data_sources;
mod editing;
mod environments;
mod faults;
mod initial_sync;
mod jobs;
mod legal_entities;
mod lifecycle_services;
mod links;
mod live;
mod map_solutions;
mod maps;
mod people;
mod queues;
mod recorded;
mod refusals;
mod rows;
mod runs;
mod wizard;

use crate::definition::Group;

/// Every group of steps, in the order of a story.
pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: "Environments",
        about: "What F&O, Dataverse and the people are before anything happens, and the time that passes.",
        steps: environments::STEPS,
    },
    Group {
        title: "People and tenant",
        about: "Licences, roles and capacity of whoever sets dual-write up.",
        steps: people::STEPS,
    },
    Group {
        title: "Lifecycle Services",
        about: "Connecting Dataverse, configuring dual-write and linking from Lifecycle Services.",
        steps: lifecycle_services::STEPS,
    },
    Group {
        title: "Wizard, health check and solutions",
        about: "The wizard of the Dual-write page, its health check, packages and Apply Solution.",
        steps: wizard::STEPS,
    },
    Group {
        title: "Links",
        about: "Several environments, dependency validation, Reset link, unlinking and relinking.",
        steps: links::STEPS,
    },
    Group {
        title: "Legal entities",
        about: "Companies of F&O, of the link and of Dataverse.",
        steps: legal_entities::STEPS,
    },
    Group {
        title: "Rows",
        about: "Data on both sides: what is there, what a user saves, what must be there.",
        steps: rows::STEPS,
    },
    Group {
        title: "Table maps",
        about: "Running, stopping, pausing and resuming table maps, and their status.",
        steps: maps::STEPS,
    },
    Group {
        title: "Editing table maps",
        about: "Changing a table map, saving and choosing versions, integration keys and what the editor warns of.",
        steps: editing::STEPS,
    },
    Group {
        title: "Customised tables and faults of a link",
        about: "Columns and keys of one's own, schemas that are out of date, and what goes wrong with a link.",
        steps: customising::STEPS,
    },
    Group {
        title: "Solutions and health of table maps",
        about: "Stored table maps, solutions that carry them, and the health check of one table map.",
        steps: map_solutions::STEPS,
    },
    Group {
        title: "Initial sync",
        about: "What an initial sync moved, and what failed.",
        steps: initial_sync::STEPS,
    },
    Group {
        title: "Runs",
        about: "The Run dialog, runs that take time, running again after errors, details, logs and rehearsed volumes.",
        steps: runs::STEPS,
    },
    Group {
        title: "Queues and alerts",
        about: "Paused maps step by step, catch-up errors, and alert settings.",
        steps: queues::STEPS,
    },
    Group {
        title: "Alert settings",
        about: "Alert settings with error types, and whom an alert that fires tells.",
        steps: alerts::STEPS,
    },
    Group {
        title: "Live sync",
        about: "Transactions over several tables, writes that raise no events, and what is left of a transaction.",
        steps: live::STEPS,
    },
    Group {
        title: "Answers of live sync",
        about: "Dataverse that fails, how errors are worded, what the journal and the error log of F&O hold.",
        steps: answers::STEPS,
    },
    Group {
        title: "Data sources of an entity",
        about: "What an F&O entity is made of: live sync and the health check of a map depend on it.",
        steps: data_sources::STEPS,
    },
    Group {
        title: "Crash points",
        about: "Saves and actions that are cut off at a named point of live sync.",
        steps: faults::STEPS,
    },
    Group {
        title: "Integration jobs",
        about: "Table maps whose creates and updates follow by and by (preview).",
        steps: jobs::STEPS,
    },
    Group {
        title: "Refusals and messages",
        about: "What the user reads when an action is refused. A refusal that no step looks at fails the scenario.",
        steps: refusals::STEPS,
    },
    Group {
        title: "Recorded set-ups",
        about: "The six documented set-up scenarios and set-ups of your own, carried out as a whole.",
        steps: recorded::STEPS,
    },
];
