//! Stories about the environment.
