//! T2 to T4: how well the twelve are told apart, in all, by class, and with what each is confused.

use lakshan_core::Syndrome;
use lakshan_core::policy::Policy;

use super::super::material::{Arrays, Case, Material};
use super::super::plot::{Axis, Chart, matrix};
use super::super::report::{Picture, Section};
use super::super::statistics;
use super::super::table::{Cell, Table, Unit};
use super::{Affected, ids, subjects, top1};

/// Classes in the row of a figure of merit.
const CLASSES: usize = Syndrome::COUNT;
/// Pictures in the gallery of worst mistakes.
const GALLERY: usize = 18;

pub(super) fn headline(material: &Material) -> Section {
    let mut section = Section::new(
        "T2",
        "Headline",
        "How often the right one of the twelve classes stands first, for people who have one of them.",
    );
    let cases = material.affected();
    let affected = Affected::of(material, &cases);
    let (photographs, people) = (cases.len(), subjects(cases.iter().copied()));
    let mut table = Table::new("T2", format!("{photographs} photographs of {people} people"), &["figure", "value"]);
    let top = top1(&affected.arrays);
    table.row(vec![Cell::text("top-1 (Wilson)"), Cell::wilson(top, people)]);
    table.row(vec![Cell::text("top-3 (Wilson)"), Cell::wilson(top3(&affected.arrays), people)]);
    let mut row = |name: &str, unit: Unit, figure: fn(&Arrays) -> Option<f64>| {
        table.row(vec![Cell::text(name), affected.estimate(unit, figure)]);
    };
    row("balanced accuracy", Unit::Share, |a| statistics::balanced_accuracy(&a.truths, &a.answers, CLASSES));
    row("macro-F1", Unit::Plain, |a| statistics::macro_f1(&a.truths, &a.answers, CLASSES));
    row("Matthews correlation", Unit::Plain, |a| statistics::matthews(&a.truths, &a.answers, CLASSES));
    row("mean one-vs-rest accuracy (footnote)", Unit::Share, one_vs_rest);
    if let Some(ceiling) = material.ceiling {
        table.row(vec![Cell::text("ceiling of top-1 (footnote)"), Cell::number(Some(ceiling), Unit::Share)]);
        table.note("The ceiling is a Bayes classifier that is told which signs were drawn for the same people.");
    }
    table.note(
        "One-vs-rest accuracy counts eleven easy refusals for each hard answer; it is printed because the 2018 paper \
         reports it (97.66 %, with 85.99 % top-1). Nothing is judged by it.",
    );
    table.note("Intervals are 95 %: Wilson on people where said, else percentiles of 1000 bootstrap draws of people.");
    section.tables.push(table);
    section
}

fn top3(arrays: &Arrays) -> Option<f64> {
    statistics::mean(arrays.truths.iter().zip(&arrays.probabilities).map(|(truth, p)| {
        let better =
            p.iter().enumerate().filter(|(class, other)| **other > p[*truth] || **other == p[*truth] && class < truth);
        f64::from(better.count() < 3)
    }))
}

fn one_vs_rest(arrays: &Arrays) -> Option<f64> {
    // Each wrong answer is wrong for two of the twelve questions.
    let wrong = statistics::mean(arrays.right().into_iter().map(|right| f64::from(!right)))?;
    Some(1.0 - 2.0 * wrong / CLASSES as f64)
}

