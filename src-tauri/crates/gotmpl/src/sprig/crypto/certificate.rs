//! X.509 certificates as sprig has Go's `crypto/x509` make them.

use core::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::super::environment::Generator;
use super::super::time::{Duration, Time};
use super::der::{self, tag};
use super::key::PrivateKey;
use super::pem;
use crate::go;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

/// A certificate and its key, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// What a certificate is to say.
pub(crate) struct Request<'a> {
    pub(crate) common_name: &'a [u8],
    pub(crate) addresses: &'a [IpAddr],
    pub(crate) names: &'a [&'a [u8]],
    /// The instant it is valid from.
    pub(crate) now: &'a Time,
    pub(crate) days: i64,
    /// Whether it may sign others.
    pub(crate) authority: bool,
}

/// Who signs a certificate.
pub(crate) enum Signer<'a> {
    /// The key the certificate is about.
    Itself,
    /// The owner of another certificate; both are PEM.
    Authority { certificate: &'a [u8], key: &'a [u8] },
}

/// Makes a certificate for a key. The error is sprig's text.
pub(crate) fn issue(
    request: &Request<'_>,
    key: &PrivateKey,
    signer: &Signer<'_>,
    generator: &mut Generator,
) -> Result<Pair, String> {
    let authority = match signer {
        Signer::Itself => None,
        Signer::Authority { certificate, key } => Some(Authority::read(certificate, key)?),
    };
    create(request, key, authority.as_ref(), generator)
        .map(|bytes| Pair { certificate: pem::encode("CERTIFICATE", &bytes), key: key.to_pem() })
        .map_err(|error| format!("error creating certificate: {error}"))
}

/// Checks that a signer's certificate and key can be read. The error is sprig's text.
pub(crate) fn check_signer(signer: &Signer<'_>) -> Result<(), String> {
    match signer {
        Signer::Itself => Ok(()),
        Signer::Authority { certificate, key } => Authority::read(certificate, key).map(drop),
    }
}

/// Checks a certificate and a key that both come in base64 of their PEM text. The error is sprig's text.
pub(crate) fn check(certificate: &[u8], key: &[u8]) -> Result<(), String> {
    let block = pem::decode(certificate).ok_or("unable to decode certificate")?;
    Parsed::read(&block.bytes)
        .map_err(|error| format!("error parsing certificate: decodedCert.Bytes: {error}"))?;
    PrivateKey::from_pem(key).map(drop).map_err(|error| format!("error parsing private key: {error}"))
}

/// The signer's certificate and key.
struct Authority {
    subject: Vec<u8>,
    key_id: Option<Vec<u8>>,
    public_key: Vec<u8>,
    key: PrivateKey,
}

impl Authority {
    fn read(certificate: &[u8], key: &[u8]) -> Result<Authority, String> {
        let block = pem::decode(certificate).ok_or("unable to decode certificate")?;
        let parsed = Parsed::read(&block.bytes)
            .map_err(|error| format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))?;
        let key = PrivateKey::from_pem(key).map_err(|error| format!("error parsing private key: {error}"))?;
        Ok(Authority {
            subject: parsed.subject.to_vec(),
            key_id: parsed.key_id.map(<[u8]>::to_vec),
            public_key: parsed.public_key.to_vec(),
            key,
        })
    }
}

/// The parts of a certificate that signing another needs.
struct Parsed<'a> {
    subject: &'a [u8],
    public_key: &'a [u8],
    key_id: Option<&'a [u8]>,
}

impl<'a> Parsed<'a> {
    fn read(bytes: &'a [u8]) -> Result<Parsed<'a>, &'static str> {
        const MALFORMED: &str = "x509: malformed certificate";
        const MALFORMED_BODY: &str = "x509: malformed tbs certificate";
        let mut outer = der::Reader::new(bytes);
        let mut certificate = outer.enter(tag::SEQUENCE).ok_or(MALFORMED)?;
        let body = certificate.enter(tag::SEQUENCE).ok_or(MALFORMED_BODY)?;
        let signed = certificate.enter(tag::SEQUENCE).and_then(|_| certificate.expect(tag::BIT_STRING));
        signed.ok_or("x509: malformed algorithm identifier")?;
        let parsed = Parsed::read_body(body).ok_or(MALFORMED_BODY)?;
        if outer.is_empty() { Ok(parsed) } else { Err("x509: trailing data") }
    }

