use dwsim_scenario::*;
fn main() {
    let catalog = dwsim_catalog::Catalog::embedded().unwrap();
    for id in std::env::args().skip(1) {
        for profile in [dwsim_catalog::facts::ProfileId::Docs2020, dwsim_catalog::facts::ProfileId::Docs2026] {
        let s = Scenario::builtin(&id).unwrap();
        let rows = std::env::var("ROWS").ok().and_then(|r| r.parse().ok());
        let t = std::time::Instant::now();
        let r = run(catalog.clone(), &s, &Settings { rows, profile, ..Settings::default() }, { let mut last: Option<(String, std::time::Instant)> = None; let t0 = t; let mut first = true; move |e| match e {
            RunEvent::StepStarted { step, .. } => { if first { first = false; eprintln!("   world {:?}", t0.elapsed()); } last = Some((step.id.clone(), std::time::Instant::now())); }
            RunEvent::StepFinished(s) => if let Some((id, t)) = &last { if *id == s.id { eprintln!("   {} {:?}", s.id, t.elapsed()); } },
            RunEvent::Progress(p) => if p.done == p.total && p.total >= 10000 { eprintln!("     {} {:?} {} at {:?}", p.map, p.into, p.total, t0.elapsed()); },
        } }).unwrap();
        println!("== {id} {profile} ok={} {:?} virtual {}", r.ok, t.elapsed(), r.virtual_duration);
        for s in &r.steps { println!("  {:?} {} — {}", s.outcome, s.name, s.detail.chars().take(600).collect::<String>()); }
        for c in r.verdict.iter().filter(|c| !c.ok) { println!("  BAD {} expected {} actual {}", c.what, c.expected, c.actual); }
        let mut by = std::collections::BTreeMap::new();
        for e in &r.errors { by.entry((e.map.to_string(), e.direction, e.code.clone())).or_insert_with(Vec::new).push(e); }
        for ((m, d, c), es) in by { println!("  ERR {m} {d} {c} x{}: [{}] {:?} {}", es.len(), es[0].key, es[0].column, es[0].message.chars().take(300).collect::<String>()); }
        println!("  rows {:?}", r.sides.iter().map(|s| s.rows).collect::<Vec<_>>());
        }
    }
}
