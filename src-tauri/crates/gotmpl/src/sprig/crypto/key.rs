//! Private keys: made, read from PEM, written to PEM, used to sign.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::Signer as _;

use super::super::environment::Generator;
use super::dsa::DsaKey;
use super::rsa::RsaKey;
use super::{der, pem};
use der::tag;

/// Encoded object identifiers.
mod identifiers {
    pub(super) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    pub(super) const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    pub(super) const ELLIPTIC_CURVE: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    pub(super) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    pub(super) const P384: &[u8] = &[0x2b, 0x81, 4, 0, 34];
    pub(super) const P521: &[u8] = &[0x2b, 0x81, 4, 0, 35];
    pub(super) const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    pub(super) const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    pub(super) const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}

/// A private key of a kind that Go's standard library knows.
#[derive(Clone, Debug)]
pub(crate) enum PrivateKey {
    Rsa(Arc<RsaKey>),
    Ecdsa(Curve, Vec<u8>),
    Ed25519([u8; 32]),
    Dsa(Box<DsaKeyPart>),
}

/// Keeps the type of the key private to this folder.
#[derive(Clone, Debug)]
pub(crate) struct DsaKeyPart(DsaKey);

/// A named curve of NIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// The failure of a key that was made by this module's own rules.
#[derive(Debug)]
pub(crate) struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PrivateKey {
    /// An RSA key of so many bits for a call of a function, one of those that the function has in this render.
    pub(crate) fn rsa(generator: &Generator, function: &str, bits: usize) -> Result<PrivateKey, KeyError> {
        RsaKey::one_of_few(generator, function, bits)
            .map(PrivateKey::Rsa)
            .map_err(|error| KeyError(error.to_string()))
    }

    /// An ECDSA key on the curve P-256.
    pub(crate) fn ecdsa(generator: &mut Generator) -> PrivateKey {
        loop {
            let mut scalar = vec![0; 32];
            generator.fill(&mut scalar);
            // A number that is zero or not below the order of the curve is drawn again.
            if Curve::P256.public_point(&scalar).is_some() {
                return PrivateKey::Ecdsa(Curve::P256, scalar);
            }
        }
    }

    /// An Ed25519 key.
    pub(crate) fn ed25519(generator: &mut Generator) -> PrivateKey {
        let mut seed = [0; 32];
        generator.fill(&mut seed);
        PrivateKey::Ed25519(seed)
    }

    /// A DSA key, which cannot sign certificates.
    pub(crate) fn dsa(generator: &mut Generator) -> PrivateKey {
        PrivateKey::Dsa(Box::new(DsaKeyPart(DsaKey::generate(generator))))
    }

    /// Reads the first PEM block of a text. The error is sprig's text.
    pub(crate) fn from_pem(text: &[u8]) -> Result<PrivateKey, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        let malformed =
            |kind: &str| format!("parsing {kind} private key from PEM: asn1: structure error: malformed key");
        if block.label == "PRIVATE KEY" {
            return from_pkcs8(&block.bytes)
                .ok_or_else(|| "decoding PEM as PKCS#8: asn1: structure error: malformed key".to_owned());
        }
        let Some(kind) = block.label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {}", block.label));
        };
        match kind {
            "RSA" => RsaKey::read(&block.bytes).map(PrivateKey::Rsa).ok_or_else(|| malformed("RSA")),
            "EC" if has_unknown_curve(&block.bytes) => {
                Err("parsing EC private key from PEM: x509: unknown elliptic curve".to_owned())
            }
            "EC" => from_sec1(&block.bytes, None).ok_or_else(|| malformed("EC")),
            "DSA" => DsaKey::from_der(&block.bytes)
                .map(|key| PrivateKey::Dsa(Box::new(DsaKeyPart(key))))
                .ok_or_else(|| malformed("DSA")),
            _ => Err(format!("invalid private key type {}", block.label)),
        }
    }

    /// The PEM block that sprig writes for the kind of key.
    pub(crate) fn to_pem(&self) -> String {
        match self {
            PrivateKey::Rsa(key) => pem::encode("RSA PRIVATE KEY", key.encoding()),
            PrivateKey::Ecdsa(curve, scalar) => pem::encode("EC PRIVATE KEY", &to_sec1(*curve, scalar)),
            PrivateKey::Ed25519(seed) => {
                let algorithm = der::constructed(tag::SEQUENCE, &[&der::identifier(identifiers::ED25519)]);
                let inner = der::value(tag::OCTET_STRING, &der::value(tag::OCTET_STRING, seed));
                pem::encode(
                    "PRIVATE KEY",
                    &der::constructed(tag::SEQUENCE, &[&der::integer(&[0]), &algorithm, &inner]),
                )
            }
            PrivateKey::Dsa(key) => pem::encode("DSA PRIVATE KEY", &key.0.to_der()),
        }
    }

    /// The public key as a certificate holds it, and the bits within; `None` for DSA, which no certificate of Go's has.
    pub(super) fn public(&self) -> Option<PublicKey> {
        let (algorithm, bits) = match self {
            PrivateKey::Rsa(key) => {
                let numbers = key.public_numbers();
                let null = der::value(tag::NULL, &[]);
                (
                    [der::identifier(identifiers::RSA), null].concat(),
                    der::value(tag::SEQUENCE, &numbers.concat()),
                )
            }
            PrivateKey::Ecdsa(curve, scalar) => (
                [der::identifier(identifiers::ELLIPTIC_CURVE), der::identifier(curve.identifier())].concat(),
                curve.public_point(scalar)?,
            ),
            PrivateKey::Ed25519(seed) => {
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                (der::identifier(identifiers::ED25519), key.verifying_key().to_bytes().to_vec())
            }
            PrivateKey::Dsa(_) => return None,
        };
        let info = der::constructed(
            tag::SEQUENCE,
            &[&der::value(tag::SEQUENCE, &algorithm), &der::bit_string(&bits)],
        );
        Some(PublicKey { info, bits })
    }

    /// The identifier of the algorithm that [`PrivateKey::sign`] signs with; `None` for DSA.
    pub(super) fn signature_algorithm(&self) -> Option<Vec<u8>> {
        let content = match self {
            PrivateKey::Rsa(_) => {
                [der::identifier(identifiers::SHA256_WITH_RSA), der::value(tag::NULL, &[])].concat()
            }
            PrivateKey::Ecdsa(Curve::P256, _) => der::identifier(identifiers::ECDSA_WITH_SHA256),
            PrivateKey::Ecdsa(Curve::P384, _) => der::identifier(identifiers::ECDSA_WITH_SHA384),
            PrivateKey::Ecdsa(Curve::P521, _) => der::identifier(identifiers::ECDSA_WITH_SHA512),
            PrivateKey::Ed25519(_) => der::identifier(identifiers::ED25519),
            PrivateKey::Dsa(_) => return None,
        };
        Some(der::value(tag::SEQUENCE, &content))
    }

    /// Signs a message, always with the same result.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            PrivateKey::Rsa(key) => {
                let bits = key.bits();
                if bits < 1024 {
                    let page = "https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size";
                    return Err(KeyError(format!("crypto/rsa: {bits}-bit keys are insecure (see {page})")));
                }
                key.sign(message).map_err(|error| KeyError(error.to_string()))
            }
            PrivateKey::Ecdsa(curve, scalar) => curve
                .sign(scalar, message)
                .ok_or_else(|| KeyError("the key is no number of its curve".to_owned())),
            PrivateKey::Ed25519(seed) => {
                Ok(ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes().to_vec())
            }
            PrivateKey::Dsa(_) => {
                Err(KeyError("x509: certificate private key does not implement crypto.Signer".to_owned()))
            }
        }
    }
}

