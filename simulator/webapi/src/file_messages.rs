//! The messages that carry files in blocks: InitializeFileBlocksUpload and its kin.

use crate::{
    cell,
    error::{ApiError, Result},
    files,
    http::Response,
    payload::{self, Body, ContentIds},
    resource::{self, RowKey},
    rows::Rows,
    service::{Call, WebApi},
    uploads::{Upload, place, save_file},
    write::{Writer, id_of},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dwsim_dataverse::Actor;
use dwsim_model::Value;
use dwsim_store::{Condition, Select, StoredFile};
use dwsim_tenant::Tenant;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Blocks of one file at most.
const MOST_BLOCKS: usize = 50_000;
/// Bytes of one block at most.
const LARGEST_BLOCK: usize = 4_194_304;

fn broken(why: &str) -> ApiError {
    files::transfer(why)
}

fn text<'b>(body: &'b Body, name: &str) -> Result<&'b str> {
    body.get(name).and_then(Json::as_str).ok_or_else(|| broken(&format!("{name} is missing")))
}

/// The row and column a message names: entity, ordinal, key.
fn target(rows: &Rows<'_>, body: &Body) -> Result<(usize, usize, RowKey)> {
    let Some(Json::Object(target)) = body.get("Target") else { return Err(broken("Target is missing")) };
    let kind = target.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
    let name = kind.trim_start_matches('#').trim_start_matches("Microsoft.Dynamics.CRM.");
    let (entity, key) = if let Some(url) = target.get("@odata.id").and_then(Json::as_str) {
        resource::reference(rows, url)?
    } else {
        let entity = rows.schema.index(name);
        let entity = entity.ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))?;
        let id = target.get(rows.schema.entity(entity).id()).and_then(Json::as_str).and_then(cell::guid);
        (entity, RowKey::Id(id.ok_or_else(|| broken("Target has no id"))?))
    };
    let column = text(body, "FileAttributeName")?;
    let own = rows.schema.entity(entity);
    let ordinal = own.table.ordinal(column).filter(|at| files::is_file(rows, entity, *at));
    let ordinal = ordinal.ok_or_else(|| broken(&format!("{column} is no file column of {}", own.name())))?;
    Ok((entity, ordinal, key))
}

impl WebApi {
    /// Answers a message about files, when the segment names one.
    pub(crate) fn file_message(
        &mut self,
        tenant: &mut Tenant,
        call: &Call<'_>,
        name: &str,
    ) -> Result<Option<Response>> {
        let bare = name.strip_prefix("Microsoft.Dynamics.CRM.").unwrap_or(name);
        if call.request.method != "POST" || call.address.segments.len() != 1 {
            return Ok(None);
        }
        let answer = match bare {
            "InitializeFileBlocksUpload" => self.begin_blocks(tenant, call, true)?,
            "InitializeFileBlocksDownload" => self.begin_blocks(tenant, call, false)?,
            "UploadBlock" => {
                self.take_block(call)?;
                return Ok(Some(Response::empty(204)));
            }
            "CommitFileBlocksUpload" => self.commit_blocks(tenant, call)?,
            "DownloadBlock" => self.give_block(call)?,
            "DeleteFile" => {
                delete_file(tenant, call)?;
                return Ok(Some(Response::empty(204)));
            }
            _ => return Ok(None),
        };
        let Json::Object(mut members) = answer else { return Ok(None) };
        let context = format!("{}$metadata#Microsoft.Dynamics.CRM.{bare}Response", call.root);
        members.insert("@odata.context".to_owned(), context.into());
        Ok(Some(Response::json(200, Json::Object(members).to_string())))
    }

    fn begin_blocks(&mut self, tenant: &mut Tenant, call: &Call<'_>, up: bool) -> Result<Json> {
        let body = payload::object("InitializeFileBlocks", &call.request.body)?;
        let Some(dataverse) = tenant.dataverse() else { return Err(broken("there is no environment")) };
        let rows = Rows::new(dataverse, call.schema, tenant.clock().now(), call.caller);
        let (entity, ordinal, key) = target(&rows, &body)?;
        let own = call.schema.entity(entity);
        let row = id_of(&resource::find(&rows, entity, &key)?);
        let file = if up {
            let name = files::checked_name(text(&body, "FileName")?)?;
            StoredFile { name, media_type: String::new(), content: Vec::new() }
        } else {
            let found = files::find(&rows, entity, &key, ordinal)?;
            found.map(|(_, file)| file).ok_or_else(|| broken("the column is empty"))?
        };
        self.uploads.check_room(file.content.len())?;
        let (name, size) = (file.name.clone(), file.content.len());
        let upload = Upload {
            table: own.name().to_owned(),
            row,
            column: own.table.column(ordinal).name.to_string(),
            caller: call.caller,
            file,
            blocks: BTreeMap::new(),
            done: !up,
        };
        let token = tenant.seed().id(&format!("webapi/upload/{}", self.number())).to_string();
        self.uploads.begin(token.clone(), upload);
        Ok(if up {
            json!({ "FileContinuationToken": token })
        } else {
            json!({
                "FileContinuationToken": token, "FileName": name, "FileSizeInBytes": size,
                "IsChunkingSupported": true
            })
        })
    }

