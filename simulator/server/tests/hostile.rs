//! Clients that mean ill, or are broken: each gets an error or a closed connection, and the others are still served.
#![allow(missing_docs)]

mod common;

use common::{ROOT, Running, TOKEN, answer, options, request};
use dwsim_server::Limits;
use serde_json::json;
use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

/// Memory of this process that is in use, in bytes; none where the system does not tell.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib << 10)
}

#[test]
fn a_body_of_100_mb_that_says_so_is_refused_before_it_is_sent() {
    let server = Running::start(options());
    let mut stream = server.connect();
    let head = format!(
        "POST {ROOT}accounts HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n",
        100 << 20
    );
    stream.write_all(head.as_bytes()).unwrap();
    let refused = answer(&mut stream).unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (413, "0x80060888"));
    server.assert_alive();
}

#[test]
fn bodies_of_100_mb_in_pieces_from_many_clients_do_not_fill_the_memory() {
    let server = Running::start(options());
    let before = resident();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut stream = server.connect();
                let head = format!(
                    "POST {ROOT}accounts HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).unwrap();
                let mut chunk = format!("{:x}\r\n", 1 << 20).into_bytes();
                chunk.resize(chunk.len() + (1 << 20), b'x');
                chunk.extend_from_slice(b"\r\n");
                // The server closes in the middle.
                let sent = (0..100).take_while(|_| stream.write_all(&chunk).is_ok()).count();
                assert!(sent < 100, "all of it was taken");
            });
        }
    });
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(after.saturating_sub(before) < 700 << 20, "{before} bytes became {after}");
    }
    server.assert_alive();
}

#[test]
fn a_body_of_a_stranger_is_not_read() {
    let server = Running::start(options());
    let mut stream = server.connect();
    let head = format!("POST {ROOT}accounts HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let refused = answer(&mut stream).unwrap();
    assert_eq!(refused.status, 401);
    assert!(refused.header("WWW-Authenticate").unwrap().contains("authorization_uri="));
}

#[test]
fn nesting_without_end_is_refused_in_filters_bodies_and_fetch_xml() {
    let server = Running::start(options());
    let around = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for open in ["(", "not%20(", "accounts/any(a:"] {
        let filter = around(open, "name%20eq%20%27x%27", ")", 10_000);
        let refused = server.send("GET", &format!("accounts?$filter={filter}"), &[], b"");
        assert!([400, 414, 431].contains(&refused.status), "{open}: {}", refused.status);
        // In a batch, long addresses are allowed.
        let body = format!(
            "--b\r\nContent-Type: application/http\r\n\r\nGET accounts?$filter={filter} HTTP/1.1\r\n\r\n\r\n--b--"
        );
        let kind = [("Content-Type", "multipart/mixed; boundary=b")];
        let answered = server.send("POST", "$batch", &kind, body.as_bytes());
        assert!(answered.text().contains("\"error\""), "{open}");
    }
    let inside = around("(", "name%20eq%20%27x%27", ")", 5_000);
    let refused = server.send("GET", &format!("accounts?$filter={inside}"), &[], b"");
    assert_eq!((refused.status, refused.code().as_str()), (400, "0x80060888"));
    for body in [
        format!("{{\"name\":{}", "[".repeat(100_000)),
        around("{\"name\":", "1", "}", 100_000),
        format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20)),
    ] {
        let refused = server.send("POST", "accounts", &[], body.as_bytes());
        assert_eq!(refused.status, 400);
        assert!(refused.code().starts_with("0x8"), "{}", refused.text());
    }
    let xml = around("<filter>", "", "</filter>", 1_000);
    let fetch = format!("<fetch><entity name=\"account\">{xml}</entity></fetch>")
        .replace('<', "%3C")
        .replace('>', "%3E");
    let refused = server.send(
        "GET",
        &format!("accounts?fetchXml={}", fetch.replace(' ', "%20").replace('"', "%22")),
        &[],
        b"",
    );
    assert_eq!(refused.status, 400, "{}", refused.text());
    server.assert_alive();
}

#[test]
fn a_malformed_multipart_is_an_error_that_names_the_fault() {
    let server = Running::start(options());
    let kind = [("Content-Type", "multipart/mixed; boundary=b")];
    let repeated = b"--b\r\n".repeat(100_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"--b",
        b"--b\r\n\r\nGET",
        b"--b\r\nContent-Type: application/http\r\n\r\nGET accounts HTTP/1.1\r\n\r\n",
        b"--b\r\nno header\r\n\r\n--b--",
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b--",
        b"\xff\xfe\xfd",
        &repeated,
    ];
    for body in bodies {
        let refused = server.send("POST", "$batch", &kind, body);
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.code().starts_with("0x8"));
    }
    for other in ["multipart/mixed", "application/json", "multipart/mixed; boundary="] {
        let refused = server.send("POST", "$batch", &[("Content-Type", other)], b"--b--");
        assert_eq!(refused.status, 400);
    }
    server.assert_alive();
}

