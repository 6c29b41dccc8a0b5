//! Reading a body within its limits.

use crate::limits::Limits;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body that was read whole, with its place among the large ones.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than the limit.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// The client broke off.
    Broken,
}

/// Reads a body. A large one waits until fewer large ones are held.
pub(crate) async fn read(body: Incoming, limits: &Limits, room: &Arc<Semaphore>) -> Result<Body, Unread> {
    // A client that says how much it will send is refused before it does.
    if body.size_hint().lower() > limits.body as u64 {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(limits.patience, collect(body, limits, room)).await {
        Ok(read) => read,
        Err(_) => Err(Unread::TooSlow),
    }
}

async fn collect(mut body: Incoming, limits: &Limits, room: &Arc<Semaphore>) -> Result<Body, Unread> {
    let mut read = Body::default();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing the service listens to.
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        let length = read.bytes.len() + data.len();
        if length > limits.body {
            return Err(Unread::TooLarge);
        }
        if length > limits.small_body && read.room.is_none() {
            read.room = Some(room.clone().acquire_owned().await.map_err(|_| Unread::Broken)?);
        }
        read.bytes.extend_from_slice(&data);
    }
    Ok(read)
}
