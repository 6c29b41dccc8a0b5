//! A certificate authority for the occasion, and a certificate of this machine under it.

use crate::ServerError;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::{path::PathBuf, sync::Arc};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What TLS needs.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// File of the authority's certificate, for clients to trust.
    pub(crate) authority: PathBuf,
}

/// Makes the authority and the certificate. Only the authority's certificate is written to a file, never a key.
pub(crate) fn make(host: &str) -> Result<Tls, ServerError> {
    let failed = |error: &dyn std::fmt::Display| ServerError::Tls(error.to_string());
    let mut authority = CertificateParams::new(Vec::new()).map_err(|error| failed(&error))?;
    authority.distinguished_name.push(DnType::CommonName, "dwsim local certificate authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate().map_err(|error| failed(&error))?;
    let certificate = authority.self_signed(&authority_key).map_err(|error| failed(&error))?;
    let issuer = Issuer::new(authority, authority_key);
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !names.iter().any(|name| name == host) && host != "0.0.0.0" && host != "::" {
        names.push(host.to_owned());
    }
    let mut own = CertificateParams::new(names).map_err(|error| failed(&error))?;
    own.distinguished_name.push(DnType::CommonName, "localhost");
    own.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let signed = own.signed_by(&key, &issuer).map_err(|error| failed(&error))?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_no_client_auth()
        .with_single_cert(vec![signed.der().clone()], private)
        .map_err(|error| failed(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let folder = std::env::temp_dir().join(format!("dwsim-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("certificate-authority.pem");
    std::fs::write(&file, certificate.pem())?;
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), authority: file })
}
