//! The identity service: discovery, keys, tokens; and whose token a request carries.

use crate::{keys::Keys, world::Facts};
use dwsim_webapi::Response;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Seconds an access token lives.
const LIFETIME: u64 = 3_599;
/// Seconds a refresh token lives.
const REFRESH_LIFETIME: u64 = 90 * 86_400;

/// How to sign in: made from the seed, the same every time, of use on this machine only.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Client id of the application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Name of the person.
    pub username: String,
    /// Their password.
    pub password: String,
}

/// Issues tokens and checks them.
#[derive(Debug)]
pub(crate) struct Identity {
    keys: Keys,
    facts: Facts,
    secrets: Secrets,
    admin_token: String,
    token: Option<String>,
}

/// Seconds since 1970 by the machine's clock: tokens are checked by other machines, too.
#[allow(clippy::disallowed_methods)] // the edge may ask the machine; the core may not
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn secret(seed: u64, purpose: &str) -> String {
    hex(&Sha256::digest(format!("dwsim:{seed}/{purpose}"))[..16])
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares without telling by its duration how much was right.
fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

impl Identity {
    pub(crate) fn new(seed: u64, facts: Facts, token: Option<String>) -> Self {
        let secrets = Secrets {
            client_id: facts.client.to_string(),
            client_secret: secret(seed, "client-secret"),
            username: "admin@contoso.example".to_owned(),
            password: secret(seed, "password"),
        };
        Self { keys: Keys::new(seed), facts, secrets, admin_token: secret(seed, "admin"), token }
    }

    pub(crate) fn tenant(&self) -> Uuid {
        self.facts.tenant
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// Whether a request may use the admin routes.
    pub(crate) fn administers(&self, authorization: Option<&str>) -> bool {
        bearer(authorization).is_some_and(|token| same(token, &self.admin_token))
    }

    /// Row id of the user a request's token belongs to; none when the token is no good for this resource.
    pub(crate) fn caller(&self, authorization: Option<&str>, resources: &[String]) -> Option<Uuid> {
        let token = bearer(authorization)?;
        if let Some(own) = &self.token
            && same(token, own)
        {
            return Some(self.facts.user);
        }
        let claims = self.keys.verify(token)?;
        let text = |name: &str| claims.get(name).and_then(Json::as_str);
        let number = |name: &str| claims.get(name).and_then(Json::as_u64);
        let audience = text("aud")?.trim_end_matches('/');
        let good = resources.iter().any(|resource| resource.trim_end_matches('/') == audience)
            && number("exp").is_some_and(|end| now() < end)
            && number("nbf").is_none_or(|start| start <= now() + 300)
            && text("tid") == Some(self.facts.tenant.to_string().as_str());
        if !good {
            return None;
        }
        text("oid").and_then(|id| id.parse().ok())
    }

    /// Answers a request to the identity service.
    pub(crate) fn answer(&self, base: &str, method: &str, path: &str, form: &[(String, String)]) -> Response {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let tenant = parts.first().copied().unwrap_or_default();
        let known = [self.facts.tenant.to_string().as_str(), "common", "organizations", "contoso.example"]
            .contains(&tenant);
        if !known {
            return refuse(
                400,
                "invalid_tenant",
                "this identity service has no such tenant; the front page names the one it has",
            );
        }
        match (method, &parts[1..]) {
            (
                "GET",
                ["v2.0", ".well-known", "openid-configuration"] | [".well-known", "openid-configuration"],
            ) => self.configuration(base),
            ("GET", ["discovery", "v2.0", "keys"] | ["discovery", "keys"]) => match self.keys.set() {
                Ok(set) => plain(200, &set),
                Err(why) => refuse(500, "server_error", &why),
            },
            ("POST", ["oauth2", "v2.0", "token"] | ["oauth2", "token"]) => self.token(base, form),
            _ => refuse(
                501,
                "invalid_request",
                "the simulator has discovery, keys and the token endpoint only",
            ),
        }
    }

    fn configuration(&self, base: &str) -> Response {
        let root = format!("{base}/{}", self.facts.tenant);
        plain(
            200,
            &json!({
                "issuer": format!("{root}/v2.0"),
                "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
                "token_endpoint": format!("{root}/oauth2/v2.0/token"),
                "jwks_uri": format!("{root}/discovery/v2.0/keys"),
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "offline_access"],
                "tenant_region_scope": null,
            }),
        )
    }

    fn token(&self, base: &str, form: &[(String, String)]) -> Response {
        let field =
            |name: &str| form.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
        let resource = match field("resource") {
            "" => field("scope")
                .split(' ')
                .find_map(|scope| scope.strip_suffix("/.default"))
                .unwrap_or_default(),
            resource => resource,
        }
        .trim_end_matches('/');
        let user = match field("grant_type") {
            "client_credentials" => {
                let client = field("client_id").eq_ignore_ascii_case(&self.secrets.client_id);
                if !client || !same(field("client_secret"), &self.secrets.client_secret) {
                    return refuse(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
                }
                self.facts.client
            }
            "password" => {
                let name = field("username").eq_ignore_ascii_case(&self.secrets.username);
                if !name || !same(field("password"), &self.secrets.password) {
                    return refuse(
                        400,
                        "invalid_grant",
                        "AADSTS50126: Error validating credentials due to invalid username or password.",
                    );
                }
                self.facts.user
            }
            "refresh_token" => {
                let claims = self.keys.verify(field("refresh_token"));
                let user = claims.filter(|claims| {
                    claims.get("use").and_then(Json::as_str) == Some("refresh")
                        && claims.get("exp").and_then(Json::as_u64).is_some_and(|end| now() < end)
                });
                let id = user.and_then(|claims| claims.get("oid")?.as_str()?.parse().ok());
                let Some(id) = id else {
                    return refuse(400, "invalid_grant", "the refresh token is not one of this service");
                };
                id
            }
            other => {
                let why = format!(
                    "'{other}' is no grant the simulator has; use client_credentials, password or refresh_token"
                );
                return refuse(400, "unsupported_grant_type", &why);
            }
        };
        if resource.is_empty() {
            return refuse(400, "invalid_scope", "name the resource: scope=https://<address>/.default");
        }
        match self.issue(base, user, resource) {
            Ok(token) => token,
            Err(why) => refuse(500, "server_error", &why),
        }
    }

    fn issue(&self, base: &str, user: Uuid, resource: &str) -> Result<Response, String> {
        let start = now();
        let tenant = self.facts.tenant.to_string();
        let claims = json!({
            "aud": resource, "iss": format!("{base}/{tenant}/v2.0"), "tid": tenant,
            "oid": user.to_string(), "sub": user.to_string(), "appid": self.secrets.client_id,
            "ver": "1.0", "iat": start, "nbf": start, "exp": start + LIFETIME,
        });
        let refresh = json!({ "use": "refresh", "oid": user.to_string(), "tid": tenant, "exp": start + REFRESH_LIFETIME });
        let access = self.keys.sign(&claims)?;
        let refresh = self.keys.sign(&refresh)?;
        Ok(plain(
            200,
            &json!({
                "token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME,
                "access_token": access, "refresh_token": refresh, "resource": resource,
            }),
        ))
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn plain(status: u16, json: &Json) -> Response {
    let mut response = Response::empty(status);
    response.header("Content-Type", "application/json; charset=utf-8");
    response.header("Cache-Control", "no-store");
    response.body = json.to_string().into_bytes();
    response
}

fn refuse(status: u16, error: &str, description: &str) -> Response {
    plain(status, &json!({ "error": error, "error_description": description, "error_codes": [] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(seed: u64) -> Identity {
        let facts =
            Facts { tenant: Uuid::from_u128(1), user: Uuid::from_u128(2), client: Uuid::from_u128(3) };
        Identity::new(seed, facts, Some("static".to_owned()))
    }

    fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn tokens_are_good_for_their_resource_and_their_service_only() {
        let own = identity(1);
        let path = format!("/{}/oauth2/v2.0/token", own.tenant());
        let secrets = own.secrets().clone();
        let request = |secret: &str| {
            form(&[
                ("grant_type", "client_credentials"),
                ("client_id", &secrets.client_id),
                ("client_secret", secret),
                ("scope", "https://org/.default"),
            ])
        };
        assert_eq!(own.answer("https://id", "POST", &path, &request("wrong")).status, 401);
        let response = own.answer("https://id", "POST", &path, &request(&secrets.client_secret));
        let json: Json = serde_json::from_slice(&response.body).unwrap();
        let token = json["access_token"].as_str().unwrap();
        let header = format!("Bearer {token}");
        let resources = |name: &str| vec![name.to_owned()];
        assert_eq!(own.caller(Some(&header), &resources("https://org/")), Some(Uuid::from_u128(3)));
        assert_eq!(own.caller(Some(&header), &resources("https://other")), None);
        assert_eq!(identity(2).caller(Some(&header), &resources("https://org")), None, "a foreign key");
        let (text, _) = token.rsplit_once('.').unwrap();
        assert_eq!(own.caller(Some(&format!("Bearer {text}.")), &resources("https://org")), None, "unsigned");
        assert_eq!(own.caller(None, &resources("https://org")), None);
        assert_eq!(own.caller(Some("Bearer static"), &resources("x")), Some(Uuid::from_u128(2)));
        let refresh = form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", json["refresh_token"].as_str().unwrap()),
            ("resource", "https://org"),
        ]);
        assert_eq!(own.answer("https://id", "POST", &path, &refresh).status, 200);
        let header = format!("Bearer {}", json["refresh_token"].as_str().unwrap());
        assert_eq!(
            own.caller(Some(&header), &resources("https://org")),
            None,
            "a refresh token opens nothing"
        );
        let expired = own
            .keys
            .sign(&json!({"aud": "https://org", "tid": own.tenant().to_string(),
            "oid": Uuid::from_u128(3).to_string(), "exp": 1}))
            .unwrap();
        assert_eq!(own.caller(Some(&format!("Bearer {expired}")), &resources("https://org")), None);
    }
}
