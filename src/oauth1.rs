//! OAuth 1.0 signatures (RFC 5849) by HMAC-SHA1, as LTI 1.1 has them: of a POST with a form, and with no token.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::secret::Secret;

/// HMAC refuses a key. It takes one of any length, so it never does.
pub type SignError = hmac::digest::InvalidLength;

/// The field that has the signature, and is not signed itself.
pub const SIGNATURE: &str = "oauth_signature";

/// Percent-encodes a text (section 3.6): only letters, digits, `-`, `.`, `_` and `~` stay.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// True for a byte that percent-encoding leaves as it is.
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// What is signed (section 3.4.1). `url`: already as section 3.4.1.2 wants it, without a query.
pub fn base_string<'a>(method: &str, url: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let fields = fields.into_iter().filter(|(name, _)| *name != SIGNATURE);
    let mut pairs: Vec<(String, String)> = fields.map(|(name, value)| (encoded(name), encoded(value))).collect();
    // By the encoded name, and then by the encoded value.
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", encoded(url), encoded(&pairs.join("&")))
}

/// The signature of a base string. `key`: both secrets with `&` between them, encoded or not.
///
/// # Errors
/// [`SignError`].
pub fn signature(base: &str, key: &Secret) -> Result<String, SignError> {
    let mac = Hmac::<Sha1>::new_from_slice(key.expose().as_bytes())?.chain_update(base);
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

/// The key of a signature without a token, by the standard: the encoded secret, and `&`.
pub fn standard_key(secret: &Secret) -> Secret {
    Secret::new(format!("{}&", encoded(secret.expose())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 1.2: a client with its own secret alone, with a token of each kind, and with fields in the query.
    #[test]
    fn signs_as_the_examples_of_the_standard() {
        let consumer = ("oauth_consumer_key", "dpf43f3p2l4k3l03");
        let method = ("oauth_signature_method", "HMAC-SHA1");
        let sign = |method: &str, url: &str, fields: &[(&str, &str)], key: &str| {
            signature(&base_string(method, url, fields.iter().copied()), &key.into()).unwrap()
        };
        let fields = [
            consumer,
            method,
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
            (SIGNATURE, "is left out"),
        ];
        let url = "https://photos.example.net/initiate";
        assert_eq!(sign("POST", url, &fields, "kd94hf93k423kf44&"), "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
        assert_eq!(standard_key(&"kd94hf93k423kf44".into()).expose(), "kd94hf93k423kf44&");
        let fields = [
            consumer,
            ("oauth_token", "hh5s93j4hdidpola"),
            method,
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
            ("oauth_verifier", "hfdp7dh39dks9884"),
        ];
        let url = "https://photos.example.net/token";
        assert_eq!(sign("POST", url, &fields, "kd94hf93k423kf44&hdhd0244k9j7ao03"), "gKgrFCywp7rO0OXSjdot/IHF7IU=");
        let fields = [
            consumer,
            ("oauth_token", "nnch734d00sl2jdk"),
            method,
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
            ("file", "vacation.jpg"),
            ("size", "original"),
        ];
        let url = "http://photos.example.net/photos";
        assert_eq!(sign("GET", url, &fields, "kd94hf93k423kf44&pfkkdhi9sl3r4s00"), "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    /// Section 3.4.1.1, with the fields of section 3.4.1.3.1.
    #[test]
    fn makes_the_base_string_of_the_standard() {
        let fields = [
            ("b5", "=%3D"),
            ("a3", "a"),
            ("c@", ""),
            ("a2", "r b"),
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
            ("c2", ""),
            ("a3", "2 q"),
        ];
        assert_eq!(
            base_string("POST", "http://example.com/request", fields),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540\
             %3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method\
             %3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn every_other_byte_is_encoded() {
        assert_eq!(encoded("aZ09-._~"), "aZ09-._~");
        assert_eq!(encoded("a b+c&d=é/*"), "a%20b%2Bc%26d%3D%C3%A9%2F%2A");
        assert_eq!(standard_key(&"p&q".into()).expose(), "p%26q&");
    }
}
