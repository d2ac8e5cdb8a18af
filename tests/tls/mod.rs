//! A certificate authority of the test's own, and a listener that speaks TLS before a server that does not.

#![allow(dead_code, reason = "each test uses its part of it")]

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority that nobody trusts who has not been given its certificate.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// What a CA bundle holds.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// The same certificate as a host hands it over.
    pub(crate) fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// Listens on all interfaces with a certificate for `name`, and passes what it decrypts on to `server`.
    pub(crate) async fn terminate(
        &self,
        name: &str,
        server: SocketAddr,
        versions: &[&'static SupportedProtocolVersion],
    ) -> u16 {
        let acceptor = TlsAcceptor::from(Arc::new(self.server_config(name, versions)));
        let listener = TcpListener::bind(("0.0.0.0", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut decrypted = acceptor.accept(connection).await?;
                    let mut plain = TcpStream::connect(server).await?;
                    copy_bidirectional(&mut decrypted, &mut plain).await
                });
            }
        });
        port
    }

    fn server_config(&self, name: &str, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}