pub(super) fn classes(material: &Material) -> Section {
    let mut section = Section::new(
        "T3",
        "Each class",
        "For each syndrome: of the people who have it, how many are named so; of those named so, how many have it.",
    );
    let cases = material.affected();
    let mut table = Table::new(
        "T3",
        "Among people who have one of the twelve, first class named",
        &[
            "class",
            "people",
            "sensitivity (Wilson)",
            "specificity",
            "PPV, all classes equally common",
            "NPV, the same",
            "F1",
            "AUROC",
            "AUPRC",
        ],
    );
    let mut roc = Chart::new(
        "ROC of each class against the other eleven",
        Axis::share("false positive rate"),
        Axis::share("sensitivity"),
    );
    let mut pr = Chart::new("Precision and recall of each class", Axis::share("recall"), Axis::share("precision"));
    let arrays = Arrays::of(cases.iter().copied(), material.policy());
    for class in Syndrome::ALL {
        let index = class.index();
        let is: Vec<bool> = arrays.truths.iter().map(|truth| *truth == index).collect();
        let named: Vec<bool> = arrays.answers.iter().map(|answer| *answer == index).collect();
        let people = subjects(cases.iter().copied().filter(|case| case.class() == Some(class)));
        let others = subjects(cases.iter().copied().filter(|case| case.class() != Some(class)));
        let share = |of: bool, named_so: bool| {
            let pairs = is.iter().zip(&named).filter(|(is, _)| **is == of);
            statistics::mean(pairs.map(|(_, named)| f64::from(*named == named_so)))
        };
        let (sensitivity, specificity) = (share(true, true), share(false, false));
        let rates = sensitivity.zip(specificity);
        let equal = 1.0 / CLASSES as f64;
        let ppv = rates.and_then(|(se, sp)| statistics::predictive_value(se, sp, equal));
        let npv = rates.and_then(|(se, sp)| statistics::predictive_value(sp, se, 1.0 - equal));
        let scores: Vec<f64> = arrays.probabilities.iter().map(|p| p[index]).collect();
        let f1 = (people > 0).then(|| {
            let right = is.iter().zip(&named).filter(|(is, named)| **is && **named).count() as f64;
            let total = is.iter().filter(|is| **is).count() + named.iter().filter(|named| **named).count();
            2.0 * right / total as f64
        });
        table.row(vec![
            Cell::text(class.name()),
            Cell::count(people),
            Cell::wilson(sensitivity, people),
            Cell::wilson(specificity, others),
            Cell::number(ppv, Unit::Share),
            Cell::number(npv, Unit::Share),
            Cell::number(f1, Unit::Plain),
            Cell::number(statistics::auroc(&scores, &is), Unit::Plain),
            Cell::number(statistics::average_precision(&scores, &is), Unit::Plain),
        ]);
        if let Some(curve) = statistics::roc(&scores, &is) {
            roc.line(class.id(), index, index >= 6, &curve);
        }
        if let Some(curve) = statistics::precision_recall(&scores, &is) {
            pr.line(class.id(), index, index >= 6, &curve);
        }
    }
    table.note(
        "PPV and NPV hold where each of the twelve is equally common and nobody else is photographed; T5 gives the PPV at \
         the prevalences of a clinic.",
    );
    section.tables.push(table);
    section.plots.push(roc.finish("roc-classes", material.notice()));
    section.plots.push(pr.finish("pr-classes", material.notice()));
    section
}

pub(super) fn confusion(material: &Material, gallery: bool) -> Section {
    let mut section =
        Section::new("T4", "Confusion", "Which syndrome is taken for which. A row is what the person has.");
    let cases = material.affected();
    let arrays = Arrays::of(cases.iter().copied(), material.policy());
    let mut counts = vec![vec![0; CLASSES]; CLASSES];
    for (truth, answer) in arrays.truths.iter().zip(&arrays.answers) {
        counts[*truth][*answer] += 1;
    }
    section.plots.push(matrix(
        "confusion",
        "Confusion: photographs, row is, column was named first",
        &ids(),
        &counts,
        material.notice(),
    ));
    let heads: Vec<&str> = ["class"].into_iter().chain(ids()).collect();
    let mut table = Table::new("T4-counts", "Photographs", &heads);
    let mut shares = Table::new("T4-shares", "Shares of each row", &heads);
    for (class, row) in Syndrome::ALL.into_iter().zip(&counts) {
        let total: usize = row.iter().sum();
        let name = || Cell::text(class.id());
        table.row([name()].into_iter().chain(row.iter().map(|count| Cell::count(*count))).collect());
        let share = |count: &usize| Cell::number((total > 0).then(|| *count as f64 / total as f64), Unit::Share);
        shares.row([name()].into_iter().chain(row.iter().map(share)).collect());
    }
    section.tables.extend([table, shares]);
    if gallery {
        section.pictures = worst(&cases, material.policy());
        section.pictures_title =
            format!("The {} mistakes that it was surest of (crops as the network sees them)", section.pictures.len());
    }
    section
}

/// The wrong answers with the largest probability.
fn worst(cases: &[&Case], policy: &Policy) -> Vec<Picture> {
    let mut wrong: Vec<(&Case, Syndrome, Syndrome, f32)> = cases
        .iter()
        .filter_map(|case| {
            let (answer, p) = policy.probabilities(&case.logits).ranked()[0];
            let class = case.class().filter(|class| *class != answer)?;
            Some((*case, class, answer, p))
        })
        .collect();
    wrong.sort_by(|a, b| b.3.total_cmp(&a.3));
    wrong.truncate(GALLERY);
    let picture = |(case, class, answer, p): (&Case, Syndrome, Syndrome, f32)| Picture {
        caption: format!("{} named {}, {:.0} %", class.id(), answer.id(), p * 100.0),
        jpeg: Picture::jpeg_of(&case.crop),
    };
    wrong.into_iter().map(picture).collect()
}