/// A public key in the form of a certificate.
pub(super) struct PublicKey {
    /// Algorithm and key.
    pub(super) info: Vec<u8>,
    /// The key alone.
    pub(super) bits: Vec<u8>,
}

macro_rules! on_curve {
    ($curve:expr, $module:ident => $body:expr) => {
        match $curve {
            Curve::P256 => {
                use p256 as $module;
                $body
            }
            Curve::P384 => {
                use p384 as $module;
                $body
            }
            Curve::P521 => {
                use p521 as $module;
                $body
            }
        }
    };
}

impl Curve {
    fn identifier(self) -> &'static [u8] {
        match self {
            Curve::P256 => identifiers::P256,
            Curve::P384 => identifiers::P384,
            Curve::P521 => identifiers::P521,
        }
    }

    fn from_identifier(identifier: &[u8]) -> Option<Curve> {
        [Curve::P256, Curve::P384, Curve::P521].into_iter().find(|curve| curve.identifier() == identifier)
    }

    /// Bytes of a number of the curve.
    fn width(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }

    /// The public point, uncompressed; `None` where the scalar is zero or too large.
    fn public_point(self, scalar: &[u8]) -> Option<Vec<u8>> {
        on_curve!(self, curve => {
            let key = curve::ecdsa::SigningKey::from_slice(scalar).ok()?;
            Some(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
        })
    }

    fn sign(self, scalar: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        on_curve!(self, curve => {
            use curve::ecdsa::signature::Signer as _;
            let key = curve::ecdsa::SigningKey::from_slice(scalar).ok()?;
            let signature: curve::ecdsa::Signature = key.try_sign(message).ok()?;
            let bytes = signature.to_bytes();
            let (r, s) = bytes.split_at(bytes.len() / 2);
            Some(der::constructed(tag::SEQUENCE, &[&der::integer(r), &der::integer(s)]))
        })
    }
}

