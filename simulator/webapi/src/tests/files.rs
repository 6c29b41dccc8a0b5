//! File columns: whole, in chunks, in blocks.

use super::{ROOT, World, error, json as read, text};
use crate::{Request, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

/// A world with an account that has a file column, and the address of the column.
fn world() -> (World, String) {
    let mut world = World::new();
    let column = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.FileAttributeMetadata", "SchemaName": "new_Doc", "MaxSizeInKB": 5000
    });
    let made = world.call("POST", "EntityDefinitions(LogicalName='account')/Attributes", &column);
    assert_eq!(made.status, 204, "{}", text(&made));
    let account = world.create("accounts", &json!({"name": "Filed", "new_doc": "ignored"}));
    (world, format!("accounts({account})/new_doc"))
}

impl World {
    fn upload(&mut self, path: &str, name: &str, content: &[u8]) -> Response {
        let request = self
            .request("PATCH", path)
            .with_header("Content-Type", "application/octet-stream")
            .with_header("x-ms-file-name", name)
            .with_header("If-None-Match", "null")
            .with_body(content);
        self.send(&request)
    }

    fn download(&mut self, path: &str, range: &str) -> Response {
        let request = self.request("GET", path).with_header("Range", range);
        self.send(&request)
    }
}

#[test]
fn a_file_is_written_read_in_ranges_and_removed() {
    let (mut world, path) = world();
    let empty = world.request("GET", &path);
    assert_eq!(world.send(&empty).status, 204);
    assert_eq!(world.upload(&path, "a%20b.txt", b"0123456789").status, 204);
    let row = world.get(path.strip_suffix("/new_doc").unwrap());
    assert_eq!(row["new_doc_name"], "a b.txt");
    assert!(row["new_doc"].as_str().is_some_and(|id| id.len() == 36));
    assert_eq!(row["_modifiedby_value"], world.caller.to_string());
    let raw = world.request("GET", &format!("{path}/$value"));
    let raw = world.send(&raw);
    assert_eq!((raw.status, raw.body.as_slice()), (200, &b"0123456789"[..]));
    assert_eq!(raw.get("Content-Disposition"), Some("attachment; filename=\"a b.txt\""));
    let part = world.download(&format!("{path}?size=full"), "bytes=2-4");
    assert_eq!((part.status, read(&part)["value"].as_str()), (206, Some(STANDARD.encode("234").as_str())));
    assert_eq!((part.get("x-ms-file-size"), part.get("Content-Range")), (Some("10"), Some("bytes 2-4/10")));
    for (range, found) in [("bytes=8-99", "89"), ("bytes=7-", "789"), ("bytes=-2", "89"), ("bytes=10-20", "")]
    {
        assert_eq!(text(&world.download(&format!("{path}/$value"), range)), found, "{range}");
    }
    for range in ["bytes=11-12", "bytes=4-2", "lines=1-2", "bytes=x-", "bytes="] {
        assert_eq!(world.download(&path, range).status, 416, "{range}");
    }
    assert_eq!(world.upload(&path, "second.txt", b"2").status, 204);
    let none = world.request("PATCH", &path).with_header("If-None-Match", "*").with_body("x");
    assert_eq!(error(&world.send(&none)), (412, "0x80040237".into()));
    assert_eq!(world.call("DELETE", &path, &json!({})).status, 204);
    assert_eq!(world.send(&empty).status, 204);
    assert_eq!(world.call("PUT", &path, &json!({"value": "x"})).status, 405);
    assert_eq!(error(&world.upload(&path, "", b"x")), (400, "0x80090017".into()));
    assert_eq!(error(&world.upload(&path, "x", &vec![0; 5_000 * 1_024 + 1])), (413, "0x80044a02".into()));
    let list = world.get("accounts?$filter=new_doc ne null&$select=new_doc_name");
    assert_eq!(list["value"].as_array().unwrap().len(), 0);
}

fn chunk(world: &World, location: &str, range: &str, body: &[u8]) -> Request {
    // Some clients repeat the header that begins an upload.
    let path = &location[ROOT.len()..];
    world
        .request("PATCH", path)
        .with_header("x-ms-transfer-mode", "chunked")
        .with_header("Content-Range", range)
        .with_body(body)
}

fn begin(world: &mut World, path: &str) -> Response {
    let request = world
        .request("PATCH", &format!("{path}?x-ms-file-name=big%20one.bin"))
        .with_header("x-ms-transfer-mode", "chunked");
    world.send(&request)
}

