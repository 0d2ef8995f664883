//! Synthetic face photographs of people who do not exist.
//!
//! No photograph of a patient may train or test Lakshan in public, so this crate makes its own: CC0 head meshes
//! ([`HeadModel`]), the signs of twelve syndromes drawn with their published frequencies ([`Subject`]), and a software
//! renderer with a camera's faults ([`photograph`]). What a network can reach on them at best is [`ceiling`].
//!
//! ```
//! use lakshan_core::Syndrome;
//! use lakshan_synth::{Label, Subject, ceiling};
//!
//! let subject = Subject::draw(1, Label::Affected(Syndrome::Down), 0);
//! assert_eq!(subject.id, "down-00000");
//! assert!(ceiling::posterior(&subject)[Syndrome::Down.index()] > 0.5);
//! ```

mod brow;
pub mod ceiling;
mod chance;
mod contact_sheet;
mod frequency;
mod geometry;
mod head;
mod look;
mod noise;
mod photograph;
mod render;
mod shape;
mod signs;
mod subject;
mod vector;

pub use contact_sheet::contact_sheet;
pub use frequency::{BASE_RATE, CEILING, Frequencies, NOT_STATED};
pub use head::{HeadModel, LoadError};
pub use photograph::{Capture, Photograph, photograph};
pub use signs::{Effect, Sign, Table, Term};
pub use subject::{DrawnFeature, Label, Subject};

use lakshan_core::Syndrome;

/// A sign that a class shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownFeature {
    /// The HPO term, `HP:0000286`.
    pub hpo: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How often subjects of the class have it.
    pub frequency: f32,
}

/// The signs that subjects of `class` show, most frequent first.
pub fn shown_features(class: Syndrome) -> Vec<ShownFeature> {
    let table = Table::get();
    let frequencies = Frequencies::get();
    let mut shown: Vec<_> = (0..table.signs.len())
        .filter_map(|sign| {
            let hpo = frequencies.term(class, sign)?;
            let name = &table.term(hpo)?.name;
            Some(ShownFeature { hpo, name, frequency: frequencies.in_class(class, sign) })
        })
        .collect();
    shown.sort_by(|a, b| b.frequency.total_cmp(&a.frequency).then(a.hpo.cmp(b.hpo)));
    shown
}

/// The annotated terms of `class` that nothing is drawn for: id, name and why.
pub fn not_shown(class: Syndrome) -> Vec<(&'static str, &'static str, &'static str)> {
    let table = Table::get();
    frequency::rows()
        .into_iter()
        .filter(|row| row.class == class.name())
        .filter_map(|row| {
            let term = table.term(row.hpo)?;
            let why = term.shown.as_ref().err()?;
            Some((row.hpo, row.hpo_name, why.as_str()))
        })
        .collect()
}
