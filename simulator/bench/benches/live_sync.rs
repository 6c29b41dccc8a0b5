//! `cargo bench --bench live_sync`: transactions of live sync against the same two SQLite transactions by hand.
#![allow(clippy::print_stdout, missing_docs)]

fn main() -> Result<(), dwsim_bench::BenchError> {
    for figure in dwsim_bench::live_sync()? {
        println!(
            "live sync from {}, {} rows: {:.0} transactions/s, by hand {:.0}, ratio {:.2}",
            figure.from,
            figure.rows,
            figure.transactions_per_second,
            figure.sql_transactions_per_second,
            figure.ratio
        );
    }
    Ok(())
}