#[test]
fn text_that_is_not_utf_8_is_refused_wherever_it_stands() {
    let server = Running::start(options());
    let refused = server.send("POST", "accounts", &[], b"{\"name\":\"\xff\xfe\"}");
    assert_eq!((refused.status, refused.code().as_str()), (400, "0x80048d19"));
    let refused = server.send("GET", "accounts?$filter=name%20eq%20%27%ff%27", &[], b"");
    assert_eq!((refused.status, refused.code().as_str()), (400, "0x80060888"));
    for (place, raw) in [
        ("the address", b"GET /api/data/v9.2/accounts?$filter=name%20eq%20%27\xff%27 HTTP/1.1\r\n".to_vec()),
        ("the path", b"GET /api/data/v9.2/acc\xffounts HTTP/1.1\r\n".to_vec()),
        ("a header", b"GET /api/data/v9.2/accounts HTTP/1.1\r\nIf-None-Match: \xff\r\n".to_vec()),
    ] {
        let mut stream = server.connect();
        let rest = format!("Host: h\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(&[raw.as_slice(), rest.as_bytes()].concat()).unwrap();
        let status = answer(&mut stream).map(|answer| answer.status);
        assert!([None, Some(400), Some(404)].contains(&status), "{place}: {status:?}");
    }
    server.assert_alive();
}

#[test]
fn a_head_that_is_no_http_or_has_no_end_is_refused() {
    let server = Running::start(options());
    let long = [b"GET /".as_slice(), &b"a".repeat(400_000), b" HTTP/1.1\r\n\r\n"].concat();
    let many = [b"GET / HTTP/1.1\r\n".as_slice(), &b"A: b\r\n".repeat(10_000), b"\r\n"].concat();
    for raw in [b"NONSENSE\r\n\r\n".to_vec(), b"\0\0\0\0\r\n\r\n".to_vec(), long, many] {
        let mut stream = server.connect();
        // The server may close before all is sent.
        let _ = stream.write_all(&raw);
        let status = answer(&mut stream).map(|answer| answer.status);
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{status:?}");
    }
    server.assert_alive();
}

#[test]
fn clients_that_dawdle_lose_their_connection() {
    let mut options = options();
    options.limits = Limits { patience: Duration::from_millis(500), connections: 40, ..Limits::default() };
    let server = Running::start(options);
    // A page that no socket takes whole.
    let rows: Vec<_> = (0..200).map(|_| json!({"@odata.type": "Microsoft.Dynamics.CRM.account", "name": "n".repeat(100), "accountnumber": "", "description": "d".repeat(2_000), "address1_name": "a".repeat(200)})).collect();
    let many = json!({ "Targets": rows }).to_string();
    for _ in 0..13 {
        let made =
            server.send("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", &[], many.as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
    }
    let started = Instant::now();
    let mut idle: Vec<_> = (0..12).map(|_| server.connect()).collect();
    let mut heads: Vec<_> = (0..12).map(|_| server.connect()).collect();
    for stream in &mut heads {
        stream.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
    }
    let mut bodies: Vec<_> = (0..6).map(|_| server.connect()).collect();
    for stream in &mut bodies {
        let full = request(TOKEN, "POST", &format!("{ROOT}accounts"), &[], b"{\"name\":\"x\"}");
        stream.write_all(&full[..full.len() - 3]).unwrap();
    }
    let mut deaf: Vec<_> = (0..6).map(|_| server.connect_narrow()).collect();
    for stream in &mut deaf {
        stream.write_all(&request(TOKEN, "GET", &format!("{ROOT}accounts"), &[], b"")).unwrap();
    }
    // All places are taken; this one is served once the server has lost patience.
    server.assert_alive();
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    for stream in idle.iter_mut().chain(&mut heads) {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
    }
    for stream in &mut bodies {
        assert_eq!(answer(stream).map(|answer| answer.status), Some(408));
    }
    thread::sleep(Duration::from_secs(4));
    for stream in &mut deaf {
        assert!(answer(stream).is_none(), "an answer nobody took was kept");
    }
}

#[test]
fn five_hundred_connections_are_served_and_each_row_they_write_is_there_once() {
    let server = Running::start(options());
    let mut streams: Vec<_> = (0..500).map(|_| server.connect()).collect();
    for (at, stream) in streams.iter_mut().enumerate() {
        let body = json!({ "name": format!("of connection {at}") }).to_string();
        stream.write_all(&request(TOKEN, "POST", &format!("{ROOT}accounts"), &[], body.as_bytes())).unwrap();
    }
    for stream in &mut streams {
        assert_eq!(answer(stream).map(|answer| answer.status), Some(204));
    }
    // The connections stay open and take a second request.
    for stream in &mut streams {
        stream.write_all(&request(TOKEN, "GET", &format!("{ROOT}accounts/$count"), &[], b"")).unwrap();
    }
    for stream in &mut streams {
        assert!(answer(stream).unwrap().text().ends_with("500"));
    }
}
