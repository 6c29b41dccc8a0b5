//! Adding legal entities to a link whose maps run, and removing them.

use crate::{
    engine::Engine,
    execution::{Execution, Progress},
    initial::Sides,
    refusal::EngineError,
    status::{Action, MapStatus},
};
use dwsim_model::{Clock, CompanyCode, Journal, MapId};

impl Engine {
    /// Adds a legal entity to the link. Running and paused maps go through initial write for it unless skipped,
    /// or unless the link then holds more legal entities than initial sync takes.
    pub fn add_company(
        &mut self,
        company: &CompanyCode,
        skip_initial_writes: bool,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        // A map that is Resuming would come live without the rows of the new legal entity.
        let busy = |status| matches!(status, MapStatus::Initializing | MapStatus::Resuming);
        if let Some(map) = self.states.values().find(|state| busy(state.status)) {
            return Err(self
                .messages
                .company_during_initial_write(&map.compiled.map.id, map.status.as_str(), company)
                .into());
        }
        let mut companies = self.companies.clone();
        companies.push(company.clone());
        self.set_companies(companies);
        if skip_initial_writes || self.companies.len() as u64 > self.limits.max_legal_entities_initial {
            return Ok(Vec::new());
        }
        let live: Vec<(MapId, MapStatus)> = self
            .states
            .iter()
            .filter(|(_, state)| {
                state.compiled.map.striped && matches!(state.status, MapStatus::Running | MapStatus::Paused)
            })
            .map(|(id, state)| (id.clone(), state.status))
            .collect();
        let order = self.catalog.run_order(&live.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
        let mut executions = Vec::new();
        for id in order {
            let before = live.iter().find(|(known, _)| *known == id).map(|(_, status)| *status);
            let run = self.write_company(&id, company, sides, clock, journal, progress)?;
            let (action, why) = match (before, run.iter().all(Execution::succeeded)) {
                (_, false) => {
                    (Action::InitialSyncFailed, "Initial write of a new legal entity ended with errors")
                }
                (Some(MapStatus::Paused), true) => {
                    (Action::NewLegalEntityWrittenPaused, "Initial write ended")
                }
                _ => (Action::InitialSyncSucceeded, "Initial write ended"),
            };
            self.act(&id, action, why, clock.now(), journal)?;
            if action == Action::InitialSyncFailed {
                self.discard_queue(
                    &id,
                    "the initial write of a new legal entity failed",
                    clock.now(),
                    journal,
                )?;
            }
            executions.extend(run);
        }
        Ok(executions)
    }

    /// Removes a legal entity from the link. Its rows stay on both sides (decision 29).
    pub fn remove_company(&mut self, company: &CompanyCode) -> Result<(), EngineError> {
        // What waits in a queue would be left alone when it is played back.
        let busy =
            |status| matches!(status, MapStatus::Initializing | MapStatus::Paused | MapStatus::Resuming);
        let blocking = self.states.values().find(|state| busy(state.status));
        if let Some(state) = blocking {
            return Err(self
                .messages
                .company_during_initial_write(&state.compiled.map.id, state.status.as_str(), company)
                .into());
        }
        self.companies.retain(|known| known != company);
        Ok(())
    }
}
