//! Uploads in chunks: begun by one request, carried on by others, kept when the last byte is there.

use crate::{
    address::encode,
    error::{ApiError, Result},
    files,
    http::Response,
    payload::ContentIds,
    resource::{self, Resource, RowKey},
    rows::Rows,
    service::{Call, WebApi},
    write::{Writer, id_of},
};
use dwsim_dataverse::Actor;
use dwsim_model::Value;
use dwsim_store::StoredFile;
use dwsim_tenant::Tenant;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Bytes of a chunk, as clients are told.
const CHUNK: usize = 4_194_304;
/// Uploads open at once; the oldest makes room for a new one.
const MOST_UPLOADS: usize = 64;
/// Bytes all open uploads hold together.
const MOST_BYTES: usize = 512 << 20;

/// A file on its way, in or out.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// The column: table, row, and name.
    pub(crate) table: String,
    pub(crate) row: Uuid,
    pub(crate) column: String,
    /// Who sends it.
    pub(crate) caller: Uuid,
    pub(crate) file: StoredFile,
    /// Blocks that are not in order yet, by id.
    pub(crate) blocks: BTreeMap<String, Vec<u8>>,
    /// All is there; a client may still send an empty chunk.
    pub(crate) done: bool,
}

/// The uploads that are open.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    open: BTreeMap<String, Upload>,
    order: Vec<String>,
}

impl Uploads {
    pub(crate) fn begin(&mut self, token: String, upload: Upload) {
        if self.order.len() >= MOST_UPLOADS {
            let oldest = self.order.remove(0);
            self.open.remove(&oldest);
        }
        self.order.push(token.clone());
        self.open.insert(token, upload);
    }

    pub(crate) fn end(&mut self, token: &str) {
        self.open.remove(token);
        self.order.retain(|own| own != token);
    }

    /// The upload of a token, which only who began it may carry on.
    pub(crate) fn get(&mut self, token: &str, caller: Uuid) -> Result<&mut Upload> {
        let found = self.open.get_mut(token).filter(|upload| upload.caller == caller);
        found.ok_or_else(|| files::transfer("its token is unknown or no longer good"))
    }

    /// Refuses more bytes than all uploads may hold.
    pub(crate) fn check_room(&self, more: usize) -> Result<()> {
        let size =
            |upload: &Upload| upload.file.content.len() + upload.blocks.values().map(Vec::len).sum::<usize>();
        let held: usize = self.open.values().map(size).sum();
        if held.saturating_add(more) > MOST_BYTES {
            return Err(files::transfer("too many bytes are on their way; finish other uploads first"));
        }
        Ok(())
    }
}

/// `bytes 0-99/200`: where a chunk begins, and how many bytes the file has. None for a range that makes no sense, as
/// clients send with an empty chunk.
fn content_range(header: &str) -> Option<(usize, usize)> {
    let (range, total) = header.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, total.trim().parse().ok()?))
}

impl WebApi {
    /// A request that begins or carries on an upload in chunks. The token in the address decides: some clients repeat
    /// the header that begins one.
    pub(crate) fn chunk(&mut self, tenant: &mut Tenant, call: &Call<'_>) -> Result<Option<Response>> {
        if call.request.method != "PATCH" {
            return Ok(None);
        }
        let begins = call
            .request
            .header("x-ms-transfer-mode")
            .is_some_and(|mode| mode.trim().eq_ignore_ascii_case("chunked"));
        match call.address.option("sessiontoken") {
            Some(token) => self.next_chunk(tenant, call, token).map(Some),
            None if begins => self.first_chunk(tenant, call).map(Some),
            None => Ok(None),
        }
    }