    fn read_body(mut body: der::Reader<'a>) -> Option<Parsed<'a>> {
        body.optional(tag::context(0, true));
        body.expect(tag::INTEGER)?;
        body.enter(tag::SEQUENCE)?;
        body.enter(tag::SEQUENCE)?;
        body.enter(tag::SEQUENCE)?;
        let (kind, _, subject) = body.any()?;
        let (key_kind, _, public_key) = body.any()?;
        if kind != tag::SEQUENCE || key_kind != tag::SEQUENCE {
            return None;
        }
        let mut key_id = None;
        while !body.is_empty() {
            let (kind, content, _) = body.any()?;
            if kind != tag::context(3, true) {
                continue;
            }
            let mut extensions = der::Reader::new(content).enter(tag::SEQUENCE)?;
            while !extensions.is_empty() {
                let mut extension = extensions.enter(tag::SEQUENCE)?;
                let identifier = extension.expect(tag::OBJECT_IDENTIFIER)?;
                extension.optional(tag::BOOLEAN);
                let value = extension.expect(tag::OCTET_STRING)?;
                if identifier == SUBJECT_KEY_ID {
                    key_id = Some(der::Reader::new(value).expect(tag::OCTET_STRING)?);
                }
            }
        }
        Some(Parsed { subject, public_key, key_id })
    }
}

fn create(
    request: &Request<'_>,
    key: &PrivateKey,
    authority: Option<&Authority>,
    generator: &mut Generator,
) -> Result<Vec<u8>, String> {
    let signing_key = authority.map_or(key, |authority| &authority.key);
    let no_signer = "x509: certificate private key does not implement crypto.Signer";
    let algorithm = signing_key.signature_algorithm().ok_or(no_signer)?;
    let public = key.public().ok_or("x509: unsupported public key type: *dsa.PublicKey")?;
    let subject = distinguished_name(request.common_name)?;
    let key_id = request.authority.then(|| Sha256::digest(&public.bits)[..20].to_vec());
    let (issuer, authority_key_id) = match authority {
        None => (&subject, None),
        Some(authority) => {
            if signing_key.public().is_none_or(|public| public.info != authority.public_key) {
                return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
            }
            let id = authority.key_id.as_deref().filter(|_| authority.subject != subject);
            (&authority.subject, id)
        }
    };
    let mut serial = [0; 16];
    generator.fill(&mut serial);
    // Go's arithmetic: a lifetime beyond 292 years wraps around.
    const DAY: i64 = 86_400_000_000_000;
    let end = request.now.after(Duration(DAY.wrapping_mul(request.days)));
    let validity = [moment(request.now.seconds)?, moment(end.seconds)?].concat();
    let extensions = extensions(request, key_id.as_deref(), authority_key_id, subject.len() == 2)?;
    let body = der::constructed(
        tag::SEQUENCE,
        &[
            &der::value(tag::context(0, true), &der::integer(&[2])),
            &der::integer(&serial),
            &algorithm,
            issuer,
            &der::value(tag::SEQUENCE, &validity),
            &subject,
            &public.info,
            &der::value(tag::context(3, true), &der::value(tag::SEQUENCE, &extensions)),
        ],
    );
    let signature = signing_key.sign(&body).map_err(|error| error.to_string())?;
    Ok(der::constructed(tag::SEQUENCE, &[&body, &algorithm, &der::bit_string(&signature)]))
}

/// A name that consists of a common name; empty where that is.
fn distinguished_name(common_name: &[u8]) -> Result<Vec<u8>, String> {
    if common_name.is_empty() {
        return Ok(der::value(tag::SEQUENCE, &[]));
    }
    if std::str::from_utf8(common_name).is_err() {
        return Err("asn1: string not valid UTF-8".to_owned());
    }
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let kind = if common_name.iter().all(printable) { tag::PRINTABLE_STRING } else { tag::UTF8_STRING };
    let attribute =
        der::constructed(tag::SEQUENCE, &[&der::identifier(COMMON_NAME), &der::value(kind, common_name)]);
    Ok(der::value(tag::SEQUENCE, &der::value(tag::SET, &attribute)))
}

/// An instant to the second, with two digits of the year where they are clear.
fn moment(seconds: i64) -> Result<Vec<u8>, String> {
    let time = Time::utc(seconds, 0);
    match time.civil().year {
        1950..2050 => Ok(der::value(tag::UTC_TIME, &time.format(b"060102150405Z"))),
        0..=9999 => Ok(der::value(tag::GENERALIZED_TIME, &time.format(b"20060102150405Z"))),
        _ => Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned()),
    }
}

fn extension(identifier: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let flag = if critical { der::value(tag::BOOLEAN, &[0xff]) } else { Vec::new() };
    der::constructed(
        tag::SEQUENCE,
        &[&der::identifier(identifier), &flag, &der::value(tag::OCTET_STRING, content)],
    )
}

/// The extensions in Go's order.
fn extensions(
    request: &Request<'_>,
    key_id: Option<&[u8]>,
    authority_key_id: Option<&[u8]>,
    no_subject: bool,
) -> Result<Vec<u8>, String> {
    // Digital signature, key encipherment; of an authority also signing certificates. First the count of unused bits.
    let usage: [u8; 2] = if request.authority { [2, 0b1010_0100] } else { [5, 0b1010_0000] };
    let mut output = extension(KEY_USAGE, true, &der::value(tag::BIT_STRING, &usage));
    let purposes = [der::identifier(SERVER_AUTHENTICATION), der::identifier(CLIENT_AUTHENTICATION)].concat();
    output.extend(extension(EXTENDED_KEY_USAGE, false, &der::value(tag::SEQUENCE, &purposes)));
    let constraints = if request.authority { der::value(tag::BOOLEAN, &[0xff]) } else { Vec::new() };
    output.extend(extension(BASIC_CONSTRAINTS, true, &der::value(tag::SEQUENCE, &constraints)));
    if let Some(id) = key_id {
        output.extend(extension(SUBJECT_KEY_ID, false, &der::value(tag::OCTET_STRING, id)));
    }
    if let Some(id) = authority_key_id.filter(|id| !id.is_empty()) {
        let id = der::value(tag::context(0, false), id);
        output.extend(extension(AUTHORITY_KEY_ID, false, &der::value(tag::SEQUENCE, &id)));
    }
    if !request.names.is_empty() || !request.addresses.is_empty() {
        let mut names = Vec::new();
        for name in request.names {
            if !name.is_ascii() {
                return Err(format!("x509: {} cannot be encoded as an IA5String", go::quote(name)));
            }
            names.extend(der::value(tag::context(2, false), name));
        }
        for address in request.addresses {
            let octets = match address.to_canonical() {
                IpAddr::V4(address) => address.octets().to_vec(),
                IpAddr::V6(address) => address.octets().to_vec(),
            };
            names.extend(der::value(tag::context(7, false), &octets));
        }
        output.extend(extension(SUBJECT_ALTERNATIVE_NAME, no_subject, &der::value(tag::SEQUENCE, &names)));
    }
    Ok(output)
}
