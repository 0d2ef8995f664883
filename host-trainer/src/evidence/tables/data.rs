//! T1: the data card.

use std::collections::HashSet;

use lakshan_core::Syndrome;
use lakshan_core::manifest::{DataKind, Provenance};

use super::super::material::Material;
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::table::{Cell, Table};
use super::{GroupKind, groups_of};
use crate::dataset::check::Twin;
use crate::dataset::{Label, NegativeKind, Photo, Split};

const SPLITS: [Split; 3] = [Split::Train, Split::Calibration, Split::Test];

pub(super) fn card(material: &Material) -> Section {
    let mut section =
        Section::new("T1", "Data card", "Who is in the data: photographs and people of each class and group.");
    section.tables.extend(tables(material.photos, material.provenance, &material.data_notes));
    if material.provenance != &material.manifest.provenance {
        let note = format!("The network was trained on other data: {}", material.manifest.provenance.statement);
        section.tables[0].note(note);
    }
    learning(material, &mut section);
    section
}

/// Who is in a data set: by class and by group, in each split, with where the photographs come from.
pub fn tables(photos: &[Photo], provenance: &Provenance, notes: &[String]) -> [Table; 2] {
    [classes(photos, provenance, notes), groups(photos)]
}

/// What looking for the same picture found, in a sentence.
pub fn same_pictures<'t>(twins: impl IntoIterator<Item = &'t Twin>) -> String {
    let (leaks, twins): (Vec<&Twin>, Vec<&Twin>) = twins.into_iter().partition(|twin| twin.is_leak());
    format!(
        "The same picture twice (encoded or scaled again, mirrored, cut): {} pairs within one split, {} pairs in two \
         splits.",
        twins.len(),
        leaks.len()
    )
}

fn classes(photos: &[Photo], provenance: &Provenance, notes: &[String]) -> Table {
    let mut table = Table::new(
        "T1-classes",
        "Photographs (people) of each class in each split",
        &["class", "train", "calibration", "test", "all"],
    );
    let classes = Syndrome::ALL.into_iter().map(|class| (class.name(), Label::Class(class)));
    let negatives = [
        ("unaffected", Label::Negative(NegativeKind::Unaffected)),
        ("other conditions", Label::Negative(NegativeKind::OtherCondition)),
    ];
    for (name, label) in classes.chain(negatives) {
        let of = |photo: &&Photo| photo.label == label;
        table.row(counts(name, &photos.iter().filter(of).collect::<Vec<_>>()));
    }
    table.row(counts("all", &photos.iter().collect::<Vec<_>>()));
    table.note(format!("Source: {}", provenance.statement));
    table.note(match provenance.kind {
        DataKind::Synthetic => "Consent: none needed, no person is shown.".to_owned(),
        DataKind::Patient => "Consent: as the source states.".to_owned(),
    });
    for note in notes {
        table.note(note.clone());
    }
    table
}

fn groups(photos: &[Photo]) -> Table {
    let mut table = Table::new(
        "T1-groups",
        "Photographs (people) of each group in each split",
        &["group", "train", "calibration", "test", "all"],
    );
    for kind in GroupKind::ALL {
        for group in groups_of(kind) {
            let of: Vec<&Photo> = photos.iter().filter(|photo| group.holds(photo)).collect();
            table.row(counts(&format!("{}: {}", kind.name(), group.name), &of));
        }
        let unknown: Vec<&Photo> =
            photos.iter().filter(|photo| groups_of(kind).iter().all(|group| !group.holds(photo))).collect();
        if !unknown.is_empty() {
            table.row(counts(&format!("{}: not recorded", kind.name()), &unknown));
        }
    }
    table.note("Ancestry is the largest share of those recorded; skin tone is on the Monk scale.");
    table
}

fn learning(material: &Material, section: &mut Section) {
    if let Some(last) = material.epochs.last() {
        let numbers = || Axis::numbers("epoch", 1.0, last.epoch as f64);
        let at = |value: fn(&super::super::material::Epoch) -> Option<f64>| -> Vec<(f64, f64)> {
            material.epochs.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?))).collect()
        };
        let losses = at(|epoch| Some(epoch.train_loss));
        let highest = losses.iter().map(|(_, loss)| *loss).fold(0.0, f64::max);
        let mut chart =
            Chart::new("Learning: loss of the training photographs", numbers(), Axis::numbers("loss", 0.0, highest));
        chart.line("training loss", 0, false, &losses);
        section.plots.push(chart.finish("learning-loss", material.notice()));
        let mut chart = Chart::new("Learning: photographs answered rightly", numbers(), Axis::share(""));
        chart.line("training, of thirteen", 0, true, &at(|epoch| Some(epoch.train_accuracy)));
        chart.line("calibration, top-1 of twelve", 1, false, &at(|epoch| Some(epoch.validation.top1)));
        chart.line("calibration, AUROC of refusal", 2, false, &at(|epoch| epoch.validation.auroc));
        section.plots.push(chart.finish("learning-accuracy", material.notice()));
    }
}

fn counts(name: &str, photos: &[&Photo]) -> Vec<Cell> {
    let cell = |photos: Vec<&&Photo>| {
        let people: HashSet<&str> = photos.iter().map(|photo| photo.subject.as_str()).collect();
        Cell::text(format!("{} ({})", photos.len(), people.len()))
    };
    let mut row = vec![Cell::text(name)];
    row.extend(SPLITS.map(|split| cell(photos.iter().filter(|photo| photo.split == split).collect())));
    row.push(cell(photos.iter().collect()));
    row
}
