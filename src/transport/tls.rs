//! TLS 1.2 and newer by ring, with roots of our own: reqwest's defaults need files that a small container lacks.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::TransportError;

/// The certificates that a server's must lead to.
#[derive(Clone)]
pub(crate) enum Roots {
    /// Mozilla's, as they were when this crate was built.
    BuiltIn,
    /// Those in this PEM file, and no others.
    Pem(Zeroizing<Vec<u8>>),
    /// These, and no others.
    Der(Vec<Vec<u8>>),
}

pub(super) fn config(roots: &Roots) -> Result<rustls::ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TransportError::Tls)?
        .with_root_certificates(roots.store()?)
        .with_no_client_auth();
    Ok(config)
}

impl Roots {
    fn store(&self) -> Result<rustls::RootCertStore, TransportError> {
        match self {
            Self::BuiltIn => Ok(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
            Self::Pem(pem) => {
                let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
                store(certificates.map_err(|_| TransportError::NoCertificates)?)
            }
            Self::Der(certificates) => store(certificates.iter().map(|der| CertificateDer::from_slice(der))),
        }
    }
}

/// A bundle may hold certificates that webpki does not take, as those of many systems do; one that holds no other is no
/// bundle.
fn store<'a>(
    certificates: impl IntoIterator<Item = CertificateDer<'a>>,
) -> Result<rustls::RootCertStore, TransportError> {
    let mut store = rustls::RootCertStore::empty();
    let (added, _ignored) = store.add_parsable_certificates(certificates);
    if added == 0 { Err(TransportError::NoCertificates) } else { Ok(store) }
}
