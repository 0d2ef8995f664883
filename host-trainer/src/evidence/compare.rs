//! Two bundles on the same photographs: what became better, what worse, and for whom.

use lakshan_core::Syndrome;
use lakshan_core::policy::Policy;
use lakshan_core::{Finding, Logits};
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::material::Arrays;
use super::report::Section;
use super::statistics;
use super::table::{Cell, Table, Unit};
use super::tables::{self, GroupKind, groups_of};
use crate::dataset::Photo;
use crate::evaluate::metrics::{MIN_SUBJECTS, Truth};

/// One photograph and what both networks made of it, past the quality gate.
pub struct Pair {
    /// Its record.
    pub photo: Photo,
    /// What it shows.
    pub truth: Truth,
    /// The first bundle's output.
    pub first: Logits,
    /// The second's.
    pub second: Logits,
}

/// The comparison, as it is written to JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Stands beside every table while photographs are synthetic.
    pub notice: Option<String>,
    /// Name and version of the first bundle.
    pub first: String,
    /// Of the second.
    pub second: String,
    /// What was compared on.
    pub dataset: String,
    /// The tables.
    pub sections: Vec<Section>,
}

/// Whether the device's answer is the best one could hope for: the true class named, or nothing named where none is true.
fn is_good(finding: &Finding, truth: Truth) -> bool {
    match (finding, truth.class()) {
        (Finding::Resembles(named), Some(class)) => named.iter().any(|r| r.class == class),
        (Finding::Resembles(_), None) => false,
        (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// A figure of one of the two, over photographs drawn.
type Figure<'f> = &'f (dyn Fn(&[usize], bool) -> Option<f64> + Sync);

/// The tables. `policies` are those of the two bundles.
pub fn sections(pairs: &[Pair], names: [&str; 2], policies: [&Policy; 2]) -> Vec<Section> {
    let bootstrap = Bootstrap::new(pairs.iter().map(|pair| pair.photo.subject.as_str()));
    let logits = |pair: &Pair, second: bool| if second { pair.second } else { pair.first };
    let good: [Vec<bool>; 2] = [false, true].map(|second| {
        let policy = policies[usize::from(second)];
        pairs.iter().map(|pair| is_good(&policy.decide(&logits(pair, second)), pair.truth)).collect()
    });
    let right: [Vec<bool>; 2] = [false, true].map(|second| {
        let policy = policies[usize::from(second)];
        let top = |pair: &Pair| policy.probabilities(&logits(pair, second)).ranked()[0].0;
        pairs.iter().map(|pair| Some(top(pair)) == pair.truth.class()).collect()
    });
    let affected: Vec<bool> = pairs.iter().map(|pair| pair.truth.class().is_some()).collect();
    let share = |drawn: &[usize], flags: &[bool], keep: &dyn Fn(usize) -> bool| {
        statistics::mean(drawn.iter().filter(|at| keep(**at)).map(|at| f64::from(flags[*at])))
    };
    let all: Vec<usize> = (0..pairs.len()).collect();

    let mut headline = Section::new(
        "C1",
        "All together",
        "Differences are second less first, on the same photographs, with paired intervals.",
    );
    let mut table = Table::new("C1", "Figures", &["figure", names[0], names[1], "difference, 95 % interval"]);
    let mut row = |name: &str, unit: Unit, figure: Figure| {
        let difference = |drawn: &[usize]| Some(figure(drawn, true)? - figure(drawn, false)?);
        let signed = if unit == Unit::Share { Unit::Points } else { Unit::Difference };
        table.row(vec![
            Cell::text(name),
            Cell::number(figure(&all, false), unit),
            Cell::number(figure(&all, true), unit),
            Cell::estimate(difference(&all), bootstrap.interval(difference), bootstrap.subjects(), signed),
        ]);
    };
    row("top-1 of the affected", Unit::Share, &|drawn, second| {
        share(drawn, &right[usize::from(second)], &|at| affected[at])
    });
    row("affected: true class named by the device", Unit::Share, &|drawn, second| {
        share(drawn, &good[usize::from(second)], &|at| affected[at])
    });
    row("negatives: nothing named by the device", Unit::Share, &|drawn, second| {
        share(drawn, &good[usize::from(second)], &|at| !affected[at])
    });
    row("AUROC of refusal, all negatives", Unit::Plain, &|drawn, second| {
        let policy = policies[usize::from(second)];
        let score = |at: &usize| f64::from(policy.refusal_score(&logits(&pairs[*at], second)));
        let (scores, positive): (Vec<f64>, Vec<bool>) = drawn.iter().map(|at| (score(at), affected[*at])).unzip();
        statistics::auroc(&scores, &positive)
    });
    row("expected calibration error", Unit::Plain, &|drawn, second| {
        let kept = drawn.iter().filter_map(|at| Some((pairs[*at].truth.class()?, logits(&pairs[*at], second))));
        let kept: Vec<(Syndrome, Logits)> = kept.collect();
        let arrays = Arrays::new(kept.iter().map(|(class, logits)| (*class, logits)), policies[usize::from(second)]);
        tables::top_label_error(&arrays)
    });
    table.note("The quality gate is left out: it is the same photograph for both.");
    headline.tables.push(table);

    let mut groups = Section::new(
        "C2",
        "For whom",
        "A change that helps on the whole may harm some: each class and group on its own, and who changed sides.",
    );
    let mut table = Table::new(
        "C2",
        "The device's answer is good: true class named, or nothing named where none is true",
        &[
            "who",
            "people",
            names[0],
            names[1],
            "difference, 95 % interval",
            "became good",
            "became bad",
            "McNemar p",
            "verdict",
        ],
    );
    let mut row = |name: String, keep: &dyn Fn(&Pair) -> bool| {
        let members: Vec<usize> = all.iter().copied().filter(|at| keep(&pairs[*at])).collect();
        let bootstrap = Bootstrap::new(members.iter().map(|at| pairs[*at].photo.subject.as_str()));
        let of = |places: &mut dyn Iterator<Item = usize>, which: usize| {
            statistics::mean(places.map(|at| f64::from(good[which][members[at]])))
        };
        let difference =
            |drawn: &[usize]| Some(of(&mut drawn.iter().copied(), 1)? - of(&mut drawn.iter().copied(), 0)?);
        let whole: Vec<usize> = (0..members.len()).collect();
        let changed = |from: usize, to: usize| members.iter().filter(|at| !good[from][**at] && good[to][**at]).count();
        let (better, worse) = (changed(0, 1), changed(1, 0));
        let interval = bootstrap.interval(difference);
        let verdict = match interval {
            _ if bootstrap.subjects() < MIN_SUBJECTS => "n too small",
            Some((_, high)) if high < 0.0 => "worse",
            Some((low, _)) if low > 0.0 => "better",
            _ => "no sure difference",
        };
        table.row(vec![
            Cell::text(name),
            Cell::count(bootstrap.subjects()),
            Cell::number(of(&mut whole.iter().copied(), 0), Unit::Share),
            Cell::number(of(&mut whole.iter().copied(), 1), Unit::Share),
            Cell::estimate(difference(&whole), interval, bootstrap.subjects(), Unit::Points),
            Cell::count(better),
            Cell::count(worse),
            Cell::number((!members.is_empty()).then(|| statistics::mcnemar(better, worse)), Unit::Plain),
            Cell::text(verdict),
        ]);
    };
    row("all".to_owned(), &|_| true);
    for class in Syndrome::ALL {
        row(class.id().to_owned(), &|pair| pair.truth.class() == Some(class));
    }
    row("unaffected".to_owned(), &|pair| pair.truth == Truth::Unaffected);
    row("other conditions".to_owned(), &|pair| pair.truth == Truth::OtherCondition);
    for kind in GroupKind::ALL {
        for group in groups_of(kind) {
            row(format!("{}: {}", kind.name(), group.name), &|pair| group.holds(&pair.photo));
        }
    }
    table.note(
        "Many rows are looked at, so that one in twenty would be called better or worse by chance alone; read the \
         McNemar p of a row with that in mind.",
    );
    groups.tables.push(table);
    vec![headline, groups]
}

#[cfg(test)]
mod tests {
    use lakshan_core::Sex;

    use super::*;
    use crate::dataset::{Label, Split};

    fn pair(at: usize, second_is_right: bool) -> Pair {
        let class = Syndrome::Down;
        let of = |right: bool| {
            let mut values = [-5.0; 12];
            values[if right { class.index() } else { 0 }] = 5.0;
            Logits::new(values).unwrap()
        };
        Pair {
            photo: Photo {
                photo: format!("{at}.jpg").into(),
                subject: format!("s{at}"),
                label: Label::Class(class),
                split: Split::Test,
                fold: None,
                age_years: Some(3.0),
                sex: Some(if at.is_multiple_of(2) { Sex::Female } else { Sex::Male }),
                ancestry: None,
                skin_tone: None,
                features: Vec::new(),
            },
            truth: Truth::Class(class),
            first: of(true),
            second: of(second_is_right),
        }
    }

    #[test]
    fn what_got_worse_is_said_of_those_it_got_worse_for() {
        // The second errs on every third woman and on no man.
        let pairs: Vec<Pair> = (0..120).map(|at| pair(at, at % 6 != 0)).collect();
        let policy = Policy {
            temperature: 1.0,
            class_bias: [0.0; 12],
            refusal_temperature: 1.0,
            refusal_threshold: 0.0,
            set_thresholds: [0.5; 12],
        };
        let sections = sections(&pairs, ["a", "b"], [&policy, &policy]);
        let table = &sections[1].tables[0];
        let row = |name: &str| table.rows.iter().find(|row| row[0].words() == name).unwrap();
        assert_eq!(row("sex: female")[8].words(), "worse");
        assert_eq!((row("sex: female")[6].value(), row("sex: female")[5].value()), (Some(20.0), Some(0.0)));
        assert_eq!(row("sex: male")[8].words(), "no sure difference");
        assert_eq!(row("apert")[4], Cell::NotMeasurable);
        let top1 = &sections[0].tables[0].rows[0];
        assert!((top1[3].value().unwrap() + 1.0 / 6.0).abs() < 1e-9, "{top1:?}");
        assert_eq!(sections[0].tables[0].rows[2][1], Cell::NotMeasurable, "there are no negatives");
    }
}
