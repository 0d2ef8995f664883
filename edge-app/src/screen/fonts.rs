//! The fonts: shapes and rasterizes text. The embedded Latin ones keep the first run free of system packages.

use std::sync::Arc;

use cosmic_text::fontdb::{Database, Source};
use cosmic_text::{FontSystem, SwashCache};

/// Noto Sans, cut down to Latin; `fonts/make.py` says from what. SIL Open Font License 1.1.
const EMBEDDED: [&[u8]; 2] =
    [include_bytes!("../../fonts/NotoSans-Regular-Latin.ttf"), include_bytes!("../../fonts/NotoSans-Bold-Latin.ttf")];

/// The family that every text asks for first.
pub(super) const FAMILY: &str = "Noto Sans";

/// Loaded fonts, with the caches of what was already shaped and drawn. Costly to make, so keep one.
pub struct Fonts {
    pub(super) system: FontSystem,
    pub(super) glyphs: SwashCache,
}

impl Fonts {
    /// The embedded Latin fonts, and nothing of the system's.
    pub fn embedded() -> Self {
        let mut database = Database::new();
        for font in EMBEDDED {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family(FAMILY);
        let system = FontSystem::new_with_locale_and_db("en".to_owned(), database);
        Self { system, glyphs: SwashCache::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_there() {
        let fonts = Fonts::embedded();
        let mut weights: Vec<u16> = fonts.system.db().faces().map(|face| face.weight.0).collect();
        weights.sort_unstable();
        assert_eq!(weights, [400, 700]);
        assert!(fonts.system.db().faces().all(|face| face.families[0].0 == FAMILY));
    }
}
