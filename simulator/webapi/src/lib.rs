//! The Dataverse Web API over a simulated tenant: a request in, a response out, no I/O.
//!
//! [`WebApi::handle`] takes a [`Request`] that some edge has read and authenticated, and answers it against a
//! [`Tenant`](dwsim_tenant::Tenant). Writes go through the tenant's transaction over both sides, so that a write on a
//! mapped table runs live sync and a refusal of Finance & Operations rolls Dataverse back.
//!
//! It deliberately knows no sockets, no tokens and no machine's clock; those are the edge's.

pub mod address;
mod aggregate;
mod apply;
pub mod batch;
mod cell;
mod collection;
mod cookie;
mod csdl;
mod define;
mod definition;
mod definition_query;
mod duplicates;
pub mod error;
mod expression;
mod fetch;
mod file_messages;
mod files;
mod filter;
mod functions;
mod http;
mod json;
mod metadata;
mod metadata_changes;
mod multiple;
mod operators;
mod options;
mod payload;
mod read;
mod render;
mod resource;
mod rows;
mod schema;
mod service;
mod sql;
#[cfg(test)]
mod tests;
mod tokens;
mod tracking;
mod uploads;
mod write;

pub use error::ApiError;
pub use http::{Preferences, Request, Response, reason};
pub use service::WebApi;
