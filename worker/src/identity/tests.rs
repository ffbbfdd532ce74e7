use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;
use crate::admin_key::hex;

const SECRET: &str = "a secret of the shop's own server";
const NOW_S: u64 = 1_773_000_000;

fn encoded(value: &Value) -> String {
    Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
}

fn mac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn token(header: &Value, claims: &Value, secret: &str) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&mac(secret, &signed)))
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "sub": "c-7", "aud": "demo", "exp": NOW_S + 600, "iat": NOW_S, "email": "Ann@shop.example",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn signed(changes: Value) -> String {
    token(&json!({"alg": "HS256", "typ": "JWT"}), &claims(changes), SECRET)
}

fn read(token: &str) -> Result<Customer, IdentityError> {
    verify(Scheme::Jwt, token, SECRET, "demo", NOW_S * 1_000)
}

#[test]
fn a_good_token_says_who_it_is() {
    let bought = json!([{"sku": "L1", "at_ms": 5, "quantity": 2}]);
    let customer = read(&signed(json!({"orders": bought}))).unwrap();
    assert_eq!(customer.id, "c-7");
    assert_eq!(customer.email.as_ref().map(Email::as_str), Some("ann@shop.example"));
    assert_eq!(customer.purchases, [Purchase { sku: "L1".into(), at_ms: 5, quantity: 2 }]);
}

#[test]
fn the_example_of_the_standard_has_its_signature() {
    // RFC 7515, appendix A.1: signed with HS256, but for nobody and long expired.
    let key =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = Base64UrlUnpadded::decode_vec(key).unwrap();
    let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkz\
                  ODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    let signature = Base64UrlUnpadded::decode_vec("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert!(mac.verify_slice(&signature.unwrap()).is_ok());
}

#[test]
fn what_is_wrong_with_a_token_is_found() {
    use IdentityError::*;
    let good = signed(json!({}));
    let (rest, signature) = good.rsplit_once('.').unwrap();
    let hs = json!({"alg": "HS256"});
    let body = claims(json!({}));
    let unsigned = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&body));
    let swapped = {
        let header = rest.split_once('.').unwrap().0;
        format!("{header}.{}.{signature}", encoded(&claims(json!({"sub": "c-8"}))))
    };
    let cases = [
        ("another secret", token(&hs, &body, "another secret of some length"), Signature),
        ("an empty secret", token(&hs, &body, ""), Signature),
        ("other claims under the same signature", swapped, Signature),
        ("a truncated signature", good[..good.len() - 3].to_owned(), Signature),
        ("no signature", format!("{rest}."), Signature),
        ("no algorithm", unsigned, Algorithm),
        ("none, signed", token(&json!({"alg": "none"}), &body, SECRET), Algorithm),
        ("None", token(&json!({"alg": "None"}), &body, SECRET), Algorithm),
        ("HS384", token(&json!({"alg": "HS384"}), &body, SECRET), Algorithm),
        (
            "RS256 with the secret as its key",
            token(&json!({"alg": "RS256"}), &body, SECRET),
            Algorithm,
        ),
        ("hs256", token(&json!({"alg": "hs256"}), &body, SECRET), Algorithm),
        (
            "an extension",
            token(&json!({"alg": "HS256", "crit": ["b64"]}), &body, SECRET),
            Algorithm,
        ),
        ("an algorithm of the wrong type", token(&json!({"alg": 1}), &body, SECRET), Malformed),
        ("expired", signed(json!({"exp": NOW_S - 61})), Expired),
        ("for ever", signed(json!({"exp": null})), Malformed),
        ("an expiry in words", signed(json!({"exp": "soon"})), Malformed),
        ("not yet", signed(json!({"nbf": NOW_S + 61})), NotYet),
        ("from the future", signed(json!({"iat": NOW_S + 61})), NotYet),
        ("another shop", signed(json!({"aud": "other"})), Audience),
        ("other shops", signed(json!({"aud": ["a", "b"]})), Audience),
        ("no shop", signed(json!({"aud": null})), Malformed),
        ("nobody", signed(json!({"sub": null})), Malformed),
        ("an empty name", signed(json!({"sub": ""})), Malformed),
        ("a name with a line break", signed(json!({"sub": "a\nb"})), Malformed),
        ("no address", signed(json!({"email": "ann"})), Malformed),
        ("four parts", format!("{good}.xw"), Signature),
        ("two parts", rest.to_owned(), Malformed),
        ("nothing", String::new(), Malformed),
        ("padding", format!("{good}="), Malformed),
        ("a blank before it", format!(" {good}"), Malformed),
        ("a very long one", "a".repeat(17_000), Malformed),
    ];
    for (what, token, expected) in cases {
        assert_eq!(read(&token), Err(expected), "{what}");
    }
    for within in
        [json!({"exp": NOW_S - 59}), json!({"nbf": NOW_S + 60}), json!({"aud": ["a", "demo"]})]
    {
        assert!(read(&signed(within.clone())).is_ok(), "{within}");
    }
}

