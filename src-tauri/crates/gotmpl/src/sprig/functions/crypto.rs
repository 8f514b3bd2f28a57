//! Checksums, passwords, keys and certificates.

use core::net::IpAddr;
use std::any::Any;
use std::rc::Rc;

use super::{INT, LIST, ONE_STRING, STRING, TWO_STRINGS};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, Function, FunctionResult, Functions, Signature};
use crate::sprig::crypto::certificate::{self, Pair, Request, Signer};
use crate::sprig::crypto::key::PrivateKey;
use crate::sprig::crypto::{hash, password};
use crate::sprig::encoding::base64_decode;
use crate::sprig::environment::{Generator, Lookup, generator, generator_and_clock};
use crate::sprig::time::Time;
use crate::value::{List, Object, Str, StructField, Type, Value, types};

const CERTIFICATE: &Type = &Type::structure("sprig.certificate", &[]);
/// What slow functions are charged with, so that a loop of them ends: hashing a password, signing.
const SLOW_WORK: u64 = 200_000;
/// What making an RSA key of 2048 bits is charged with; one of 4096 takes several times as long. It is the same for a
/// key that has been made before: what an execution is charged must follow from its input alone.
const KEY_WORK: u64 = 1_000_000;

pub(super) fn register(functions: &mut Functions, lookup: Lookup) {
    functions.add("sha1sum", ONE_STRING, |call, args| summed(call, args, hash::sha1));
    functions.add("sha256sum", ONE_STRING, |call, args| summed(call, args, hash::sha256));
    functions.add("sha512sum", ONE_STRING, |call, args| summed(call, args, hash::sha512));
    functions.add("adler32sum", ONE_STRING, |_, args| Ok(hash::adler32(args.string(0)).to_string().into()));

    functions.insert(Function::shared("bcrypt", ONE_STRING, move |call, args| {
        call.charge(SLOW_WORK)?;
        let mut generator = generator(lookup, call, "bcrypt", &[args.string(0)])?;
        Ok(password::bcrypt(args.string(0), &mut generator).into())
    }));
    functions.insert(Function::shared("htpasswd", TWO_STRINGS, move |call, args| {
        let (user, secret) = (args.string(0), args.string(1));
        if user.contains(&b':') {
            return Ok([b"invalid username: ", user.as_bytes()].concat().into());
        }
        call.charge(SLOW_WORK)?;
        let mut generator = generator(lookup, call, "htpasswd", &[user, secret])?;
        Ok([user.as_bytes(), b":", password::bcrypt(secret, &mut generator).as_bytes()].concat().into())
    }));
    let derive = Signature::fixed(&[types::UINT32, STRING, STRING, STRING, STRING]);
    functions.add("derivePassword", derive, |call, args| {
        call.charge(SLOW_WORK)?;
        let counter = args.int(0) as u32;
        let password =
            password::derive(counter, args.string(1), args.string(2), args.string(3), args.string(4));
        Ok(password.into())
    });
    functions.insert(Function::shared("encryptAES", TWO_STRINGS, move |call, args| {
        let text = args.string(1);
        call.allocate(text.len().saturating_mul(2))?;
        let mut generator = generator(lookup, call, "encryptAES", &[args.string(0), text])?;
        Ok(password::encrypt(args.string(0), text, &mut generator).into())
    }));
    functions.add("decryptAES", TWO_STRINGS, |call, args| {
        call.allocate(args.string(1).len())?;
        match password::decrypt(args.string(0), args.string(1)) {
            Ok(text) => Ok(text.into()),
            Err((text, true)) => Err(FunctionError::panic(text)),
            Err((text, false)) => Err(FunctionError::new(text)),
        }
    });
    functions.insert(Function::shared("genPrivateKey", ONE_STRING, move |call, args| {
        let kind = args.string(0);
        call.charge(if matches!(kind.as_bytes(), b"" | b"rsa") { 5 * KEY_WORK } else { SLOW_WORK })?;
        if !matches!(kind.as_bytes(), b"" | b"rsa" | b"dsa" | b"ecdsa" | b"ed25519") {
            return Ok([b"Unknown type ", kind.as_bytes()].concat().into());
        }
        let mut generator = generator(lookup, call, "genPrivateKey", &[kind])?;
        let key = match kind.as_bytes() {
            b"dsa" => PrivateKey::dsa(&mut generator),
            b"ecdsa" => PrivateKey::ecdsa(&mut generator),
            b"ed25519" => PrivateKey::ed25519(&mut generator),
            _ => PrivateKey::rsa(&generator, "genPrivateKey", 4096)
                .map_err(|error| FunctionError::new(format!("failed to generate private key: {error}")))?,
        };
        Ok(key.to_pem().into())
    }));
    functions.add("buildCustomCert", TWO_STRINGS, |_, args| build(args));

    let mut certificates = |name: &'static str, shape: Shape, with_key: bool, signature: Signature| {
        functions.insert(Function::shared(name, signature, move |call, args| {
            call.charge(if with_key { SLOW_WORK } else { KEY_WORK })?;
            // An authority has no addresses and names; the others have them before the days.
            let days = args.int(if shape == Shape::Authority { 1 } else { 3 });
            let seed_of = [args.string(0).as_bytes(), &days.to_be_bytes()];
            let (generator, now) = generator_and_clock(lookup, call, name, &seed_of)?;
            generate(generator, now, shape, with_key, args)
        }));
    };
    certificates("genCA", Shape::Authority, false, Signature::fixed(&[STRING, INT]));
    certificates("genCAWithKey", Shape::Authority, true, Signature::fixed(&[STRING, INT, STRING]));
    certificates("genSelfSignedCert", Shape::SelfSigned, false, Signature::fixed(&[STRING, LIST, LIST, INT]));
    let with_key = Signature::fixed(&[STRING, LIST, LIST, INT, STRING]);
    certificates("genSelfSignedCertWithKey", Shape::SelfSigned, true, with_key);
    let signed = Signature::fixed(&[STRING, LIST, LIST, INT, CERTIFICATE]);
    certificates("genSignedCert", Shape::Signed, false, signed);
    let signed_with_key = Signature::fixed(&[STRING, LIST, LIST, INT, CERTIFICATE, STRING]);
    certificates("genSignedCertWithKey", Shape::Signed, true, signed_with_key);
}

