//! T1: the data card.

use std::collections::HashSet;

use lakshan_core::Syndrome;
use lakshan_core::manifest::DataKind;

use super::super::material::Material;
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::table::{Cell, Table};
use super::{GroupKind, groups_of};
use crate::dataset::{Label, NegativeKind, Photo, Split};

const SPLITS: [Split; 3] = [Split::Train, Split::Calibration, Split::Test];

pub(super) fn card(material: &Material) -> Section {
    let mut section =
        Section::new("T1", "Data card", "Who is in the data: photographs and people of each class and group.");
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
        table.row(counts(name, &material.photos.iter().filter(of).collect::<Vec<_>>()));
    }
    table.row(counts("all", &material.photos.iter().collect::<Vec<_>>()));
    table.note(format!("Source: {}", material.provenance.statement));
    table.note(match material.provenance.kind {
        DataKind::Synthetic => "Consent: none needed, no person is shown.".to_owned(),
        DataKind::Patient => "Consent: as the source states.".to_owned(),
    });
    for note in &material.data_notes {
        table.note(note.clone());
    }
    if material.provenance != &material.manifest.provenance {
        table.note(format!("The network was trained on other data: {}", material.manifest.provenance.statement));
    }
    section.tables.push(table);
    let mut table = Table::new(
        "T1-groups",
        "Photographs (people) of each group in each split",
        &["group", "train", "calibration", "test", "all"],
    );
    for kind in GroupKind::ALL {
        for group in groups_of(kind) {
            let of: Vec<&Photo> = material.photos.iter().filter(|photo| group.holds(photo)).collect();
            table.row(counts(&format!("{}: {}", kind.name(), group.name), &of));
        }
        let unknown: Vec<&Photo> =
            material.photos.iter().filter(|photo| groups_of(kind).iter().all(|group| !group.holds(photo))).collect();
        if !unknown.is_empty() {
            table.row(counts(&format!("{}: not recorded", kind.name()), &unknown));
        }
    }
    table.note("Ancestry is the largest share of those recorded; skin tone is on the Monk scale.");
    section.tables.push(table);
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
    section
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