#[test]
fn a_customers_id_with_its_hmac() {
    let token = |id: &str, secret: &str| format!("{id}:{}", hex(&mac(secret, id)));
    let read = |token: &str| {
        verify(Scheme::CustomerHmac, token, SECRET, "demo", 0).map(|customer| customer.id)
    };
    assert_eq!(read(&token("70123", SECRET)), Ok("70123".to_owned()));
    assert_eq!(read(&token("70123", SECRET).to_uppercase()), Ok("70123".to_owned()));
    assert_eq!(read(&token("gid:70123", SECRET)), Ok("gid:70123".to_owned()));
    assert_eq!(read(&token("70123", "another")), Err(IdentityError::Signature));
    assert_eq!(
        read(&token("70123", SECRET).replace("70123", "70124")),
        Err(IdentityError::Signature)
    );
    assert_eq!(read(&token("70123", SECRET)[..60]), Err(IdentityError::Malformed));
    assert_eq!(read(&token("", SECRET)), Err(IdentityError::Malformed));
    assert_eq!(read("70123"), Err(IdentityError::Malformed));
    // The kind is the shop's to choose, not the token's.
    assert_eq!(read(&signed(json!({}))), Err(IdentityError::Malformed));
    let other = verify(Scheme::Jwt, &token("70123", SECRET), SECRET, "demo", 0);
    assert_eq!(other, Err(IdentityError::Malformed));
}

proptest! {
    /// Nothing but a token that was signed is ever believed, and nothing is fatal.
    #[test]
    fn any_bytes_prove_nothing(bytes: Vec<u8>, parts in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), parts] {
            for scheme in [Scheme::Jwt, Scheme::CustomerHmac] {
                prop_assert!(verify(scheme, &text, SECRET, "demo", NOW_S * 1_000).is_err());
            }
        }
    }

    /// A token with a character changed says what it said, or nothing.
    #[test]
    fn a_changed_token_proves_nothing_new(at: prop::sample::Index, to in "[A-Za-z0-9_.=-]") {
        let good = signed(json!({}));
        let mut changed: Vec<char> = good.chars().collect();
        let at = at.index(changed.len());
        changed[at] = to.chars().next().unwrap();
        let changed: String = changed.into_iter().collect();
        match read(&changed) {
            Ok(_) => prop_assert_eq!(changed, good),
            Err(_) => prop_assert_ne!(changed, good),
        }
    }

    /// Claims of any shape, signed with the shop's secret, are read or refused.
    #[test]
    fn any_signed_claims_are_read_or_refused(claims in "\\PC{0,200}|\\{\"sub\":\"a\",\"aud\":\"demo\",\"exp\":[0-9]{1,22}\\}") {
        let signed = format!("{}.{}", encoded(&json!({"alg": "HS256"})),
            Base64UrlUnpadded::encode_string(claims.as_bytes()));
        let token = format!("{signed}.{}", Base64UrlUnpadded::encode_string(&mac(SECRET, &signed)));
        if let Ok(customer) = read(&token) {
            prop_assert_eq!(customer.id, "a");
        }
    }
}
