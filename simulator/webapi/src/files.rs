//! File columns: reading a file whole or in ranges, writing it in one request, removing it.

use crate::{
    error::{ApiError, Result},
    http::{Request, Response},
    resource::{self, RowKey},
    rows::Rows,
    service::Call,
    write::{Conditions, Writer, id_of},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dwsim_dataverse::Form;
use dwsim_model::Value;
use dwsim_store::StoredFile;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

/// What a file column takes when its maker says nothing.
pub(crate) const STANDARD_KILOBYTES: i64 = 32_768;
/// Longest name of a file.
const LONGEST_NAME: usize = 200;
/// Type of a file nobody said anything of.
const BYTES: &str = "application/octet-stream";

/// Whether a column holds files.
pub(crate) fn is_file(rows: &Rows<'_>, entity: usize, ordinal: usize) -> bool {
    let own = rows.schema.entity(entity);
    rows.dataverse.definitions().form(own.name(), &own.table.column(ordinal).name) == Form::File
}

/// Bytes a column takes.
pub(crate) fn limit(rows: &Rows<'_>, entity: usize, ordinal: usize) -> usize {
    let own = rows.schema.entity(entity);
    let said = rows.dataverse.definitions().column(own.name(), &own.table.column(ordinal).name);
    let kilobytes = said.and_then(|said| said.maximum).and_then(|size| size.to_i64());
    usize::try_from(kilobytes.unwrap_or(STANDARD_KILOBYTES).saturating_mul(1_024)).unwrap_or(usize::MAX)
}

/// The error for a file that is larger than its column takes.
pub(crate) fn check_size(rows: &Rows<'_>, entity: usize, ordinal: usize, size: usize) -> Result<()> {
    let limit = limit(rows, entity, ordinal);
    if size <= limit {
        return Ok(());
    }
    let column = &rows.schema.entity(entity).table.column(ordinal).name;
    let (size, limit) = (size.to_string(), limit.to_string());
    Err(ApiError::named("FileTooLarge", &[("size", &size), ("column", column), ("limit", &limit)]))
}

/// The name a request gives a file: in its address, or in a header.
pub(crate) fn name(call: &Call<'_>) -> Result<String> {
    let header = call.request.header("x-ms-file-name").map(|name| {
        // Some clients encode the name, for headers hold few signs.
        crate::address::decode(name, false).unwrap_or_else(|_| name.to_owned())
    });
    let name = call.address.option("x-ms-file-name").map(str::to_owned).or(header).unwrap_or_default();
    checked_name(&name)
}

/// A name that can be one.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let good = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.contains(['/', '\\', '\r', '\n', '\0', '"']);
    if good { Ok(name.to_owned()) } else { Err(transfer("the file has no name, or one that cannot be")) }
}

/// An upload that cannot go on, and why.
pub(crate) fn transfer(why: &str) -> ApiError {
    ApiError::named("FileTransfer", &[("why", why)])
}

/// A PATCH with the whole file, or a DELETE.
pub(crate) fn write(
    call: &Call<'_>,
    writer: &mut Writer<'_, '_>,
    entity: usize,
    key: &RowKey,
    ordinal: usize,
) -> Result<Response> {
    let row = resource::find(&writer.rows(), entity, key)?;
    let old = row.get(ordinal).and_then(Value::as_guid);
    if call.request.method == "DELETE" {
        keep(writer, entity, id_of(&row), ordinal, old, None)?;
        return Ok(Response::empty(204));
    }
    if Conditions::read(call.request).must_not_exist && old.is_some() {
        return Err(ApiError::named("DuplicateRecord", &[]));
    }
    let content = call.request.body.clone();
    check_size(&writer.rows(), entity, ordinal, content.len())?;
    let file = StoredFile { name: name(call)?, media_type: media_type(call.request), content };
    keep(writer, entity, id_of(&row), ordinal, old, Some(&file))?;
    Ok(Response::empty(204))
}

/// The media type of a request's body.
pub(crate) fn media_type(request: &Request) -> String {
    let given = request.header("Content-Type").unwrap_or(BYTES).trim();
    if given.is_empty() || given.len() > 200 { BYTES.to_owned() } else { given.to_owned() }
}

