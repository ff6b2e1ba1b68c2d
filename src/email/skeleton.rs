//! Which letters of two alphabets look the same: the skeletons of UTS 39.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::is_invisible;

// `CHARACTERS`, sorted; `ENDS`, where the prototype of each ends in `PROTOTYPES`. The build script takes them out of the
// crate unicode-security, whose own table has an address for each letter: every start of the program would write them all.
include!(concat!(env!("OUT_DIR"), "/confusables.rs"));

/// What `text` looks like: texts with one skeleton look the same.
pub(crate) fn skeleton(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let mut found = String::with_capacity(text.len());
    for c in decomposed.normalize(text).chars().filter(|c| !is_invisible(*c)) {
        match prototype(c) {
            Some(prototype) => found.push_str(prototype),
            None => found.push(c),
        }
    }
    decomposed.normalize(&found).into_owned()
}

/// What stands for `c` and all that looks the same; `None` where it is its own prototype.
fn prototype(c: char) -> Option<&'static str> {
    let at = CHARACTERS.binary_search(&c).ok()?;
    let start = at.checked_sub(1).and_then(|before| ENDS.get(before)).copied().unwrap_or_default();
    PROTOTYPES.get(usize::from(start)..usize::from(*ENDS.get(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_the_skeleton_of_unicode_security() {
        // No character after these has a prototype.
        for c in ('\0'..='\u{32000}').filter(|c| !is_invisible(*c)) {
            let text = format!("a{c}o");
            assert_eq!(skeleton(&text), unicode_security::skeleton(&text).collect::<String>(), "{c:?}");
        }
    }
}