fn summed(call: &mut Call<'_, '_>, args: Args<'_>, sum: fn(&[u8]) -> Str) -> FunctionResult {
    call.charge(args.string(0).len() as u64 / 16)?;
    Ok(sum(args.string(0)).into())
}

/// What kind of certificate a function makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Authority,
    SelfSigned,
    Signed,
}

impl Shape {
    /// The function that makes a key as well.
    fn function(self) -> &'static str {
        match self {
            Shape::Authority => "genCA",
            Shape::SelfSigned => "genSelfSignedCert",
            Shape::Signed => "genSignedCert",
        }
    }
}

fn generate(
    mut generator: Generator,
    now: &Time,
    shape: Shape,
    with_key: bool,
    args: Args<'_>,
) -> FunctionResult {
    let days_at = if shape == Shape::Authority { 1 } else { 3 };
    let key_at = days_at + 1 + usize::from(shape == Shape::Signed);
    let given = with_key.then(|| args.string(key_at));
    let key = key(&generator, shape.function(), given).map_err(FunctionError::new)?;
    let (addresses, names) = match shape {
        Shape::Authority => (List::nil(types::LIST), List::nil(types::LIST)),
        Shape::SelfSigned | Shape::Signed => (args.list(1), args.list(2)),
    };
    let authority = args.any(4).as_object().and_then(|object| object.downcast::<Certificate>());
    let signer = match (shape, authority) {
        (Shape::Signed, Some(Certificate(pair))) => {
            Signer::Authority { certificate: pair.certificate.as_bytes(), key: pair.key.as_bytes() }
        }
        (Shape::Signed, None) => Signer::Authority { certificate: b"", key: b"" },
        (Shape::Authority | Shape::SelfSigned, _) => Signer::Itself,
    };
    // Go reads the signer before it looks at addresses and names.
    certificate::check_signer(&signer).map_err(FunctionError::new)?;
    let addresses = addresses.iter().map(address).collect::<Result<Vec<IpAddr>, _>>()?;
    let names = names.iter().map(alternative_name).collect::<Result<Vec<&[u8]>, _>>()?;
    let request = Request {
        common_name: args.string(0),
        addresses: &addresses,
        names: &names,
        now,
        days: args.int(days_at),
        authority: shape == Shape::Authority,
    };
    let pair = certificate::issue(&request, &key, &signer, &mut generator).map_err(FunctionError::new)?;
    Ok(Certificate::value(pair))
}

/// An RSA key for a call of a function, or the one that was passed.
fn key(generator: &Generator, function: &str, given: Option<&Str>) -> Result<PrivateKey, String> {
    match given {
        Some(text) => PrivateKey::from_pem(text).map_err(|error| format!("parsing private key: {error}")),
        None => PrivateKey::rsa(generator, function, 2048)
            .map_err(|error| format!("error generating rsa key: {error}")),
    }
}

fn address(value: &Value) -> Result<IpAddr, FunctionError> {
    let Value::String(text) = value else {
        return Err(FunctionError::new(format!("error parsing ip: {} is not a string", value.to_text())));
    };
    let parsed = text.to_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| FunctionError::new(format!("error parsing ip: {text}")))
}

fn alternative_name(value: &Value) -> Result<&[u8], FunctionError> {
    let text = value.as_string().map(Str::as_bytes);
    text.ok_or_else(|| {
        FunctionError::new(format!(
            "error processing alternate dns name: {} is not a string",
            value.to_text()
        ))
    })
}

fn build(args: Args<'_>) -> FunctionResult {
    let decode = |index: usize, what: &str| {
        base64_decode(args.string(index))
            .map_err(|_| FunctionError::new(format!("unable to decode base64 {what}")))
    };
    let (certificate, key) = (decode(0, "certificate")?, decode(1, "private key")?);
    certificate::check(&certificate, &key).map_err(FunctionError::new)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Certificate::value(Pair { certificate: text(certificate), key: text(key) }))
}

/// sprig's struct `certificate`.
struct Certificate(Pair);

impl Certificate {
    fn value(pair: Pair) -> Value {
        let object: Rc<dyn Object> = Rc::new(Certificate(pair));
        object.into()
    }
}

impl Object for Certificate {
    fn type_of(&self) -> &'static Type {
        CERTIFICATE
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some((&*self.0.certificate).into()),
            "Key" => Some((&*self.0.key).into()),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<StructField> {
        ["Cert", "Key"]
            .into_iter()
            .filter_map(|name| Some(StructField { name, value: self.field(name)?, interface: false }))
            .collect()
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        Some(other.downcast::<Certificate>().is_some_and(|other| self.0 == other.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