    fn first_chunk(&mut self, tenant: &mut Tenant, call: &Call<'_>) -> Result<Response> {
        let Some(dataverse) = tenant.dataverse() else {
            return Err(files::transfer("there is no environment"));
        };
        let rows = Rows::new(dataverse, call.schema, tenant.clock().now(), call.caller);
        let resource = resource::resolve(&rows, &call.address.segments)?;
        let Resource::Property { entity, key, ordinal, .. } = resource else {
            return Err(files::transfer("the address names no file column"));
        };
        if !files::is_file(&rows, entity, ordinal) {
            return Err(files::transfer("the address names no file column"));
        }
        if !call.request.body.is_empty() {
            return Err(files::transfer("the request that begins an upload in chunks has no body"));
        }
        let row = resource::find(&rows, entity, &key)?;
        let filled = row.get(ordinal).is_some_and(|cell| !cell.is_null());
        if filled && crate::write::Conditions::read(call.request).must_not_exist {
            return Err(ApiError::named("DuplicateRecord", &[]));
        }
        let own = call.schema.entity(entity);
        let upload = Upload {
            table: own.name().to_owned(),
            row: id_of(&row),
            column: own.table.column(ordinal).name.to_string(),
            caller: call.caller,
            file: StoredFile {
                name: files::name(call)?,
                media_type: "application/octet-stream".to_owned(),
                content: Vec::new(),
            },
            blocks: BTreeMap::new(),
            done: false,
        };
        let url = format!("{}{}({})/{}", call.root, own.set, upload.row, upload.column);
        let token = tenant.seed().id(&format!("webapi/upload/{}", self.number())).to_string();
        self.uploads.begin(token.clone(), upload);
        let mut response = Response::empty(200);
        response.header("Location", format!("{url}?sessiontoken={}", encode(&token)));
        response.header("x-ms-chunk-size", CHUNK.to_string());
        response.header("Accept-Ranges", "bytes");
        Ok(response)
    }

    fn next_chunk(&mut self, tenant: &mut Tenant, call: &Call<'_>, token: &str) -> Result<Response> {
        let body = &call.request.body;
        let range = call.request.header("Content-Range").and_then(content_range);
        self.uploads.check_room(body.len())?;
        let upload = self.uploads.get(token, call.caller)?;
        if upload.done && body.is_empty() {
            return Ok(Response::empty(204));
        }
        if upload.done {
            return Err(files::transfer("all bytes are there already"));
        }
        let here = upload.file.content.len();
        let total = match range {
            Some((from, total)) if from == here || body.is_empty() => total,
            Some((from, _)) => {
                return Err(files::transfer(&format!("the chunk begins at byte {from}; {here} comes next")));
            }
            // Nothing of nothing: the whole of an empty file.
            None if body.is_empty() && here == 0 => 0,
            None => return Err(files::transfer("the Content-Range of the chunk cannot be read")),
        };
        if here + body.len() > total {
            return Err(files::transfer("the chunk goes beyond the end of the file"));
        }
        let rows_limit = {
            let Some(dataverse) = tenant.dataverse() else {
                return Err(files::transfer("there is no environment"));
            };
            let rows = Rows::new(dataverse, call.schema, tenant.clock().now(), call.caller);
            let place = place(&rows, upload)?;
            files::check_size(&rows, place.0, place.1, total)?;
            place
        };
        upload.file.content.extend_from_slice(body);
        if upload.file.content.len() < total {
            return Ok(Response::empty(206));
        }
        let (row, file) = (upload.row, upload.file.clone());
        let kept = save_file(tenant, call, rows_limit, row, &file);
        match kept {
            Ok(_) => {
                let upload = self.uploads.get(token, call.caller)?;
                upload.done = true;
                upload.file.content = Vec::new();
                Ok(Response::empty(204))
            }
            Err(error) => {
                self.uploads.end(token);
                Err(error)
            }
        }
    }
}

/// Where an upload goes: the entity and the ordinal of the column.
pub(crate) fn place(rows: &Rows<'_>, upload: &Upload) -> Result<(usize, usize)> {
    let entity = rows.schema.index(&upload.table);
    let found =
        entity.and_then(|entity| Some((entity, rows.schema.entity(entity).table.ordinal(&upload.column)?)));
    found.ok_or_else(|| files::transfer("its column is no more"))
}

/// Keeps a file that is whole, in a transaction of its own; its id.
pub(crate) fn save_file(
    tenant: &mut Tenant,
    call: &Call<'_>,
    (entity, ordinal): (usize, usize),
    row: Uuid,
    file: &StoredFile,
) -> Result<Uuid> {
    let ids = ContentIds::new();
    let (id, _) = tenant.in_dataverse(Actor::Caller(call.caller), |transaction| -> Result<Uuid> {
        let mut writer = Writer { transaction, schema: call.schema, ids: &ids, detects: false };
        let found = resource::find(&writer.rows(), entity, &RowKey::Id(row))?;
        let old = found.get(ordinal).and_then(Value::as_guid);
        files::keep(&mut writer, entity, row, ordinal, old, Some(file))
    })?;
    Ok(id)
}