#[test]
fn a_file_comes_in_chunks_and_is_there_when_the_last_one_is() {
    let (mut world, path) = world();
    let begun = begin(&mut world, &path);
    assert_eq!((begun.status, begun.get("x-ms-chunk-size")), (200, Some("4194304")));
    let location = begun.get("Location").unwrap().to_owned();
    let first = chunk(&world, &location, "bytes 0-3/8", b"abcd");
    assert_eq!(world.send(&first).status, 206);
    let empty = world.request("GET", &path);
    assert_eq!(world.send(&empty).status, 204);
    for (range, body) in [("bytes 5-8/9", &b"efgh"[..]), ("bytes 4-9/8", b"efghij"), ("nonsense", b"efgh")] {
        let wrong = chunk(&world, &location, range, body);
        assert_eq!(error(&world.send(&wrong)), (400, "0x80090017".into()), "{range}");
    }
    let last = chunk(&world, &location, "bytes 4-7/8", b"efgh");
    assert_eq!(world.send(&last).status, 204);
    // A client whose last chunk was full sends an empty one more.
    let more = chunk(&world, &location, "bytes 8-7/8", b"");
    assert_eq!(world.send(&more).status, 204);
    let row = world.get(path.strip_suffix("/new_doc").unwrap());
    assert_eq!(row["new_doc_name"], "big one.bin");
    assert_eq!(text(&world.download(&format!("{path}/$value"), "bytes=0-")), "abcdefgh");
    let nothing = begin(&mut world, &path).get("Location").unwrap().to_owned();
    let nothing = chunk(&world, &nothing, "bytes 0--1/0", b"");
    assert_eq!(world.send(&nothing).status, 204);
    assert_eq!(text(&world.download(&format!("{path}/$value"), "bytes=0-")), "");
    let stranger = chunk(&world, &format!("{ROOT}{path}?sessiontoken=x"), "bytes 0-0/1", b"a");
    assert_eq!(error(&world.send(&stranger)).0, 400);
    let huge = begin(&mut world, &path).get("Location").unwrap().to_owned();
    let huge = chunk(&world, &huge, "bytes 0-0/99999999999", b"a");
    assert_eq!(error(&world.send(&huge)), (413, "0x80044a02".into()));
    let name = path.replace("new_doc", "name");
    assert_eq!(error(&begin(&mut world, &name)), (400, "0x80090017".into()));
}

#[test]
fn messages_carry_files_in_blocks() {
    let (mut world, path) = world();
    let account = path.split(['(', ')']).nth(1).unwrap().to_owned();
    let target = json!({"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": account});
    let begun = world.call(
        "POST",
        "InitializeFileBlocksUpload",
        &json!({"Target": target, "FileAttributeName": "new_doc", "FileName": "blocks.txt"}),
    );
    let token = read(&begun)["FileContinuationToken"].as_str().unwrap().to_owned();
    for (id, data) in [("two", "world"), ("one", "hello ")] {
        let block =
            json!({"BlockId": id, "BlockData": STANDARD.encode(data), "FileContinuationToken": token});
        assert_eq!(world.call("POST", "UploadBlock", &block).status, 204);
    }
    let mut commit = json!({"FileName": "blocks.txt", "MimeType": "text/plain", "BlockList": ["one", "three"], "FileContinuationToken": token});
    assert_eq!(world.call("POST", "CommitFileBlocksUpload", &commit).status, 400);
    commit["BlockList"] = json!(["one", "two"]);
    let done = read(&world.call("POST", "CommitFileBlocksUpload", &commit));
    assert_eq!(done["FileSizeInBytes"].as_i64(), Some(11));
    let out = json!({"Target": target, "FileAttributeName": "new_doc"});
    let out = read(&world.call("POST", "InitializeFileBlocksDownload", &out));
    assert_eq!((out["FileName"].as_str(), out["FileSizeInBytes"].as_i64()), (Some("blocks.txt"), Some(11)));
    let block =
        json!({"Offset": 6, "BlockLength": 100, "FileContinuationToken": out["FileContinuationToken"]});
    let data = read(&world.call("POST", "DownloadBlock", &block));
    assert_eq!(STANDARD.decode(data["Data"].as_str().unwrap()).unwrap(), b"world");
    let id = json!({"FileId": done["FileId"]});
    assert_eq!(world.call("POST", "DeleteFile", &id).status, 204);
    assert_eq!(error(&world.call("POST", "DeleteFile", &id)).0, 404);
    let empty = world.request("GET", &path);
    assert_eq!(world.send(&empty).status, 204);
    let none = json!({"Target": target, "FileAttributeName": "name"});
    assert_eq!(world.call("POST", "InitializeFileBlocksDownload", &none).status, 400);
}
