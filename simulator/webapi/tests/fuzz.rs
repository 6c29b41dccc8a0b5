//! Mutated filters, batches and FetchXML: whatever comes in, an answer in Dataverse's shape goes out, soon.
//!
//! A corpus of good inputs is cut, doubled, spliced and sprinkled with words of the languages. The same seed makes the
//! same inputs. `DWSIM_FUZZ_SECONDS` sets how long each language is tried (3), `DWSIM_FUZZ_SEED` where it starts (1).
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::Environment;
use dwsim_model::Seed;
use dwsim_tenant::{Tenant, TenantOptions};
use dwsim_webapi::{Request, Response, WebApi, address};
use serde_json::Value as Json;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Longest any one answer may take, on a busy machine in a debug build.
const LONGEST: Duration = Duration::from_secs(5);
/// Longest input, so that many are tried.
const LARGEST: usize = 8 << 10;

struct World {
    api: WebApi,
    tenant: Tenant,
    caller: Uuid,
}

impl World {
    fn new() -> Self {
        let seed = Seed::new(1);
        let options = TenantOptions {
            profile: ProfileId::Docs2026,
            seed,
            finops: Environment::new("Contoso", seed.id("tenant")),
            dataverse_name: "Contoso Sales".into(),
            dataverse_geography: "United States".into(),
            dataverse_exists: true,
            human_resources_app: false,
        };
        let tenant = Tenant::new(Catalog::embedded().unwrap(), options).unwrap();
        let caller = tenant.dataverse().unwrap().user_named(&tenant.person.name).unwrap().unwrap();
        let mut world = Self { api: WebApi::new(), tenant, caller };
        for number in 0..20 {
            let body = format!("{{\"name\":\"n{number}\",\"revenue\":{number}.5,\"creditonhold\":true}}");
            let request = world.request("POST", "accounts").with_body(body);
            assert_eq!(world.api.handle(&mut world.tenant, &request).status, 204);
        }
        world
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &format!("/api/data/v9.2/{path}"), self.caller)
    }
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// One of the inputs, changed a little or a lot.
fn mutated(random: &mut Random, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = random.one(corpus).clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let to = (at + random.below(40)).min(input.len());
        match random.below(8) {
            0 => drop(input.drain(at..to)),
            1 => {
                let piece = input[at..to].repeat(random.below(50));
                input.splice(at..at, piece);
            }
            2 => {
                let other = random.one(corpus);
                let from = random.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            3 | 4 => drop(input.splice(at..to, random.one(words).bytes())),
            5 => {
                let many = random.one(words).repeat(random.below(300));
                input.splice(at..at, many.bytes());
            }
            6 => input.truncate(at),
            _ => {
                let byte = u8::try_from(random.next() % 256).unwrap();
                input.splice(at..at, [byte]);
            }
        }
        input.truncate(LARGEST);
    }
    input
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Tries inputs until the time is over.
fn fuzz(
    corpus: &[&str],
    words: &[&str],
    ask: impl Fn(&World, &[u8]) -> Request,
    judge: impl Fn(&Response) -> Result<(), String>,
) {
    let mut world = World::new();
    let corpus: Vec<Vec<u8>> = corpus.iter().map(|input| input.as_bytes().to_vec()).collect();
    for input in &corpus {
        let request = ask(&world, input);
        let response = world.api.handle(&mut world.tenant, &request);
        let (input, body) = (String::from_utf8_lossy(input), String::from_utf8_lossy(&response.body));
        assert_eq!(response.status, 200, "{input}\n{body}");
    }
    let mut random = Random(setting("DWSIM_FUZZ_SEED", 1));
    let end = Instant::now() + Duration::from_secs(setting("DWSIM_FUZZ_SECONDS", 3));
    let (mut tried, mut accepted) = (0, 0);
    while Instant::now() < end {
        let input = mutated(&mut random, &corpus, words);
        let request = ask(&world, &input);
        let start = Instant::now();
        let answered = catch_unwind(AssertUnwindSafe(|| world.api.handle(&mut world.tenant, &request)));
        let took = start.elapsed();
        let verdict = match &answered {
            Err(_) => Err("it panicked".to_owned()),
            Ok(_) if took > LONGEST => Err(format!("it took {took:?}")),
            Ok(response) if response.status == 500 => {
                Err(String::from_utf8_lossy(&response.body).into_owned())
            }
            Ok(response) if response.status == 200 => judge(response),
            // A batch that ended early is answered with the status of its last part, in its own form.
            Ok(response) => well_formed(response).or_else(|why| judge(response).map_err(|_| why)),
        };
        if let Err(why) = verdict {
            panic!("{why}\ninput {:?}", String::from_utf8_lossy(&input));
        }
        tried += 1;
        accepted += usize::from(answered.is_ok_and(|response| response.status == 200));
    }
    println!("{tried} inputs, {accepted} of them good");
    assert!(tried > 100 && accepted > 0 && accepted < tried, "{accepted} of {tried} were accepted");
}

/// An error has a code and a text.
fn well_formed(response: &Response) -> Result<(), String> {
    if response.status < 400 {
        return Ok(());
    }
    let json: Json = serde_json::from_slice(&response.body).map_err(|error| error.to_string())?;
    let code = json["error"]["code"].as_str().unwrap_or_default();
    let message = json["error"]["message"].as_str().unwrap_or_default();
    let good = code.len() == 10 && code.starts_with("0x8") && !message.is_empty();
    if good { Ok(()) } else { Err(format!("{json} is not in Dataverse's shape")) }
}

fn is_page(response: &Response) -> Result<(), String> {
    let json: Json = serde_json::from_slice(&response.body).map_err(|error| error.to_string())?;
    if json["value"].is_array() { Ok(()) } else { Err(format!("{json} is no page")) }
}

#[test]
fn filters() {
    let corpus = [
        "name eq 'n1'",
        "not (name ne 'n1' and revenue gt 5.5) or creditonhold eq true",
        "contains(name,'n') and startswith(name,'n1') and endswith(name,'5')",
        "createdon ge 2020-01-01T00:00:00Z and statecode eq 0",
        "_ownerid_value eq 00000000-0000-0000-0000-000000000001",
        "primarycontactid/firstname eq null",
        "contact_customer_accounts/any(c:c/firstname eq 'a' or c/lastname ne null)",
        "contact_customer_accounts/all(c:startswith(c/firstname,'a'))",
        "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['n1','n2'])",
        "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=5)",
    ];
    let words = [
        "(",
        ")",
        "not ",
        " and ",
        " or ",
        " eq ",
        " ne ",
        " lt ",
        "null",
        "true",
        "''",
        "'",
        "%",
        "name",
        "/",
        "[",
        "]",
        ",",
        "/any(a:",
        "$it/",
        "@p1",
        "-1e999",
        "99999999999999999999999999",
        "é",
        "\u{0}",
        "1.0e-5",
        "2026-13-45",
        "Microsoft.Dynamics.CRM.Between(",
        "PropertyName=",
        "_value",
        " in (",
    ];
    let ask = |world: &World, input: &[u8]| {
        let text = address::encode(&String::from_utf8_lossy(input));
        world.request("GET", &format!("accounts?$select=name&$filter={text}"))
    };
    fuzz(&corpus, &words, ask, is_page);
}

#[test]
fn fetch_xml() {
    let corpus = [
        "<fetch top='5'><entity name='account'><attribute name='name'/><order attribute='name'/></entity></fetch>",
        "<fetch><entity name='account'><filter type='or'><condition attribute='name' operator='like' value='n%'/><condition attribute='revenue' operator='between'><value>1</value><value>5</value></condition></filter></entity></fetch>",
        "<fetch aggregate='true'><entity name='account'><attribute name='revenue' aggregate='sum' alias='total'/><attribute name='statecode' groupby='true' alias='state'/></entity></fetch>",
        "<fetch page='1' count='3'><entity name='account'><all-attributes/><link-entity name='contact' from='parentcustomerid' to='accountid' link-type='outer' alias='c'><attribute name='firstname'/><filter><condition attribute='lastname' operator='not-null'/></filter></link-entity></entity></fetch>",
        "<fetch distinct='true' returntotalrecordcount='true'><entity name='account'><attribute name='createdon'/><filter><condition attribute='createdon' operator='last-x-days' value='3'/></filter></entity></fetch>",
    ];
    let words = [
        "<filter>",
        "</filter>",
        "<condition ",
        "/>",
        ">",
        "<",
        "\"",
        "'",
        "</link-entity>",
        "<link-entity name='contact' from='accountid' to='accountid'>",
        " operator='eq'",
        " value=''",
        "&lt;",
        "&#0;",
        "&bad;",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
        "<![CDATA[",
        "<!--",
        " aggregate='count'",
        " top='99999999999999999999'",
        " page='-1'",
        "<value>",
        "\u{0}",
        "é",
        " alias='a'",
        " operator='in'",
        " operator='under'",
        " groupby='true'",
        " dategrouping='year'",
    ];
    let ask = |world: &World, input: &[u8]| {
        let text = address::encode(&String::from_utf8_lossy(input));
        world.request("GET", &format!("accounts?fetchXml={text}"))
    };
    fuzz(&corpus, &words, ask, is_page);
}

#[test]
fn batches() {
    let corpus = [
        "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET accounts?$top=1 HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n--b--",
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"name\":\"a\"}\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nPATCH $1 HTTP/1.1\r\n\r\n{\"name\":\"b\"}\r\n--c--\r\n--b--\r\n",
        "--b\nContent-Type: application/http\n\nGET /api/data/v9.2/accounts?$filter=name eq 'a b' HTTP/1.1\n\n--b\nContent-Type: application/http\n\nGET WhoAmI HTTP/1.1\n\n--b--\n",
    ];
    let words = [
        "--b\r\n",
        "--b--",
        "--c\r\n",
        "--c--",
        "\r\n\r\n",
        "\n",
        "Content-ID: 1\r\n",
        "$1",
        "$2",
        " HTTP/1.1",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "boundary=",
        "GET ",
        "DELETE ",
        "{",
        "}",
        "[[[[",
        "POST $batch HTTP/1.1",
        "\"name\":",
        ":",
        "\u{0}",
        "é",
        "http://",
        "/api/data/",
    ];
    let ask = |world: &World, input: &[u8]| {
        let kind = "multipart/mixed; boundary=b";
        world.request("POST", "$batch").with_header("Content-Type", kind).with_body(input)
    };
    fuzz(&corpus, &words, ask, |response| {
        let kind = response.get("Content-Type").unwrap_or_default();
        let boundary = kind.split_once("boundary=").map(|(_, boundary)| boundary).unwrap_or_default();
        let text = String::from_utf8(response.body.clone()).map_err(|error| error.to_string())?;
        let end = format!("--{boundary}--\r\n");
        let whole = text.starts_with(&format!("--{boundary}\r\n")) && text.ends_with(&end);
        if whole { Ok(()) } else { Err(format!("the answer is no multipart: {text}")) }
    });
}
