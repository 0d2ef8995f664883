//! The fonts: shapes and rasterizes text. They are embedded, so that no package of the system is needed.

use std::sync::Arc;

use cosmic_text::fontdb::{Database, Source};
use cosmic_text::{Fallback, FontSystem, SwashCache};
use unicode_script::Script;

/// Regular and bold of one Noto family; `fonts/make.py` says from what. SIL Open Font License 1.1.
macro_rules! family {
    ($($file:literal),* $(,)?) => {
        [$(
            include_bytes!(concat!("../../fonts/", $file, "-Regular.ttf")),
            include_bytes!(concat!("../../fonts/", $file, "-Bold.ttf")),
        )*]
    };
}

/// Entering one into the list reads its names only; a font is parsed when the first text needs it, so that a language
/// costs nothing until it is chosen.
const EMBEDDED: [&[u8]; 16] = family!(
    "NotoSans",
    "NotoSansDevanagari",
    "NotoSansBengali",
    "NotoSansGujarati",
    "NotoSansTamil",
    "NotoSansTelugu",
    "NotoSansKannada",
    "NotoNaskhArabic",
);

/// The family for Latin letters and digits in every language.
const LATIN: &str = "Noto Sans";

/// The family that a language's texts ask for first.
pub(super) fn family(language: &str) -> &'static str {
    match language {
        "hi" | "mr" => "Noto Sans Devanagari",
        "bn" => "Noto Sans Bengali",
        "gu" => "Noto Sans Gujarati",
        "ta" => "Noto Sans Tamil",
        "te" => "Noto Sans Telugu",
        "kn" => "Noto Sans Kannada",
        "ur" => "Noto Naskh Arabic",
        _ => LATIN,
    }
}

/// How high a line is, in sizes of its letters: vowel signs above and below, and Naskh's swings, need more than Latin.
pub(super) fn leading(language: &str) -> f32 {
    match language {
        "en" => 1.25,
        "ur" => 1.6,
        _ => 1.42,
    }
}

/// Where letters are that the first family has not: by script, never by luck.
struct ByScript;

impl Fallback for ByScript {
    fn common_fallback(&self) -> &[&'static str] {
        &[LATIN]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        &[]
    }

    fn script_fallback(&self, script: Script, _locale: &str) -> &[&'static str] {
        match script {
            Script::Devanagari => &["Noto Sans Devanagari"],
            Script::Bengali => &["Noto Sans Bengali"],
            Script::Gujarati => &["Noto Sans Gujarati"],
            Script::Tamil => &["Noto Sans Tamil"],
            Script::Telugu => &["Noto Sans Telugu"],
            Script::Kannada => &["Noto Sans Kannada"],
            Script::Arabic => &["Noto Naskh Arabic"],
            _ => &[LATIN],
        }
    }
}

/// Loaded fonts, with the caches of what was already shaped and drawn. Costly to make, so keep one.
pub struct Fonts {
    pub(super) system: FontSystem,
    pub(super) glyphs: SwashCache,
}

impl Fonts {
    /// The embedded fonts, and nothing of the system's.
    pub fn embedded() -> Self {
        let mut database = Database::new();
        for font in EMBEDDED {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family(LATIN);
        let system = FontSystem::new_with_locale_and_db_and_fallback("en".to_owned(), database, ByScript);
        Self { system, glyphs: SwashCache::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_both_weights() {
        let fonts = Fonts::embedded();
        for (language, _) in crate::text::languages() {
            let faces = fonts.system.db().faces().filter(|face| face.families[0].0 == family(language));
            let mut weights: Vec<u16> = faces.map(|face| face.weight.0).collect();
            weights.sort_unstable();
            assert_eq!(weights, [400, 700], "{language}");
        }
    }
}