    fn take_block(&mut self, call: &Call<'_>) -> Result<()> {
        let body = payload::object("UploadBlock", &call.request.body)?;
        let data =
            STANDARD.decode(text(&body, "BlockData")?).map_err(|_| broken("BlockData is no base64"))?;
        if data.len() > LARGEST_BLOCK {
            return Err(broken("a block has at most 4194304 bytes"));
        }
        self.uploads.check_room(data.len())?;
        let upload = self.uploads.get(text(&body, "FileContinuationToken")?, call.caller)?;
        if upload.done || upload.blocks.len() >= MOST_BLOCKS {
            return Err(broken("the upload takes no more blocks"));
        }
        upload.blocks.insert(text(&body, "BlockId")?.to_owned(), data);
        Ok(())
    }

    fn commit_blocks(&mut self, tenant: &mut Tenant, call: &Call<'_>) -> Result<Json> {
        let body = payload::object("CommitFileBlocksUpload", &call.request.body)?;
        let token = text(&body, "FileContinuationToken")?.to_owned();
        let name = body.get("FileName").and_then(Json::as_str).map(files::checked_name).transpose()?;
        let media_type = body.get("MimeType").and_then(Json::as_str).unwrap_or("application/octet-stream");
        let upload = self.uploads.get(&token, call.caller)?;
        if upload.done {
            return Err(broken("the token is one of a download"));
        }
        let mut content = Vec::new();
        for id in body.get("BlockList").and_then(Json::as_array).into_iter().flatten() {
            let block = id.as_str().and_then(|id| upload.blocks.get(id));
            content
                .extend_from_slice(block.ok_or_else(|| broken(&format!("the block {id} was not uploaded")))?);
        }
        let size = content.len();
        let name = name.unwrap_or_else(|| upload.file.name.clone());
        let media_type = media_type.chars().take(200).collect();
        let file = StoredFile { name, media_type, content };
        let place = {
            let Some(dataverse) = tenant.dataverse() else { return Err(broken("there is no environment")) };
            let rows = Rows::new(dataverse, call.schema, tenant.clock().now(), call.caller);
            let place = place(&rows, upload)?;
            files::check_size(&rows, place.0, place.1, size)?;
            place
        };
        let id = save_file(tenant, call, place, upload.row, &file)?;
        self.uploads.end(&token);
        Ok(json!({ "FileId": id.to_string(), "FileSizeInBytes": size }))
    }

    fn give_block(&mut self, call: &Call<'_>) -> Result<Json> {
        let body = payload::object("DownloadBlock", &call.request.body)?;
        let number = |name: &str| {
            let own = body.get(name).and_then(Json::as_u64).and_then(|own| usize::try_from(own).ok());
            own.ok_or_else(|| broken(&format!("{name} is no whole number")))
        };
        let (offset, length) = (number("Offset")?, number("BlockLength")?);
        let upload = self.uploads.get(text(&body, "FileContinuationToken")?, call.caller)?;
        let end = offset.saturating_add(length.min(LARGEST_BLOCK)).min(upload.file.content.len());
        let data = upload.file.content.get(offset..end).ok_or_else(|| broken("Offset is beyond the file"))?;
        Ok(json!({ "Data": STANDARD.encode(data) }))
    }
}

/// Removes a file by its own id: the row that names it is found first.
fn delete_file(tenant: &mut Tenant, call: &Call<'_>) -> Result<()> {
    let body = payload::object("DeleteFile", &call.request.body)?;
    let given = text(&body, "FileId")?;
    let id = cell::guid(given).ok_or_else(|| broken("FileId is no id"))?;
    let ids = ContentIds::new();
    let done = tenant.in_dataverse(Actor::Caller(call.caller), |transaction| -> Result<()> {
        let mut writer = Writer { transaction, schema: call.schema, ids: &ids, detects: false };
        let mut found = None;
        {
            let rows = writer.rows();
            for entity in 0..call.schema.entities.len() {
                let columns = crate::schema::present(&call.schema.entity(entity).table);
                for ordinal in columns.filter(|at| files::is_file(&rows, entity, *at)) {
                    let select = Select::all(rows.table(entity)?)
                        .only(Condition::Equal(ordinal, Value::Guid(id)))
                        .limit(1);
                    if let Some(row) = rows.dataverse.store().collect(&select)?.first() {
                        found = Some((entity, ordinal, id_of(row)));
                    }
                }
            }
        }
        let missing = || ApiError::named("FileNotFound", &[("id", given)]);
        let (entity, ordinal, row) = found.ok_or_else(missing)?;
        files::keep(&mut writer, entity, row, ordinal, Some(id), None).map(drop)
    });
    done.map(drop)
}