/// `ECPrivateKey` of RFC 5915, with curve and public key as Go writes it.
fn to_sec1(curve: Curve, scalar: &[u8]) -> Vec<u8> {
    let point = curve.public_point(scalar).unwrap_or_default();
    der::constructed(
        tag::SEQUENCE,
        &[
            &der::integer(&[1]),
            &der::value(tag::OCTET_STRING, scalar),
            &der::value(tag::context(0, true), &der::identifier(curve.identifier())),
            &der::value(tag::context(1, true), &der::bit_string(&point)),
        ],
    )
}

/// Whether a key names a curve that is not one of the three here.
fn has_unknown_curve(bytes: &[u8]) -> bool {
    let named = || {
        let mut sequence = der::Reader::new(bytes).enter(tag::SEQUENCE)?;
        sequence.unsigned()?;
        sequence.expect(tag::OCTET_STRING)?;
        der::Reader::new(sequence.optional(tag::context(0, true))?).expect(tag::OBJECT_IDENTIFIER)
    };
    named().is_some_and(|identifier| Curve::from_identifier(identifier).is_none())
}

fn from_sec1(bytes: &[u8], curve: Option<Curve>) -> Option<PrivateKey> {
    let mut sequence = der::Reader::new(bytes).enter(tag::SEQUENCE)?;
    if sequence.unsigned()? != [1] {
        return None;
    }
    let scalar = sequence.expect(tag::OCTET_STRING)?;
    let named = sequence
        .optional(tag::context(0, true))
        .and_then(|content| der::Reader::new(content).expect(tag::OBJECT_IDENTIFIER))
        .and_then(Curve::from_identifier);
    let curve = curve.or(named)?;
    // Leading zeros may be missing or superfluous.
    let zeros = scalar.len().saturating_sub(curve.width());
    if scalar[..zeros].iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut padded = vec![0; curve.width().saturating_sub(scalar.len())];
    padded.extend_from_slice(&scalar[zeros..]);
    curve.public_point(&padded)?;
    Some(PrivateKey::Ecdsa(curve, padded))
}

fn from_pkcs8(bytes: &[u8]) -> Option<PrivateKey> {
    let mut sequence = der::Reader::new(bytes).enter(tag::SEQUENCE)?;
    sequence.unsigned()?;
    let mut algorithm = sequence.enter(tag::SEQUENCE)?;
    let identifier = algorithm.expect(tag::OBJECT_IDENTIFIER)?;
    let key = sequence.expect(tag::OCTET_STRING)?;
    match identifier {
        identifiers::RSA => RsaKey::read(key).map(PrivateKey::Rsa),
        identifiers::ELLIPTIC_CURVE => {
            let curve = algorithm.expect(tag::OBJECT_IDENTIFIER).and_then(Curve::from_identifier)?;
            from_sec1(key, Some(curve))
        }
        identifiers::ED25519 => {
            let seed = der::Reader::new(key).expect(tag::OCTET_STRING)?;
            seed.try_into().ok().map(PrivateKey::Ed25519)
        }
        _ => None,
    }
}
