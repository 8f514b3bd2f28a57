//! Which servers are trusted: those that the system trusts.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{ChartError, NetworkFailure};

/// Certificates are checked as the system checks them; on Linux with the system's certificates, or those of
/// `SSL_CERT_FILE` and `SSL_CERT_DIR`.
pub(crate) fn trusting_the_system() -> Result<Arc<ClientConfig>, ChartError> {
    let failed = |error: rustls::Error| ChartError::Network {
        url: "any server".to_owned(),
        kind: NetworkFailure::Encryption,
        why: error.to_string(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(failed)?
        .with_no_client_auth();
    Ok(Arc::new(config))
}
