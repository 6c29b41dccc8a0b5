//! `cargo bench`: initial sync against the same copy by hand-written SQL.
#![allow(clippy::print_stdout, missing_docs)]

fn main() {
    match dwsim_bench::initial_sync(20_000, 3) {
        Ok(figures) => println!(
            "initial-sync {}: {} rows, engine {:.0} ms ({} rows/s), SQL {:.0} ms ({} rows/s), ratio {:.2}",
            figures.map,
            figures.rows,
            figures.engine_ms,
            figures.engine_rows_per_second,
            figures.sql_ms,
            figures.sql_rows_per_second,
            figures.ratio
        ),
        Err(error) => println!("{error}"),
    }
    match dwsim_bench::volumes() {
        Ok(volumes) => {
            for own in volumes {
                println!(
                    "volume {} into {}: {} rows in {:.0} ms, at the documented speed {}",
                    own.map, own.into, own.rows, own.real_ms, own.virtual_duration
                );
            }
        }
        Err(error) => println!("{error}"),
    }
}
