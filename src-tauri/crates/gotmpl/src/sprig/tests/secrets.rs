//! Random things, keys and certificates: stable, recorded, and well-formed.

use serde_json::Value as Json;

use super::{check, functions, output, render_in};
use crate::sprig::{Environment, Source};

#[test]
fn renders_of_one_seed_are_equal_and_of_another_differ() {
    let template = r#"{{randAlphaNum 24}} {{randAscii 8}} {{uuidv4}} {{shuffle "abcdefgh"}} {{randInt 1 1000000}}
{{bcrypt "x"}} {{htpasswd "u" "p"}} {{encryptAES "k" "text"}} {{genPrivateKey "ed25519"}} {{(genCAWithKey "ca" 1 (genPrivateKey "ecdsa")).Cert}} {{(genCA "ca" 1).Cert}}"#;
    let functions = functions();
    let with =
        |seed: &[u8]| render_in(&Environment::new(0, 0, seed), &functions, template, &Json::Null).unwrap();
    assert_eq!(with(b"one"), with(b"one"));
    assert_ne!(with(b"one"), with(b"two"));
}

#[test]
fn a_call_that_is_added_leaves_the_others_as_they_were() {
    let (before, after) =
        (output("{{randAlphaNum 16}}"), output(r#"{{$_ := randAlphaNum 8}}{{randAlphaNum 16}}"#));
    assert_eq!(before, after);
    assert_ne!(output("{{randAlphaNum 16}}{{randAlphaNum 16}}"), before.repeat(2));
}

#[test]
fn an_authority_and_what_it_signs_have_keys_of_their_own() {
    check(&[(r#"{{$ca := genCA "x" 1}}{{eq $ca.Key (genSignedCert "x" nil nil 1 $ca).Key}}"#, "false")]);
}

#[test]
fn what_is_not_repeatable_elsewhere_is_recorded() {
    let environment = Environment::new(0, 0, b"seed");
    let template = r#"{{$_ := randAlpha 4}}{{$_ = randAlpha 5}}{{$_ = now}}{{$_ = date "2006" 0}}{{$_ = genCAWithKey "x" 1 (genPrivateKey "ecdsa")}}"#;
    render_in(&environment, &functions(), template, &Json::Null).unwrap();
    let uses: Vec<_> = environment
        .uses()
        .into_iter()
        .map(|used| {
            let columns: Vec<usize> = used.places.iter().map(|place| place.column).collect();
            (used.function, used.source, used.count, columns)
        })
        .collect();
    assert_eq!(
        uses,
        [
            ("genCAWithKey", Source::Random, 1, vec![82]),
            ("genPrivateKey", Source::Random, 1, vec![102]),
            ("now", Source::Clock, 1, vec![48]),
            ("randAlpha", Source::Random, 2, vec![8, 28]),
        ]
    );
    let place = environment.uses()[0].places[0].clone();
    assert_eq!((place.file.as_str(), place.line), ("case/templates/main.yaml", 1));
}

#[test]
fn random_texts_have_the_characters_they_promise() {
    check(&[
        (r#"{{regexMatch "^[0-9A-Za-z]{100}$" (randAlphaNum 100)}}"#, "true"),
        (r#"{{regexMatch "^[ -~]{100}$" (randAscii 100)}}"#, "true"),
        (r#"{{randInt 7 8}} {{randAlpha -1}}|{{shuffle "aaa"}}"#, "7 |aaa"),
        (r#"{{randBytes -1}}"#, "error: runtime error: makeslice: len out of range"),
    ]);
}

#[test]
fn certificates_and_keys_can_be_read_again() {
    check(&[
        (
            r#"{{$ca := genCA "ca" 30}}{{$c := genSignedCert "svc" (list "10.0.0.1") (list "svc.ns") 30 $ca}}{{$b := buildCustomCert (b64enc $c.Cert) (b64enc $c.Key)}}{{eq $b $c}} {{(genSignedCert "again" nil nil 1 $ca).Key | trunc 31}}"#,
            "true -----BEGIN RSA PRIVATE KEY-----",
        ),
        (
            r#"{{$ca := genCAWithKey "ca" 30 (genPrivateKey "ed25519")}}{{$c := genSignedCertWithKey "svc" nil nil 30 $ca (genPrivateKey "ecdsa")}}{{$s := genSelfSignedCertWithKey "s" nil nil 1 $c.Key}}{{eq $s.Key $c.Key}}"#,
            "true",
        ),
        (
            r#"{{$a := genCAWithKey "a" 1 (genPrivateKey "ecdsa")}}{{$b := buildCustomCert (b64enc $a.Cert) (b64enc (genPrivateKey "ed25519"))}}{{genSignedCertWithKey "c" nil nil 1 $b (genPrivateKey "ecdsa")}}"#,
            "error: error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
        ),
        (
            r#"{{genCAWithKey "a" 1 (genPrivateKey "dsa")}}"#,
            "error: error creating certificate: x509: certificate private key does not implement crypto.Signer",
        ),
        (
            r#"{{genCAWithKey "a" 1 "-----BEGIN X-----\nAA==\n-----END X-----\n"}}"#,
            "error: parsing private key: no private key data in PEM block of type X",
        ),
        (r#"{{genPrivateKey "p-521"}}"#, "Unknown type p-521"),
        (r#"{{decryptAES "k" (b64enc (repeat 16 "x"))}}"#, "error: runtime error: index out of range [-1]"),
        (r#"{{decryptAES "k" (b64enc (repeat 17 "x"))}}"#, "error: crypto/cipher: input not full blocks"),
        (r#"{{"some text" | encryptAES "key" | decryptAES "key"}}"#, "some text"),
    ]);
}
