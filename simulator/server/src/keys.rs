//! The signing key and the tokens it signs: RS256, as the real identity service uses.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand_chacha03::{ChaCha20Rng, rand_core::SeedableRng};
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    signature::{SignatureEncoding, Signer, Verifier},
    traits::PublicKeyParts,
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// Size of the key in bits.
const BITS: usize = 2_048;

/// How long the key waits before it is made without anybody asking for it.
const REST: std::time::Duration = std::time::Duration::from_millis(300);

/// The key, made in the background when the service starts: it takes longer than everything else together.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    seed: u64,
    made: Arc<OnceLock<Result<Pair, String>>>,
}

#[derive(Debug)]
struct Pair {
    signing: SigningKey<Sha256>,
    verifying: VerifyingKey<Sha256>,
    public: RsaPublicKey,
    id: String,
}

impl Keys {
    /// The key of a seed. The same seed makes the same key.
    pub(crate) fn new(seed: u64) -> Self {
        let keys = Self { seed, made: Arc::default() };
        let background = keys.clone();
        // When no thread can be had, the first token makes the key.
        let _ = std::thread::Builder::new().name("key".to_owned()).spawn(move || {
            // The world is made meanwhile; it needs the machine more than a token nobody has asked for yet.
            std::thread::sleep(REST);
            background.pair().is_ok()
        });
        keys
    }

    fn pair(&self) -> Result<&Pair, String> {
        let made = self.made.get_or_init(|| {
            let digest = Sha256::digest(format!("dwsim:{}/signing-key", self.seed));
            let mut random = ChaCha20Rng::from_seed(digest.into());
            let private = RsaPrivateKey::new(&mut random, BITS).map_err(|error| error.to_string())?;
            let public = private.to_public_key();
            let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(public.n().to_bytes_be())[..15]);
            let signing = SigningKey::<Sha256>::new(private);
            Ok(Pair { signing, verifying: VerifyingKey::<Sha256>::new(public.clone()), public, id })
        });
        made.as_ref().map_err(Clone::clone)
    }

    /// The public key as a JSON Web Key Set.
    pub(crate) fn set(&self) -> Result<Json, String> {
        let pair = self.pair()?;
        Ok(json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": pair.id,
            "n": URL_SAFE_NO_PAD.encode(pair.public.n().to_bytes_be()),
            "e": URL_SAFE_NO_PAD.encode(pair.public.e().to_bytes_be()),
        }] }))
    }

    /// A signed token with these claims.
    pub(crate) fn sign(&self, claims: &Json) -> Result<String, String> {
        let pair = self.pair()?;
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": pair.id });
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = pair.signing.try_sign(text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }

    /// The claims of a token this key signed; none for any other text.
    pub(crate) fn verify(&self, token: &str) -> Option<Json> {
        let (text, signature) = token.rsplit_once('.')?;
        let (header, claims) = text.split_once('.')?;
        let header: Json = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.get("alg").and_then(Json::as_str) != Some("RS256") {
            return None;
        }
        let signature = Signature::try_from(URL_SAFE_NO_PAD.decode(signature).ok()?.as_slice()).ok()?;
        self.pair().ok()?.verifying.verify(text.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}
