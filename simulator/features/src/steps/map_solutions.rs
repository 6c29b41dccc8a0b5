//! Stored table maps, solutions that carry them from one tenant to another, and the health check of a map.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    steps::editing::PUBLISHER,
    world::World,
};
use dwsim_dualwrite::{MapSolution, SolutionPublisher, StoredMap};
use dwsim_model::MapVersion;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the synchronous plug-in {string} is registered on {table}",
        "the synchronous plug-in \"Contoso.Plugins\" is registered on msdyn_customergroup",
        plugin,
    ),
    when(
        "the {word} solution {string} version {string} is exported with version {string} of the table map {string}",
        "the managed solution \"ContosoMaps\" version \"1.0.0.0\" is exported with version \"1.0.0.5\" of the table map \"Customer groups\"",
        exported,
    ),
    when(
        "the work goes on in a tenant set up alike",
        "the work goes on in a tenant set up alike",
        other_tenant,
    ),
    when("the exported solution is imported", "the exported solution is imported", imported),
    when(
        "a solution {string} with this stored table map as version {string} is imported:",
        "a solution \"ContosoMaps\" with this stored table map as version \"1.0.0.5\" is imported:\n\"\"\"\n{}\n\"\"\"",
        stored_imported,
    ),
    when(
        "the imported solution(s) {string} is/are applied",
        "the imported solution \"ContosoMaps\" is applied",
        applied,
    ),
    when(
        "the imported solution(s) {string} is/are applied with strict quirks",
        "the imported solutions \"First and Second\" are applied with strict quirks",
        applied_strictly,
    ),
    when(
        "the imported solution {string} is uninstalled",
        "the imported solution \"ContosoMaps\" is uninstalled",
        uninstalled,
    ),
    then(
        "the stored form of the table map {string} has:",
        "the stored form of the table map \"Customer groups\" has:\n| place | value |\n| /legs/0/sourceSchema | Customer groups |",
        stored,
    ),
    then(
        "the health check of the table map {string} finds {string}",
        "the health check of the table map \"Customer groups\" finds \"HEALTH-500\"",
        finds,
    ),
    then(
        "the health check of the table map {string} finds {string} and says:",
        "the health check of the table map \"Customer groups\" finds \"HEALTH-900\" and says:",
        finds_saying,
    ),
    then(
        "the health check of the table map {string} does not find {string}",
        "the health check of the table map \"Customer groups\" does not find \"HEALTH-500\"",
        finds_not,
    ),
    then(
        "the health check of the table map {string} finds {string} alone",
        "the health check of the table map \"Customer groups\" finds \"HEALTH-100\" alone",
        finds_alone,
    ),
    then(
        "the health check of the table map {string} finds {string} as {word}",
        "the health check of the table map \"Customer groups\" finds \"HEALTH-1000\" as info",
        finds_as,
    ),
];

fn plugin(world: &mut World, given: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let plugins = &mut dataverse.organization_mut().synchronous_plugins;
    plugins.entry(given.text(1).into()).or_default().push(given.text(0).into());
    Ok(())
}

fn publisher() -> SolutionPublisher {
    SolutionPublisher { friendlyname: PUBLISHER.into(), customizationprefix: "con".into() }
}

fn managed(word: &str) -> Result<bool, String> {
    match word {
        "managed" => Ok(true),
        "unmanaged" => Ok(false),
        other => Err(format!("a solution is managed or unmanaged, not {other}")),
    }
}

fn exported(world: &mut World, given: &Arguments) -> Told {
    let managed = managed(given.text(0))?;
    let version: MapVersion = given.text(3).parse()?;
    let versions = [(names::map(world.tenant()?, given.text(4))?, version)];
    let (name, number) = (given.text(1), given.text(2));
    let file =
        world.act(|tenant| tenant.export_map_solution(name, number, publisher(), managed, &versions))?;
    world.solution_file = file.or(world.solution_file.take());
    Ok(())
}

fn other_tenant(world: &mut World, _: &Arguments) -> Told {
    world.start_over()
}

fn imported(world: &mut World, _: &Arguments) -> Told {
    let file = world.solution_file.clone().ok_or("no solution was exported")?;
    world.act(|tenant| tenant.import_map_solution(&file))?;
    Ok(())
}

