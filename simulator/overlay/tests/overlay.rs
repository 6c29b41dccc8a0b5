//! A team's own mocks above the simulated environment.
#![allow(missing_docs, clippy::unwrap_used)]

use dwsim_overlay::{Environment, overlay};
use reqwest::{Client, StatusCode};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, query_param},
};

/// A client that tries a create again when it is told to, as integrations do.
async fn create_with_retry(client: &Client, url: &str, name: &str) -> (u32, Option<String>) {
    for tries in 1..=3 {
        let response = client.post(url).json(&json!({ "name": name })).send().await.unwrap();
        if response.status() == StatusCode::NO_CONTENT {
            let id = response.headers()["OData-EntityId"].to_str().unwrap().to_owned();
            return (tries, Some(id));
        }
        assert!(response.headers().contains_key("Retry-After"));
    }
    (3, None)
}

#[tokio::test]
async fn the_third_post_fails_and_the_client_that_tries_again_has_every_row_once() {
    let environment = Environment::after("new-new").unwrap();
    let server = MockServer::start().await;
    overlay(&server, &environment).await;
    let posts = std::sync::atomic::AtomicU32::new(0);
    let third = move |request: &Request| {
        request.method.as_str() == "POST" && posts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2
    };
    let busy = ResponseTemplate::new(503).insert_header("Retry-After", "1");
    Mock::given(third).respond_with(busy).expect(1).mount(&server).await;

    let (client, url) = (Client::new(), format!("{}/api/data/v9.2/accounts", server.uri()));
    let mut tries = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let (needed, made) = create_with_retry(&client, &url, name).await;
        assert!(made.unwrap().starts_with(&url), "links lead to the mock server");
        tries.push(needed);
    }
    assert_eq!(tries, [1, 1, 2, 1]);
    let rows = environment.with(|tenant| {
        let counts = tenant.dataverse().unwrap().counts().unwrap();
        counts.into_iter().find(|(name, _)| name.as_str() == "account").map(|(_, rows)| rows)
    });
    assert_eq!(rows, Some(4));
}

#[tokio::test]
async fn a_malformed_page_is_a_mock_and_the_pages_around_it_are_real() {
    let environment = Environment::after("new-new").unwrap();
    let server = MockServer::start().await;
    overlay(&server, &environment).await;
    let (client, url) = (Client::new(), format!("{}/api/data/v9.2/accounts", server.uri()));
    for number in 0..3 {
        client.post(&url).json(&json!({ "name": format!("n{number}") })).send().await.unwrap();
    }
    let cut = ResponseTemplate::new(200).set_body_string("{\"value\":[{\"name\":\"n0\"");
    Mock::given(method("GET"))
        .and(path("/api/data/v9.2/accounts"))
        .and(query_param("$top", "2"))
        .respond_with(cut)
        .mount(&server)
        .await;
    let get = |query: &str| client.get(format!("{url}?{query}")).send();
    assert!(get("$top=2").await.unwrap().json::<Json>().await.is_err());
    let whole: Json = get("$top=3&$filter=name%20ne%20'n1'").await.unwrap().json().await.unwrap();
    assert_eq!(whole["value"].as_array().unwrap().len(), 2);
    let missing = client.get(format!("{url}(00000000-0000-0000-0000-000000000001)")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.headers()["content-type"], "application/json; odata.metadata=minimal");
    let error: Json = missing.json().await.unwrap();
    assert_eq!(error["error"]["code"], "0x80040217");
}

#[tokio::test]
async fn an_environment_can_stand_behind_two_servers() {
    let environment = Environment::after("new-new").unwrap();
    let (one, two) = (MockServer::start().await, MockServer::start().await);
    overlay(&one, &environment).await;
    overlay(&two, &environment).await;
    let client = Client::new();
    let account = json!({ "name": "shared" });
    client.post(format!("{}/api/data/v9.2/accounts", one.uri())).json(&account).send().await.unwrap();
    let url = format!("{}/api/data/v9.2/accounts?$select=name", two.uri());
    let page: Json = client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["value"][0]["name"], "shared");
    assert!(Environment::after("no-such-scenario").is_err());
}
