//! Change tracking: all rows with a link to what changes from then on, and what has changed since a link.

use crate::{
    address::encode,
    collection::{LARGEST_PAGE, Query},
    cookie::Cookie,
    error::{ApiError, Result},
    http::Response,
    json::JsonWriter,
    options,
    read::Reader,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::fmt::Write as _;

/// How long a link is good for.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How a token writes its time.
const TIME: &str = "%m/%d/%Y %H:%M:%S";
/// Options that do not go with change tracking.
const REFUSED: [(&str, &str); 4] =
    [("$filter", "filter"), ("$orderby", "orderby"), ("$expand", "expand"), ("$top", "top")];

/// A version of the rows and the time a client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    version: i64,
    seen: Timestamp,
}

impl Token {
    fn now(reader: &Reader<'_, '_>) -> Self {
        Self { version: reader.rows.dataverse.store().version(), seen: reader.rows.now }
    }

    fn text(self) -> String {
        format!("{}!{}", self.version, self.seen.to_zoned(TimeZone::UTC).strftime(TIME))
    }

    /// Reads a token; one that is too old or of another database is expired.
    fn read(reader: &Reader<'_, '_>, text: &str) -> Result<Self> {
        let broken = || ApiError::bad_url(&format!("'{text}' is no delta token"));
        let (version, time) = text.split_once('!').ok_or_else(broken)?;
        let version: i64 = version.trim().parse().map_err(|_| broken())?;
        let time = jiff::civil::DateTime::strptime(TIME, time.trim()).map_err(|_| broken())?;
        let seen = time.to_zoned(TimeZone::UTC).map_err(|_| broken())?.timestamp();
        let age = reader.rows.now.duration_since(seen);
        // A token has whole seconds only.
        let future = age < SignedDuration::from_secs(-1);
        if age > GOOD_FOR || future || version > reader.rows.dataverse.store().version() || version < 0 {
            return Err(ApiError::named("ExpiredVersionStamp", &[]));
        }
        Ok(Self { version, seen })
    }
}

/// Whether a client asks for changes: at the beginning, on a later page, or by a link.
pub(crate) fn is_tracking(reader: &Reader<'_, '_>) -> bool {
    let page =
        reader.address.option("$skiptoken").is_some_and(|cookie| cookie.contains("istracking=\"True\""));
    reader.preferences.track_changes || page || reader.address.option("$deltatoken").is_some()
}

fn check(reader: &Reader<'_, '_>, entity: usize) -> Result<()> {
    for (option, name) in REFUSED {
        if reader.address.option(option).is_some() {
            return Err(ApiError::named("ChangeTrackingOption", &[("option", name)]));
        }
    }
    let name = reader.rows.schema.entity(entity).name();
    let said = reader.rows.dataverse.definitions().tables.get(name);
    if said.is_some_and(|said| !said.change_tracking) {
        return Err(ApiError::named("ChangeTrackingOff", &[("table", name)]));
    }
    Ok(())
}

/// A page of rows, or of changes; the last one carries the link to what comes after.
pub(crate) fn answer(reader: &Reader<'_, '_>, entity: usize) -> Result<Response> {
    check(reader, entity)?;
    let options = options::read(reader.rows, entity, &reader.address.options)?;
    let cookie = reader.address.option("$skiptoken").map(Cookie::read).transpose()?;
    // What is read on later pages may be newer than the first; the link begins where the first page did.
    let carried = cookie.as_ref().and_then(|cookie| cookie.tracking.as_deref());
    let (since, until) = match carried.and_then(|tracking| tracking.split_once('|')) {
        Some(("", until)) => (None, Token::read(reader, until)?),
        Some((since, until)) => (Some(Token::read(reader, since)?), Token::read(reader, until)?),
        None => {
            let since = reader.address.option("$deltatoken");
            (since.map(|token| Token::read(reader, token)).transpose()?, Token::now(reader))
        }
    };
    let size = reader.preferences.page_size.or(cookie.as_ref().and_then(|cookie| cookie.size));
    let mut query = Query::new(entity, &options);
    query.cookie = cookie;
    query.page = size.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    query.since = since.map(|token| token.version);
    let page = query.run(reader.rows)?;
    let renderer = reader.renderer();
    let own = reader.rows.schema.entity(entity);
    let mut json = JsonWriter::new();
    json.open();
    let delta = if since.is_some() { "/$delta" } else { "" };
    json.member("@odata.context", &format!("{}{delta}", renderer.context(own, &options, false)));
    if let Some(count) = page.count {
        json.name("@odata.count");
        json.bare(count);
    }
    json.name("value");
    json.open_list();
    for row in &page.rows {
        renderer.object(&mut json, entity, row, &options)?;
    }
    if let (Some(since), None) = (since, &page.next) {
        for id in removed(reader, entity, since)? {
            json.open();
            json.member("@odata.context", &format!("{}$metadata#{}/$deletedEntity", reader.root, own.set));
            json.member("id", &id);
            json.member("reason", "deleted");
            json.close();
        }
    }
    json.close_list();
    match page.next {
        Some(mut next) => {
            let since = since.map(Token::text).unwrap_or_default();
            next.tracking = Some(format!("{since}|{}", until.text()));
            json.member("@odata.nextLink", &reader.next_link(&own.set, &next));
        }
        None => json.member("@odata.deltaLink", &delta_link(reader, &own.set, until)),
    }
    json.close();
    let applied =
        if reader.preferences.track_changes { vec!["odata.track-changes".to_owned()] } else { Vec::new() };
    Ok(reader.with_applied(Response::json(200, json.finish()), applied))
}

/// Rows that are gone and have not come back.
fn removed(reader: &Reader<'_, '_>, entity: usize, since: Token) -> Result<Vec<String>> {
    let store = reader.rows.dataverse.store();
    let mut ids = Vec::new();
    for id in store.removed_since(reader.rows.table(entity)?, since.version)? {
        let back = id.as_guid().map(|id| reader.rows.row(entity, id)).transpose()?.flatten().is_some();
        let text = id.to_string();
        if !back && !ids.contains(&text) {
            ids.push(text);
        }
    }
    Ok(ids)
}

fn delta_link(reader: &Reader<'_, '_>, set: &str, token: Token) -> String {
    let mut link = format!("{}{set}?", reader.root);
    let kept = |name: &str| name != "$skiptoken" && name != "$deltatoken";
    for (name, value) in reader.address.options.iter().filter(|(name, _)| kept(name)) {
        let _ = write!(link, "{name}={}&", encode(value));
    }
    let _ = write!(link, "$deltatoken={}", encode(&token.text()));
    link
}

/// How many rows have changed or gone since a link.
pub(crate) fn count(reader: &Reader<'_, '_>, entity: usize, token: &str) -> Result<Response> {
    check(reader, entity)?;
    let since = Token::read(reader, token)?;
    let options = options::read(reader.rows, entity, &reader.address.options)?;
    let mut query = Query::new(entity, &options);
    query.since = Some(since.version);
    query.count = true;
    query.page = 1;
    let changed = query.run(reader.rows)?.count.unwrap_or(0);
    let gone = removed(reader, entity, since)?.len();
    Ok(Reader::count_text((changed + gone).min(LARGEST_PAGE)))
}