/// Puts a file in place of the one there is, or removes that; the new file's id.
pub(crate) fn keep(
    writer: &mut Writer<'_, '_>,
    entity: usize,
    row: Uuid,
    ordinal: usize,
    old: Option<Uuid>,
    file: Option<&StoredFile>,
) -> Result<Uuid> {
    let own = writer.schema.entity(entity);
    let column = own.table.column(ordinal).name.clone();
    let store = writer.transaction.dataverse().store();
    if let Some(old) = old {
        store.delete_file(old)?;
    }
    let path = format!("dwsim:file/{row}/{column}/{}", store.version());
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_bytes());
    if let Some(file) = file {
        store.write_file(id, file)?;
    }
    let name = format!("{column}_name");
    let values = vec![
        (column, file.map_or(Value::Null, |_| Value::Guid(id))),
        (name.into(), file.map_or(Value::Null, |file| Value::text(file.name.as_str()))),
    ];
    writer.set(entity, row, values)?;
    Ok(id)
}

/// The file in a column of a row.
pub(crate) fn find(
    rows: &Rows<'_>,
    entity: usize,
    key: &RowKey,
    ordinal: usize,
) -> Result<Option<(Uuid, StoredFile)>> {
    let row = resource::find(rows, entity, key)?;
    let Some(id) = row.get(ordinal).and_then(Value::as_guid) else { return Ok(None) };
    Ok(rows.dataverse.store().read_file(id)?.map(|file| (id, file)))
}

/// A GET on the column: JSON with the bytes in base64, or with `$value` the bytes themselves.
pub(crate) fn download(
    call: &Call<'_>,
    rows: &Rows<'_>,
    entity: usize,
    key: &RowKey,
    ordinal: usize,
    raw: bool,
) -> Result<Response> {
    let Some((_, file)) = find(rows, entity, key, ordinal)? else { return Ok(Response::empty(204)) };
    let size = file.content.len();
    let range = call.request.header("Range").map(|range| part(range, size)).transpose()?;
    let (from, to) = range.unwrap_or((0, size));
    let bytes = file.content.get(from..to).unwrap_or_default();
    let status = if range.is_some() { 206 } else { 200 };
    let mut response = if raw {
        let mut response = Response::empty(status);
        response.header("Content-Type", BYTES);
        response.body = bytes.to_vec();
        response
    } else {
        let own = rows.schema.entity(entity);
        let column = &own.table.column(ordinal).name;
        let context = format!("{}$metadata#{}/{column}", call.root, own.set);
        let body = serde_json::json!({ "@odata.context": context, "value": STANDARD.encode(bytes) });
        Response::json(status, body.to_string())
    };
    let name = ascii(&file.name);
    response.header("x-ms-file-name", name.clone());
    response.header("x-ms-file-size", size.to_string());
    response.header("mimetype", ascii(&file.media_type));
    response.header("Content-Disposition", format!("attachment; filename=\"{name}\""));
    response.header("Accept-Ranges", "bytes");
    if range.is_some() && to > from {
        response.header("Content-Range", format!("bytes {from}-{}/{size}", to - 1));
    }
    Ok(response)
}

/// A text as a header can hold it.
fn ascii(text: &str) -> String {
    if text.chars().all(|sign| sign.is_ascii_graphic() || sign == ' ') {
        text.to_owned()
    } else {
        crate::address::encode(text)
    }
}

/// The part of a file a `Range` header asks for, its end excluded. A part that begins at the very end is empty: clients
/// that read chunk by chunk ask for it when the last chunk was full.
pub(crate) fn part(range: &str, size: usize) -> Result<(usize, usize)> {
    let text = size.to_string();
    let bad = || ApiError::named("RangeNotSatisfiable", &[("range", range), ("size", &text)]);
    let (from, to) =
        range.trim().strip_prefix("bytes=").and_then(|own| own.split_once('-')).ok_or_else(bad)?;
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| bad());
    if from.trim().is_empty() {
        return Ok((size.saturating_sub(number(to)?), size));
    }
    let from = number(from)?;
    let to = if to.trim().is_empty() { size } else { number(to)?.saturating_add(1).min(size) };
    if from > size || (from < size && to <= from) {
        return Err(bad());
    }
    Ok((from, to.max(from)))
}
