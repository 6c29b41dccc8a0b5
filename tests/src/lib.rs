//! What the tests of the whole simulator share: whole worlds to start from, and an independent reading of the catalogue
//! that says what a synchronised row must look like.
//!
//! Nothing here is part of the product.

pub mod oracle;
pub mod programs;
pub mod worlds;