/// The stored map alone is what people pass on; the solution around it is made here.
fn stored_imported(world: &mut World, given: &Arguments) -> Told {
    let row = StoredMap {
        msdyn_name: given.text(0).to_owned(),
        msdyn_displayname: given.text(0).to_owned(),
        msdyn_version: given.text(1).parse()?,
        msdyn_mapping: given.document()?.to_owned(),
        msdyn_properties: String::new(),
    };
    let solution = MapSolution {
        uniquename: given.text(0).into(),
        version: "1.0.0.0".to_owned(),
        ismanaged: false,
        publisher: publisher(),
        msdyn_dualwriteentitymaps: vec![row],
    };
    let file = solution.to_text().map_err(|error| error.problem)?;
    world.act(|tenant| tenant.import_map_solution(&file))?;
    Ok(())
}

fn apply(world: &mut World, given: &Arguments, strict_quirks: bool) -> Told {
    let solutions = given.columns(0);
    world.act(|tenant| tenant.apply_map_solutions(&solutions, strict_quirks))?;
    Ok(())
}

fn applied(world: &mut World, given: &Arguments) -> Told {
    apply(world, given, false)
}

fn applied_strictly(world: &mut World, given: &Arguments) -> Told {
    apply(world, given, true)
}

fn uninstalled(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.uninstall_map_solution(given.text(0)))?;
    Ok(())
}

/// The table has a column `place`, a JSON pointer, and a column `value`.
fn stored(world: &mut World, given: &Arguments) -> Told {
    let id = names::map(world.tenant()?, given.text(0))?;
    let stored = world.seen()?.engine().export_map(&id).map_err(|error| error.to_string())?;
    for line in given.lines()? {
        let of = |name: &str| line.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let place = of("place").ok_or("the table needs a column place")?;
        let found = stored.pointer(place).ok_or_else(|| format!("the stored map has nothing at {place}"))?;
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        same(place, &Some(found.as_str()), &of("value"))?;
    }
    Ok(())
}

/// The lines of the check: the id of the message and what it says.
fn lines(world: &mut World, given: &Arguments) -> Result<Vec<(String, String)>, String> {
    let id = names::map(world.tenant()?, given.text(0))?;
    let found = world.seen()?.check_up_map(&id).map_err(|error| error.to_string())?;
    Ok(found.into_iter().map(|line| (format!("HEALTH-{}", line.code), line.text)).collect())
}

fn codes(lines: &[(String, String)]) -> Vec<&str> {
    lines.iter().map(|(code, _)| code.as_str()).collect()
}

fn said(world: &mut World, given: &Arguments) -> Result<Vec<String>, String> {
    let (lines, code) = (lines(world, given)?, given.text(1));
    let said: Vec<String> =
        lines.iter().filter(|(own, _)| own == code).map(|(_, text)| text.clone()).collect();
    if said.is_empty() {
        return Err(format!("the health check does not find {code}; it finds {}", codes(&lines).join(", ")));
    }
    world.saw_message(code, &said.join("\n"));
    Ok(said)
}

fn finds(world: &mut World, given: &Arguments) -> Told {
    said(world, given).map(|_| ())
}

fn finds_saying(world: &mut World, given: &Arguments) -> Told {
    same("what the health check says", &said(world, given)?.join("\n").as_str(), &given.document()?)
}

fn finds_not(world: &mut World, given: &Arguments) -> Told {
    let lines = lines(world, given)?;
    match lines.iter().find(|(code, _)| code == given.text(1)) {
        None => Ok(()),
        Some((code, text)) => Err(format!("the health check finds {code}: {text}")),
    }
}

fn finds_alone(world: &mut World, given: &Arguments) -> Told {
    let lines = lines(world, given)?;
    same("what the health check finds", &codes(&lines), &vec![given.text(1)])?;
    said(world, given)?;
    Ok(())
}

fn finds_as(world: &mut World, given: &Arguments) -> Told {
    let id = names::map(world.tenant()?, given.text(0))?;
    let found = world.seen()?.check_up_map(&id).map_err(|error| error.to_string())?;
    let line = found.iter().find(|line| format!("HEALTH-{}", line.code) == given.text(1));
    let line = line.ok_or_else(|| format!("the health check does not find {}", given.text(1)))?;
    same("how bad it is", &format!("{:?}", line.severity).to_lowercase().as_str(), &given.text(2))
}
