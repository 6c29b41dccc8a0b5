//! What the tests of the whole simulator share: the set-up scenarios told in Gherkin with their step library, and
//! an independent reading of the catalogue that says what a synchronised row must look like.
//!
//! Nothing here is part of the product.

pub mod features;
pub mod oracle;
pub mod state;
pub mod steps;
pub mod world;
pub mod worlds;
