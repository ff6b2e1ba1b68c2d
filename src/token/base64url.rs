//! Base64 as the servers' library reads it. Measured with PyJWT 2.10.1 (Open WebUI 0.5.6 and 0.6.43), 2.13.0 (0.12.4)
//! and 2.15.1 (LAMB does not pin it): all but the newest pass over what is not base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const STRICT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Both libraries read the two letters of base64url and of plain base64 alike.
fn plain(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// As PyJWT before 2.15 decodes it: with padding up to the length, after which Python ignores foreign characters.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let missing = (4 - text.len() % 4) % 4;
    let (mut data, mut pads, mut ended) = (Vec::with_capacity(text.len()), 0, false);
    for byte in text.bytes().map(plain).chain(std::iter::repeat_n(b'=', missing)) {
        let place = data.len() % 4;
        if byte == b'=' {
            pads += usize::from(place >= 2);
            ended = place >= 2 && place + pads >= 4;
            if ended {
                break;
            }
        } else if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') {
            pads = 0;
            data.push(byte);
        }
    }
    if ended || data.len() % 4 == 0 { LENIENT.decode(&data).ok() } else { None }
}

/// True where PyJWT 2.15 decodes it too: nothing foreign in it, and no bits left over.
pub(super) fn is_strict(text: &str) -> bool {
    STRICT.decode(text.bytes().map(plain).collect::<Vec<u8>>()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row was put before the three libraries: 43 letters, as in a signature, and a change to them.
    #[test]
    fn text_is_decoded_as_the_libraries_decode_it() {
        let good = "hJ4kVnLkCz2lJr7wVh2rX3vJ9x0b1c2d3e4f5g6h7i8";
        let whole = decode(good).unwrap();
        assert_eq!(whole.len(), 32);
        let table = [
            (good.to_owned(), true, true),
            (format!("{good}="), true, true),
            (format!("{good}=="), true, false),
            (format!("{good}é"), true, false),
            (good.replace('V', "+").replace('h', "/"), true, true),
            // Its last letter carries two bits that are not used.
            (format!("{}9", &good[..42]), true, false),
            (format!("{good}!"), false, false),
            (format!("{}={}", &good[..40], &good[40..]), false, false),
            (good[..42].to_owned(), true, false),
            (good[..41].to_owned(), false, false),
        ];
        for (text, lenient, strict) in table {
            assert_eq!((decode(&text).is_some(), is_strict(&text)), (lenient, strict), "{text}");
        }
        assert_eq!(decode(&format!("{}9", &good[..42])), Some(whole.clone()));
        assert_eq!(decode(&format!("{good}é")), Some(whole));
        assert_eq!(decode(""), Some(Vec::new()));
    }
}
